"""Graphs whose state holds types that their schemas do not name."""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import Any, NamedTuple, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt
from pydantic import BaseModel


class Colour(Enum):
    RED = "red"


class Place(NamedTuple):
    street: str
    number: int


@dataclasses.dataclass
class Line:
    item: str
    price: float


class Order(BaseModel):
    number: int


class Loose(TypedDict, total=False):
    order: Any
    lines: Any
    place: Any
    colour: Any
    answer: Any
    outcome: Any


def take(_state: Loose) -> Loose:
    lines = [Line("tea", 2.5), Line("milk", 1.0)]
    return {"order": Order(number=7), "lines": lines, "place": Place("High Street", 3), "colour": Colour.RED}


def ask(_state: Loose) -> Loose:
    return {"answer": interrupt({"question": "Send the order?", "options": ["yes", "no"]})}


def send(state: Loose) -> Loose:
    order = state["order"]
    assert isinstance(order, Order), f"the order came back as {type(order).__name__}"
    total = sum(line.price for line in state["lines"])
    return {"outcome": {"status": "done", "text": f"Sent order {order.number}, {total} to {state['place'].street}."}}


orders = StateGraph(Loose).add_node(take).add_node(ask).add_node(send)
orders.add_edge(START, "take").add_edge("take", "ask").add_edge("ask", "send").add_edge("send", END)


def ask_about(state: Loose) -> Loose:
    return {"answer": interrupt(Line("tea", 2.5))}


questions = StateGraph(Loose).add_node("ask", ask_about).add_edge(START, "ask").add_edge("ask", END)
