"""Two texts as one, with what went and what came; every token escaped."""

from __future__ import annotations

import streamlit as st

from agents.payloads.diff import diff, html
from pages.components.heading import section


def show_changes(title: str, before: str, after: str) -> None:
    """Draw the difference; nothing when there is none."""
    if before == after:
        return
    if title:
        section(title)
    st.html(f'<div class="so-diff">{html(diff(before, after))}</div>')
