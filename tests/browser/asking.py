"""Stranger's graphs for the browser tests: they ask what their input says and end with the answer."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt


class State(TypedDict, total=False):
    ask: Any
    file: str
    answer: Any
    other: Any
    outcome: Any


def ask(state: State) -> State:
    answer = interrupt(state["ask"])
    return {"answer": answer, "outcome": {"status": "done", "text": f"The answer was {answer!r}."}}


def ask_by_form(state: State) -> State:
    """Its answer has a schema: {"question": ..., "schema": ...}."""
    answer = interrupt({"question": state["ask"]["question"]}, response_schema=state["ask"]["schema"])
    return {"answer": answer, "outcome": {"status": "done", "text": f"The answer was {answer!r}."}}


def ask_from_file(state: State) -> State:
    """Its question changes with the file, under the same interrupt id."""
    return {"answer": interrupt({"question": Path(state["file"]).read_text(encoding="utf-8")})}


def ask_other(_state: State) -> State:
    return {"other": interrupt({"question": "And the other one?"})}


def fail_once(state: State) -> State:
    flag = Path(state["file"])
    if not flag.exists():
        raise RuntimeError("the printer is on fire <b>now</b>")
    return {"ask": "Printed. Is it readable?"}


def linger(state: State) -> State:
    """Works on beside a question that is asked already, until the file appears."""
    while not Path(state["file"]).exists():
        time.sleep(0.02)
    return {}


asking = StateGraph(State).add_node("ask", ask).add_edge(START, "ask").add_edge("ask", END)
forming = StateGraph(State).add_node("ask", ask_by_form).add_edge(START, "ask").add_edge("ask", END)
pair = StateGraph(State).add_node("first", ask_from_file).add_node("second", ask_other)
pair.add_edge(START, "first").add_edge(START, "second").add_edge("first", END).add_edge("second", END)
failing = StateGraph(State).add_node("fail", fail_once).add_node("ask", ask)
failing.add_edge(START, "fail").add_edge("fail", "ask").add_edge("ask", END)
lingering = StateGraph(State).add_node("ask", ask).add_node("second", ask_other).add_node("linger", linger)
lingering.add_edge(START, "ask").add_edge("ask", "second").add_edge("ask", "linger")
lingering.add_edge("second", END).add_edge("linger", END)
GRAPHS = ("asking", "pair", "failing", "lingering", "forming")


def run(checkpoints: Path, given: Mapping[str, Any], *, graph_id: str = "asking") -> None:
    """As the agents' own process: run a thread per entry, with an input or a Command, until it asks or ends."""
    checkpoints.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(checkpoints, check_same_thread=False)) as connection:
        compiled = globals()[graph_id].compile(checkpointer=SqliteSaver(connection))
        for thread_id, value in given.items():
            config: Any = {"configurable": {"thread_id": thread_id}, "metadata": {"graph_id": graph_id}}
            compiled.invoke(value, config, durability="sync")


def answer(checkpoints: Path, thread_id: str, question: str, value: Any, *, graph_id: str = "asking") -> None:
    """Answer one question of a thread past the desk."""
    with closing(sqlite3.connect(checkpoints, check_same_thread=False)) as connection:
        compiled = globals()[graph_id].compile(checkpointer=SqliteSaver(connection))
        config: Any = {"configurable": {"thread_id": thread_id}}
        found = [each for each in compiled.get_state(config).interrupts if question in str(each.value)]
        compiled.invoke(Command(resume={found[0].id: value}), config, durability="sync")
