"""Who works on a review: taking it on, letting go of it, taking it over, and giving it to somebody."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from agents import claims
from agents.claims import Claim, same_person
from agents.clock import from_text
from agents.domain import JSON, Pause, Review
from agents.errors import SignoffError
from agents.people import Act
from agents.reviews import Opened
from agents.wording import count, whom
from pages.components.answer import BATCH, STORY, Pressed, is_batch
from pages.components.heading import banner
from pages.components.session import actor, allowed, the_desk, who
from pages.components.words import label


def in_the_way(opened: Opened, review: Review) -> Claim | None:
    """Somebody else's claim that this person would have to take over first; None where they may not decide anyway."""
    return others_claim(opened) if allowed(Act.CLAIM, graph_id=review.pause.graph_id, kind=review.kind) else None


def others_claim(opened: Opened) -> Claim | None:
    """Somebody else's claim on what this page decides: all open questions of the thread."""
    open_ = {each.review.pause.pause_key for each in opened.asked if each.open}
    open_ |= {opened.review.pause.pause_key} if opened.review else set()
    return next((each for each in opened.claims if each.pause_key in open_ and not _is_mine(each)), None)


def hands_facts(opened: Opened) -> list[str]:
    """For the head of the page: who has it, and whom it was given to."""
    held = others_claim(opened) or opened.claim
    facts = [f"{'you have' if _is_mine(held) else f'{held.holder} has'} this until {_until(held)}"] if held else []
    if opened.assignment is not None:
        given = opened.assignment.assignee
        facts.append("given to you" if same_person(given, actor()) else f"given to {whom(given)}")
    return facts if opened.pending else []


def hands_popover(opened: Opened) -> bool:
    """What this person may do about it; True when something changed, so that the page draws itself anew."""
    review = opened.review
    if review is None or not opened.pending:
        return False
    about = {"graph_id": review.pause.graph_id, "kind": review.kind.value}
    may_claim, may_assign = allowed(Act.CLAIM, **about), allowed(Act.ASSIGN, **about)
    if not may_claim and not may_assign:
        return False
    held = others_claim(opened) or opened.claim
    if the_desk().rules.alone and held is None and opened.assignment is None:
        return False  # one person's desk: there is nobody to keep out of it, and nobody to give it to
    words = "Take this on" if held is None else "Yours" if _is_mine(held) else label(held.holder)
    with st.popover(words, icon=":material/front_hand:", type="tertiary", key="hands"):
        changed = may_claim and _claiming(opened, held)
        return (may_assign and _giving(opened, review)) or changed


def claimed_bar(opened: Opened, review: Review, held: Claim, kept: Mapping[str, JSON], key: str) -> Pressed:
    """The bar while somebody else has the review: nothing is decided over their head. What was typed stays kept."""
    with st.bottom:
        above = st.empty()
        with above:
            words = f"{held.holder} has taken this on until {_until(held)}. What you write here is kept."
            banner(words, "orange")
        with st.container(horizontal=True, key="bar", vertical_alignment="center"):
            taken = st.button(
                f"Take it over from {label(held.holder)}",
                type="primary",
                icon=":material/front_hand:",
                key=f"take-over-{key}",
            )
            chosen = st.menu_button("More", [*([BATCH] if is_batch(review) else []), STORY], key=f"more-{key}")
    done = taken and take_over(_pauses(opened), above)
    draft = {name: kept[name] for name in ("said", "mode") if name in kept}
    return Pressed(above, story=chosen == STORY, batch=chosen == BATCH, turned=done, draft=draft)


def take_over(pauses: Sequence[Pause], above: Any) -> bool:
    return _did(
        lambda pause: claims.claim(*_named(pause), actor=who(), source_id=pause.source_id, take_over=True),
        pauses,
        above,
    )


def _claiming(opened: Opened, held: Claim | None) -> bool:
    assert opened.review is not None
    pauses = _pauses(opened)
    if held is None:
        minutes = max(1, round(the_desk().rules.claim_for.total_seconds() / 60))
        st.text(
            f"Taken on, it is yours for {count(minutes, 'minute')}, and longer while you write. Nobody else can decide it then; "
            "anybody can take it over, on record."
        )
        if st.button("Take this on", type="primary", key="claim"):
            return _did(lambda pause: claims.claim(*_named(pause), actor=who(), source_id=pause.source_id), pauses)
        return False
    if _is_mine(held):
        st.text(f"It is yours until {_until(held)}, and longer while you write.")
        if st.button("Let go of it", key="release"):
            mine = [pause for pause in pauses if any(each.pause_key == pause.pause_key for each in opened.claims)]
            return _did(lambda pause: claims.release(*_named(pause), actor=who(), source_id=pause.source_id), mine)
        return False
    st.text(f"{held.holder} has it until {_until(held)}.")
    if st.button(f"Take it over from {label(held.holder)}", key="take-over"):
        return take_over(pauses, st.empty())
    return False


def _giving(opened: Opened, review: Review) -> bool:
    """Whom it is for. It stops nobody else; it stands in that person's list."""
    desk, pauses = the_desk(), _pauses(opened)
    free = not desk.settings.with_accounts
    options = list(dict.fromkeys([*claims.candidates(desk), actor()]))
    chosen = st.selectbox(
        "Who should decide it?",
        options,
        index=None,
        format_func=lambda name: label(whom(str(name))),
        placeholder="A name or a role" if free else "A person or a role",
        accept_new_options=free,
        key=f"give-{review.pause.pause_key}",
    )
    given = False
    with st.container(horizontal=True):
        words = f"Give it to {label(whom(chosen))}" if chosen else "Give it to them"
        if st.button(words, disabled=not chosen, key="give"):
            given = _give(pauses, chosen)
        if opened.assignment is not None and st.button("Give it to nobody in particular", key="give-nobody"):
            given = _give(pauses, None)
    return given


def _give(pauses: Sequence[Pause], to: str | None) -> bool:
    return _did(lambda pause: claims.assign(*_named(pause), to, actor=who(), source_id=pause.source_id), pauses)


def _did(write: Callable[[Pause], object], pauses: Sequence[Pause], above: Any = None) -> bool:
    """Do it for each of them; what went wrong is a sentence."""
    try:
        for pause in pauses:
            write(pause)
    except SignoffError as error:
        with above if above is not None else st.container():
            banner(str(error), "red")
        return False
    return True


def _pauses(opened: Opened) -> list[Pause]:
    """The review's question, and those of the thread that are open beside it: they are answered together."""
    assert opened.review is not None
    mine = opened.review.pause
    beside = [each.review.pause for each in opened.asked if each.open and each.review.pause.pause_key != mine.pause_key]
    return [mine, *beside]


def _named(pause: Pause) -> tuple[Any, str, str]:
    return the_desk(), pause.thread_id, pause.pause_key


def _is_mine(held: Claim | None) -> bool:
    return held is not None and same_person(held.holder, actor())


def _until(held: Claim) -> str:
    return f"{from_text(held.until).astimezone():%H:%M}"
