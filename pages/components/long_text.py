"""Texts and data that may be megabytes: the beginning, its size, and the whole only for those who ask."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

import streamlit as st

from agents.domain import JSON
from agents.wording import size
from pages.components.heading import facts, prose
from pages.components.words import label

_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
CUT = 4000
"""Characters that are drawn without being asked for."""


def is_long(text: str) -> bool:
    return len(text) > CUT


def long_prose(text: str, css: str = "", *, key: str) -> None:
    """Anyone's text, cut."""
    _cut(text, lambda shown: prose(shown, css), name="text", key=key)


def long_code(value: JSON, *, key: str, height: int | None = None) -> None:
    """Data as indented JSON, cut."""
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False, default=str)
    text = _TURNING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)  # the same JSON, and nothing reads backwards

    def draw(shown: str) -> None:
        st.code(shown, language=None, wrap_lines=True, height=height or "content")

    _cut(text, draw, name="data", key=key)


def long_facts(pairs: Sequence[tuple[str, str]], *, key: str) -> None:
    """Names and values; a value that is too long stands under the list, cut."""
    facts([(name, text) for name, text in pairs if not is_long(text)])
    for number, (name, text) in enumerate(pairs):
        if is_long(text):
            prose(name, "so-muted")
            _cut(text, prose, name=name, key=f"{number}-{key}")


def save_button(text: str, name: str, *, key: str) -> None:
    """A download of the whole text, in a file with its name."""
    st.download_button(
        "Download",
        data=text.encode("utf-8", "replace"),
        file_name=f"{label(name).lower().replace(' ', '-')[:40] or 'text'}.txt",
        mime="text/plain",
        icon=":material/download:",
        on_click="ignore",
        type="tertiary",
        key=key,
    )


def _cut(text: str, draw: Callable[[str], None], *, name: str, key: str) -> None:
    if not is_long(text):
        draw(text)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        whole = st.checkbox("Show all", key=f"whole-{key}")
        save_button(text, name, key=f"save-{key}")
        if not whole:
            long = size(len(text.encode("utf-8", "replace")))
            prose(f"The first {CUT:,} of {len(text):,} characters ({long}).", "so-muted", width="content")
    draw(text if whole else f"{text[:CUT]}…")
