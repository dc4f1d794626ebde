"""A typed answer: `response_schema` becomes a form, and the node gets an object of that type.

signoff start typed_answer --input '{"project": "New kitchen"}'
"""

from datetime import date
from typing import Literal, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt
from pydantic import BaseModel, Field


class Budget(BaseModel):
    amount: float = Field(gt=0, description="How much may be spent")
    currency: Literal["EUR", "USD", "NOK"]
    until: date = Field(description="The day by which it must be spent")
    note: str | None = None


class State(TypedDict, total=False):
    project: str
    budget: dict


def ask_budget(state: State) -> State:
    budget = interrupt({"question": f"What may “{state['project']}” cost?"}, response_schema=Budget)
    return {"budget": budget.model_dump(mode="json")}


graph = (
    StateGraph(State).add_node("ask_budget", ask_budget).add_edge(START, "ask_budget").add_edge("ask_budget", END)
).compile()
