"""The one header line of a page, and sentences with a colour.

Both may hold what a model or a mail said, so they are written as HTML with
every character escaped; Streamlit's own titles and alerts would draw Markdown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

import streamlit as st

from pages.components.account import name_popover
from pages.components.words import escaped


def heading(
    title: str,
    *,
    badges: Iterable[tuple[str, str]] = (),
    facts: Iterable[str] = (),
    actions: Callable[[], None] | None = None,
) -> None:
    """Title, badges as (words, colour), facts joined by dots; at the right the page's actions and the name."""
    marks = "".join(f'<span class="so-badge so-{colour}">{escaped(text)}</span>' for text, colour in badges)
    tail = " · ".join(escaped(fact) for fact in facts if fact)
    with st.container(horizontal=True, vertical_alignment="center", key="head", gap="small"):
        st.html(f'<div class="so-head"><h1>{escaped(title)}</h1>{marks}<span class="so-facts">{tail}</span></div>')
        if actions is not None:
            actions()
        name_popover()


def section(title: str) -> None:
    """A small heading inside a card; the title is ours, never a model's."""
    st.html(f'<h2 class="so-section">{escaped(title)}</h2>')


def banner(text: str, colour: str = "gray", *, title: str = "") -> None:
    """A sentence in a coloured box: gray, blue, green, orange or red."""
    strong = f"<strong>{escaped(title)}</strong> " if title else ""
    role = ' role="alert"' if colour == "red" else ""
    st.html(f'<div class="so-banner so-{colour}"{role}>{strong}{escaped(text)}</div>')


def facts(pairs: Iterable[tuple[str, str]]) -> None:
    """A list of names and values; values may be anyone's text."""
    rows = "".join(f"<dt>{escaped(name)}</dt><dd>{escaped(value)}</dd>" for name, value in pairs if value)
    st.html(f'<dl class="so-facts-list">{rows}</dl>')


def bullets(items: Iterable[str], css: str = "") -> None:
    """A list of sentences, as text."""
    st.html(f'<ul class="so-list {css}">{"".join(f"<li>{escaped(item)}</li>" for item in items)}</ul>')


def prose(text: str, css: str = "", *, width: Literal["stretch", "content"] = "stretch") -> None:
    """Anyone's text with its line breaks, as text."""
    st.html(f'<div class="so-prose {css}">{escaped(text)}</div>', width=width)
