"""What is typed on a review, kept on the server until its decision is accepted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from agents.audit import Question
from agents.domain import JSON, Pause
from agents.errors import Busy
from agents.reviews import save_draft
from pages.components.heading import banner
from pages.components.session import actor, the_desk

FIRST = "first-"
CARD_STATE = (FIRST, "out-", "kept-", "mode-", "offers-", "extra-")
TEXTS = ("message-", "answer-", "body-", "subject-", "to-", "cc-", "bcc-", "reply_to-", "output-", "arg-")


def key_of(pause: Pause) -> str:
    """Names this text of this question; every widget of its card carries it."""
    return f"{pause.seen[:12]}-{pause.pause_key}-{pause.thread_id}"


def first(key: str, value: Any) -> Any:
    """The value that a widget begins with; the same in every run while its card is on screen.

    Given as `value=`, not put into the widget's own state: what is put there is
    sent to the browser once, and lost when that run is overtaken by another.
    """
    return st.session_state.setdefault(f"{FIRST}{key}", value)


def enter_card(key: str) -> None:
    """This card is on screen; a card that comes back begins with its kept draft again.

    A question whose payload changed is a new card. The click that finds it out brings the
    last words along, and they belong to the card that was on screen: they move to the new one.
    """
    before = str(st.session_state.get("card") or "")
    if before == key:
        return
    same_question = before.partition("-")[2] == key.partition("-")[2]
    words = typed_in(before) if same_question else {}
    mode = st.session_state.get(f"mode-{before}") if same_question else None
    leave_card()
    st.session_state["card"] = key
    if mode is not None:
        st.session_state[f"mode-{key}"] = mode
    for field, text in words.items():
        first(f"{field}-{key}", text)


def typed_in(key: str) -> dict[str, str]:
    """What the text fields of a card hold by field, where it is not what they began with."""
    typed = {}
    for name in [str(each) for each in st.session_state]:
        value = st.session_state[name] if name.startswith(TEXTS) and name.endswith(f"-{key}") else None
        if isinstance(value, str) and value.strip() and value != st.session_state.get(f"{FIRST}{name}"):
            typed[name.removesuffix(f"-{key}")] = value
    return typed


def leave_card() -> None:
    """No card is on screen now."""
    st.session_state.pop("card", None)
    for name in [str(name) for name in st.session_state if str(name).startswith(CARD_STATE)]:
        del st.session_state[name]


def keep(pause: Pause, fields: Mapping[str, JSON], known: Mapping[str, JSON]) -> None:
    """Save the draft when this session changed it. `known`: as it was loaded."""
    name = f"kept-{key_of(pause)}"
    before = st.session_state.setdefault(name, dict(known))
    if dict(fields) == before:
        return
    about = Question(pause.source_id, pause.thread_id, pause.pause_key)
    try:
        save_draft(the_desk(), about, actor(), dict(fields) or None)
    except Busy as error:
        banner(f"{error} What you typed is still on this page.", "orange")
        return
    st.session_state[name] = dict(fields)
