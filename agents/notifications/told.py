"""One thing that somebody may be told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode

from agents.domain import JSON


class Topic(StrEnum):
    """As the rules file has them."""

    NEW = "new"
    NEAR = "near"
    ESCALATED = "escalated"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"


class Status(StrEnum):
    """waiting -> sending -> sent | failed | unknown. moot: decided, or over, before it was sent."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    MOOT = "moot"


@dataclass(frozen=True, slots=True)
class Item:
    """What happened to one question or thread, in the few facts that may leave the desk.

    pause_key: None for a run that failed and for an act in doubt. happening: tells two of one topic and question apart.
    at: when it happened, UTC text. since: what is told to those whose rule is older than this; empty: at. to: whom it is for, where it is not for everybody: a person, or "role:lead".
    by: the person who did it. act: what is in doubt ("mail"). due_at, then: when something happens by itself, and what.
    """

    topic: Topic
    source_id: str
    thread_id: str
    pause_key: str | None
    title: str
    at: str
    kind: str | None = None
    graph_id: str | None = None
    happening: str = ""
    since: str = ""
    to: str | None = None
    by: str | None = None
    act: str | None = None
    due_at: str | None = None
    then: str | None = None

    @property
    def link(self) -> str:
        """The path of its review; opening it decides nothing."""
        named = {"thread": self.thread_id, "pause": self.pause_key, "source": self.source_id}
        return f"/review?{urlencode({name: value for name, value in named.items() if value})}"

    def facts(self) -> dict[str, JSON]:
        """For programs that get the message."""
        return {
            "topic": self.topic.value,
            "kind": self.kind,
            "graph_id": self.graph_id,
            "source_id": self.source_id,
            "thread_id": self.thread_id,
            "pause_key": self.pause_key,
            "at": self.at,
            "due_at": self.due_at,
        }
