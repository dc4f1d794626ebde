"""Real graphs whose threads ask several questions at once; every body leaves a line in the state's log file."""

from __future__ import annotations

import json
import operator
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.func import entrypoint, task
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send, interrupt

NAMES = ("alpha", "beta", "gamma")


class State(TypedDict, total=False):
    log: str
    asks: dict[str, Any]
    number: int
    answers: Annotated[list[str], operator.add]
    outcome: dict[str, Any]


def note(log: str, line: str) -> None:
    with Path(log).open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def asking(name: str) -> Any:
    """A node that asks what the input says for its name; its question tells how often its body ran."""

    def node(state: State) -> dict[str, Any]:
        note(state["log"], f"runs {name}")
        said = interrupt((state.get("asks") or {}).get(name) or {"question": f"{name}?", "options": ["yes", "no"]})
        note(state["log"], f"{name} {said}")
        return {"answers": [f"{name} {said}"]}

    return node


def asking_anew(name: str) -> Any:
    """A node whose question says how often its body ran."""

    def node(state: State) -> dict[str, Any]:
        note(state["log"], f"runs {name}")
        times = Path(state["log"]).read_text(encoding="utf-8").count(f"runs {name}\n")
        said = interrupt({"question": f"{name}, {times}?"})
        note(state["log"], f"{name} {said}")
        return {"answers": [f"{name} {said}"]}

    return node


def anew() -> StateGraph:
    return _joined({name: asking_anew(name) for name in NAMES})


def join(state: State) -> dict[str, Any]:
    said = ", ".join(sorted(state.get("answers") or []))
    return {"outcome": {"status": "done", "text": f"All is answered: {said}."}}


def three() -> StateGraph:
    return _joined({name: asking(name) for name in NAMES})


def _joined(nodes: dict[str, Any]) -> StateGraph:
    graph = StateGraph(State)
    for name, node in nodes.items():
        graph.add_node(name, node)
        graph.add_edge(START, name)
    graph.add_node("join", join)
    graph.add_edge(list(nodes), "join")
    graph.add_edge("join", END)
    return graph


def linger(state: State) -> dict[str, Any]:
    """Works on beside a question that is asked already, until the file appears."""
    late = time.monotonic() + 30
    while not Path(f"{state['log']}.go").exists() and time.monotonic() < late:
        time.sleep(0.01)
    return {"answers": ["lingered"]}


def beside() -> StateGraph:
    return _joined({"alpha": asking("alpha"), "linger": linger})


def nested() -> StateGraph:
    """The three ask inside a subgraph: one task of the root holds all of their questions."""
    graph = StateGraph(State)
    graph.add_node("inner", three().compile())
    graph.add_edge(START, "inner")
    graph.add_edge("inner", END)
    return graph


def ask_item(state: State) -> dict[str, Any]:
    number = state["number"]
    note(state["log"], f"runs {number}")
    said = interrupt({"question": f"Item {number}?"})
    note(state["log"], f"item {number} {said}")
    return {"answers": [f"{number:02} {said}"]}


def fan() -> StateGraph:
    """One task per item, all of one node."""
    graph = StateGraph(State)
    graph.add_node("ask_item", ask_item)
    graph.add_node("join", join)

    def spread(state: State) -> list[Send]:
        return [Send("ask_item", {"log": state["log"], "number": each}) for each in range(1, state["number"] + 1)]

    graph.add_conditional_edges(START, spread, ["ask_item"])
    graph.add_edge("ask_item", "join")
    graph.add_edge("join", END)
    return graph


@task
def ask_one(log: str, name: str) -> str:
    note(log, f"runs {name}")
    said = interrupt({"question": f"{name}?"})
    note(log, f"{name} {said}")
    return f"{name} {said}"


@entrypoint()
def functional(given: dict[str, Any]) -> dict[str, Any]:
    futures = [ask_one(given["log"], name) for name in ("alpha", "beta", "gamma")]
    return {"outcome": {"status": "done", "text": ", ".join(each.result() for each in futures)}}


GRAPHS = ("three", "anew", "beside", "nested", "fan", "functional")


def registered(home: Path) -> Path:
    """A file in the home, of the format of langgraph.json, that names these graphs."""
    path = home / "several.json"
    path.write_text(json.dumps({"graphs": {name: f"{__file__}:{name}" for name in GRAPHS}}))
    return path


def run(checkpoints: Path, thread_id: str, graph_id: str, **given: Any) -> None:
    """As the agents' own process: run a thread until it asks. Its log lies beside the file."""
    with closing(sqlite3.connect(checkpoints, check_same_thread=False)) as connection:
        made = globals()[graph_id]
        saver = SqliteSaver(connection)
        graph = made.copy(update={"checkpointer": saver}) if graph_id == "functional" else made().compile(saver)
        config: Any = {"configurable": {"thread_id": thread_id}, "metadata": {"graph_id": graph_id}}
        log = str(checkpoints.with_name(f"{thread_id}.log"))
        graph.invoke({"log": log, "number": 5, **given}, config, durability="sync")
