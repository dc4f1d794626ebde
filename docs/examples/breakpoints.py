"""Static breakpoints: the graph stops before one node and after another, and asks nothing.

signoff start breakpoints --input '{"rows": 120}'
"""

from typing import TypedDict

from langgraph.graph import END, START, StateGraph


class State(TypedDict, total=False):
    rows: int
    loaded: int
    checked: bool


def prepare(state: State) -> State:
    return {"loaded": 0}


def load(state: State) -> State:
    return {"loaded": state["rows"]}


def check(state: State) -> State:
    return {"checked": state["loaded"] == state["rows"]}


graph = (
    StateGraph(State)
    .add_node("prepare", prepare)
    .add_node("load", load)
    .add_node("check", check)
    .add_edge(START, "prepare")
    .add_edge("prepare", "load")
    .add_edge("load", "check")
    .add_edge("check", END)
    .compile(interrupt_before=["load"], interrupt_after=["load"])
)
