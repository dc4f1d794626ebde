"""One review, opened: the question, who decided what, what became of it, and the neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from agents import claims, deadlines, decisions, effects, jobs, payloads
from agents.audit import Question, append
from agents.claims import Assignment, Claim
from agents.clock import to_text
from agents.database import draft, look, reading, writing
from agents.deadlines import Deadline
from agents.decisions import Council, Decision, Mode, opinions
from agents.desk import Desk
from agents.domain import JSON, UNSET, Pause, PauseStatus, Review, Who
from agents.effects import Effect
from agents.errors import Busy, UnknownReview
from agents.jobs import Job, JobStatus
from agents.people import Act, permit
from agents.reviews.asked import Asked, asked, given_with, problem_of, remembered
from agents.reviews.neighbours import place_of
from agents.reviews.rows import Row, looks_stuck, row_of

Key = tuple[str, str, str]
"""(source_id, thread_id, pause_key)"""


@dataclass(frozen=True, slots=True)
class Opened:
    """What the review page shows.

    pending: the question waits and nobody has decided. problem: why an earlier
    answer did not hold (refused, question changed). asked: all questions of the
    thread, this one among them, in their order. together: what was answered in
    the same act, this one among them; empty when it was answered alone. next_question: what the thread
    asks after this one was answered. position, total: place among all that wait, from 1;
    position 0 when this one waits no more. finished: the graph has ended. deadlines: what happens
    to the thread's questions by itself.
    aside_until: this person has set it aside until then. claims: who
    has taken on which of the thread's questions. assignment: whom this one was given to. council: how far two have come
    with it, where two must agree. agreed: who had said the same before the decision was made.
    """

    review: Review | None
    pending: bool
    decision: Decision | None
    job: Job | None
    progress: tuple[str, ...]
    outcome: JSON
    finished: bool
    effects: tuple[Effect, ...]
    draft: JSON
    problem: str | None
    asked: tuple[Asked, ...]
    together: tuple[tuple[Review, Decision], ...]
    next_question: Row | None
    previous_key: Key | None
    next_key: Key | None
    position: int
    total: int
    known_addresses: frozenset[str]
    deadlines: tuple[Deadline, ...] = ()
    aside_until: datetime | None = None
    claims: tuple[Claim, ...] = ()
    assignment: Assignment | None = None
    council: Council = field(default_factory=Council)
    agreed: tuple[str, ...] = ()

    @property
    def claim(self) -> Claim | None:
        """Who has taken this question on."""
        mine = self.review.pause.pause_key if self.review else None
        return next((each for each in self.claims if each.pause_key == mine), None)

    @property
    def deadline(self) -> Deadline | None:
        """What happens to this question by itself."""
        mine = self.review.pause.pause_key if self.review else None
        return next((each for each in self.deadlines if each.pause_key == mine), None)

    @property
    def working(self) -> bool:
        """Is a run under way or about to be?"""
        return self.job is not None and self.job.status in (JobStatus.WAITING, JobStatus.RUNNING)


def open_review(desk: Desk, thread_id: str, pause_key: str, *, actor: str, source_id: str | None = None) -> Opened:
    """One review by its link. Raises UnknownReview with what to do when nothing is known of it."""
    source_id = desk.source_of(thread_id, source_id)
    about = Question(source_id, thread_id, pause_key)
    pauses = desk.pauses(thread_id, source_id)
    pause = next((each for each in pauses if each.pause_key == pause_key), None)
    with reading(desk.engine) as connection:
        made = decisions.of_thread(connection, about.source_id, thread_id)
        history = [each for each in made if each.pause_key == pause_key]
        taken = next((each for each in reversed(history) if each.status in decisions.LIVE), None)
        last = taken or (history[-1] if history else None)
        work = jobs.of_thread(connection, about.source_id, thread_id)
        job = _job_of(work, taken)
        progress = jobs.progress_of(connection, job.job_id) if job else ()
        done = tuple(effects.of_thread(connection, about.source_id, thread_id))
        drafts = _drafts(connection, about, actor)
        councils = _councils(connection, desk, pauses, actor)
        held = claims.of_thread(connection, source_id, thread_id, desk.clock())
        assigned = claims.assignment_of(connection, about)
        agreed = _agreed(connection, last)
        addresses = effects.mail_addresses(connection)
        due = tuple(deadlines.of_thread(connection, source_id, thread_id))
        aside = deadlines.snoozed(connection, actor, desk.clock())
    at_work = any(each.status in (JobStatus.WAITING, JobStatus.RUNNING) for each in work)
    decided = {each.pause_key: each for each in made if each.status in decisions.LIVE}
    went_back = any(each.pause_key in decided and decisions.went_back(decided[each.pause_key], each) for each in pauses)
    if went_back or (not at_work and any(each.status is PauseStatus.STUCK for each in pauses)):
        # read again: the answer may have been delivered, or the run have ended, between the two reads
        pauses = desk.pauses(thread_id, source_id)
        pause = next((each for each in pauses if each.pause_key == pause_key), None)
        taken = None if taken is not None and decisions.went_back(taken, pause) else taken
    if pause is None and last is None:
        raise UnknownReview(_unknown(desk, about, pauses))
    others = tuple(
        row_of(each) for each in pauses if each.pause_key != pause_key and not looks_stuck(each.status, at_work=at_work)
    )
    shown = pause or (remembered(last) if last else None)
    review = payloads.parse(shown) if shown else None
    place = place_of(desk, about, pause, last, aside)
    return Opened(
        review=review,
        pending=pause is not None and taken is None,
        decision=last,
        job=job,
        progress=progress,
        outcome=None if pauses else desk.outcome(thread_id, source_id),
        finished=not pauses and (job is None or job.status is JobStatus.DONE),
        effects=done,
        draft=drafts.get(pause_key),
        problem=problem_of(last, pending=pause is not None and taken is None),
        asked=asked(pauses, made, drafts, councils),
        together=given_with(made, last),
        next_question=next((each for each in others if each.pause_key not in decided), None) if pause is None else None,
        previous_key=place[0],
        next_key=place[1],
        position=place[2],
        total=place[3],
        known_addresses=addresses,
        deadlines=due,
        aside_until=aside.get((source_id, thread_id, pause_key)),
        claims=held,
        assignment=assigned,
        council=councils.get(pause_key, Council()),
        agreed=agreed,
    )


def _councils(connection: Connection, desk: Desk, pauses: Sequence[Pause], actor: str) -> dict[str, Council]:
    """How far two have come with each question of a thread, as this person may see it; {} where one decides."""
    mode = decisions.mode_of(desk, pauses[0]) if pauses else Mode.ONE
    if mode is Mode.ONE:
        return {}
    return {each.pause_key: decisions.council(connection, mode, each, actor) for each in pauses}


def _agreed(connection: Connection, last: Decision | None) -> tuple[str, ...]:
    given = opinions.of_decision(connection, last.decision_id) if last is not None else []
    return tuple(each.actor for each in given if last is not None and each.actor != last.actor)


def record_look(desk: Desk, review: Review, actor: Who) -> None:
    """Note once per person and text that it was looked at. A locked database must not stop the reader.

    Raises NotAllowed.
    """
    pause = review.pause
    row = {
        "source_id": pause.source_id,
        "thread_id": pause.thread_id,
        "pause_key": pause.pause_key,
        "seen": pause.seen,
        "actor": str(actor),
    }
    known = select(look.c.at).where(*(look.c[name] == value for name, value in row.items()))
    with reading(desk.engine) as connection:
        if connection.execute(known).first():
            return
    try:
        with writing(desk.engine) as connection:
            name = permit(connection, desk, actor, Act.LOOK)
            if connection.execute(known).first():
                return
            now = desk.clock()
            connection.execute(insert(look).values(**row, at=to_text(now)))
            about = Question(pause.source_id, pause.thread_id, pause.pause_key)
            append(connection, at=now, actor=name, action="looked", about=about, seen=pause.seen)
    except Busy:
        return


def save_draft(desk: Desk, about: Question, actor: Who, fields: JSON, *, over: JSON = UNSET) -> bool:
    """Keep what is being typed; None drops it. Raises Busy when it could not be saved, NotAllowed.

    over: what the writer knows to be kept so far. When something else is, as
    another tab of the same name wrote it, nothing is saved and the answer is False.
    """
    with writing(desk.engine) as connection:
        name = permit(connection, desk, actor, Act.DRAFT)
        claims.renew(connection, desk, about, name)
        kept = connection.execute(select(draft.c.fields).where(*_drafted(about, name))).scalar()
        if over is not UNSET and (kept or None) not in (over or None, fields or None):
            return False
        connection.execute(delete(draft).where(*_drafted(about, name)))
        if fields is None:
            return True
        connection.execute(
            insert(draft).values(
                source_id=about.source_id,
                thread_id=about.thread_id,
                pause_key=about.pause_key,
                actor=name,
                fields=fields,
                saved_at=to_text(desk.clock()),
            )
        )
    return True


def _drafts(connection: Connection, about: Question, actor: str) -> dict[str, JSON]:
    """What this person has written for the thread's questions, by pause key."""
    query = select(draft.c.pause_key, draft.c.fields).where(
        draft.c.source_id == about.source_id, draft.c.thread_id == about.thread_id, draft.c.actor == actor
    )
    return {row.pause_key: row.fields for row in connection.execute(query)}


