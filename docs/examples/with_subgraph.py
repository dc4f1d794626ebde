"""A question from a subgraph: it is asked once, and its answer goes to the node that asked.

signoff start with_subgraph --input '{"customer": "Ada"}'
"""

from typing import TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt


class State(TypedDict, total=False):
    customer: str
    discount: str
    offer: str


def ask_discount(state: State) -> State:
    options = ["none", "5 %", "10 %"]
    return {"discount": interrupt({"question": f"Which discount does {state['customer']} get?", "options": options})}


def write_offer(state: State) -> State:
    return {"offer": f"{state['customer']}: discount {state['discount']}"}


pricing = (
    StateGraph(State)
    .add_node("ask_discount", ask_discount)
    .add_edge(START, "ask_discount")
    .add_edge("ask_discount", END)
    .compile()
)

graph = (
    StateGraph(State)
    .add_node("pricing", pricing)
    .add_node("write_offer", write_offer)
    .add_edge(START, "pricing")
    .add_edge("pricing", "write_offer")
    .add_edge("write_offer", END)
    .compile()
)
