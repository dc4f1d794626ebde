"""Small real graphs that ask; every node body and every act leaves a line in the state's log file."""

from __future__ import annotations

import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt
from pydantic import BaseModel


class State(TypedDict, total=False):
    log: str
    question: str
    answer: Any
    left: Any
    right: Any
    slow: float
    outcome: dict[str, Any]


def note(state: State, line: str) -> None:
    with Path(state["log"]).open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def ask(state: State) -> dict[str, Any]:
    answer = interrupt({"question": state.get("question", "Go on?"), "options": ["yes", "no"]})
    note(state, f"answered {answer}")
    return {"answer": answer}


def think(state: State) -> dict[str, Any]:
    note(state, f"thinks about {state['answer']}")
    late = time.monotonic() + 30
    while not Path(state["log"] + ".thought").exists() and time.monotonic() < late:
        time.sleep(0.01)
    return {}


def thinking() -> StateGraph:
    """A subgraph that goes on for a while after its answer."""
    below = StateGraph(State)
    below.add_node("ask", ask)
    below.add_node("think", think)
    below.add_edge(START, "ask")
    below.add_edge("ask", "think")
    graph = StateGraph(State)
    graph.add_node("below", below.compile())
    graph.add_edge(START, "below")
    return graph


def act(state: State) -> dict[str, Any]:
    Path(state["log"] + ".acting").touch()
    time.sleep(state.get("slow", 0))
    note(state, f"acted {state['answer']}")
    return {"outcome": {"status": "done", "text": f"Did {state['answer']}."}}


def act_and_fail(state: State) -> dict[str, Any]:
    flag = Path(state["log"] + ".mended")
    if not flag.exists():
        raise RuntimeError("the printer is on fire")
    return act(state)


def leave(state: State) -> dict[str, Any]:
    answer = interrupt({"question": "Leave?", "options": ["yes", "no"]})
    note(state, f"leaves {answer}")
    sys.exit(3)


def leaving() -> StateGraph:
    graph = StateGraph(State)
    graph.add_node("ask", leave)
    graph.add_edge(START, "ask")
    return graph


def look_up(state: State) -> dict[str, Any]:
    note(state, "looks up")
    with closing(sqlite3.connect(":memory:")) as own:
        own.execute("SELECT * FROM orders")
    return {}


def own_database() -> StateGraph:
    graph = StateGraph(State)
    graph.add_node("ask", ask)
    graph.add_node("look_up", look_up)
    graph.add_edge(START, "ask")
    graph.add_edge("ask", "look_up")
    return graph


class Order:
    """A type that no graph's schema names."""

    def __init__(self, number: int) -> None:
        self.number = number

    def model_dump(self) -> dict[str, int]:
        return {"number": self.number}


class Loose(TypedDict, total=False):
    log: str
    order: Any
    answer: Any


def inner() -> Any:
    graph = StateGraph(Loose)
    graph.add_node("take", lambda state: {"order": Order(7)})
    graph.add_node("ask", ask)
    graph.add_edge(START, "take")
    graph.add_edge("take", "ask")
    return graph.compile()


def below() -> StateGraph:
    """A type that strict decoding turns into a dict, kept in a subgraph only."""
    graph = StateGraph(State)
    graph.add_node("inner", inner())
    graph.add_edge(START, "inner")
    return graph


async def later(state: State) -> dict[str, Any]:
    return {"outcome": {"status": "done", "text": "Later."}}


def asynchronous() -> StateGraph:
    graph = StateGraph(State)
    graph.add_node("ask", ask)
    graph.add_node("later", later)
    graph.add_edge(START, "ask")
    graph.add_edge("ask", "later")
    return graph


def one() -> StateGraph:
    graph = StateGraph(State)
    graph.add_node("ask", ask)
    graph.add_node("act", act)
    graph.add_edge(START, "ask")
    graph.add_edge("ask", "act")
    graph.add_edge("act", END)
    return graph


def fenced() -> Any:
    """Stops before `act` without asking anything."""
    graph = StateGraph(State)
    graph.add_node("prepare", lambda state: {"answer": "yes"})
    graph.add_node("act", act)
    graph.add_edge(START, "prepare")
    graph.add_edge("prepare", "act")
    graph.add_edge("act", END)
    return graph.compile(interrupt_before=["act"])


def failing() -> StateGraph:
    graph = StateGraph(State)
    graph.add_node("ask", ask)
    graph.add_node("break", act_and_fail)
    graph.add_edge(START, "ask")
    graph.add_edge("ask", "break")
    graph.add_edge("break", END)
    return graph


def side(name: str) -> Any:
    def node(state: State) -> dict[str, Any]:
        answer = interrupt({"question": f"{name}?", "options": ["yes", "no"]})
        note(state, f"{name} {answer}")
        return {name: answer}

    return node


def join(state: State) -> dict[str, Any]:
    note(state, f"joined {state['left']} {state['right']}")
    return {"outcome": {"status": "done", "text": "Joined."}}


def two() -> StateGraph:
    graph = StateGraph(State)
    graph.add_node("left_side", side("left"))
    graph.add_node("right_side", side("right"))
    graph.add_node("join", join)
    graph.add_edge(START, "left_side")
    graph.add_edge(START, "right_side")
    graph.add_edge(["left_side", "right_side"], "join")
    graph.add_edge("join", END)
    return graph


class Amount(BaseModel):
    amount: int


def ask_amount(state: State) -> dict[str, Any]:
    answer = interrupt("How much?", response_schema=Amount)
    note(state, f"amount {answer.amount}")
    return {"answer": answer.amount}


def typed() -> StateGraph:
    graph = StateGraph(State)
    graph.add_node("ask", ask_amount)
    graph.add_node("act", act)
    graph.add_edge(START, "ask")
    graph.add_edge("ask", "act")
    graph.add_edge("act", END)
    return graph


def ask_twice(state: State) -> dict[str, Any]:
    note(state, "body")
    first = interrupt({"question": "First?", "options": ["yes", "no"]})
    second = interrupt({"question": "Second?", "options": ["yes", "no"]})
    note(state, f"both {first} {second}")
    return {"answer": f"{first} and {second}"}


def twice() -> StateGraph:
    graph = StateGraph(State)
    graph.add_node("ask", ask_twice)
    graph.add_node("act", act)
    graph.add_edge(START, "ask")
    graph.add_edge("ask", "act")
    graph.add_edge("act", END)
    return graph
