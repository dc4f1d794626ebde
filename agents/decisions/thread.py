"""Answering several questions of one thread in one act: all of them are accepted, or none is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from agents import logs, payloads, people
from agents.audit import append
from agents.database import reading, writing
from agents.decisions.acceptance import Act, by_whom, checked, due, order, record, understood
from agents.decisions.four_eyes import Answer, weigh
from agents.decisions.rows import Decision, live, unsent
from agents.desk import Desk
from agents.domain import JSON, DecisionType, Pause, PauseStatus, Review, Said, Who
from agents.errors import AlreadyDecided, InvalidDecision, SignoffError
from agents.wording import count

NONE_GIVEN = "None of the questions has an answer yet."
CLOSING = "Closing the thread closes all of its questions, so it cannot go together with answers. Close it by itself."


class Given(NamedTuple):
    """One answer. pause_key: the question's key or its interrupt id. seen: what its reader saw; None when unknown."""

    pause_key: str
    said: Said
    seen: str | None = None


@dataclass(frozen=True, slots=True)
class _Checked:
    pause: Pause
    review: Review
    said: Said
    value: JSON

    @property
    def answer(self) -> Answer:
        return Answer(self.pause, self.said, self.value)


def decide_thread(
    desk: Desk,
    thread_id: str,
    answers: Sequence[Given | tuple[str, Said, str | None]],
    *,
    actor: Who,
    source_id: str | None = None,
    now_even_if_some_are_open: bool = False,
    wait_for_undo: bool = True,
) -> list[Decision]:
    """Accept the answers and order one resume for them; the decisions in the order of the answers.

    While other questions of the thread are open the answers wait for theirs,
    unless now_even_if_some_are_open says, on record, that they go without: the
    steps that ask the others then run again and ask anew.
    Raises AlreadyDecided, NotPending, QuestionChanged, NotAllowed or InvalidDecision, whose
    `pause_key` and sentence name the question at fault, or Busy; nothing was
    saved then. Raises SecondNeeded, where two must agree and nobody has yet said
    the same to all of them, after an opinion on each was saved.
    """
    source_id = desk.source_of(thread_id, source_id)
    given = [Given(*each) for each in answers]
    try:
        with logs.about(source_id=source_id, thread_id=thread_id, actor=str(actor)), writing(desk.engine) as connection:
            act_of = people.Act.OVERRIDE if now_even_if_some_are_open else people.Act.DECIDE
            name = people.permit(connection, desk, actor, act_of)
            pauses = desk.pauses(thread_id, source_id)
            found = _checked(connection, desk, pauses, (source_id, thread_id), given, actor)
            weighed = weigh(connection, desk, [each.answer for each in found], actor, name)
            if weighed.needed is None:
                open_ = _left_open(connection, pauses, found)
                override = now_even_if_some_are_open and bool(open_)
                act = _order(connection, desk, found, name, wait_for_undo, override)
                made = [record(connection, *_parts(each), act, len(found) - 1 or None, weighed) for each in found]
                for each in made if override else ():
                    _on_record(connection, each, act, open_)
    except IntegrityError:
        raise _lost_race(desk, source_id, thread_id, given) from None
    if weighed.needed is not None:
        raise weighed.needed
    return made


def _checked(
    connection: Connection,
    desk: Desk,
    pauses: Sequence[Pause],
    thread: tuple[str, str],
    given: Sequence[Given],
    actor: Who,
) -> list[_Checked]:
    if not given:
        raise InvalidDecision(NONE_GIVEN)
    found: list[_Checked] = []
    for number, each in enumerate(given, start=1):
        with _named(pauses, each.pause_key, number, len(given)):
            pause = checked(connection, desk, pauses, (*thread, each.pause_key), each.said, actor=actor, seen=each.seen)
            if each.said.type is DecisionType.IGNORE:
                raise InvalidDecision(CLOSING, field="type")
            if pause.status is not PauseStatus.QUESTION:
                raise InvalidDecision(f"It is {pause.status.value}, not a question. Decide it by itself.", field="type")
            if any(pause.pause_key == other.pause.pause_key for other in found):
                raise InvalidDecision("It is answered twice. Give one answer to each question.")
            review, value = understood(pause, each.said)
            found.append(_Checked(pause, review, each.said, value))
    return found


@contextmanager
def _named(pauses: Sequence[Pause], key: str, number: int, total: int) -> Iterator[None]:
    """Say of an error which question it is about."""
    try:
        yield
    except SignoffError as error:
        pause = next((each for each in pauses if key in (each.pause_key, each.interrupt_id)), None)
        error.pause_key = pause.pause_key if pause else key
        if total > 1:
            gist = f" (“{payloads.parse(pause).gist}”)" if pause else ""
            error.args = (f"Answer {number} of {total}{gist}: {error}",)
        raise


def _left_open(connection: Connection, pauses: Sequence[Pause], found: Sequence[_Checked]) -> list[Pause]:
    """The thread's questions that nobody has answered."""
    answered = {each.pause.pause_key for each in found}
    if found:
        pause = found[0].pause
        answered |= {each.pause_key for each in unsent(connection, pause.source_id, pause.thread_id)}
    return [each for each in pauses if each.status is PauseStatus.QUESTION and each.pause_key not in answered]


def _order(
    connection: Connection, desk: Desk, found: Sequence[_Checked], actor: str, wait_for_undo: bool, override: bool
) -> Act:
    """One order for all, due when the last of them may go."""
    now = desk.clock()
    late = max(due(desk, now, each.review, wait_for_undo) for each in found)
    return order(connection, found[0].pause, actor, now, late, override=override)


def _parts(each: _Checked) -> tuple[Pause, Review, Said, JSON]:
    return each.pause, each.review, each.said, each.value


def _on_record(connection: Connection, made: Decision, act: Act, open_: Sequence[Pause]) -> None:
    append(
        connection,
        at=act.now,
        actor=act.actor,
        action="overrode",
        about=made.about,
        decision_id=made.decision_id,
        left_open=count(len(open_), "question"),
    )


def _lost_race(desk: Desk, source_id: str, thread_id: str, given: Sequence[Given]) -> AlreadyDecided:
    """Another process was first between our look and our write."""
    with reading(desk.engine) as connection:
        for each in given:
            winner = live(connection, source_id, thread_id, each.pause_key)
            if winner is not None:
                error = AlreadyDecided(by_whom(winner))
                error.pause_key = winner.pause_key
                return error
    return AlreadyDecided("Somebody else decided at the same moment.")
