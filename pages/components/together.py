"""Several questions of one thread, all on one page: answered and sent together, in one act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import streamlit as st

from agents import decisions, reviews
from agents.decisions import Given, Mode
from agents.domain import Review, fingerprint
from agents.errors import AlreadyDecided, NotPending, QuestionChanged, SecondNeeded, SignoffError
from agents.reviews import Asked, Opened
from agents.wording import count
from pages.components.asked_card import Drawn, draw_asked, draw_taken, hold_words
from pages.components.claims import claimed_bar, in_the_way
from pages.components.draft import cards, enter_cards, key_of, leave_card
from pages.components.heading import banner, bullets
from pages.components.led_here import led_here
from pages.components.lost import NOT_SENT, forget_lost, is_mine, mark_mine
from pages.components.opinions import two_must_agree
from pages.components.scrolling import scroll_to
from pages.components.sending import all_that_will_be_sent
from pages.components.session import the_desk, who
from pages.components.together_bar import Act, Pressed, together_bar, was_pressed
from pages.components.typing import keep_typing
from pages.components.words import did

PER_PAGE = 20
"""Questions on one page; each is a whole card."""
SHOWN = "together-shown"


def asks_several(opened: Opened) -> bool:
    """Is this question one of several that are open, so that they are answered together?"""
    mine = opened.review.pause.pause_key if opened.review else ""
    open_ = [each.review.pause.pause_key for each in opened.asked if each.open]
    return len(open_) > 1 and mine in open_


def still_open_beside(opened: Opened) -> str:
    """A question that stood on this page beside the link's own, which somebody else answered meanwhile; "" for none.

    The page stays with what is open, so that what was typed there stays too.
    """
    taken, on_screen = opened.decision, cards()
    if opened.review is None or taken is None or is_mine(taken.decision_id):
        return ""
    if key_of(opened.review.pause) not in on_screen:
        return ""
    open_ = [each.review.pause for each in opened.asked if each.open]
    return next((each.pause_key for each in open_ if key_of(each) in on_screen), "")


def judge_together(opened: Opened, review: Review) -> tuple[Pressed, list[Drawn]]:
    """Draw all questions of the thread. Act on what was pressed when the page's head is drawn, see `act_on`."""
    mine = review.pause.pause_key
    here = _page(opened, mine)
    key = _key_of(here, review.pause.thread_id)
    st.html(Path(__file__).with_name("together.css"))
    hold_words(opened.asked)
    enter_cards([key_of(each.review.pause) for each in here])
    nothing_sent(review.pause.thread_id, key)
    _intro(opened, here)
    drawn = _questions(opened, here, mine)
    led_here(
        review.pause.thread_id, review.pause.source_id, f"all-{review.pause.thread_id}", review.pause.checkpoint_id
    )
    sending = st.container()
    pressed = _bar(opened, review, drawn, key)
    with sending:
        all_that_will_be_sent([(each.number, each.outgoing) for each in drawn], f"all-{review.pause.thread_id}")
    keep_typing()
    st.session_state[SHOWN] = key
    return pressed, drawn


def _bar(opened: Opened, review: Review, drawn: Sequence[Drawn], key: str) -> Pressed:
    held = in_the_way(opened, review)
    if held is None:
        pressed = together_bar(drawn, opened.asked, key)
        return replace(pressed, turned=pressed.turned or any(each.taken_back for each in drawn))
    bar = claimed_bar(opened, review, held, {}, key)
    act = Act.STORY if bar.story else Act.BATCH if bar.batch else None
    return Pressed(bar.above, act, turned=bar.turned)


def act_on(pressed: Pressed, drawn: Sequence[Drawn]) -> str | None:
    """Make the decision that was pressed. The key of a question that this act answered; None when nothing was sent."""
    pause = drawn[0].pause
    if pressed.act is Act.CLOSE and pressed.said is not None:
        made = _close(pressed, drawn)
    else:
        made = _send(pressed, [each for each in drawn if each.said is not None])
    if made is None:
        return None
    for each in made:
        mark_mine(each.decision_id)
    forget_lost()
    leave_card()
    st.session_state.pop(f"closing-{pause.thread_id}", None)
    return made[0].pause_key


