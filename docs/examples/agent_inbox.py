"""Agent Inbox's HumanInterrupt: one request in, a list with one response out.

signoff start agent_inbox --input '{"request": "Thank Ada for the flowers"}'
"""

from typing import Literal, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt


class State(TypedDict, total=False):
    request: str
    feedback: str
    mail: dict
    sent: dict | None


def draft_mail(state: State) -> State:
    text = " ".join([state["request"], state.get("feedback", "")]).strip()
    return {"mail": {"to": "ada@example.com", "subject": "A note", "content": text, "copies": 1}}


def review_mail(state: State) -> Command[Literal["draft_mail", "send_mail", "__end__"]]:
    request = {
        "action_request": {"action": "write_email", "args": state["mail"]},
        "config": {"allow_accept": True, "allow_edit": True, "allow_respond": True, "allow_ignore": True},
        "description": "A mail that the assistant wrote. Send it?",
    }
    answer = interrupt([request])[0]
    if answer["type"] == "response":
        return Command(goto="draft_mail", update={"feedback": answer["args"]})
    if answer["type"] == "ignore":
        return Command(goto=END, update={"sent": None})
    return Command(goto="send_mail", update={"mail": answer["args"]["args"]})


def send_mail(state: State) -> State:
    return {"sent": state["mail"]}


graph = (
    StateGraph(State)
    .add_node("draft_mail", draft_mail)
    .add_node("review_mail", review_mail)
    .add_node("send_mail", send_mail)
    .add_edge(START, "draft_mail")
    .add_edge("draft_mail", "review_mail")
    .add_edge("send_mail", END)
    .compile()
)
