"""Lines of the record: a thread's story, and one decision with what was seen, changed and sent."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from agents.clock import from_text
from agents.decisions import Decision
from agents.domain import JSON, DecisionType
from agents.history import Entry
from pages.components.diff import show_changes
from pages.components.heading import facts, prose
from pages.components.long_text import long_code
from pages.components.outcome import as_json
from pages.components.words import clock_time, did, escaped, unlinked


def story_lines(entries: Sequence[Entry]) -> None:
    """Who did what and when, oldest first."""
    if not entries:
        prose("Nothing was recorded here: the thread was only read.", "so-muted")
        return
    rows = "".join(
        f"<dt>{escaped(clock_time(from_text(entry.at)))}</dt>"
        f"<dd><strong>{escaped(_name(entry.who))}</strong> {escaped(_inside(entry.what))}</dd>"
        for entry in entries
    )
    st.html(f'<dl class="so-facts-list">{rows}</dl>')


def _inside(sentence: str) -> str:
    """A sentence after the name of who did it."""
    capital = sentence[:1].isupper() and not sentence[1:2].isupper()
    return f"{sentence[:1].lower()}{sentence[1:]}" if capital else sentence


def _name(who: str) -> str:
    return "Signoff" if who.startswith("system:") else who


def decision_details(taken: Decision, *, opened: bool) -> None:
    """What was seen, what was changed, what was sent; the label holds no one's text."""
    when = clock_time(from_text(taken.decided_at)).replace(":", "\\:")
    with st.expander(
        f"Decision of {when}, {unlinked(taken.actor)} {did(taken.kind, taken.type)}",
        expanded=opened,
        key=f"decision-{taken.decision_id}",
    ):
        facts(
            [
                ("Decided by", taken.actor),
                ("Said", taken.message or ""),
                ("Status", f"{taken.status.value}{f', {taken.reason}' if taken.reason else ''}"),
            ]
        )
        before, after = _changed(taken)
        if after is not None:
            show_changes("What was changed", before, after)
        if taken.type is not DecisionType.IGNORE:
            with st.expander("What was sent, exactly", type="compact", key=f"sent-{taken.decision_id}"):
                long_code(as_json(taken.resume_value), key=f"sent-{taken.decision_id}")
        with st.expander("What was seen, as data", type="compact", key=f"seen-{taken.decision_id}"):
            long_code(as_json(taken.payload), key=f"seen-{taken.decision_id}", height=260)


def _changed(taken: Decision) -> tuple[str, str | None]:
    if taken.type is not DecisionType.EDIT or not taken.args or not isinstance(taken.payload, dict):
        return "", None
    return _lines(_comparable(taken.payload, taken.args)), _lines(dict(taken.args))


def _comparable(payload: dict[str, JSON], args: JSON) -> dict[str, JSON]:
    recipients = payload.get("recipients")
    source = {**payload, **(recipients if isinstance(recipients, dict) else {})}
    return {name: source.get(name) for name in args}


def _lines(fields: dict[str, JSON]) -> str:
    return "\n".join(f"{name}: {value if isinstance(value, str) else as_json(value)}" for name, value in fields.items())