def _send(pressed: Pressed, answered: Sequence[Drawn]) -> list[decisions.Decision] | None:
    """The one write of this page: all of these answers, or none of them."""
    pause = answered[0].pause
    given = [Given(each.pause.pause_key, each.said, each.pause.seen) for each in answered if each.said is not None]
    try:
        return decisions.decide_thread(
            the_desk(),
            pause.thread_id,
            given,
            actor=who(),
            source_id=pause.source_id,
            now_even_if_some_are_open=pressed.act is Act.NOW,
        )
    except SecondNeeded:
        st.rerun()  # drawn again, each question says what was recorded and what it waits for
    except (AlreadyDecided, NotPending, QuestionChanged) as error:
        st.session_state[NOT_SENT] = (pause.thread_id, str(error))
        st.rerun()  # drawn again, the page shows it at that question; the other drafts stand
    except SignoffError as error:
        with pressed.above:
            banner(f"Nothing was sent. {error}", "red")
    return None


def _close(pressed: Pressed, drawn: Sequence[Drawn]) -> list[decisions.Decision] | None:
    pause, said = drawn[0].pause, pressed.said
    assert said is not None
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
        st.session_state.pop(f"closing-{pause.thread_id}", None)
        st.rerun()
    except SignoffError as error:
        with pressed.above:
            banner(f"Not closed. {error}", "red")
        return None
    return [made]


def pressed_in_vain(thread: str) -> bool:
    """Was the bar pressed whose questions are gone by now, all of them?"""
    shown = str(st.session_state.get(SHOWN) or "")
    return shown.endswith(f"-{thread}") and was_pressed(shown)


def _page(opened: Opened, mine: str) -> list[Asked]:
    """The open questions to draw: all of them, or the part in which this one stands."""
    open_ = [each for each in opened.asked if each.open]
    at = next(number for number, each in enumerate(open_) if each.review.pause.pause_key == mine)
    begin = at - at % PER_PAGE
    return open_[begin : begin + PER_PAGE]


def _key_of(here: Sequence[Asked], thread: str) -> str:
    """Names these questions with these texts: a click on the bar is for what was on the screen, and nothing else."""
    return f"{fingerprint([[each.review.pause.pause_key, each.review.pause.seen] for each in here])[:12]}-{thread}"


def nothing_sent(thread: str, key: str = "") -> None:
    """Why a click on several answers sent nothing; it stands until the next one. key: of the bar that is drawn now."""
    shown = str(st.session_state.get(SHOWN) or "")
    if shown != key and shown.endswith(f"-{thread}") and was_pressed(shown):
        st.session_state[NOT_SENT] = (thread, "The questions changed just as you pressed.")
    about, why = st.session_state.get(NOT_SENT) or ("", "")
    if about == thread and shown == key and was_pressed(key):
        st.session_state.pop(NOT_SENT)
    elif about == thread:
        banner(f"{why} Look again; what you wrote is kept.", "orange", title="Nothing was sent.")


def _intro(opened: Opened, here: Sequence[Asked]) -> None:
    total, open_ = len(opened.asked), sum(each.open for each in opened.asked)
    words = f"This thread asks {count(total, 'question')}. It goes on when all are answered."
    if len(here) < open_:
        words += f" {len(here)} of the {open_} open ones are on this page; hand these in, and the next ones follow."
    banner(words, "blue")
    council = opened.council
    if council.mode is not Mode.ONE:
        two_must_agree(council)


def _questions(opened: Opened, here: Sequence[Asked], mine: str) -> list[Drawn]:
    total, whole = len(opened.asked), len(opened.asked) <= PER_PAGE
    drawn: list[Drawn] = []
    shown = {each.review.pause.pause_key for each in here}
    if not whole:
        _answered_already(opened)
    for number, each in enumerate(opened.asked, start=1):
        pause = each.review.pause
        if pause.pause_key in shown:
            _look(each)
            drawn.append(draw_asked(opened, each, number, total, marked=pause.pause_key == mine and number > 1))
        elif whole:
            draw_taken(each, number, total)
    scroll_to("marked", once=mine)
    return drawn


def answered_beside(opened: Opened) -> None:
    """Below the one question that is open: the thread's others, which wait for it."""
    if len(opened.asked) > PER_PAGE:
        _answered_already(opened)
        return
    for number, each in enumerate(opened.asked, start=1):
        if each.taken is not None:
            draw_taken(each, number, len(opened.asked))


def _answered_already(opened: Opened) -> None:
    taken = [(number, each.taken) for number, each in enumerate(opened.asked, start=1) if each.taken is not None]
    if taken:
        with st.expander(f"{count(len(taken), 'question')} answered already", key="taken-already"):
            bullets(f"Question {number}: {found.actor} {did(found.kind, found.type)}." for number, found in taken)


def _look(each: Asked) -> None:
    name = f"looked-{key_of(each.review.pause)}"
    if name not in st.session_state:
        st.session_state[name] = True
        reviews.record_look(the_desk(), each.review, who())
