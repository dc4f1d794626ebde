"""What will be sent: the exact value that a graph gets, before it gets it, or why there is none yet."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from agents import payloads
from agents.domain import JSON, DecisionType, PauseStatus, Review, Said
from agents.errors import InvalidDecision
from pages.components.heading import prose, section
from pages.components.long_text import long_code

NOTHING_YET = "Nothing yet: it has no answer."
CLOSES = "Nothing: the thread is closed, and its graph gets no answer."
GOES_ON = "No value: the run goes on from where it stopped."


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What one question would get. said: None while there is no answer; why: a sentence for that, where there is one."""

    review: Review
    said: Said | None
    why: str = ""


def what_will_be_sent(outgoing: Outgoing, key: str) -> None:
    """A folded expander for one question; nothing is worked out before it is opened. None for what takes no answer."""
    pause = outgoing.review.pause
    if pause.status is PauseStatus.STUCK or pause.repairs:
        return
    with _expander(key) as opened:
        if opened.open:
            _draw(outgoing, key)


def all_that_will_be_sent(outgoing: Sequence[tuple[int, Outgoing]], key: str) -> None:
    """The same for several questions, by their numbers."""
    with _expander(key) as opened:
        for number, each in outgoing if opened.open else ():
            section(f"Question {number}")
            _draw(each, f"{number}-{key}")


def problem_of(review: Review, said: Said) -> str:
    """Why this cannot be sent; "" when it can."""
    if said.type is DecisionType.IGNORE:
        return ""
    try:
        payloads.encode(review.pause, said)
    except InvalidDecision as error:
        return str(error)
    return ""


def _expander(key: str) -> Any:
    return st.expander("What will be sent", icon=":material/data_object:", key=f"sending-{key}", on_change="rerun")


def _draw(outgoing: Outgoing, key: str) -> None:
    said = outgoing.said
    if said is None:
        prose(outgoing.why or NOTHING_YET, "so-muted")
        return
    if said.type is DecisionType.IGNORE:
        prose(CLOSES, "so-muted")
        return
    try:
        value = payloads.encode(outgoing.review.pause, said)
    except InvalidDecision as error:
        prose(f"Nothing can be sent as it stands. {error}", "so-muted")
        return
    if outgoing.review.pause.status is PauseStatus.BREAKPOINT:
        prose(GOES_ON, "so-muted")
        return
    prose(f"The graph gets {_what(value)}:", "so-muted")
    long_code(json.dumps(value, indent=2, ensure_ascii=False, default=str), key=f"value-{key}")


def _what(value: JSON) -> str:
    """A JSON value's type in words; the quotes of a text are not part of it."""
    if value is None:
        return "an empty value"
    if isinstance(value, bool):
        return "a yes or no"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a text"
    return "a list" if isinstance(value, list) else "an object"
