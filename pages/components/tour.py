"""A short tour: a card above the page, which stays usable; every step opens the real page on a thread of the demo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from agents import demo, reviews
from agents.domain import Kind
from agents.reviews import Row
from pages.components.session import the_desk
from pages.components.words import escaped

STEP = "tour"
ENDED = "tour-ended"
NOTHING = "Nothing of this kind is on the desk now. Fill an empty desk with the demo to see it."


@dataclass(frozen=True, slots=True)
class Step:
    """page: what "Show me" opens. scene, kind: the demo's thread, and where that is decided another of its kind."""

    title: str
    text: str
    page: str
    scene: str = ""
    kind: Kind | None = None


STEPS = (
    Step(
        "Read a plan before it runs",
        "You see every file that it will touch, with size and age, and can leave out what should stay. "
        "What you approve goes to a trash, and can be put back.",
        "review.py",
        "logs",
        Kind.PLAN,
    ),
    Step(
        "Correct a mail, and take it back",
        "Its fields can be changed, and what looks odd is marked. After you send it, there are a few seconds to undo.",
        "review.py",
        "overdue",
        Kind.EMAIL,
    ),
    Step(
        "Judge a batch by its samples",
        "A batch stops now and then and shows one result beside its input. Say what is wrong, and the items since "
        "the last good sample are done again, as they were here: before and after are side by side.",
        "review.py",
        "problem",
        Kind.SAMPLE,
    ),
    Step(
        "See everything side by side",
        "The board has a column for each kind. Choose two cards of one kind to read them next to each other.",
        "board.py",
    ),
    Step(
        "Know how good a batch is",
        "How far it is, who judged which sample, and how many results are wrong: the share so far, and how sure that is.",
        "batches.py",
        "tickets",
    ),
    Step(
        "Look up who decided what",
        "Every decision is on record: who, when, on what they saw, what was sent, and what became of it.",
        "history.py",
        "exports",
    ),
)


def tour_button(words: str) -> None:
    """Begins the tour; says so in other words once it was ended."""
    if STEP in st.session_state:
        return
    ended = bool(st.session_state.get(ENDED))
    if st.button("Take the tour again" if ended else words, type="tertiary", icon=":material/map:", key="tour-begin"):
        st.session_state[STEP] = 0
        st.rerun()


def tour() -> None:
    """The card of the step under way. Call it after the page has run: a click on it must not cost what was typed there."""
    number = st.session_state.get(STEP)
    if number is None:
        return
    step, where = STEPS[number], _where(STEPS[number])
    missing = "" if where is not None else f'<p class="so-muted">{NOTHING}</p>'
    with st.container(border=True, key="tour", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(
            f'<section class="so-tour" aria-label="Tour" role="status"><span class="so-facts">Tour, step {number + 1} of '
            f"{len(STEPS)}</span><h2>{escaped(step.title)}</h2><p>{escaped(step.text)}</p>{missing}</section>"
        )
        moved = _buttons(number, can_show=where is not None)
    if moved is not None:
        _go(moved)
    elif st.session_state.get("tour-show") and where is not None:
        st.switch_page(step.page, query_params=where)


def _buttons(number: int, *, can_show: bool) -> int | None:
    """The step that was chosen; len(STEPS) for the end, None for none."""
    last = number == len(STEPS) - 1
    with st.container(horizontal=True, key="tour-bar", gap="xsmall", width="content"):
        if can_show:
            st.button("Show me", type="primary", key="tour-show")
        back = number > 0 and st.button("Back", key="tour-back")
        following = st.button("Finish the tour" if last else "Next step", key="tour-next")
        ended = not last and st.button("End the tour", type="tertiary", key="tour-end")
    if ended:
        return len(STEPS)
    return number - 1 if back else number + 1 if following else None


def _go(number: int) -> None:
    if number < len(STEPS):
        st.session_state[STEP] = number
    else:
        del st.session_state[STEP]
        st.session_state[ENDED] = True
    st.rerun()


def _where(step: Step) -> dict[str, str] | None:
    """The query of the page to show; None when the desk has nothing of the kind."""
    desk = the_desk()
    now = demo.standing(desk)
    source = desk.sources[0].source_id
    thread = demo.shown_thread(now, step.scene) if step.scene and now.whole else None
    if step.kind is None:
        return {"thread": thread, "source": source} if thread else {} if not step.scene else None
    row = _row(reviews.all_rows(desk)[0], step.kind, thread)
    return {"thread": row.thread_id, "pause": row.pause_key, "source": row.source_id} if row else None


def _row(rows: Sequence[Row], kind: Kind, thread: str | None) -> Row | None:
    """The demo's own, else any that waits and is of the kind."""
    waiting = [row for row in rows if row.kind is kind and row.state == "waiting"]
    return next((row for row in waiting if row.thread_id == thread), waiting[0] if waiting else None)
