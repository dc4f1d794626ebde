"""A mail to review: the words "send" and "cancel", or new instructions.

signoff start mail_review --input '{"to": "ada@example.com", "about": "Invoice 1005"}'
"""

from typing import Literal, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt


class State(TypedDict, total=False):
    to: str
    about: str
    body: str
    outcome: dict


def compose(state: State) -> State:
    return {"body": state.get("body") or f"Dear Ada, this is about {state['about']}."}


def review_text(state: State) -> Command[Literal["compose", "hand_over", "__end__"]]:
    answer = interrupt(
        {
            "message": "Send this mail?",
            "to": state["to"],
            "subject": state["about"],
            "body": state["body"],
            "instructions": "Answer send, cancel, or say what should be different",
        }
    )
    if answer == "send":
        return Command(goto="hand_over")
    if answer == "cancel":
        return Command(goto=END, update={"outcome": {"status": "cancelled", "text": "Nothing was sent."}})
    return Command(goto="compose", update={"body": f"{state['body']} ({answer})"})


def hand_over(state: State) -> State:
    return {"outcome": {"status": "done", "text": f"Sent to {state['to']}: {state['body']}"}}


graph = (
    StateGraph(State)
    .add_node("compose", compose)
    .add_node("review_text", review_text)
    .add_node("hand_over", hand_over)
    .add_edge(START, "compose")
    .add_edge("compose", "review_text")
    .add_edge("hand_over", END)
    .compile()
)
