"""What is typed on a review, kept on the server until its decision is accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from agents.audit import Question
from agents.domain import JSON, Pause
from agents.errors import Busy
from agents.reviews import save_draft
from pages.components.heading import banner
from pages.components.long_text import long_code
from pages.components.session import the_desk, writer

FIRST = "first-"
CARDS = "cards"
TURN = "turn-"
NEWER = "newer-words"
CARD_STATE = (FIRST, "out-", "kept-", "mode-", "offers-", "extra-")
TEXTS = ("message-", "answer-", "body-", "subject-", "to-", "cc-", "bcc-", "reply_to-", "output-", "arg-", "why-")


def key_of(pause: Pause) -> str:
    """Names this text of this question; every widget of its card carries it."""
    question = f"{pause.pause_key}-{pause.thread_id}"
    if the_desk().source_names():  # two copies of a file ask the same
        question += f"-{pause.source_id}"
    turn = st.session_state.get(f"{TURN}{question}")
    return f"{pause.seen[:12]}{f'.{turn}' if turn else ''}-{question}"


def first(key: str, value: Any) -> Any:
    """The value that a widget begins with; the same in every run while its card is on screen.

    Given as `value=`, not put into the widget's own state: what is put there is
    sent to the browser once, and lost when that run is overtaken by another.
    """
    return st.session_state.setdefault(f"{FIRST}{key}", value)


def enter_card(key: str) -> None:
    """This card alone is on screen; see `enter_cards`."""
    enter_cards([key])


def enter_cards(keys: Sequence[str]) -> None:
    """These cards are on screen; a card that comes back begins with its kept draft again.

    A question whose payload changed is a new card. The click that finds it out brings the
    last words along, and they belong to the card that was on screen: they move to the new one.
    """
    before = cards()
    if list(keys) == before:
        return
    moved = {key: old for key in keys for old in before if old not in keys and _question(old) == _question(key)}
    words = {key: (typed_in(old), st.session_state.get(f"mode-{old}")) for key, old in moved.items()}
    if not set(keys) & set(before):
        leave_card()
    for old in before:
        if old not in keys:
            _leave(old)
    st.session_state[CARDS] = list(keys)
    for key, (texts, mode) in words.items():
        if mode is not None:
            st.session_state[f"mode-{key}"] = mode
        for field, text in texts.items():
            first(f"{field}-{key}", text)


def cards() -> list[str]:
    """The keys of the cards that were drawn last."""
    return list(st.session_state.get(CARDS) or ())


def take_newer() -> None:
    """Draw anew, with what another tab of the same name has written since; call it last, when every click was heard."""
    key = st.session_state.pop(NEWER, None)
    if key is None:
        return
    turn = f"{TURN}{_question(key)}"
    st.session_state[turn] = int(st.session_state.get(turn, 0)) + 1  # other widgets: those on screen keep their words
    st.session_state[CARDS] = [each for each in cards() if each != key]
    _leave(key)
    st.rerun()


def _question(key: str) -> str:
    """The part of a card's key that stays when the question's text changes."""
    return key.partition("-")[2]


def _leave(key: str) -> None:
    for name in [str(name) for name in st.session_state]:
        if name.endswith(f"-{key}") and name.startswith(CARD_STATE):
            del st.session_state[name]


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
    st.session_state.pop(CARDS, None)
    for name in [str(name) for name in st.session_state if str(name).startswith(CARD_STATE)]:
        del st.session_state[name]


def keep(pause: Pause, fields: Mapping[str, JSON], known: Mapping[str, JSON]) -> None:
    """Save the draft when this session changed it. `known`: as it was loaded.

    What another tab of the same name wrote meanwhile is not overwritten before the person says so.
    """
    key = key_of(pause)
    name = f"kept-{key}"
    before = st.session_state.setdefault(name, dict(known))
    if dict(known) not in (before, dict(fields)):
        if dict(fields) == before:
            st.session_state[NEWER] = key
        else:
            _elsewhere(pause, fields, known)
        return
    if dict(fields) == before and dict(fields) == dict(known):
        return
    st.session_state[name] = dict(fields)  # first: a run that is cut off after the save must know what it saved
    try:
        saved = save_draft(the_desk(), _about(pause), writer(), dict(fields) or None, over=dict(known))
    except Busy as error:
        st.session_state[name] = before
        banner(f"{error} What you typed is still on this page.", "orange")
        return
    if not saved:
        st.session_state[name] = before  # the next run sees what is kept now, and asks


def _elsewhere(pause: Pause, fields: Mapping[str, JSON], known: Mapping[str, JSON]) -> None:
    """Ask which words hold. Nothing is saved before that."""
    key = key_of(pause)
    with st.container(border=True, key=f"elsewhere-{key}"):
        banner(
            "Nothing typed here is kept until you choose.", "orange", title="Another tab of yours holds other words."
        )
        long_code(dict(known), key=f"elsewhere-{key}")
        with st.container(horizontal=True):
            if st.button("Keep what stands here", key=f"mine-{key}"):
                _keep_mine(pause, fields, key)
            if st.button("Take the other words", key=f"theirs-{key}"):
                st.session_state[NEWER] = key


def _keep_mine(pause: Pause, fields: Mapping[str, JSON], key: str) -> None:
    try:
        save_draft(the_desk(), _about(pause), writer(), dict(fields) or None)
    except Busy as error:
        banner(f"{error} What you typed is still on this page.", "orange")
        return
    st.session_state[f"kept-{key}"] = dict(fields)


def _about(pause: Pause) -> Question:
    return Question(pause.source_id, pause.thread_id, pause.pause_key)
