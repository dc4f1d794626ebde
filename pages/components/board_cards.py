"""The board's columns of cards: links and boxes in the page's own DOM, with keys.

A card is named by its review, never by its place, so that a board which changed
meanwhile cannot choose or open another one. What is chosen is kept in the
browser until Python says that a card is gone or that the choice was cleared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import streamlit as st

KEY = "board-cards"


@dataclass(frozen=True, slots=True)
class Card:
    """What one card shows; all of it is drawn as text. key: names its review. choice: what its box is called, "" for none."""

    key: str
    href: str
    title: str
    gist: str
    age: str
    marks: tuple[tuple[str, str], ...]
    choice: str


@dataclass(frozen=True, slots=True)
class CardColumn:
    """name: for the column. more: "12 more in the inbox", or "". empty: the sentence of a column without cards."""

    name: str
    title: str
    count: str
    cards: tuple[Card, ...]
    more: str
    empty: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """What was pressed in this run: the key of a card to open, the name of a column whose rest is wanted."""

    opened: str | None
    more: str | None


_HTML = '<div class="kinds" role="group" aria-label="Which column to show"></div><div class="board"></div>'
_HERE = Path(__file__)


def _script(name: str) -> str:
    return _HERE.with_name(name).read_text(encoding="utf-8")


_cards = st.components.v2.component(
    "signoff_board", html=_HTML, css=_script("board_cards.css"), js=_script("board_cards.js")
)


def chosen_in_browser(version: int) -> list[str] | None:
    """The keys that are ticked, first ticked first; None when the browser has said nothing since `version` began."""
    kept = st.session_state.get(KEY)
    said = kept.get("chosen") if kept else None
    if not said or said.get("version") != version:
        return None
    return [str(key) for key in said["keys"]]


def board_cards(columns: Sequence[CardColumn], *, chosen: Sequence[str], gone: Sequence[str], version: int) -> Pressed:
    """Draw the columns. gone: chosen ones that cannot be chosen any more. version: another one begins with `chosen`."""
    result: Any = _cards(
        key=KEY,
        data={
            "columns": [asdict(column) for column in columns],
            "chosen": list(chosen),
            "gone": list(gone),
            "version": version,
        },
        on_chosen_change=lambda: None,
        on_opened_change=lambda: None,
        on_more_change=lambda: None,
    )
    opened, more = result.get("opened"), result.get("more")
    return Pressed(str(opened) if opened else None, str(more) if more else None)
