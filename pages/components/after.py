"""After the decision, on the review's own page: what became of it, the next question, the ways on."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from agents import reviews
from agents.domain import Pause
from agents.reviews import Key, Opened
from pages.components.answer import BATCH, is_batch
from pages.components.cards import draw_decided
from pages.components.heading import banner, section
from pages.components.outcome import decided_pane
from pages.components.session import actor, the_desk, watched

POLL_SECONDS = 1.0


def go(key: Key) -> None:
    """To another review."""
    st.switch_page("review.py", query_params={"source": key[0], "thread": key[1], "pause": key[2]})


def to_batch(pause: Pause) -> None:
    """To the page of the batch that a sample is of."""
    st.switch_page("batches.py", query_params={"thread": pause.thread_id, "source": pause.source_id})


def after_decision(opened: Opened) -> None:
    """Draw what became of the decision, again and again while it goes on, and the ways on from here."""
    live = opened.working
    _ways_on(opened)  # before the pane, which may end this run: a click is heard in one run only
    watched(_follow, run_every=POLL_SECONDS if live else None)(live)


def _ways_on(opened: Opened) -> None:
    with st.bottom, st.container(horizontal=True, key="bar"):
        kind: Literal["primary", "secondary"] = "secondary" if opened.next_question else "primary"
        if opened.next_key and st.button("Next review", icon=":material/arrow_forward:", key="to-next", type=kind):
            go(opened.next_key)
        if st.button("Inbox", icon=":material/inbox:", key="to-inbox"):
            st.switch_page("inbox.py")
        if opened.review and is_batch(opened.review) and st.button(BATCH, icon=":material/stacks:", key="to-batch"):
            to_batch(opened.review.pause)
        if st.button("The whole story", icon=":material/history:", key="to-story"):
            pause = opened.review.pause if opened.review else None
            query = {"thread": pause.thread_id, "source": pause.source_id} if pause else {}
            st.switch_page("history.py", query_params=query)


def _follow(live: bool) -> None:
    """Draws what became of it; ends its own ticking when nothing runs any more."""
    thread, pause = st.query_params.get("thread", ""), st.query_params.get("pause", "")
    opened = reviews.open_review(
        the_desk(), thread, pause, actor=actor(), source_id=st.query_params.get("source") or None
    )
    if opened.pending:
        st.rerun()
    decided_pane(opened)
    _still_open(opened)
    if opened.next_question is not None and not _about_to_ask_anew(opened):
        row = opened.next_question
        with st.container(border=True, key="asked-again"):
            banner(row.gist, "blue", title="The workflow asks again:")
            if st.button("Review it now", type="primary", shortcut="Enter", key=f"again-{row.pause_key}"):
                go((row.source_id, row.thread_id, row.pause_key))
    if opened.review is not None and opened.decision is not None:
        with st.expander("What was decided on", expanded=not opened.finished and opened.next_question is None):
            for number, (review, taken) in enumerate(opened.together, start=1):
                section(f"Answer {number}")
                draw_decided(review, taken)
            if not opened.together:
                draw_decided(opened.review, opened.decision)
    if opened.working != live:  # after the buttons: the click may be what brought this run
        st.rerun()


def _about_to_ask_anew(opened: Opened) -> bool:
    """Does the step of the next question run again just now, because its siblings' answers went without it?"""
    row, taken = opened.next_question, opened.decision
    same = row is not None and taken is not None and row.review.pause.checkpoint_id == taken.checkpoint_id
    return same and opened.working


def _still_open(opened: Opened) -> None:
    """A way to the thread's questions that nobody has answered, while this answer waits for theirs."""
    open_ = [each for each in opened.asked if each.open]
    goes_without = opened.job is not None and opened.job.override
    if not open_ or goes_without or opened.decision is None or opened.decision.sent_at is not None:
        return
    words = "Answer the other question" if len(open_) == 1 else f"Answer the other {len(open_)} questions"
    if st.button(words, type="primary", key="answer-others"):
        pause = open_[0].review.pause
        go((pause.source_id, pause.thread_id, pause.pause_key))
