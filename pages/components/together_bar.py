"""The pinned bar under several questions: send all of the answers, or some, and what that means for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import streamlit as st

from agents import people
from agents.domain import DecisionType, Said
from agents.reviews import Asked
from agents.wording import count
from pages.components.answer import ASKS, BATCH, CLOSE, STORY, is_batch, only_looking
from pages.components.asked_card import Drawn
from pages.components.draft import first
from pages.components.heading import prose
from pages.components.session import refused_because

NAMED = 5
"""Questions that a sentence names by their numbers."""


class Act(StrEnum):
    """ALL: every question on the page has an answer. NOW: send some without the rest. KEEP: let some wait for the rest."""

    ALL = "all"
    NOW = "now"
    KEEP = "keep"
    STORY = "story"
    BATCH = "batch"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Pressed:
    """above: the place for a sentence. said: the closing's own, with CLOSE. turned: the bar looks different now."""

    above: Any
    act: Act | None = None
    said: Said | None = None
    turned: bool = False


def together_bar(drawn: Sequence[Drawn], asked: Sequence[Asked], key: str) -> Pressed:
    """drawn: the open questions on the page. asked: all of the thread's. key: names these questions with these texts."""
    refusal = next(filter(None, map(_refusal, drawn)), "")
    if refusal:
        looking = only_looking(drawn[0].asked.review, refusal, key)
        return Pressed(looking.above, Act.STORY if looking.story else Act.BATCH if looking.batch else None)
    closing = f"closing-{drawn[0].pause.thread_id}"
    with st.bottom:
        above = st.empty()
        if st.session_state.get(closing):
            return _closing(above, closing)
        pressed = _buttons(drawn, asked, above, key)
    if pressed.act is Act.CLOSE:
        st.session_state[closing] = True
        return Pressed(above, turned=True)
    return pressed


def _refusal(each: Drawn) -> str:
    return refused_because(people.Act.DECIDE, graph_id=each.pause.graph_id, kind=each.asked.review.kind)


def was_pressed(key: str) -> bool:
    """Was a bar pressed that this run does not draw any more?"""
    return any(bool(st.session_state.get(f"{name}-{key}")) for name in ("main", "now"))


def _buttons(drawn: Sequence[Drawn], asked: Sequence[Asked], above: Any, key: str) -> Pressed:
    open_ = sum(each.open for each in asked)
    ready = sum(each.said is not None for each in drawn)
    act: Act | None = None
    words = _words(drawn, ready, open_)
    with st.container(key="bar-words"):
        for line in _lines(drawn, asked):
            prose(line, "so-muted")
    with st.container(horizontal=True, key="bar", vertical_alignment="center"):
        if ready == len(drawn) and st.button(
            words.all,
            type="primary",
            disabled=words.in_vain,
            icon=":material/check:",
            shortcut="Ctrl+Enter",
            key=f"main-{key}",
        ):
            act = Act.ALL
        if 0 < ready < open_ and st.button(words.now, disabled=words.in_vain, key=f"now-{key}"):
            act = Act.NOW
        keep = f"Hand in {ready}, wait for the rest"
        options = [keep] if 0 < ready < len(drawn) else []
        options += [BATCH] if is_batch(drawn[0].asked.review) else []
        chosen = st.menu_button("More", [*options, STORY, CLOSE], key=f"more-{key}")
    picked = {keep: Act.KEEP, BATCH: Act.BATCH, STORY: Act.STORY, CLOSE: Act.CLOSE}
    return Pressed(above, act or picked.get(str(chosen)))


@dataclass(frozen=True, slots=True)
class _Words:
    """What the buttons say. in_vain: this person has said all of this already, and nobody else has."""

    all: str
    now: str
    in_vain: bool = False


