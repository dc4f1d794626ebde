"""Approve or reject: the answer chooses the way on.

signoff start approve_or_reject --input '{"order": 1005, "amount": 40}'
"""

from typing import Literal, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt


class State(TypedDict, total=False):
    order: int
    amount: float
    refunded: bool


def approval(state: State) -> Command[Literal["refund", "keep"]]:
    details = f"{state['amount']} euros for order {state['order']}"
    approved = interrupt({"question": "Do you approve this refund?", "details": details})
    return Command(goto="refund" if approved is True else "keep")


def refund(state: State) -> State:
    return {"refunded": True}


def keep(state: State) -> State:
    return {"refunded": False}


graph = (
    StateGraph(State)
    .add_node("approval", approval)
    .add_node("refund", refund)
    .add_node("keep", keep)
    .add_edge(START, "approval")
    .add_edge("refund", END)
    .add_edge("keep", END)
    .compile()
)
