"""Real graphs whose threads ask several questions at once; every body leaves a line in the state's log file."""

from __future__ import annotations

import operator
from pathlib import Path
from typing import Annotated, Any, TypedDict

from langgraph.func import entrypoint, task
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send, interrupt


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


def join(state: State) -> dict[str, Any]:
    said = ", ".join(sorted(state.get("answers") or []))
    return {"outcome": {"status": "done", "text": f"All is answered: {said}."}}


def three() -> StateGraph:
    graph = StateGraph(State)
    names = ("alpha", "beta", "gamma")
    for name in names:
        graph.add_node(name, asking(name))
        graph.add_edge(START, name)
    graph.add_node("join", join)
    graph.add_edge(list(names), "join")
    graph.add_edge("join", END)
    return graph


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


GRAPHS = ("three", "nested", "fan", "functional")
