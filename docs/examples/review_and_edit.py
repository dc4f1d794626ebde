"""Review and edit the state: a person gets a text and gives back the text that counts.

signoff start review_and_edit --input '{"topic": "our new opening hours"}'
"""

from typing import TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt


class State(TypedDict, total=False):
    topic: str
    draft: str
    published: str


def write_draft(state: State) -> State:
    return {"draft": f"We are glad to tell you about {state['topic']}."}


def review_draft(state: State) -> State:
    reviewed = interrupt({"instruction": "Send back the text as it should be published.", "draft": state["draft"]})
    return {"draft": reviewed}


def publish(state: State) -> State:
    return {"published": state["draft"]}


graph = (
    StateGraph(State)
    .add_node("write_draft", write_draft)
    .add_node("review_draft", review_draft)
    .add_node("publish", publish)
    .add_edge(START, "write_draft")
    .add_edge("write_draft", "review_draft")
    .add_edge("review_draft", "publish")
    .add_edge("publish", END)
    .compile()
)