def _words(drawn: Sequence[Drawn], ready: int, open_: int) -> _Words:
    answered = [each for each in drawn if each.said is not None]
    what, some = count(ready, "answer"), f"{ready} of {open_}"
    if not any(each.eyes.on for each in answered):
        return _Words(f"{'Send' if ready == open_ else 'Hand in'} {what}", f"Send {some} now")
    if all(each.eyes.agreeing(each.said) for each in answered):
        return _Words(f"Agree and {'send' if ready == open_ else 'hand in'} {what}", f"Agree and send {some} now")
    in_vain = all(each.eyes.problem(each.said) for each in answered)
    return _Words(f"Record {what}, not sent yet", f"Record {some}, not sent yet", in_vain)


def _closing(above: Any, closing: str) -> Pressed:
    """The reason for closing the whole thread, and the button that does it."""
    name = f"message-ignore-{closing}"
    text = st.text_area(ASKS[DecisionType.IGNORE], value=first(name, ""), key=name, height=90) or ""
    with st.container(horizontal=True, key="bar", vertical_alignment="center"):
        sent = st.button(CLOSE, type="primary", shortcut="Ctrl+Enter", key=f"send-ignore-{closing}")
        if st.button("Back", shortcut="Escape", key=f"back-{closing}"):
            st.session_state.pop(closing, None)
            return Pressed(above, turned=True)
    said = Said(DecisionType.IGNORE, message=text.strip() or None)
    return Pressed(above, Act.CLOSE, said) if sent else Pressed(above)


def _lines(drawn: Sequence[Drawn], asked: Sequence[Asked]) -> list[str]:
    """What is missing, and what it means to send without it."""
    missing = [each for each in drawn if each.said is None]
    elsewhere = sum(each.open for each in asked) - len(drawn)
    lines = [_missing(missing, len(drawn))] if missing else []
    if not missing and elsewhere:
        lines.append(
            f"Handed in, they wait until the other {count(elsewhere, 'question')} of this thread are answered."
        )
    if len(missing) < len(drawn) and (missing or elsewhere):
        lines.append(_again(missing, elsewhere))
    return lines


def _missing(missing: Sequence[Drawn], total: int) -> str:
    plain = [each.number for each in missing if not each.why]
    told = [f"Question {each.number}: {each.why}" for each in missing if each.why]
    if len(plain) == total:
        return f"None of the {total} questions has an answer yet."
    said = [f"{_numbers(plain)} {'has' if len(plain) == 1 else 'have'} no answer yet."] if plain else []
    rest = [f"{count(len(told) - 2, 'more')[:-1]} to look at."] if len(told) > 2 else []
    return " ".join([*said, *told[:2], *rest])


def _again(missing: Sequence[Drawn], elsewhere: int) -> str:
    """What runs again, and which question comes back, when the rest is sent without these."""
    few = not elsewhere and len(missing) <= NAMED
    nodes = list(dict.fromkeys(name for each in missing for name in each.pause.nodes)) if few else []
    what = _numbers([each.number for each in missing]).lower() if few else "the others"
    one = len(missing) + elsewhere == 1
    steps = (
        _list([f"“{name}”" for name in nodes])
        if nodes
        else f"the step{'' if one else 's'} that ask{'s' if one else ''} {what}"
    )
    runs = "runs" if (len(nodes) == 1 if nodes else one) else "run"
    asks = "asks" if runs == "runs" else "ask"
    anew = f"{asks} {what} anew" if nodes else f"{asks} anew"
    return f"Sent without, {steps} {runs} again from the beginning and {anew}, perhaps in other words."


def _numbers(numbers: Sequence[int]) -> str:
    """[3] -> "Question 3"; [3, 5] -> "Questions 3 and 5"."""
    return f"Question{'' if len(numbers) == 1 else 's'} {_list([str(each) for each in numbers])}"


def _list(words: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"; cut short with how many more there are."""
    if len(words) > NAMED:
        return f"{', '.join(words[:NAMED])} and {len(words) - NAMED} more"
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]
