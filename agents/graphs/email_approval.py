"""Email approval: compose -> a person decides -> really sent, at most once per approval.

    compose ──> review ──approve/edit──> send ──> end
       ^          │ │                     │ └──> doubt (a person) ──> settle ──> send | end
       └─respond──┘ └──reject──> end      └── refused, or another sender or way out than
                                              the approved one: back to review, which says so

Asking (review, doubt) and acting (send) are separate nodes, so that a body
that runs again never acts again. The state holds plain JSON only.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypedDict

from langchain_core.runnables import RunnableConfig
from langgraph.config import get_stream_writer
from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt

from agents.adapters.mail import Mailer, make_mailer
from agents.adapters.mail.mailers import check_sender
from agents.adapters.model import Writer, make_writer
from agents.checkpoints import first_source
from agents.clock import Clock, utc_now
from agents.database import open_database
from agents.domain import JSON
from agents.effects import Journal
from agents.graphs.email_composing import Composer
from agents.graphs.email_delivery import WAITS, EffectJournal, Postman
from agents.graphs.email_input import EmailInput
from agents.graphs.email_reviewing import doubt_payload, hear, hear_doubt, review_payload
from agents.graphs.email_route import Route
from agents.graphs.email_sending import post_of, settle, update_of
from agents.settings import Settings, load_settings

__all__ = ["GRAPH_ID", "INPUT", "SAMPLE", "TITLE", "EmailState", "build", "graph", "prepare_sample", "title_of"]

GRAPH_ID = "email_approval"
TITLE = "Email approval"
INPUT = EmailInput
SAMPLE: dict[str, JSON] = {
    "recipient": "Ann Lee <ann.lee@example.org>",
    "subject": "Moving our meeting to Thursday",
    "instructions": "Ask whether Thursday at 10:00 suits her too, and say that the room stays the same.",
}


class EmailState(TypedDict, total=False):
    """Everything between the nodes. Lists and dicts are plain JSON."""

    recipient: str
    subject: str
    instructions: str | None
    cc: list[str]
    bcc: list[str]
    reply_to: str | None
    letter: dict[str, Any]  # Letter.as_json() of the mail under review
    revision: int
    instruction: str | None  # what the newest draft answers
    feedback: list[str]  # every instruction so far
    previous: dict[str, str] | None
    notes: list[str]
    route: dict[str, str]  # Route.as_json() of what the reviewer sees: who sends, by which way
    problem: str | None
    approval_no: int  # numbers the journal keys; counts approvals and repeats after a doubt
    letter_no: int  # the approval that fixed the letter; numbers the Message-ID
    approved_at: str  # ISO 8601, UTC; the Date of the mail
    recipients_left: list[str]
    accepted: list[str]
    refused: dict[str, str]
    said: list[str]  # the server's words of the tries after which there was another
    marked: list[str]  # whom a person marked as done after a doubt
    doubt: dict[str, Any] | None
    doubt_answer: str | None
    next: str  # the node that comes now
    outcome: dict[str, Any]


def build(
    *,
    writer: Writer,
    journal: EffectJournal,
    mailer: Mailer,
    sender: str,
    clock: Clock = utc_now,
    sleep: Callable[[float], None] = time.sleep,
    waits: Sequence[float] = WAITS,
) -> StateGraph[EmailState, Any, Any, Any]:
    """The graph, not compiled. `sender` is an address; `waits` are the seconds between tries at a busy server."""
    composer, here = Composer(writer, sender), Route.of(mailer, sender)

    def compose(state: EmailState) -> Any:
        return {**composer.compose(state), "route": here.as_json()}

    def review(state: EmailState) -> Any:
        # From the state: the process that is resumed may have other settings than the one that asked.
        route = state.get("route") or here.as_json()
        return hear(state, interrupt(review_payload(state, route=route, writer=writer)), clock())

    def send(state: EmailState, config: RunnableConfig) -> Any:
        post = post_of(state, thread_id=_thread_id(config), here=here)
        postman = Postman(journal, mailer, sleep=sleep, say=_say, waits=waits)
        return update_of(state, postman.deliver(post), message_id=str(post.message["Message-ID"]), here=here)

    def doubt(state: EmailState) -> Any:
        return hear_doubt(state, interrupt(doubt_payload(state)))

    def settle_doubt(state: EmailState) -> Any:
        return settle(state, journal)

    built = StateGraph(EmailState)
    built.add_node("compose", compose)
    built.add_node("review", review)
    built.add_node("send", send)
    built.add_node("doubt", doubt)
    built.add_node("settle", settle_doubt)
    built.add_edge(START, "compose")
    built.add_edge("compose", "review")
    built.add_conditional_edges("review", _next, ["send", "compose", "review", END])
    built.add_conditional_edges("send", _next, ["review", "doubt", END])
    built.add_conditional_edges("doubt", _next, ["settle", "doubt"])
    built.add_conditional_edges("settle", _next, ["send", END])
    return built


def graph() -> StateGraph[EmailState, Any, Any, Any]:
    """The graph as the settings of the environment want it.

    Raises SettingsError that names the variable at fault.
    """
    return graph_for(None)


def graph_for(source_id: str | None) -> StateGraph[EmailState, Any, Any, Any]:
    """As `graph`, for the threads of one checkpointer file; None for the first."""
    settings = load_settings()
    writer, mailer = make_writer(settings), make_mailer(settings)
    engine = open_database(settings.database_path)
    built = build(
        writer=writer,
        journal=Journal(engine, source_id=source_id or first_source(settings.checkpoints_paths, settings.home)),
        mailer=mailer,
        sender=check_sender(settings.mail_from),
    )
    weakref.finalize(built, engine.dispose)
    return built


def title_of(values: Mapping[str, JSON]) -> str:
    """A thread's title, from its input."""
    return f"Email to {values.get('recipient', '')}: {values.get('subject', '')}"


def prepare_sample(settings: Settings) -> None:
    """The sample needs nothing beforehand."""


def _next(state: EmailState) -> str:
    return state["next"]


def _thread_id(config: RunnableConfig) -> str:
    return str(config["configurable"]["thread_id"])


def _say(line: str) -> None:
    get_stream_writer()({"progress": line})
