"""Where a thread stands: running, awaiting a human, complete or failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from agents import decisions, jobs
from agents.checkpoints import ThreadState
from agents.clock import to_text
from agents.database import reading
from agents.decisions import Decision
from agents.desk import Desk
from agents.domain import JSON, DecisionStatus, DecisionType, Pause, PauseStatus
from agents.errors import SourceUnreadable, UnknownReview
from agents.jobs import Job, JobKind, JobStatus
from agents.repairs import may_be_running
from agents.reviews.rows import Row, row_of
from agents.starts import started

Status = Literal["running", "awaiting_human", "complete", "failed"]
LIVE = (JobStatus.WAITING, JobStatus.RUNNING)
LOOKS = 3
"""A thread is read again while its orders change under the reading."""


@dataclass(frozen=True, slots=True)
class Standing:
    """questions: what waits for a person now; for a failed thread, what stands in its way.

    error: why the last run failed. note: why an order waits. result: the state of a thread that is complete.
    closed: the decision that closed it. problem: why the answer that was just given did not hold.
    """

    source_id: str
    thread_id: str
    graph_id: str | None
    title: str
    status: Status
    questions: tuple[Row, ...]
    error: str | None = None
    note: str | None = None
    problem: str | None = None
    closed: Decision | None = None
    result: JSON = None


@dataclass(frozen=True, slots=True)
class _Rows:
    work: tuple[Job, ...]
    made: tuple[Decision, ...]
    state: ThreadState | None


def standing(desk: Desk, thread_id: str, source_id: str, *, with_result: bool = True) -> Standing:
    """Where the thread stands now. Raises UnknownReview, Busy or SourceUnreadable."""
    rows = _rows(desk, thread_id, source_id)
    known = started(desk, source_id, thread_id) or {}
    if rows.state is None and (known or rows.work):
        _refuse_lost(desk, source_id, rows.work)
    if rows.state is None and not rows.work and not known:
        raise UnknownReview(f"No thread {thread_id} is known here.")
    pauses = _waiting(desk, rows)
    open_ = _open(pauses, rows.made)
    questions = tuple(row_of(each) for each in open_)
    last = next((each for each in reversed(rows.work) if each.status is not JobStatus.CANCELLED), None)
    status = _status(rows, open_, last)
    complete = status == "complete"
    named = rows.state.head.metadata.get("graph_id") if rows.state else None
    graph_id = known.get("graph_id") or (pauses[0].graph_id if pauses else None)
    title = known.get("title") or (questions[0].title if questions else None)
    return Standing(
        source_id=source_id,
        thread_id=thread_id,
        graph_id=graph_id or (named if isinstance(named, str) else None),
        title=str(title or (rows.made[-1].title if rows.made else thread_id)),
        status=status,
        questions=questions if status != "running" else (),
        error=_error(last, open_) if status in ("failed", "awaiting_human") else None,
        note=_note(rows.work, open_),
        closed=_closed(rows.made) if complete else None,
        result=desk.reader(source_id).values(thread_id) if complete and with_result else None,
    )


def as_json(found: Standing) -> dict[str, JSON]:
    """What start, resume and the list answer; `question` and `result` only where there is one."""
    told: dict[str, JSON] = {"thread_id": found.thread_id, "status": found.status}
    if found.status == "awaiting_human":
        told["question"] = found.questions[0].review.pause.value
    if found.status == "complete":
        told["result"] = found.result
    told |= {"source_id": found.source_id, "graph_id": found.graph_id, "title": found.title}
    told["questions"] = [question_json(row) for row in found.questions]
    if found.closed is not None:
        told["closed"] = {"by": found.closed.actor, "reason": found.closed.message, "at": found.closed.decided_at}
    more = {"error": found.error, "note": found.note, "problem": found.problem}
    return {**told, **{name: value for name, value in more.items() if value is not None}}


def question_json(row: Row, *, with_value: bool = True) -> dict[str, JSON]:
    """One question: what it asks, what may be answered, and what names it in an answer."""
    review, pause = row.review, row.review.pause
    told: dict[str, JSON] = {
        "pause_key": row.pause_key,
        "interrupt_id": pause.interrupt_id,
        "status": row.status.value,
        "kind": row.kind.value,
        "title": row.title,
        "gist": row.gist,
        "question": review.question,
        "allowed": [each.value for each in review.allowed],
        "labels": {each.value: words for each, words in review.labels.items()},
        "reversible": review.reversible,
        "warnings": list(review.warnings),
        "paused_at": to_text(row.paused_at),
        "seen": pause.seen,
        "note": pause.note,
        "situation": pause.situation.value if pause.situation else None,
        "repairs": [each.value for each in pause.repairs],
    }
    return {**told, "value": pause.value} if with_value else told


def open_questions(desk: Desk, thread_id: str, source_id: str) -> list[Pause]:
    """What waits for an answer that nobody has given yet. Raises as Desk.state does."""
    rows = _rows(desk, thread_id, source_id)
    return [each for each in _open(_waiting(desk, rows), rows.made) if each.status is not PauseStatus.STUCK]


def _rows(desk: Desk, thread_id: str, source_id: str) -> _Rows:
    """Orders before and after the file: what is read in between belongs together only while they stay the same."""
    work = _work(desk, thread_id, source_id)
    for _ in range(LOOKS):
        with reading(desk.engine) as connection:
            made = tuple(decisions.of_thread(connection, source_id, thread_id))
        found = _Rows(work, made, desk.state(thread_id, source_id))
        work = _work(desk, thread_id, source_id)
        if work == found.work:
            break
    return found


def _work(desk: Desk, thread_id: str, source_id: str) -> tuple[Job, ...]:
    with reading(desk.engine) as connection:
        return tuple(jobs.of_thread(connection, source_id, thread_id))


def _waiting(desk: Desk, rows: _Rows) -> list[Pause]:
    """What waits for a person: not what a run leaves behind between two of its steps."""
    at_work = any(job.status in LIVE for job in rows.work)
    return [
        each
        for each in (rows.state.pauses if rows.state else ())
        if not (at_work and each.status is PauseStatus.STUCK) and not may_be_running(desk, each, rows.work)
    ]


def _open(pauses: Sequence[Pause], made: Sequence[Decision]) -> list[Pause]:
    taken = {each.pause_key: each for each in made if each.status in decisions.LIVE}
    return [each for each in pauses if each.pause_key not in taken or decisions.went_back(taken[each.pause_key], each)]


def _status(rows: _Rows, open_: Sequence[Pause], last: Job | None) -> Status:
    asks = any(each.status is not PauseStatus.STUCK for each in open_)
    if any(job.status is JobStatus.RUNNING or _begins(job, waits=asks) for job in rows.work):
        return "running"
    if asks:
        return "awaiting_human"
    if open_ or rows.state is None or (last is not None and last.status is JobStatus.FAILED):
        return "failed"
    return "running" if rows.state.pauses or rows.state.unfinished else "complete"


def _begins(job: Job, *, waits: bool) -> bool:
    """Does it begin by itself? Answers that wait for those of other questions do not."""
    return job.status is JobStatus.WAITING and not (waits and job.kind is JobKind.RESUME and not job.override)


def _note(work: Sequence[Job], open_: Sequence[Pause]) -> str | None:
    """Why an order waits."""
    waiting = [each for each in work if each.status is JobStatus.WAITING]
    asks = [each for each in open_ if each.status is not PauseStatus.STUCK]
    if asks and any(not _begins(each, waits=True) for each in waiting):
        return f"accepted, waiting for {len(asks)} more"
    return next((each.note for each in waiting if each.note), None)


def _error(last: Job | None, open_: Sequence[Pause]) -> str | None:
    if last is not None and last.status is JobStatus.FAILED:
        return last.error
    return next((each.note for each in open_ if each.status is PauseStatus.STUCK), None)


def _closed(made: Sequence[Decision]) -> Decision | None:
    last = made[-1] if made else None
    is_closing = last is not None and last.type is DecisionType.IGNORE
    return last if last is not None and is_closing and last.status is DecisionStatus.DELIVERED else None


def _refuse_lost(desk: Desk, source_id: str, work: Sequence[Job]) -> None:
    """A thread that has run is in its file; where that is gone, nothing can be said of the thread."""
    path = desk.reader(source_id).source.path
    if not path.exists() and any(each.status is JobStatus.DONE for each in work):
        raise SourceUnreadable(f"The checkpointer file {path.name} is not there. Is its disk mounted?")
