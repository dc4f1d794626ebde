"""What a card makes of a person's input, and the pinned bar that offers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from agents.domain import JSON, DecisionType, Kind, Repair, Review, Said
from agents.payloads.sample import SampleProposal
from agents.people import Act
from agents.wording import would
from pages.components.draft import FIRST, first
from pages.components.eyes import A_LEAD, Eyes
from pages.components.heading import banner, prose
from pages.components.session import refused_because
from pages.components.words import label

ICONS = {
    DecisionType.RESPOND: ":material/edit_note:",
    DecisionType.REJECT: ":material/close:",
}
KEYS = {DecisionType.RESPOND: "E", DecisionType.REJECT: "X"}
ASKS = {
    DecisionType.RESPOND: "Your answer",
    DecisionType.REJECT: "Why? (optional, kept in the record)",
    DecisionType.IGNORE: "Why is it closed without an answer? (optional, kept in the record)",
}
REPAIRS = {
    Repair.ASK_AGAIN: "Ask again",
    Repair.CONTINUE: "Continue the run",
    Repair.RETRY: "Try the step again",
}
CLOSE = "Close without an answer"
WRITE_FIRST = "Write it first: it is what the workflow gets."
STORY = "The whole story of this thread"
BATCH = "The batch"


@dataclass(frozen=True, slots=True)
class Answer:
    """A card's state: what its main button would send, in which words, and the draft to keep.

    kind: what the main button decides; None when the card has none.
    said: None while it cannot be sent as it stands; problem: the sentence that
    says why, where that is not plain to see. warnings: how many the card shows now.
    asks: the words over the text of a decision, where the card has better ones.
    along: arguments that a decision from the bar takes along, by decision.
    shortcut: the main button's key; a card of text fields is sent from within them.
    """

    kind: DecisionType | None
    said: Said | None
    words: str = ""
    fields: Mapping[str, JSON] = field(default_factory=dict)
    problem: str = ""
    warnings: int = 0
    asks: Mapping[DecisionType, str] = field(default_factory=dict)
    along: Mapping[DecisionType, Mapping[str, JSON]] = field(default_factory=dict)
    shortcut: str = "A"


@dataclass(frozen=True, slots=True)
class Pressed:
    """What was pressed in this run: a decision, a page to go to, or another state of the bar.

    above: the place over the bar for one sentence about it. draft: what of the bar is to be kept.
    would: what a press of the bar's first button would decide, as things stand; None while it cannot, and why.
    """

    above: Any
    said: Said | None = None
    would: Said | None = None
    why: str = ""
    story: bool = False
    batch: bool = False
    turned: bool = False
    repair: Repair | None = None
    draft: Mapping[str, JSON] = field(default_factory=dict)


def decision_bar(review: Review, answer: Answer, kept: Mapping[str, JSON], key: str, eyes: Eyes) -> Pressed:
    """Draw the bar; what was pressed, and what was typed in it so far, each text under its own decision.

    eyes: what the buttons do where two must agree.
    """
    refusal = refused_because(Act.DECIDE, graph_id=review.pause.graph_id, kind=review.kind)
    if refusal:
        return only_looking(review, refusal, key)
    before = kept.get("said")
    said: dict[str, JSON] = dict(before) if isinstance(before, dict) else {}
    mode = str(st.session_state.setdefault(f"mode-{key}", kept.get("mode") or ""))
    with st.bottom:
        above = st.empty()
        if mode not in (*DecisionType, ""):
            mode = ""
        if not mode:
            pressed = _buttons(review, answer, Pressed(above, would=answer.said, why=answer.problem), key, eyes)
        else:
            kind, begun = DecisionType(mode), str(said.get(mode) or "")
            pressed, said[mode] = _asking(review, answer, kind, begun, Pressed(above), key, eyes)
    mode = str(st.session_state[f"mode-{key}"])
    texts = {kind: text for kind, text in said.items() if text}
    return replace(pressed, draft={**({"said": texts} if texts else {}), **({"mode": mode} if mode else {})})


def only_looking(review: Review, refusal: str, key: str) -> Pressed:
    """The bar of somebody who may not decide this: why, and the ways on."""
    with st.bottom:
        above = st.empty()
        with st.container(horizontal=True, key="bar", vertical_alignment="center"):
            prose(f"You may look, not decide. {refusal}", width="content")
            chosen = st.menu_button("More", [*([BATCH] if is_batch(review) else []), STORY], key=f"more-{key}")
    return Pressed(above, story=chosen == STORY, batch=chosen == BATCH)


def _buttons(review: Review, answer: Answer, pressed: Pressed, key: str, eyes: Eyes) -> Pressed:
    """Every button is drawn in every run: one that is not accepted must not cost the ones behind it."""
    vain = eyes.problem(answer.said) if eyes.on and answer.said is not None else ""
    if answer.problem or (vain == A_LEAD and not eyes.apart(answer.said)):
        with pressed.above:
            banner(answer.problem or vain, "orange")
    if answer.kind is not None:
        st.session_state[f"offers-{key}"] = answer.kind.value
    with st.container(horizontal=True, key="bar", vertical_alignment="center"):
        pressed = _agreeing(answer, pressed, key, eyes)
        if answer.kind is not None and st.button(
            label(eyes.words(answer.said, answer.kind, answer.words)),
            type="secondary" if eyes.apart(answer.said) else "primary",
            icon=":material/check:",
            shortcut=answer.shortcut,
            disabled=answer.said is None or bool(answer.problem or vain),
            wrap=True,
            key=f"main-{key}",
        ):
            pressed = replace(pressed, said=answer.said)
        pressed = _repairs(review, answer, pressed, key)
        for kind in (DecisionType.RESPOND, DecisionType.REJECT):
            if kind in review.allowed and kind is not answer.kind and _button(review, kind, key):
                pressed = _turn(pressed, kind.value, key)
        return _more(review, pressed, key)


def _agreeing(answer: Answer, pressed: Pressed, key: str, eyes: Eyes) -> Pressed:
    """The answers of other people that the card's own button does not say: one press says just the same."""
    for each in eyes.apart(answer.said) if eyes.on else ():
        what = would(eyes.review.kind, each.type)
        words = f"Settle it as {each.actor} said: {what}" if eyes.council.differ else f"Agree with {each.actor}: {what}"
        if st.button(label(words), type="primary", icon=":material/group:", wrap=True, key=f"agree-{each.key}-{key}"):
            pressed = replace(pressed, said=each.said(eyes.pause))
    return pressed


