"""One of several questions of a thread, on one page with the others: its card, its own decision, its own draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from agents.clock import from_text
from agents.decisions import Opinion
from agents.domain import JSON, DecisionType, Pause, Review, Said
from agents.reviews import Asked, Opened
from agents.wording import would
from pages.components.answer import Answer, field_words, in_words
from pages.components.cards import draw_card, draw_decided
from pages.components.changed import question_changed
from pages.components.draft import cards, first, keep, key_of
from pages.components.eyes import Eyes
from pages.components.heading import banner, prose
from pages.components.long_text import long_prose
from pages.components.lost import words_for
from pages.components.next_step import where_next
from pages.components.opinions import opinions_pane
from pages.components.sending import Outgoing, problem_of
from pages.components.session import actor, the_desk
from pages.components.words import COLOURS, KINDS, age, did, escaped, label

HELD = "held-words-"
MAIN = "main"
"""The card's own decision; the others are `DecisionType` values."""
AGREE = "agree-"
WRITE = "Write the text first."
READ_AGAIN = "It changed while you were here. Read it again."


@dataclass(frozen=True, slots=True)
class Drawn:
    """A question as it stands on the page. said: its answer; None while it has none, and why in a sentence. taken_back:
    this person has just taken back what they had said to it."""

    number: int
    asked: Asked
    said: Said | None
    why: str
    warnings: int
    taken_back: bool = False

    @property
    def eyes(self) -> Eyes:
        return Eyes(self.asked.council, self.asked.review)

    @property
    def pause(self) -> Pause:
        return self.asked.review.pause

    @property
    def outgoing(self) -> Outgoing:
        return Outgoing(self.asked.review, self.said, self.why)


def draw_asked(opened: Opened, each: Asked, number: int, total: int, *, marked: bool) -> Drawn:
    """Draw a question that is open, and keep what is typed for it."""
    review, key = each.review, key_of(each.review.pause)
    with st.container(key=f"{'marked' if marked else 'asked'}-{number}-{key}"):
        top = st.empty()
        if review.title == review.question:  # a card leaves its question out where the page's title says it
            long_prose(review.title, "so-strong", key=f"title-{key}")
        unread = question_changed(review)
        if each.problem:
            banner(each.problem, "orange")
        known = dict(each.draft or {})
        taken_back = opinions_pane(each.council, review, key, rule=False)
        of_this = replace(opened, review=review, draft=each.draft, problem=each.problem, council=each.council)
        answer = draw_card(of_this, review, known, key)
        where_next(review.pause)
        said, why, chosen = _choice(review, answer, known, number, key, Eyes(each.council, review))
        if unread:
            said, why = None, READ_AGAIN
        keep(review.pause, {**answer.fields, **chosen}, known)
        if why and not unread:
            prose(why, "so-muted")
        with top:
            _head(review, number, total, ("Answered", "green") if said else ("No answer yet", "gray"))
    return Drawn(number, each, said, why, answer.warnings, taken_back)


def _head(review: Review, number: int, total: int, state: tuple[str, str]) -> None:
    nodes = " and ".join(f"“{name}”" for name in review.pause.nodes)
    steps = f'<span class="so-facts">asked by {escaped(nodes)}</span>' if nodes else ""
    marks = "".join(
        f'<span class="so-badge so-{colour}">{escaped(words)}</span>'
        for words, colour in ((KINDS[review.kind], COLOURS[review.kind]), state)
    )
    st.html(f'<div class="so-head so-asked"><h2>Question {number} of {total}</h2>{marks}{steps}</div>')


