"""What a pause is asking, and what its graph must get back: one codec per schema.

A wrong resume value is saved with the checkpoint and bricks the thread, so
nothing leaves here that its codec did not check. Every codec module exposes
its one codec as `CODEC`; the first that matches wins, the generic one is last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Protocol

from agents.domain import JSON, UNSET, DecisionType, Kind, Pause, PauseStatus, Review, Said
from agents.errors import InvalidDecision
from agents.payloads.storable import storable
from agents.payloads.wording import one_line


class Codec(Protocol):
    """Two-way translation for one schema of interrupt payload."""

    @property
    def kind(self) -> Kind: ...

    def matches(self, pause: Pause) -> bool:
        """Is `pause.value` of this schema? Cheap; called for every row of the inbox."""
        ...

    def parse(self, pause: Pause) -> Review:
        """What to show and what may be answered. Copes with odd data that it said it matches."""
        ...

    def encode(self, pause: Pause, said: Said) -> JSON:
        """The exact resume value. Raises InvalidDecision(message, field) for what will not do."""
        ...

    def read(self, pause: Pause, value: JSON) -> Said:
        """The inverse of encode: what a raw resume value says. Raises InvalidDecision."""
        ...


@cache
def codecs() -> Sequence[Codec]:
    """All codecs, in the order in which they are asked; imported here, since they import this package."""
    from agents.payloads import agent_inbox, email, generic, plan, question, sample, tool

    return (plan.CODEC, email.CODEC, question.CODEC, sample.CODEC, tool.CODEC, agent_inbox.CODEC, generic.CODEC)


def parse(pause: Pause) -> Review:
    """The pause as its codec understands it. Never raises: one odd payload must not take the whole inbox down."""
    try:
        return _understand(pause)[1]
    except Exception as error:  # noqa: BLE001 - a codec at fault is no reason to hide the others; told in the review
        return _unread(pause, error)


def encode(pause: Pause, said: Said) -> JSON:
    """The exact resume value for what was said, checked in full.

    A raw `said.value` is validated by the codec and then sent as it is.
    Raises InvalidDecision when the decision is not among the review's allowed
    ones, does not validate, or is IGNORE, which sends no answer at all.
    """
    codec, review = _understand(pause)
    if said.type not in review.allowed:
        raise InvalidDecision(_not_allowed(said.type, review.allowed), field="type")
    if said.type is DecisionType.IGNORE:
        raise InvalidDecision("Ignore closes the thread without an answer, so there is no value to send.", field="type")
    if said.value is UNSET:
        return storable(codec.encode(pause, said))
    meant = codec.read(pause, said.value)
    if meant.type is not said.type:
        raise InvalidDecision(
            f"The value means {meant.type.value}, but the decision says {said.type.value}. Make the two agree.",
            field="value",
        )
    return storable(said.value)


def read(pause: Pause, value: JSON) -> Said:
    """What a raw resume value would say. Raises InvalidDecision for one that the graph would not take."""
    codec, review = _understand(pause)
    said = codec.read(pause, value)
    if said.type not in review.allowed:
        raise InvalidDecision(_not_allowed(said.type, review.allowed), field="value")
    return said


def _understand(pause: Pause) -> tuple[Codec, Review]:
    codec, review = _matched(pause)
    if pause.repairs or (pause.interrupt_id is None and pause.status is not PauseStatus.BREAKPOINT):
        review = replace(review, allowed=(DecisionType.IGNORE,))  # no answer would reach it, or it would reach another
    if pause.status is PauseStatus.STUCK and pause.note:
        review = replace(review, gist=one_line(pause.note))
    return codec, review


def _matched(pause: Pause) -> tuple[Codec, Review]:
    from agents.payloads import standing

    *special, generic = codecs()
    if standing.CODEC.matches(pause):
        return standing.CODEC, standing.CODEC.parse(pause)
    for codec in special:
        if pause.response_schema and codec.kind is not Kind.TOOL:
            continue  # the graph said what it takes, which need not be what payloads like this one usually take
        try:
            if codec.matches(pause):
                return codec, codec.parse(pause)
        except Exception as error:  # noqa: BLE001 - one odd payload must not take the whole inbox down; recorded below
            return generic, _with_warning(generic.parse(pause), codec.kind, error)
    return generic, generic.parse(pause)


def _with_warning(review: Review, kind: Kind, error: Exception) -> Review:
    warning = (
        f"This looks like a {kind.value} review but could not be read as one ({error!r}), so it is shown as it is."
    )
    return replace(review, warnings=(*review.warnings, warning))


def _unread(pause: Pause, error: Exception) -> Review:
    from agents.payloads.generic import GenericProposal

    sentence = f"This question cannot be shown here ({error!r}). Answer it where the agent runs, or close the thread."
    return Review(
        pause=pause,
        kind=Kind.GENERIC,
        title=one_line(pause.title or f"Thread {pause.thread_id}", 80),
        gist=one_line(sentence),
        question=sentence,
        allowed=(DecisionType.IGNORE,),
        labels={DecisionType.IGNORE: "Close without an answer"},
        proposal=GenericProposal(text=sentence, fields=(), options=(), schema=None),
    )


def _not_allowed(said: DecisionType, allowed: Sequence[DecisionType]) -> str:
    names = ", ".join(each.value for each in allowed) or "none"
    return f"The decision {said.value} is not allowed for this question. Allowed: {names}."
