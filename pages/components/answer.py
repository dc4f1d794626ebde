"""What a card makes of a person's input, and the pinned bar that offers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st

from agents.domain import JSON, DecisionType, Kind, Review, Said
from pages.components.draft import first
from pages.components.heading import banner
from pages.components.words import label

ICONS = {
    DecisionType.RESPOND: ":material/edit_note:",
    DecisionType.REJECT: ":material/close:",
}
KEYS = {DecisionType.RESPOND: "E", DecisionType.REJECT: "X"}
ASKS = {
    DecisionType.RESPOND: "Your answer",
    DecisionType.REJECT: "Why? (optional, kept in the record)",
    DecisionType.IGNORE: "Why is it closed without an answer? (optional, kept in the record)",
}
CLOSE = "Close without an answer"
STORY = "The whole story of this thread"


@dataclass(frozen=True, slots=True)
class Answer:
    """A card's state: what its main button would send, in which words, and the draft to keep.

    kind: what the main button decides; None when the card has none.
    said: None while it cannot be sent as it stands; problem: the sentence that
    says why, where that is not plain to see.
    """

    kind: DecisionType | None
    said: Said | None
    words: str = ""
    fields: Mapping[str, JSON] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Pressed:
    """What was pressed in this run: a decision, or a page to go to."""

    said: Said | None = None
    story: bool = False


def decision_bar(review: Review, answer: Answer, *, message: str, key: str) -> tuple[Pressed, str]:
    """Draw the bar; what was pressed, and the message as typed so far."""
    mode = st.session_state.get(f"mode-{key}")
    with st.bottom:
        if mode is not None:
            return _asking(review, DecisionType(mode), message, key)
        return _buttons(review, answer, key), message


def _buttons(review: Review, answer: Answer, key: str) -> Pressed:
    if answer.problem:
        banner(answer.problem, "orange")
    with st.container(horizontal=True, key="bar", vertical_alignment="center"):
        if answer.kind is not None and st.button(
            label(answer.words),
            type="primary",
            icon=":material/check:",
            shortcut="A",
            disabled=answer.said is None or bool(answer.problem),
            wrap=True,
            key=f"main-{key}",
        ):
            return Pressed(answer.said)
        for kind in (DecisionType.RESPOND, DecisionType.REJECT):
            if kind in review.allowed and kind is not answer.kind and _button(review, kind, key):
                st.session_state[f"mode-{key}"] = kind.value
                st.rerun()
        return _more(review, key)


def _button(review: Review, kind: DecisionType, key: str) -> bool:
    words = label(review.labels.get(kind, kind.value.capitalize()))
    return st.button(words, icon=ICONS[kind], shortcut=KEYS[kind], key=f"{kind.value}-{key}")


def _more(review: Review, key: str) -> Pressed:
    options = [STORY, CLOSE] if DecisionType.IGNORE in review.allowed else [STORY]
    chosen = st.menu_button("More", options, key=f"more-{key}")
    if chosen == CLOSE:
        st.session_state[f"mode-{key}"] = DecisionType.IGNORE.value
        st.rerun()
    return Pressed(story=chosen == STORY)


def _asking(review: Review, kind: DecisionType, message: str, key: str) -> tuple[Pressed, str]:
    field_key = f"message-{kind.value}-{key}"
    drafted = kind is DecisionType.RESPOND and review.kind in (Kind.PLAN, Kind.EMAIL)
    words = "What should change?" if drafted else ASKS[kind]
    said = st.text_area(words, value=first(field_key, message), key=field_key, height=90) or ""
    words = CLOSE if kind is DecisionType.IGNORE else label(review.labels.get(kind, kind.value.capitalize()))
    with st.container(horizontal=True, key="bar", vertical_alignment="center"):
        sent = st.button(
            words,
            type="primary",
            shortcut="Ctrl+Enter",
            key=f"send-{kind.value}-{key}",
        )
        if st.button("Back", shortcut="Escape", key=f"back-{key}"):
            st.session_state.pop(f"mode-{key}", None)
            st.rerun()
    text = said.strip() or None
    if sent and text is None and kind is DecisionType.RESPOND:
        with st.bottom:
            banner("Write it first: it is what the workflow gets.", "orange")
        return Pressed(), said
    return (Pressed(Said(kind, message=text)) if sent else Pressed()), said
