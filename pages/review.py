"""One review: what it takes to judge, the decision, and what became of it. Its link is all it needs."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext

import streamlit as st

from agents import decisions, people, reviews
from agents.domain import JSON, Kind, Pause, PauseStatus, Repair, Review, Said
from agents.errors import AlreadyDecided, NotPending, QuestionChanged, SecondNeeded, SignoffError, UnknownReview
from agents.reviews import Opened
from agents.wording import count
from pages.components.after import after_decision, go, to_batch
from pages.components.answer import Answer, Pressed, decision_bar
from pages.components.asked_card import hold_words
from pages.components.cards import draw_card
from pages.components.changed import question_changed
from pages.components.choose_graph import graph_pane
from pages.components.claims import claimed_bar, hands_facts, hands_popover, in_the_way
from pages.components.deadline import deadline_line
from pages.components.draft import enter_card, keep, key_of, leave_card, take_newer
from pages.components.eyes import Eyes
from pages.components.follow import follow_thread
from pages.components.heading import banner, heading
from pages.components.led_here import led_here
from pages.components.lost import forget_lost, mark_mine, overtaken, refused, show_lost
from pages.components.next_step import where_next
from pages.components.opinions import opinions_pane
from pages.components.sending import Outgoing, what_will_be_sent
from pages.components.session import actor, file_fact, refused_because, the_desk, who
from pages.components.stuck_card import order, standing_badges
from pages.components.together import (
    act_on,
    answered_beside,
    asks_several,
    judge_together,
    nothing_sent,
    pressed_in_vain,
    still_open_beside,
)
from pages.components.together_bar import Act
from pages.components.trust_pane import is_held, trust_pane
from pages.components.typing import keep_typing
from pages.components.words import COLOURS, KINDS, age, thread_words

ACTING = (Kind.EMAIL, Kind.PLAN, Kind.TOOL)


def review_page() -> None:
    thread = st.query_params.get("thread", "").strip()
    pause = st.query_params.get("pause", "").strip()
    source = st.query_params.get("source") or None
    if not thread:
        _next_in_line()
        return
    try:
        if not pause:
            follow_thread(thread, source)
            return
        opened = reviews.open_review(the_desk(), thread, pause, actor=actor(), source_id=source)
        beside = still_open_beside(opened)
        if beside:  # in this run, which still knows what was typed and pressed
            st.query_params["pause"] = beside
            opened = reviews.open_review(the_desk(), thread, beside, actor=actor(), source_id=source)
    except UnknownReview as error:
        overtaken((source or "", thread, pause), None, None, together=pressed_in_vain(thread))
        leave_card()
        _nothing(str(error), thread, pause)
        return
    except SignoffError as error:
        _nothing(str(error), thread)
        return
    if opened.review is None:
        _nothing("This question can no longer be shown.", thread)
    elif asks_several(opened):
        _judge_together(opened, opened.review)
    elif opened.pending:
        _judge(opened, opened.review)
    else:
        together = pressed_in_vain(thread)
        if actor() not in opened.agreed:
            overtaken((source or "", thread, pause), opened.decision, opened.draft, together=together)
        leave_card()
        _head(opened, opened.review)
        show_lost((source or "", thread, pause))
        after_decision(opened)


def _nothing(sentence: str, thread: str, pause: str = "") -> None:
    heading("Review")
    show_lost(("", thread, pause))
    banner(sentence, "orange")
    with st.container(horizontal=True):
        if st.button("Go to the inbox", type="primary", icon=":material/inbox:"):
            st.switch_page("inbox.py")
        if thread and st.button("The thread's story", icon=":material/history:"):
            source = st.query_params.get("source")
            st.switch_page("history.py", query_params={"thread": thread, **({"source": source} if source else {})})


def _next_in_line() -> None:
    """The navigation's own link names no review: take the one that waits longest."""
    rows = reviews.inbox(the_desk(), order="oldest", per_page=1).rows
    if not rows:
        _nothing("Nothing waits for you. Start a workflow, or wait for one to ask.", "")
        return
    go((rows[0].source_id, rows[0].thread_id, rows[0].pause_key))


def _head(opened: Opened, review: Review, warnings: int = 0) -> bool:
    badges = standing_badges(review.pause) or [(KINDS[review.kind], COLOURS[review.kind])]
    if review.revision > 1:
        badges.append((f"Revision {review.revision}", "gray"))
    if opened.pending and not review.reversible and review.kind in ACTING:
        badges.append(("Cannot be undone", "orange"))
    several = f"{count(len(opened.together), 'answer')} to one thread" if opened.together and not opened.pending else ""
    return _title(opened, review, several or review.title, badges, warnings)


def _title(opened: Opened, review: Review, title: str, badges: list[tuple[str, str]], warnings: int) -> bool:
    """Draw it; True when in whose hands the review is was changed."""
    pause = review.pause
    if warnings:
        badges.append((count(warnings, "warning"), "orange"))
    place = (
        f"{opened.position} of {opened.total}"
        if opened.position and opened.pending
        else f"{opened.total or 'nothing'} more waiting"
    )
    changed: list[bool] = []

    def actions() -> None:
        changed.append(hands_popover(opened))
        _neighbours(opened)

    heading(
        title,
        badges=badges,
        facts=[
            place,
            age(pause.paused_at, the_desk().clock()),
            thread_words(pause.thread_id),
            *file_fact(pause.source_id),
            *hands_facts(opened),
        ],
        actions=actions,
    )
    return any(changed)


