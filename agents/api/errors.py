"""What every refusal looks like: {"error": code, "message": a sentence, ...}. The one place that knows the status codes."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping

from fastapi import HTTPException
from sqlalchemy.exc import SQLAlchemyError

from agents.decisions import Decision
from agents.domain import JSON
from agents.errors import (
    AlreadyDecided,
    Busy,
    Claimed,
    GraphUnavailable,
    InvalidDecision,
    InvalidInput,
    NotAllowed,
    NotPending,
    NotSignedIn,
    QuestionChanged,
    SecondNeeded,
    SettingsError,
    SignoffError,
    SourceUnreadable,
    ThreadExists,
    UndoTooLate,
    UnknownGraph,
    UnknownReview,
)

log = logging.getLogger(__name__)
RETRY_SECONDS = 2
FIELD = re.compile(r"(?:--)?([A-Za-z_][\w.\[\]-]*): ")
"""How a sentence names the field at fault."""

CODES: tuple[tuple[type[Exception], int, str], ...] = (
    (NotSignedIn, 401, "not_signed_in"),
    (Claimed, 409, "claimed"),
    (NotAllowed, 403, "not_allowed"),
    (UnknownReview, 404, "unknown_thread"),
    (UnknownGraph, 404, "unknown_graph"),
    (ThreadExists, 409, "thread_exists"),
    (AlreadyDecided, 409, "already_decided"),
    (NotPending, 410, "not_pending"),
    (UndoTooLate, 410, "not_pending"),
    (QuestionChanged, 412, "question_changed"),
    (SecondNeeded, 202, "second_needed"),
    (InvalidInput, 422, "invalid"),
    (GraphUnavailable, 503, "graph_unavailable"),
    (Busy, 503, "busy"),
    (SourceUnreadable, 503, "unreadable"),
    (SettingsError, 503, "not_ready"),
)
"""The first that fits counts, so a kind of error stands before the kind that it belongs to."""


class Refusal(HTTPException):
    """An answer that is not what was asked for. `headers` go with it."""

    def __init__(
        self, code: int, error: str, message: str, *, headers: Mapping[str, str] | None = None, **more: JSON
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.body: dict[str, JSON] = {"error": error, "message": message, **more}
        self.headers: dict[str, str] = {**(headers or {}), **_headers(code)}


def refusal_of(error: Exception) -> Refusal:
    """What to answer for an error that was raised below; unexpected ones are logged, and told without their words."""
    if isinstance(error, Refusal):
        return error
    for kind, code, name in CODES:
        if isinstance(error, kind):
            return Refusal(code, name, _sentence(error), **_more(error))
    if isinstance(error, SignoffError):
        return Refusal(500, "failed", _sentence(error))
    log.error("A request failed: %s", type(error).__name__, exc_info=error)
    if isinstance(error, SQLAlchemyError):
        return Refusal(503, "busy", "Signoff's database does not answer. Nothing was saved; try again in a moment.")
    if isinstance(error, OSError):
        return Refusal(503, "busy", "A file could not be read or written. Nothing was saved; try again in a moment.")
    return Refusal(500, "internal", "Something went wrong here; the desk's log says what.")


def decided(winner: Decision) -> dict[str, JSON]:
    """Who was first, as fields of a refusal."""
    told = {"decided_by": winner.actor, "decided_at": winner.decided_at, "decision": winner.type.value}
    return {**told, "reason": winner.message, "pause_key": winner.pause_key}


def _sentence(error: Exception) -> str:
    text = str(error)
    return text if text.endswith((".", "?", "!", "…", "”")) else f"{text}."


def _more(error: Exception) -> dict[str, JSON]:
    more: dict[str, JSON] = {}
    if isinstance(error, InvalidInput):
        named = error.field if isinstance(error, InvalidDecision) else None
        found = FIELD.match(str(error))
        more["field"] = named or (found[1] if found else None)
    if isinstance(error, Claimed):
        more |= {"holder": error.holder, "until": error.until}
    if isinstance(error, SecondNeeded):
        more["opinion_id"] = error.opinion_id
    if isinstance(error, SignoffError) and error.pause_key:
        more["pause_key"] = error.pause_key
    return more


def _headers(code: int) -> dict[str, str]:
    if code == 401:
        return {"WWW-Authenticate": 'Bearer realm="signoff"'}
    return {"Retry-After": str(RETRY_SECONDS)} if code == 503 else {}
