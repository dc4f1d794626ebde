"""What happens to a review by itself and when; more time, a pause, and setting it aside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import streamlit as st

from agents import deadlines
from agents.deadlines import Deadline, Key, State
from agents.domain import Review
from agents.errors import SignoffError
from agents.people import Act
from agents.reviews import Opened
from pages.components.draft import first
from pages.components.heading import banner, prose
from pages.components.session import allowed, the_desk, who
from pages.components.words import by_clock

SPANS = {
    "1 hour": timedelta(hours=1),
    "4 hours": timedelta(hours=4),
    "1 day": timedelta(days=1),
    "3 days": timedelta(days=3),
    "1 week": timedelta(days=7),
}
STOPPABLE = (State.WAITING, State.PAUSED)


def deadline_line(opened: Opened, review: Review, key: str) -> bool:
    """Draw it under the head of a review that waits; True when something was changed, so that the page draws anew."""
    here = _keys(opened, review)
    rows = [row for row in opened.deadlines if row.key in here and row.step is not None and row.state in STOPPABLE]
    with st.container(horizontal=True, vertical_alignment="center", key=f"deadline-{key}", gap="small"):
        _said(opened, rows, review)
        return _popover(opened, rows, review, key)


def _said(opened: Opened, rows: Sequence[Deadline], review: Review) -> None:
    desk = the_desk()
    now = desk.clock()
    if opened.aside_until is not None:
        prose(f"You set this aside until {by_clock(opened.aside_until, now)}.", "so-muted", width="content")
    if not rows:
        return
    row = min(rows, key=lambda each: (each.state is not State.WAITING, each.due_at))
    row = deadlines.as_told(row, desk.rules)
    text = deadlines.line(row, review, desk.rules, now, lambda moment: by_clock(moment, now))
    near = row.state is State.WAITING and now >= row.due_at - row.near
    if text:
        prose(text, "so-due so-due-near" if near else "so-due", width="content")


def _popover(opened: Opened, rows: Sequence[Deadline], review: Review, key: str) -> bool:
    """The only writes of this component. Nothing is drawn for who may do none of it."""
    named = {"graph_id": review.pause.graph_id, "kind": review.kind.value}
    moves = bool(rows) and allowed(Act.POSTPONE, **named)
    sets_aside = allowed(Act.SNOOZE, **named)
    if not moves and not sets_aside:
        return False
    with st.popover("Not now?", icon=":material/schedule:", type="tertiary", key=f"later-{key}"):
        moved = moves and _moving(rows, key)
        aside = sets_aside and _aside(opened, rows, review, key)
    return moved or aside


def _moving(rows: Sequence[Deadline], key: str) -> bool:
    """For everybody: more time, or none at all for now."""
    st.text("For everybody, on record:")
    field = f"why-{key}"
    reason = st.text_input("Why does its deadline move?", value=first(field, ""), key=field) or ""
    span = st.selectbox("How much longer", list(SPANS), index=2, key=f"longer-{key}")
    paused = all(row.state is State.PAUSED for row in rows)
    with st.container(horizontal=True):
        longer = st.button("Give it more time", key=f"extend-{key}")
        words = "Let the deadline go on" if paused else "Pause the deadline"
        stopped = st.button(words, key=f"pause-{key}")
    desk = the_desk()
    if longer:
        by = SPANS[span or "1 day"]
        return _did(rows, lambda row: deadlines.extend(desk, row.key, by, actor=who(), reason=reason))
    if stopped and paused:
        return _did(rows, lambda row: deadlines.go_on(desk, row.key, actor=who(), reason=reason))
    if stopped:
        running = [row for row in rows if row.state is not State.PAUSED]
        return _did(running, lambda row: deadlines.pause(desk, row.key, actor=who(), reason=reason))
    return False


def _aside(opened: Opened, rows: Sequence[Deadline], review: Review, key: str) -> bool:
    """For this person alone: out of their inbox for a while."""
    desk, keys = the_desk(), _keys(opened, review)
    st.text("For you alone:")
    if opened.aside_until is not None:
        pressed = st.button("Take it up again", key=f"wake-{key}")
        return pressed and _did(keys, lambda each: deadlines.wake(desk, each, actor=who()))
    span = st.selectbox("Out of your inbox for", list(SPANS), index=1, key=f"aside-for-{key}")
    pressed = st.button("Set it aside", key=f"aside-{key}")
    if rows:
        prose("Its deadline stays where it is.", "so-muted")
    until = SPANS[span or "4 hours"]
    return pressed and _did(keys, lambda each: deadlines.snooze(desk, each, until, actor=who()))


def _keys(opened: Opened, review: Review) -> list[Key]:
    """All questions of the thread that are answered on this page, or the one."""
    pause = review.pause
    asked = [each.review.pause.pause_key for each in opened.asked if each.open]
    several = asked if pause.pause_key in asked else [pause.pause_key]
    return [(pause.source_id, pause.thread_id, each) for each in several]


def _did(things: Sequence[Deadline] | Sequence[Key], act: Callable[..., object]) -> bool:
    """Do it to each; a refusal is told here, and the page stays as it is."""
    try:
        for each in things:
            act(each)
    except SignoffError as error:
        banner(str(error), "red")
        return False
    return True


def due_marks(words: str, due_at: datetime | None, near: bool, now: datetime) -> list[tuple[str, str]]:
    """What a line of a list says of it, with its colour; [] for nothing."""
    if not words:
        return []
    text = words.removesuffix(" unless decided")
    colour = "red" if due_at is not None and due_at <= now else "orange" if near else "gray"
    return [(text[:1].upper() + text[1:], colour)]
