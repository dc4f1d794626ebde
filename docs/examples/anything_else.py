"""Anything else: options to choose from, a question in plain words, and data that wants data back.

signoff start pick_option --input '{"subject": "The door alarm of building 7"}'
signoff start ask_in_words --input '{"subject": "The door alarm of building 7"}'
signoff start ask_for_data --input '{"subject": "The door alarm of building 7"}'
"""

from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import interrupt


class State(TypedDict, total=False):
    subject: str
    answer: Any


def choose(state: State) -> State:
    options = [
        {"label": "Reset it", "value": {"act": "reset", "wait": 30}},
        {"label": "Call the guard", "value": False},
    ]
    return {"answer": interrupt({"question": f"{state['subject']}: what now?", "options": options})}


def tell(state: State) -> State:
    return {"answer": interrupt(f"{state['subject']}: what did you see?")}


def measure(state: State) -> State:
    return {"answer": interrupt({"subject": state["subject"], "readings": [3, 4, 11], "wanted": "a corrected list"})}


def of_one(name: str, node: Any) -> CompiledStateGraph:
    return StateGraph(State).add_node(name, node).add_edge(START, name).add_edge(name, END).compile()


pick_option = of_one("choose", choose)
ask_in_words = of_one("tell", tell)
ask_for_data = of_one("measure", measure)
