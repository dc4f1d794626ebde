"""What a person wrote for a question that somebody else decided first: never swallowed, always readable.

Also which decisions this session made itself, so that "You" on screen is never somebody else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from agents.clock import from_text
from agents.decisions import Decision
from agents.domain import JSON, DecisionType, Pause
from pages.components.draft import cards, typed_in
from pages.components.heading import banner, prose
from pages.components.words import clock_time, did, words_of

NOUNS = {
    DecisionType.APPROVE: "approval",
    DecisionType.EDIT: "edited version",
    DecisionType.RESPOND: "answer",
    DecisionType.REJECT: "rejection",
    DecisionType.IGNORE: "closing",
}
MINE = "my-decisions"
LOST = "lost"
NOT_SENT = "not-sent"
Asked = tuple[str, str, str]
"""(source_id, thread_id, pause_key); the source may be "", where a link names none."""


@dataclass(frozen=True, slots=True)
class Lost:
    """sentence: why it did not count. written: what was typed, by field."""

    question: Asked
    sentence: str
    written: Mapping[str, str]


def mark_mine(decision_id: str) -> None:
    """This session made the decision."""
    st.session_state.setdefault(MINE, set()).add(decision_id)


def is_mine(decision_id: str) -> bool:
    return decision_id in st.session_state.get(MINE, ())


def refused(question: Asked, kind: DecisionType, reason: str, draft: JSON) -> None:
    """Note, before the card goes, that a decision was not accepted and what was written for it."""
    _note(question, f"Your {NOUNS[kind]} was not accepted. {reason}", draft)


def overtaken(question: Asked, taken: Decision | None, draft: JSON, *, together: bool = False) -> None:
    """The card was on this session's screen and its question is gone: note a click that came too late, and the text.

    together: the click was for several questions.
    """
    key = _card_of(question)
    if not key or (taken is not None and is_mine(taken.decision_id)):
        return
    kind = _pressed(key)
    reason = _by_whom(taken)
    if together:
        _note(question, f"Your answers were not accepted. {reason}", draft)
    elif kind is not None:
        refused(question, kind, reason, draft)
    elif _all_written(question, draft):
        _note(question, f"{reason} You were still writing.", draft)


def show_lost(question: Asked) -> None:
    """Draw the note above the pane, if there is one for this question (source, thread, pause)."""
    note = st.session_state.get(LOST)
    if not isinstance(note, Lost) or note.question[1:] != question[1:]:
        return
    banner(note.sentence, "orange")
    if note.written:
        with st.expander("What you had written", expanded=True, key="lost-text"):
            for name, text in note.written.items():
                if len(note.written) > 1:
                    prose(words_of(name), "so-muted")
                st.code(text, language=None, wrap_lines=True)


def forget_lost() -> None:
    st.session_state.pop(LOST, None)
    st.session_state.pop(NOT_SENT, None)


def words_for(pause: Pause, draft: JSON) -> dict[str, str]:
    """What was written for a question, by field."""
    return _written(_card_of((pause.source_id, pause.thread_id, pause.pause_key)), draft)


def _note(question: Asked, sentence: str, draft: JSON) -> None:
    st.session_state[LOST] = Lost(question, sentence, _all_written(question, draft))


def _card_of(question: Asked) -> str:
    return next((key for key in cards() if key.endswith(f"-{question[2]}-{question[1]}")), "")


def _all_written(question: Asked, draft: JSON) -> dict[str, str]:
    """What was written for the question, and for the others that stood beside it on the page."""
    mine = _card_of(question)
    written = _written(mine, draft)
    for number, key in enumerate(cards(), start=1):
        if key != mine and key.endswith(f"-{question[1]}"):
            kept = st.session_state.get(f"kept-{key}")
            written |= {f"Question {number}, {name}": text for name, text in _written(key, kept).items()}
    return written


def _pressed(key: str) -> DecisionType | None:
    if st.session_state.get(f"main-{key}"):
        return DecisionType(st.session_state.get(f"offers-{key}") or DecisionType.APPROVE)
    return next((kind for kind in DecisionType if st.session_state.get(f"send-{kind.value}-{key}")), None)


def _written(key: str, draft: JSON) -> dict[str, str]:
    """The kept draft, and over it what the widgets hold: their last words may not have been saved."""
    kept = {name: value for name, value in (draft or {}).items() if name not in ("mode", "chosen") and value}
    said = kept.pop("said", None)
    written = {name: value if isinstance(value, str) else _text(value) for name, value in kept.items()}
    if isinstance(said, dict):
        written |= {_message(str(kind)): str(text) for kind, text in said.items() if text}
    if not key:
        return written
    for field, text in typed_in(key).items():
        written[_message(field.removeprefix("message-")) if field.startswith("message-") else field] = text
    return written


def _message(kind: str) -> str:
    return "instruction" if kind == DecisionType.RESPOND else "reason"


def _text(value: JSON) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def _by_whom(taken: Decision | None) -> str:
    if taken is None:
        return "This question no longer waits: the thread moved on elsewhere."
    when = clock_time(from_text(taken.decided_at))
    return f"Already decided: {taken.actor} {did(taken.kind, taken.type)} at {when}."
