"""What requests hold. Every model refuses fields that it does not know, so that a slip of the pen is told and not ignored."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from agents.domain import JSON, DecisionType

TEXT_MOST = 20_000
THREAD_ID = r"^[A-Za-z0-9_@+:-][A-Za-z0-9._@+:-]{0,199}$"
"""Ids that clients choose: whatever else a file may hold, these need no escape in an address."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Start(_Body):
    """The long form. deadline: how long it may wait for an answer, such as "4h"."""

    graph_id: str = Field(min_length=1, max_length=200)
    input: Any = Field(default_factory=dict)
    thread_id: str | None = Field(None, pattern=THREAD_ID)
    deadline: JSON = None


class Resume(_Body):
    """The long form: one question by its pause_key or its interrupt_id, and either a decision or the exact value."""

    pause_key: str | None = Field(None, min_length=1, max_length=300)
    interrupt_id: str | None = Field(None, min_length=1, max_length=300)
    decision: DecisionType | None = None
    value: Any = None
    message: str | None = Field(None, max_length=TEXT_MOST)
    args: dict[str, Any] | None = None
    seen: str | None = Field(None, max_length=64)
    send_now: bool = Field(False, description="Send it without waiting for the thread's other questions.")


class Response(_Body):
    """The short form: the answer to the one question that waits."""

    response: Any
    seen: str | None = Field(None, max_length=64)


class Close(_Body):
    """Why the thread is closed."""

    reason: str = Field(min_length=1, max_length=TEXT_MOST, pattern=r"\S")


def _start_form(body: Any) -> str:
    return "long" if isinstance(body, Start) or (isinstance(body, dict) and "graph_id" in body) else "short"


def _resume_form(body: Any) -> str:
    return "short" if isinstance(body, Response) or (isinstance(body, dict) and "response" in body) else "long"


StartBody = Annotated[
    Annotated[Start, Tag("long")] | Annotated[dict[str, Any], Tag("short")], Discriminator(_start_form)
]
ResumeBody = Annotated[Annotated[Resume, Tag("long")] | Annotated[Response, Tag("short")], Discriminator(_resume_form)]
