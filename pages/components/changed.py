"""Says when a question changed under its reader, and how."""

from __future__ import annotations

import json

import streamlit as st

from agents.domain import JSON, PauseStatus, Review
from pages.components.diff import show_changes
from pages.components.heading import banner


def question_changed(review: Review) -> bool:
    """Compare with what this session saw last; the draft of it is kept. True until the change was read."""
    pause = review.pause
    name = f"saw-{pause.source_id}-{pause.thread_id}-{pause.pause_key}"
    seen, value = st.session_state.setdefault(name, (pause.seen, pause.value))
    if seen == pause.seen:
        return False
    if pause.status is PauseStatus.STUCK and value == pause.value:
        banner("It was tried again meanwhile and stopped again, as told below.", "orange")
        return False
    banner("Read it again before you decide; what you typed is kept.", "orange", title="The question changed.")
    with st.expander("What changed", expanded=True):
        show_changes("", _readable(value), _readable(pause.value))
    if st.button("I have read it", key=f"read-{pause.seen[:12]}"):
        st.session_state[name] = (pause.seen, pause.value)
        st.rerun()
    return True


def _readable(value: JSON) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)