def _choice(
    review: Review, answer: Answer, kept: Mapping[str, JSON], number: int, key: str, eyes: Eyes
) -> tuple[Said | None, str, dict[str, JSON]]:
    """What was chosen for the question: the answer or None, why there is none, and what of it is to be kept."""
    agreeing = {f"{AGREE}{each.key}": each for each in eyes.apart(None)} if eyes.on else {}
    ways = {**_ways(review, answer), **_agree_ways(review, agreeing)}
    typed = answer.kind is DecisionType.RESPOND and answer.said is not None and bool(answer.fields)
    before = kept.get("said")
    texts: dict[str, JSON] = dict(before) if isinstance(before, dict) else {}
    only = answer.kind is DecisionType.RESPOND and len(ways) == 1 and not _goes_without(answer)
    way = None if only else _pick(ways, kept, review, number, key)
    if way in (None, MAIN):
        said = answer.said if way == MAIN or typed else None
        why = answer.problem if way == MAIN or typed or only else ""
    elif way in agreeing:
        said, why = agreeing[str(way)].said(review.pause), ""
    else:
        said, texts[str(way)] = _written(review, answer, DecisionType(way), str(texts.get(str(way)) or ""), key)
        why = "" if said else WRITE
    if said is not None and not why:
        why = problem_of(review, said)
    written = {name: text for name, text in texts.items() if text}
    fields: dict[str, JSON] = {"said": written} if written else {}
    if way is not None:
        fields |= {"chosen": {"way": way, "seen": review.pause.seen}}
        fields |= {"mode": way} if way in tuple(DecisionType) else {}
    return (None if why else said), why, fields


def _agree_ways(review: Review, agreeing: Mapping[str, Opinion]) -> dict[str, str]:
    return {
        way: label(f"Agree with {given.actor}: {would(review.kind, given.type)}") for way, given in agreeing.items()
    }


def _goes_without(answer: Answer) -> bool:
    """Could the card's button be pressed with nothing written? Then it has to be chosen."""
    return answer.said is not None and not answer.fields


def _ways(review: Review, answer: Answer) -> dict[str, str]:
    """The decisions to choose from, with the words of their buttons."""
    ways = {MAIN: label(answer.words)} if answer.kind is not None else {}
    for kind in (DecisionType.RESPOND, DecisionType.REJECT):
        if kind in review.allowed and kind is not answer.kind:
            ways[kind.value] = label(review.labels.get(kind, kind.value.capitalize()))
    return ways


def _pick(ways: Mapping[str, str], kept: Mapping[str, JSON], review: Review, number: int, key: str) -> str | None:
    """A choice that was kept counts for the text that it was made on, and for no other."""
    chosen = kept.get("chosen")
    begin = chosen.get("way") if isinstance(chosen, dict) and chosen.get("seen") == review.pause.seen else None
    name = f"way-{key}"
    return st.pills(
        f"Your decision on question {number}",
        list(ways),
        format_func=lambda way: ways.get(way, way),
        default=first(name, begin if begin in ways else None),
        key=name,
    )


def _written(review: Review, answer: Answer, kind: DecisionType, begun: str, key: str) -> tuple[Said | None, str]:
    name = f"message-{kind.value}-{key}"
    text = st.text_area(field_words(review, answer, kind), value=first(name, begun), key=name, height=90) or ""
    return in_words(answer, kind, text), text


def hold_words(asked: Sequence[Asked]) -> None:
    """Before their cards go: what was typed here for questions that somebody else has answered since."""
    for each in asked:
        key = key_of(each.review.pause)
        if each.taken is not None and each.taken.actor != actor() and key in cards():
            st.session_state[f"{HELD}{each.taken.decision_id}"] = words_for(each.review.pause, each.draft)


def draw_taken(each: Asked, number: int, total: int) -> None:
    """A question that is answered and waits for the others; what was written for it here is given back."""
    taken = each.taken
    assert taken is not None
    now = the_desk().clock()
    mine = taken.actor == actor()
    with st.container(key=f"taken-{number}-{taken.decision_id}"):
        _head(each.review, number, total, ("Waits for the others", "blue"))
        prose(each.review.gist, "so-strong")
        message = f": “{taken.message}”" if taken.message else "."
        prose(
            f"{'You' if mine else taken.actor} {did(taken.kind, taken.type)} {age(from_text(taken.decided_at), now)}{message}"
        )
        drafted = {} if mine else words_for(each.review.pause, each.draft)
        lost = st.session_state.get(f"{HELD}{taken.decision_id}") or drafted
        if lost:
            banner("It was answered while you were writing. Your words are not sent:", "orange")
            for text in lost.values():
                st.code(text, language=None, wrap_lines=True)
        with st.expander("What was decided on", key=f"on-{taken.decision_id}", on_change="rerun") as shown:
            if shown.open:
                draw_decided(each.review, taken)