def _neighbours(opened: Opened) -> None:
    with st.container(horizontal=True, width="content", gap="xsmall", key="neighbours"):
        if st.button(
            "Previous", shortcut="K", disabled=opened.previous_key is None, type="tertiary", key="go-previous"
        ):
            go(opened.previous_key or ("", "", ""))
        if st.button("Next", shortcut="J", disabled=opened.next_key is None, type="tertiary", key="go-next"):
            go(opened.next_key or ("", "", ""))


def _judge(opened: Opened, review: Review) -> None:
    pause = review.pause
    key = key_of(pause)
    hold_words(opened.asked)
    enter_card(key)
    if f"looked-{key}" not in st.session_state:
        st.session_state[f"looked-{key}"] = True
        reviews.record_look(the_desk(), review, who())
    head = st.container()  # filled in last: it counts the card's warnings, and its buttons leave the page
    moved = deadline_line(opened, review, key)
    nothing_sent(pause.thread_id)
    taken_back = opinions_pane(opened.council, review, key)
    question_changed(review)
    if opened.problem and not is_held(pause):
        banner(opened.problem, "orange")
    trusted = graph_pane(pause) or trust_pane(pause)
    if len(opened.asked) > 1:
        banner(f"This thread asks {count(len(opened.asked), 'question')}, and waits for this answer only.", "blue")
    known = dict(opened.draft or {})
    looking = bool(refused_because(people.Act.DECIDE, graph_id=pause.graph_id, kind=review.kind))
    with st.container(key="looking") if looking else nullcontext():
        answer = draw_card(opened, review, known, key)
    where_next(pause)
    unfolded = pause.status is PauseStatus.BREAKPOINT
    led_here(pause.thread_id, pause.source_id, key, pause.checkpoint_id, unfolded=unfolded)
    answered_beside(opened)
    sending = st.container()
    pressed = _bar(opened, review, answer, known, key)
    with sending:
        what_will_be_sent(Outgoing(review, pressed.would, pressed.why), key)
    keep_typing()
    if not looking:
        keep(pause, {**answer.fields, **pressed.draft}, known)
    with head:
        changed = _head(opened, review, answer.warnings)
    if changed or taken_back or pressed.turned or trusted or moved:
        st.rerun()
    if pressed.story:
        st.switch_page("history.py", query_params={"thread": pause.thread_id, "source": pause.source_id})
    if pressed.batch:
        to_batch(pause)
    if pressed.said is not None:
        _decide(review, pressed.said, pressed)
    if pressed.repair is not None:
        _repair(pause, pressed.repair, pressed)
    take_newer()


def _bar(opened: Opened, review: Review, answer: Answer, known: Mapping[str, JSON], key: str) -> Pressed:
    held = in_the_way(opened, review)
    if held is not None:
        return claimed_bar(opened, review, held, known, key)
    return decision_bar(review, answer, known, key, Eyes(opened.council, review))


def _judge_together(opened: Opened, review: Review) -> None:
    head = st.container()
    moved = deadline_line(opened, review, f"all-{review.pause.thread_id}")
    known = graph_pane(review.pause) or trust_pane(review.pause)
    pressed, drawn = judge_together(opened, review)
    pause = review.pause
    with head:
        many, warnings = count(len(opened.asked), "question"), sum(each.warnings for each in drawn)
        changed = _title(opened, review, pause.title or f"{many} of one thread", [(many, "violet")], warnings)
    if changed or pressed.turned or known or moved:
        st.rerun()
    if pressed.act is Act.STORY:
        st.switch_page("history.py", query_params={"thread": pause.thread_id, "source": pause.source_id})
    if pressed.act is Act.BATCH:
        to_batch(pause)
    if pressed.act is not None:
        answered = act_on(pressed, drawn)
        if answered is not None:
            st.query_params["pause"] = answered
            st.rerun()
    take_newer()


def _repair(pause: Pause, action: Repair, pressed: Pressed) -> None:
    """Order it, and follow the thread until it asks, ends or is stuck again."""
    refusal = order(pause, action)
    if refusal is not None:
        with pressed.above:
            banner(refusal, "red")
        return
    leave_card()
    st.switch_page("review.py", query_params={"thread": pause.thread_id, "source": pause.source_id})


def _decide(review: Review, said: Said, pressed: Pressed) -> None:
    """The one write of this page. Whatever happens, what was typed stays."""
    pause = review.pause
    try:
        made = decisions.decide(
            the_desk(),
            pause.thread_id,
            pause.pause_key,
            said,
            seen=pause.seen,
            actor=who(),
            source_id=pause.source_id,
        )
    except SecondNeeded:
        forget_lost()
        st.session_state[f"mode-{key_of(pause)}"] = ""  # the buttons again; the card and its draft stay
        st.rerun()  # drawn again, the page says what was recorded and what it waits for
    except QuestionChanged:
        st.rerun()  # drawn again, the page says so and what it asks now; the draft fills the card in
    except (AlreadyDecided, NotPending) as error:
        refused((pause.source_id, pause.thread_id, pause.pause_key), said.type, str(error), pressed.draft)
    except SignoffError as error:
        with pressed.above:
            banner(f"Not accepted. {error}", "red")
        return
    else:
        mark_mine(made.decision_id)
        forget_lost()
    leave_card()
    st.rerun()


review_page()