def _repairs(review: Review, answer: Answer, pressed: Pressed, key: str) -> Pressed:
    """What may be ordered for a thread that takes no answer, the one that helps first before the others."""
    for number, repair in enumerate(review.pause.repairs):
        if st.button(
            REPAIRS[repair],
            type="secondary" if number else "primary",
            icon=":material/build:",
            shortcut=None if number else "A",
            disabled=bool(answer.problem),
            wrap=True,
            key=f"{repair.value}-{key}",
        ):
            pressed = replace(pressed, repair=repair)
    return pressed


def _turn(pressed: Pressed, mode: str, key: str) -> Pressed:
    """Open the text of a decision, or with "" the buttons again; the page draws anew after it kept the draft."""
    st.session_state[f"mode-{key}"] = mode
    st.session_state.pop(f"{FIRST}message-{mode}-{key}", None)
    return replace(pressed, turned=True)


def _button(review: Review, kind: DecisionType, key: str) -> bool:
    words = label(review.labels.get(kind, kind.value.capitalize()))
    return st.button(words, icon=ICONS[kind], shortcut=KEYS[kind], key=f"{kind.value}-{key}")


def _more(review: Review, pressed: Pressed, key: str) -> Pressed:
    options = [BATCH] if is_batch(review) else []
    options += [STORY, CLOSE] if DecisionType.IGNORE in review.allowed else [STORY]
    chosen = st.menu_button("More", options, key=f"more-{key}")
    if chosen == CLOSE:
        return _turn(pressed, DecisionType.IGNORE.value, key)
    return replace(pressed, story=chosen == STORY, batch=chosen == BATCH)


def is_batch(review: Review) -> bool:
    """Does the review belong to a batch that has a page of its own?"""
    return isinstance(review.proposal, SampleProposal) and review.proposal.place is not None


def field_words(review: Review, answer: Answer, kind: DecisionType) -> str:
    """What stands over the text of a decision."""
    drafted = kind is DecisionType.RESPOND and review.kind in (Kind.PLAN, Kind.EMAIL)
    return answer.asks.get(kind) or ("What should change?" if drafted else ASKS[kind])


def in_words(answer: Answer, kind: DecisionType, text: str) -> Said | None:
    """A decision with a text; None while it needs one that is not there yet."""
    message = text.strip() or None
    if message is None and kind is DecisionType.RESPOND:
        return None
    return Said(kind, message=message, args=answer.along.get(kind) or None)


def _asking(
    review: Review, answer: Answer, kind: DecisionType, message: str, pressed: Pressed, key: str, eyes: Eyes
) -> tuple[Pressed, str]:
    field_key = f"message-{kind.value}-{key}"
    asks = field_words(review, answer, kind)
    text = st.text_area(asks, value=first(field_key, message), key=field_key, height=90) or ""
    words = CLOSE if kind is DecisionType.IGNORE else label(review.labels.get(kind, kind.value.capitalize()))
    said = in_words(answer, kind, text)
    pressed = replace(pressed, would=said, why="" if said else WRITE_FIRST)
    vain = eyes.problem(said) if eyes.on and said is not None else ""
    if vain:
        with pressed.above:
            banner(vain, "orange" if vain == A_LEAD else "gray")
    with st.container(horizontal=True, key="bar", vertical_alignment="center"):
        sent = st.button(
            label(eyes.words(said, kind, words)),
            type="primary",
            shortcut="Ctrl+Enter",
            disabled=bool(vain),
            key=f"send-{kind.value}-{key}",
        )
        if st.button("Back", shortcut="Escape", key=f"back-{key}"):
            return _turn(pressed, "", key), text
    if sent and said is None:
        with pressed.above:
            banner(WRITE_FIRST, "orange")
    return (replace(pressed, said=said) if sent else pressed), text