def _drafted(about: Question, actor: str) -> tuple[ColumnElement[bool], ...]:
    return (
        draft.c.source_id == about.source_id,
        draft.c.thread_id == about.thread_id,
        draft.c.pause_key == about.pause_key,
        draft.c.actor == actor,
    )


def _job_of(work: Sequence[Job], taken: Decision | None) -> Job | None:
    known = [each for each in work if each.status is not JobStatus.CANCELLED]
    mine = next((each for each in known if taken and each.job_id == taken.job_id), None)
    newest = known[-1] if known else None
    if taken is None or mine is None:
        return newest if taken else None
    # a retry after a failed run is a job of its own, and the one to watch
    return newest if mine.status is JobStatus.FAILED else mine


def _unknown(desk: Desk, about: Question, pauses: tuple[Pause, ...]) -> str:
    stood = (about.pause_key or "").partition(".")[0] in (PauseStatus.STUCK, PauseStatus.BREAKPOINT)
    if stood and desk.state(about.thread_id, about.source_id) is not None:
        return "This thread does not stand there any more: it went on, or was closed. Its story shows what happened."
    if pauses:
        return "This question of the thread was answered or replaced. The thread asks something else now; open it from the inbox."
    if desk.state(about.thread_id, about.source_id) is not None:
        return "This question no longer waits, and it was not decided at this desk. The thread's story shows what happened."
    return "No thread with this link is known here. It may belong to another checkpointer file, or the link is cut off."
