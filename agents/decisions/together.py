"""Deciding several reversible reviews in one act, each of them an ordinary decision of its own.

Irreversible things are never decided in bulk; that is checked here, whatever a page draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from agents import payloads
from agents.database import reading
from agents.decisions.deciding import decide, refuse_together
from agents.decisions.rows import Decision, live
from agents.desk import Desk
from agents.domain import DecisionType, Review, Said, Who
from agents.errors import AlreadyDecided, InvalidDecision, NotPending, QuestionChanged, SignoffError
from agents.payloads.plan_overlaps import overlapping
from agents.people import Act, permitted
from agents.wording import count, some

TOGETHER_MOST = 50
"""Reviews in one act; nobody reads a summary of more."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One review as the person saw it. seen: the fingerprint of its payload."""

    source_id: str
    thread_id: str
    pause_key: str
    seen: str

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.source_id, self.thread_id, self.pause_key)


class Fate(StrEnum):
    """What became of one choice. Only ACCEPTED holds; FAILED may be tried again."""

    ACCEPTED = "accepted"
    ALREADY = "already decided"
    CHANGED = "changed"
    GONE = "no longer waits"
    FAILED = "not accepted"


@dataclass(frozen=True, slots=True)
class Result:
    """decision: the one that holds the question, this act's or somebody else's. sentence: what to tell, "" when accepted."""

    choice: Choice
    fate: Fate
    decision: Decision | None = None
    sentence: str = ""


def decide_together(
    desk: Desk, choices: Sequence[Choice], type_: DecisionType, *, actor: Who, message: str | None = None
) -> tuple[Result, ...]:
    """Approve or reject several reviews of one kind; one result per choice, in their order.

    Each is a transaction of its own, so one that somebody else decided does not
    stop the others. A second click gets the first one's decisions back.
    Raises InvalidDecision, and nothing is saved, when one of them is not
    reversible, is of another kind, cannot be answered so, or when two plans to
    be approved touch the same file. Raises NotAllowed when one of them is none that this person may decide, Busy when
    the file cannot be read.
    """
    permitted(desk, actor, Act.DECIDE)
    chosen = list({choice.key: choice for choice in choices}.values())
    if not 1 <= len(chosen) <= TOGETHER_MOST:
        raise InvalidDecision(f"Choose 1 to {TOGETHER_MOST} reviews to decide together, not {len(chosen)}.")
    said = Said(type_, message=message)
    found = [review for choice in chosen if (review := _seen_review(desk, choice)) is not None]
    for review in found:
        permitted(desk, actor, Act.DECIDE, graph_id=review.pause.graph_id, kind=review.kind)
        refuse_together(desk, review, type_)
        payloads.encode(review.pause, said)
    _refuse_kinds(found)
    if type_ is DecisionType.APPROVE:
        _refuse_overlaps(found)
    return tuple(_decide_one(desk, choice, said, actor, len(chosen) - 1) for choice in chosen)


def _seen_review(desk: Desk, choice: Choice) -> Review | None:
    """The review, if it waits with the text that was seen; what became of the others is told one by one."""
    for pause in desk.pauses(choice.thread_id, desk.reader(choice.source_id).source.source_id):
        if pause.pause_key == choice.pause_key and pause.seen == choice.seen:
            return payloads.parse(pause)
    return None


def _refuse_kinds(found: Sequence[Review]) -> None:
    kinds = sorted({review.kind.value for review in found})
    if len(kinds) > 1:
        raise InvalidDecision(f"Only reviews of one kind can be decided together; these are {' and '.join(kinds)}.")


def _refuse_overlaps(found: Sequence[Review]) -> None:
    shared = overlapping(review.proposal for review in found)
    if shared:
        paths = some([path for path, _ in shared])
        raise InvalidDecision(
            f"Two of these plans touch the same {'file' if len(shared) == 1 else count(len(shared), 'file')}: {paths}. "
            "Approve one of them first; the other is then looked at again."
        )


def _decide_one(desk: Desk, choice: Choice, said: Said, actor: Who, others: int) -> Result:
    try:
        made = decide(
            desk,
            choice.thread_id,
            choice.pause_key,
            said,
            actor=actor,
            seen=choice.seen,
            source_id=choice.source_id,
            together_with=others,
        )
    except AlreadyDecided as error:
        return _already(desk, choice, said.type, actor, str(error))
    except QuestionChanged as error:
        return Result(choice, Fate.CHANGED, sentence=str(error))
    except NotPending as error:
        return Result(choice, Fate.GONE, sentence=str(error))
    except SignoffError as error:  # a locked database stops this one only; the caller tells
        return Result(choice, Fate.FAILED, sentence=str(error))
    return Result(choice, Fate.ACCEPTED, made)


def _already(desk: Desk, choice: Choice, type_: DecisionType, actor: Who, sentence: str) -> Result:
    with reading(desk.engine) as connection:
        winner = live(connection, *choice.key)
    if winner is not None and (winner.actor, winner.type, winner.seen) == (str(actor), type_, choice.seen):
        return Result(choice, Fate.ACCEPTED, winner)
    return Result(choice, Fate.ALREADY, winner, sentence)
