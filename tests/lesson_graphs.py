"""The graph that the lesson ends with, as people write it: its own MemorySaver, a breakpoint before the node, and interrupt() in it.

One graph with the lesson's four payloads, chosen by `kind` in its input. Signoff changes nothing in it.
"""

from __future__ import annotations

from typing import Any, TypedDict

from langgraph.checkpoint.memory import MemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt


class State(TypedDict, total=False):
    kind: str
    draft: dict[str, Any]
    answer: Any
    log: list[str]
    result: str


QUESTIONS = {
    "plan": {
        "question": "Do you approve this plan?",
        "plan": ["archive the old logs", "delete the empty folders"],
        "options": ["approve", "reject", "modify"],
    },
    "email": {
        "message": "Please review this email",
        "to": "ann@example.org",
        "subject": "Friday",
        "body": "Dear Ann, see you on Friday.",
        "instructions": "Type send, cancel, or what to change",
    },
    "clarification": {
        "type": "clarification_needed",
        "original_task": "tidy up",
        "questions": ["Which folder?", "How old may files be?"],
    },
    "sample": {
        "type": "quality_check",
        "message": "Sample 10 of 40",
        "sample_input": "It does not start",
        "sample_output": "hardware",
        "question": "Is this right? Type continue, or describe the problem",
    },
}


def prepare(state: State) -> State:
    return {"draft": QUESTIONS[state["kind"]], "log": ["prepared"]}


def human_review(state: State) -> State:
    answer = interrupt(state["draft"])
    return {"answer": answer, "log": [*state["log"], "reviewed"]}


def finish(state: State) -> State:
    return {"result": f"did it with {state['answer']!r}", "log": [*state["log"], "finished"]}


def build() -> StateGraph[State]:
    graph = StateGraph(State)
    graph.add_node("prepare", prepare)
    graph.add_node("human_review", human_review)
    graph.add_node("finish", finish)
    graph.add_edge(START, "prepare")
    graph.add_edge("prepare", "human_review")
    graph.add_edge("human_review", "finish")
    graph.add_edge("finish", END)
    return graph


app = build().compile(checkpointer=MemorySaver(), interrupt_before=["human_review"])
