"""The board: what waits, by kind in columns; chosen cards are compared, or decided together where that can be undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from agents import reviews
from agents.domain import DecisionType
from agents.people import Act
from agents.reviews import Board, Column, Row
from agents.wording import count
from pages.components.board_cards import Card, CardColumn, Pressed, board_cards
from pages.components.board_compare import compare_view
from pages.components.board_selection import (
    NOUNS,
    Offer,
    Selection,
    choose,
    dropped,
    inventory,
    key_named,
    link,
    linked_keys,
    name_of,
    offer,
    selection,
)
from pages.components.board_together import forget_results, together_view
from pages.components.demo import offer_demo
from pages.components.filters import filters
from pages.components.gist import gist_of, state_of
from pages.components.hands import hands_of
from pages.components.heading import banner, heading, prose
from pages.components.notes import draw_notes
from pages.components.samples import offer_samples
from pages.components.session import allowed, the_desk, watched
from pages.components.words import age

REFRESH_SECONDS = 3.0
TITLES = {"plans": "Plans", "emails": "Emails", "samples": "Samples", "questions": "Questions", "other": "Other"}
EMPTY = {
    "plans": "No plan waits.",
    "emails": "No email waits.",
    "samples": "No sample waits.",
    "questions": "No question waits.",
}


def board_page() -> None:
    st.html(Path(__file__).with_name("components") / "board.css")
    view = st.query_params.get("view")
    if view != "together":
        forget_results()
    if view == "compare":
        compare_view(linked_keys())
    elif view == "together":
        together_view(linked_keys())
    else:
        columns()


@partial(watched, run_every=REFRESH_SECONDS)
def columns() -> None:
    """One read, drawn; again every few seconds. What is chosen and typed stays."""
    desk = the_desk()
    chosen = selection(desk)
    files = desk.source_names()
    found = reviews.board(
        desk,
        graphs=[graph for graph in [st.session_state.get("board-graph")] if graph],
        sources=[source for source in files if source == st.session_state.get("board-source")],
        search=st.session_state.get("board-search") or "",
        order=st.session_state.get("board-order") or "newest",
        keep=[row.key for row in chosen.rows],
    )
    heading(
        "Board",
        facts=[
            f"{'about ' if found.about else ''}{found.waiting:,} waiting" if found.waiting else "Nothing waits for you"
        ],
    )
    draw_notes(found.notes)
    if not found.waiting and not any(column.rows for column in found.columns):
        _empty()
        return
    filters("board", found.graphs, files=files)
    with st.container(horizontal=True, vertical_alignment="center", key="board-bar"):
        wanted = _bar(chosen.rows)
    for sentence in dropped():
        banner(sentence, "orange")
    pressed = board_cards(
        [_column(column, desk.clock(), files) for column in found.columns],
        chosen=chosen.names,
        gone=chosen.gone,
        version=chosen.version,
    )
    _go(wanted, pressed, chosen, found)


def _go(wanted: str, pressed: Pressed, chosen: Selection, found: Board) -> None:
    """Leave the board, or clear it; last, so that every button of this run was drawn."""
    if wanted == "clear":
        choose([])
        st.rerun()
    if wanted:
        st.switch_page("board.py", query_params=link(wanted, [row.key for row in chosen.rows]))
    key = key_named(pressed.opened or "")
    if key:
        st.switch_page("review.py", query_params=_query(key))
    column = next((each for each in found.columns if each.name == pressed.more), None)
    if column:
        st.session_state["inbox-kinds"] = [kind.value for kind in column.kinds]
        st.session_state["inbox-search"] = st.session_state.get("board-search") or ""
        st.session_state["inbox-graph"] = st.session_state.get("board-graph")
        st.session_state["inbox-source"] = st.session_state.get("board-source")
        st.switch_page("inbox.py")


def _empty() -> None:
    offer_demo()
    offer_samples()
    if allowed(Act.START) and st.button("Start a workflow", icon=":material/play_arrow:", key="board-start"):
        st.switch_page("start.py")


def _bar(rows: Sequence[Row]) -> str:
    """What is chosen and what can be done with it; the view that was asked for, "clear", or ""."""
    if not rows:
        deciding = ", or to decide plans together" if allowed(Act.DECIDE) else ""
        prose(f"Tick cards to compare them side by side{deciding}.", "so-muted")
        return ""
    can: Offer = offer(rows)
    prose(f"{inventory(rows)} chosen", "so-strong", width="content")
    wanted = ""
    if can.compare and st.button(can.compare, icon=":material/compare:", key="board-compare"):
        wanted = "compare"
    if (
        can.together
        and allowed(Act.DECIDE)
        and st.button(can.together, type="primary", icon=":material/done_all:", key="board-together")
    ):
        wanted = "together"
    if st.button("Clear", type="tertiary", key="board-clear"):
        wanted = "clear"
    if can.reasons:
        prose(" ".join(can.reasons), "so-muted", width="content")
    return wanted


def _column(column: Column, now: datetime, files: Mapping[str, str]) -> CardColumn:
    return CardColumn(
        name=column.name,
        title=TITLES[column.name],
        count=f"{column.waiting:,} waiting",
        cards=tuple(_card(row, now, files.get(row.source_id, "")) for row in column.rows),
        more=f"{column.more:,} more in the inbox" if column.more else "",
        empty=EMPTY.get(column.name, "Nothing of this kind waits."),
    )


def _card(row: Row, now: datetime, file: str) -> Card:
    old = age(row.paused_at, now)
    marks = []
    if row.state == "decided":
        marks.append((f"Decided by {row.decided_by}", "green"))
    elif state_of(row)[0]:
        marks.append(state_of(row))
    marks.extend(hands_of(row))
    if row.warnings:
        marks.append((count(row.warnings, "warning"), "orange"))
    if row.review.revision > 1:
        marks.append((f"Revision {row.review.revision}", "gray"))
    if row.review.reversible and DecisionType.APPROVE in row.review.allowed:
        marks.append(("Can be undone", "gray"))
    if file:
        marks.append((file, "gray"))
    return Card(
        key=name_of(row.key),
        href=f"review?{urlencode(_query(row.key))}",
        title=row.title,
        gist=gist_of(row),
        age=old,
        marks=tuple(marks),
        choice=f"Choose the {NOUNS[row.kind]} “{row.title}”, {old}" if row.state == "waiting" else "",
    )


def _query(key: reviews.Key) -> dict[str, str]:
    return {"source": key[0], "thread": key[1], "pause": key[2]}


board_page()
