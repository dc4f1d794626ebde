"""A validation loop: one node asks until the answer will do, and says why the last one would not.

signoff start ask_until_valid --input '{"name": "Ada"}'
"""

from typing import TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt


class State(TypedDict, total=False):
    name: str
    age: int


def ask_age(state: State) -> State:
    question = f"How old is {state['name']}?"
    while True:
        answer = interrupt(question)
        if str(answer).strip().isdigit() and 0 < int(answer) < 130:
            return {"age": int(answer)}
        question = f"{answer!r} is no age. How old is {state['name']}, in years?"


graph = StateGraph(State).add_node("ask_age", ask_age).add_edge(START, "ask_age").add_edge("ask_age", END).compile()
