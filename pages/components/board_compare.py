"""Two or three proposals of one kind next to each other, to read only; each is decided in its own review."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from agents.reviews import Key, Row, rows_of
from agents.wording import count
from pages.components.board_sections import Section, sections
from pages.components.board_selection import COMPARED_MOST, NOUNS, inventory
from pages.components.heading import banner, heading, prose
from pages.components.session import the_desk
from pages.components.words import age, escaped, thread_words


def compare_view(keys: Sequence[Key]) -> None:
    """Draw them. What waits no more, or cannot be compared, is said instead."""
    found = rows_of(the_desk(), keys)
    rows = [found[key] for key in keys if key in found]
    with st.bottom, st.container(horizontal=True, key="bar"):
        back = st.button("Board", icon=":material/arrow_back:", key="board-back")
    if back:
        st.switch_page("board.py")
    kinds = {row.kind for row in rows}
    words = count(len(rows), NOUNS[rows[0].kind]) if len(kinds) == 1 else inventory(rows)
    heading(f"Compare {words}" if rows else "Compare")
    if len(rows) < len(keys):
        left = "One of them no longer waits." if len(keys) - len(rows) == 1 else "Some of them no longer wait."
        banner(f"{left} What became of it stands in the history.", "orange")
    problem = _problem(rows)
    if problem:
        banner(problem, "orange")
        return
    _heads(rows)
    made = sections([row.review for row in rows])
    if any(section.marked for section in made):
        prose(
            "Words that differ are marked." if len(rows) == 2 else "Words that differ from the first are marked.",
            "so-muted",
        )
    st.html(_table(made, len(rows)))


def _problem(rows: Sequence[Row]) -> str:
    if len({row.kind for row in rows}) > 1:
        return f"{inventory(rows)} say different things: choose cards of one kind to compare them."
    if len(rows) > COMPARED_MOST:
        return f"Up to {COMPARED_MOST} can be compared side by side. Choose fewer on the board."
    if len(rows) < 2:
        return "There is nothing to compare: choose two or three cards of one kind on the board."
    return ""


def _heads(rows: Sequence[Row]) -> None:
    for number, (place, row) in enumerate(zip(st.columns(len(rows)), rows, strict=True), start=1):
        with place, st.container(border=True, height="stretch", key=f"compared-{number}"):
            prose(f"{number}. {row.title}", "so-strong")
            state = f"Decided by {row.decided_by}" if row.decided_by else age(row.paused_at, the_desk().clock())
            prose(f"{state} · {thread_words(row.thread_id)}", "so-muted")
            source, thread, pause = row.key
            st.page_link(
                "review.py",
                label="See what became of it" if row.decided_by else "Review this one",
                icon=":material/rule:",
                query_params={"source": source, "thread": thread, "pause": pause},
            )


def _table(made: Sequence[Section], columns: int) -> str:
    rows = "".join(_row(section, columns) for section in made)
    return f'<div class="so-compare so-{columns}">{rows}</div>'


def _row(section: Section, columns: int) -> str:
    cells = "".join(
        f'<div class="so-cell"><span class="so-number" aria-hidden="true">{number}</span>{cell or _none()}</div>'
        for number, cell in enumerate(section.cells, start=1)
    )
    return f'<h2 class="so-section">{escaped(section.title)}</h2>{cells}'


def _none() -> str:
    return '<p class="so-muted">None.</p>'
