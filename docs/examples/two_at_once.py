"""Two nodes of one step ask at the same time, so one thread has two questions.

signoff start two_at_once --input '{"release": "2.4"}'
"""

from operator import add
from typing import Annotated, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt


class State(TypedDict, total=False):
    release: str
    signed: Annotated[list[str], add]


def ask_legal(state: State) -> State:
    return {"signed": [interrupt({"question": f"Legal: may {state['release']} go out?", "options": ["yes", "no"]})]}


def ask_security(state: State) -> State:
    return {"signed": [interrupt({"question": f"Security: is {state['release']} safe?", "options": ["yes", "no"]})]}


graph = (
    StateGraph(State)
    .add_node("ask_legal", ask_legal)
    .add_node("ask_security", ask_security)
    .add_edge(START, "ask_legal")
    .add_edge(START, "ask_security")
    .add_edge("ask_legal", END)
    .add_edge("ask_security", END)
    .compile()
)
