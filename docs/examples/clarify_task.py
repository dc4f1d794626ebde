"""Clarifying questions: an unclear task is asked about before any work is done.

signoff start clarify_task --input '{"task": "Clean up the reports"}'
"""

from typing import TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt


class State(TypedDict, total=False):
    task: str
    answers: str


def ask_first(state: State) -> State:
    questions = ["Which year?", "Delete them or put them into the archive?"]
    asked = {"type": "clarification_needed", "original_task": state["task"], "questions": questions}
    return {"answers": interrupt(asked)}


graph = (
    StateGraph(State).add_node("ask_first", ask_first).add_edge(START, "ask_first").add_edge("ask_first", END)
).compile()
