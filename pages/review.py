"""One review: what it takes to judge, the decision, and what became of it. Its link is all it needs."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from agents import decisions, reviews
from agents.domain import Kind, Pause, Repair, Review, Said
from agents.errors import AlreadyDecided, NotPending, QuestionChanged, SignoffError, UnknownReview
from agents.reviews import Key, Opened
from agents.wording import count
from pages.components.answer import BATCH, Pressed, decision_bar, is_batch
from pages.components.asked_card import hold_words
from pages.components.cards import draw_card, draw_decided
from pages.components.changed import question_changed
from pages.components.choose_graph import graph_pane
from pages.components.draft import enter_card, keep, key_of, leave_card, take_newer
from pages.components.follow import follow_thread
from pages.components.heading import banner, heading, section
from pages.components.led_here import led_here
from pages.components.lost import forget_lost, mark_mine, overtaken, refused, show_lost
from pages.components.next_step import where_next
from pages.components.outcome import decided_pane
from pages.components.sending import Outgoing, what_will_be_sent
from pages.components.session import actor, file_fact, the_desk
from pages.components.stuck_card import order, standing_badges
from pages.components.together import act_on, answered_beside, asks_several, judge_together, pressed_in_vain
from pages.components.together_bar import Act
from pages.components.trust_pane import is_held, trust_pane
from pages.components.typing import keep_typing
from pages.components.words import COLOURS, KINDS, age, thread_words

POLL_SECONDS = 1.0
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
        overtaken((source or "", thread, pause), opened.decision, opened.draft, together=together)
        leave_card()
        _head(opened, opened.review)
        show_lost((source or "", thread, pause))
        _after(opened)


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
    _go((rows[0].source_id, rows[0].thread_id, rows[0].pause_key))


def _go(key: Key) -> None:
    st.switch_page("review.py", query_params={"source": key[0], "thread": key[1], "pause": key[2]})


def _head(opened: Opened, review: Review, warnings: int = 0) -> None:
    badges = standing_badges(review.pause) or [(KINDS[review.kind], COLOURS[review.kind])]
    if review.revision > 1:
        badges.append((f"Revision {review.revision}", "gray"))
    if opened.pending and not review.reversible and review.kind in ACTING:
        badges.append(("Cannot be undone", "orange"))
    several = f"{count(len(opened.together), 'answer')} to one thread" if opened.together and not opened.pending else ""
    _title(opened, review, several or review.title, badges, warnings)


def _title(opened: Opened, review: Review, title: str, badges: list[tuple[str, str]], warnings: int) -> None:
    pause = review.pause
    if warnings:
        badges.append((count(warnings, "warning"), "orange"))
    place = (
        f"{opened.position} of {opened.total}"
        if opened.position and opened.pending
        else f"{opened.total or 'nothing'} more waiting"
    )
    heading(
        title,
        badges=badges,
        facts=[
            place,
            age(pause.paused_at, the_desk().clock()),
            thread_words(pause.thread_id),
            *file_fact(pause.source_id),
        ],
        actions=lambda: _neighbours(opened),
    )


def _neighbours(opened: Opened) -> None:
    with st.container(horizontal=True, width="content", gap="xsmall", key="neighbours"):
        if st.button(
            "Previous", shortcut="K", disabled=opened.previous_key is None, type="tertiary", key="go-previous"
        ):
            _go(opened.previous_key or ("", "", ""))
        if st.button("Next", shortcut="J", disabled=opened.next_key is None, type="tertiary", key="go-next"):
            _go(opened.next_key or ("", "", ""))


def _judge(opened: Opened, review: Review) -> None:
    pause = review.pause
    key = key_of(pause)
    hold_words(opened.asked)
    enter_card(key)
    if f"looked-{key}" not in st.session_state:
        st.session_state[f"looked-{key}"] = True
        reviews.record_look(the_desk(), review, actor())
    head = st.container()  # filled in last: it counts the card's warnings, and its buttons leave the page
    question_changed(review)
    if opened.problem and not is_held(pause):
        banner(opened.problem, "orange")
    trusted = graph_pane(pause) or trust_pane(pause)
    if len(opened.asked) > 1:
        banner(f"This thread asks {count(len(opened.asked), 'question')}, and waits for this answer only.", "blue")
    known = dict(opened.draft or {})
    answer = draw_card(opened, review, known, key)
    where_next(pause)
    led_here(pause.thread_id, pause.source_id, key, pause.checkpoint_id)
    answered_beside(opened)
    sending = st.container()
    pressed = decision_bar(review, answer, known, key)
    with sending:
        what_will_be_sent(Outgoing(review, pressed.would, pressed.why), key)
    keep_typing()
    keep(pause, {**answer.fields, **pressed.draft}, known)
    with head:
        _head(opened, review, answer.warnings)
    if pressed.turned or trusted:
        st.rerun()
    if pressed.story:
        st.switch_page("history.py", query_params={"thread": pause.thread_id, "source": pause.source_id})
    if pressed.batch:
        _to_batch(pause)
    if pressed.said is not None:
        _decide(review, pressed.said, pressed)
    if pressed.repair is not None:
        _repair(pause, pressed.repair, pressed)
    take_newer()


def _judge_together(opened: Opened, review: Review) -> None:
    head = st.container()
    known = graph_pane(review.pause) or trust_pane(review.pause)
    pressed, drawn = judge_together(opened, review)
    pause = review.pause
    with head:
        many, warnings = count(len(opened.asked), "question"), sum(each.warnings for each in drawn)
        _title(opened, review, pause.title or f"{many} of one thread", [(many, "violet")], warnings)
    if pressed.turned or known:
        st.rerun()
    if pressed.act is Act.STORY:
        st.switch_page("history.py", query_params={"thread": pause.thread_id, "source": pause.source_id})
    if pressed.act is Act.BATCH:
        _to_batch(pause)
    if pressed.act is not None:
        answered = act_on(pressed, drawn)
        if answered is not None:
            st.query_params["pause"] = answered
            st.rerun()
    take_newer()


def _to_batch(pause: Pause) -> None:
    st.switch_page("batches.py", query_params={"thread": pause.thread_id, "source": pause.source_id})


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
            actor=actor(),
            source_id=pause.source_id,
        )
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


def _after(opened: Opened) -> None:
    live = opened.working
    _ways_on(opened)  # before the pane, which may end this run: a click is heard in one run only
    st.fragment(_follow, run_every=POLL_SECONDS if live else None)(live)


def _ways_on(opened: Opened) -> None:
    with st.bottom, st.container(horizontal=True, key="bar"):
        kind: Literal["primary", "secondary"] = "secondary" if opened.next_question else "primary"
        if opened.next_key and st.button("Next review", icon=":material/arrow_forward:", key="to-next", type=kind):
            _go(opened.next_key)
        if st.button("Inbox", icon=":material/inbox:", key="to-inbox"):
            st.switch_page("inbox.py")
        if opened.review and is_batch(opened.review) and st.button(BATCH, icon=":material/stacks:", key="to-batch"):
            _to_batch(opened.review.pause)
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
    if opened.next_question is not None and not opened.working:
        row = opened.next_question
        with st.container(border=True, key="asked-again"):
            banner(row.gist, "blue", title="The workflow asks again:")
            if st.button("Review it now", type="primary", shortcut="Enter", key=f"again-{row.pause_key}"):
                _go((row.source_id, row.thread_id, row.pause_key))
    if opened.review is not None and opened.decision is not None:
        with st.expander("What was decided on", expanded=not opened.finished and opened.next_question is None):
            for number, (review, taken) in enumerate(opened.together, start=1):
                section(f"Answer {number}")
                draw_decided(review, taken)
            if not opened.together:
                draw_decided(opened.review, opened.decision)
    if opened.working != live:  # after the buttons: the click may be what brought this run
        st.rerun()


def _still_open(opened: Opened) -> None:
    """A way to the thread's questions that nobody has answered, while this answer waits for theirs."""
    open_ = [each for each in opened.asked if each.open]
    if not open_ or opened.decision is None or opened.decision.sent_at is not None:
        return
    words = "Answer the other question" if len(open_) == 1 else f"Answer the other {len(open_)} questions"
    if st.button(words, type="primary", key="answer-others"):
        pause = open_[0].review.pause
        _go((pause.source_id, pause.thread_id, pause.pause_key))


review_page()
