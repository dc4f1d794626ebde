"""Where two must agree: what was said so far, and taking one's own answer back."""

from __future__ import annotations

import json

import streamlit as st

from agents import decisions
from agents.clock import from_text
from agents.decisions import Council, Mode, Opinion
from agents.domain import DecisionType, PauseStatus, Review
from agents.errors import SignoffError
from agents.payloads.wording import one_line
from agents.people import Act
from agents.wording import some, would
from pages.components.cards import draw_decided
from pages.components.heading import banner, prose
from pages.components.long_text import long_code
from pages.components.session import allowed, the_desk, who
from pages.components.words import age, unlinked

UNPROVEN = "Nobody signs in at this desk, so names are not proven: two names count as two people."


def opinions_pane(council: Council, review: Review, key: str, *, rule: bool = True) -> bool:
    """Draw what was said so far; True when this person took theirs back, so that the page draws itself anew.

    rule: also why two are needed.
    """
    if council.mode is Mode.ONE:
        return False
    with st.container(key=f"opinions-{key}"):
        if rule:
            two_must_agree(council)
        if council.outdated:
            gone = (
                f"What {some(council.outdated)} said was about an earlier text of this question and no longer counts."
            )
            banner(gone, "orange")
        if council.hidden:
            said = f"{some(council.hidden)} {'has' if len(council.hidden) == 1 else 'have'} given an answer."
            banner(
                "You see it once you have given yours. If they are the same, it is sent at once.", "blue", title=said
            )
        if council.differ:
            banner(
                "All can see both answers now. A lead settles it with one of the two.", "orange", title="Two differ."
            )
        for each in council.others:
            _other(each, review, key)
        return council.mine is not None and _own(council, council.mine, review, key)


def two_must_agree(council: Council) -> None:
    """Why the buttons speak of recording."""
    blind = " Neither sees the other's answer before both are given." if council.mode is Mode.BLIND else ""
    words = f"Two people must give the same answer before anything is sent.{blind}"
    if not the_desk().settings.with_accounts:
        words += f" {UNPROVEN}"
    prose(words, "so-muted")


def _other(given: Opinion, review: Review, key: str) -> None:
    reason = _reason(given)
    when = age(from_text(given.given_at), the_desk().clock())
    banner(
        f"{reason}{when[:1].upper()}{when[1:]}.",
        "violet",
        title=f"{given.actor} would {would(review.kind, given.type)}.",
    )
    if review.pause.status is not PauseStatus.QUESTION or given.type is DecisionType.IGNORE:
        return
    words, edited = f"What {unlinked(given.actor)} would send", given.type is DecisionType.EDIT
    with st.expander(words, expanded=edited, key=f"opinion-{given.opinion_id}", on_change="rerun") as shown:
        if shown.open:
            draw_decided(review, given)
            prose("The graph would get:", "so-muted")
            value = json.dumps(given.resume_value, indent=2, ensure_ascii=False, default=str)
            long_code(value, key=f"opinion-value-{given.opinion_id}-{key}")


def _reason(given: Opinion) -> str:
    """What stands in the answer itself: its text, or its value in one line."""
    if given.message:
        return f"“{given.message}” "
    if given.type is not DecisionType.RESPOND:
        return ""
    return f"{one_line(json.dumps(given.resume_value, ensure_ascii=False, default=str))} "


def _own(council: Council, mine: Opinion, review: Review, key: str) -> bool:
    title = f"You would {would(review.kind, mine.type)}."
    if not council.differ:
        banner(f"{_reason(mine)}It waits for a second person.", "green", title=title)
    else:
        banner(_reason(mine).strip(), "green", title=title)
        if not allowed(Act.ADJUDICATE, graph_id=review.pause.graph_id, kind=review.kind):
            return False
    if not st.button("Take my answer back", icon=":material/undo:", key=f"withdraw-{key}"):
        return False
    pause = review.pause
    try:
        decisions.withdraw(the_desk(), pause.thread_id, pause.pause_key, actor=who(), source_id=pause.source_id)
    except SignoffError as error:
        banner(str(error), "red")
        return False
    return True
