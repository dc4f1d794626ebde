"""Starting threads, and continuing runs that failed. A start is a row with its input."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import Connection, insert, select

from agents import deadlines, jobs, lots, repairs
from agents.adapters.tables import Upload
from agents.audit import Question, append
from agents.clock import to_text
from agents.database import reading, thread, writing
from agents.desk import Desk
from agents.domain import JSON, OnDeadline, Repair, Who, is_text
from agents.errors import InvalidInput, NotPending, ThreadExists
from agents.jobs import JobKind, JobStatus
from agents.people import Act, permit, permitted

MAX_THREAD_ID = 200
_ANY_KIND = "that is not known before it asks"
_GOES_ON = (Repair.RETRY, Repair.CONTINUE)
Progress: TypeAlias = Callable[[int], None]
Inside: TypeAlias = Callable[[Connection, str], None]
"""Called with the thread's id in the transaction that orders it, before it is saved."""


def start(
    desk: Desk,
    graph_id: str,
    given: JSON,
    *,
    actor: Who,
    thread_id: str | None = None,
    sample: bool = False,
    upload: Upload | None = None,
    progress: Progress | None = None,
    deadline: JSON = None,
    files: Path | None = None,
    inside: Inside | None = None,
) -> str:
    """Order a new thread, in the first checkpointer file, and return its id; the worker runs it.

    sample: prepare the graph's sample and use its input instead of `given`.
    upload: the items of a batch, from a table that was inspected, instead of `items` in `given`.
    progress: told the rows of a batch that are read in so far. They are before this returns; the order to run
    names only their lot. A start that fails leaves nothing.
    deadline: what happens to its questions when nobody decides: a length such as "4h", or {"steps": [...]} as in the
    rules file; None: as the rules say. A plan that decides by itself needs somebody who may decide.
    files: the only folder in which an input may name files; None: it may name any.
    Raises UnknownGraph, GraphUnavailable, NotAllowed, ThreadExists, or InvalidInput with the field at fault.
    """
    permitted(desk, actor, Act.START, graph_id=graph_id)
    if deadline is not None and any(step.do is OnDeadline.DEFAULT for step in deadlines.plan_given(deadline).steps):
        permitted(desk, actor, Act.DECIDE, graph_id=graph_id, kind=_ANY_KIND)
    given = desk.registry.prepare_sample(graph_id) if sample else given
    if upload is not None and isinstance(given, dict):
        given = {**given, "items": upload.table.name}
    checked = desk.registry.check_input(graph_id, given)
    if not is_text([checked, str(actor)]):
        raise InvalidInput("The input holds half of a character, which no text has. Write it again.")
    thread_id = _thread_id(thread_id)
    with reading(desk.engine) as connection:
        _refuse_known(desk, connection, thread_id)
    taken = desk.registry.take_in(
        graph_id, desk.engine, checked, clock=desk.clock, upload=upload, progress=progress, files=files
    )
    try:
        _order(desk, graph_id, taken, thread_id, actor, deadline, inside)
    except BaseException:
        if taken != checked and taken["lot_id"] != checked["lot_id"]:
            lots.drop(desk.engine, taken["lot_id"])
        raise
    return thread_id


def _order(
    desk: Desk, graph_id: str, given: JSON, thread_id: str, actor: Who, deadline: JSON, inside: Inside | None
) -> None:
    """Write the thread, its first job and the event, or nothing."""
    title = desk.registry.title_of(graph_id, given)
    source_id = desk.reader().source.source_id
    now = desk.clock()
    with writing(desk.engine) as connection:
        name = permit(connection, desk, actor, Act.START, graph_id=graph_id)
        _refuse_known(desk, connection, thread_id)
        connection.execute(
            insert(thread).values(
                source_id=source_id,
                thread_id=thread_id,
                graph_id=graph_id,
                title=title,
                input=given,
                started_by=name,
                started_at=to_text(now),
                deadline=deadline,
            )
        )
        jobs.enqueue(
            connection,
            source_id=source_id,
            thread_id=thread_id,
            kind=JobKind.START,
            now=now,
            graph_id=graph_id,
            input=given,
        )
        about = Question(source_id, thread_id)
        told = {"deadline": deadline} if deadline is not None else {}
        append(connection, at=now, actor=name, action="started", about=about, graph_id=graph_id, input=given, **told)
        if inside is not None:
            inside(connection, thread_id)


def _refuse_known(desk: Desk, connection: Connection, thread_id: str) -> None:
    same = (thread.c.source_id == desk.reader().source.source_id, thread.c.thread_id == thread_id)
    if connection.execute(select(thread.c.thread_id).where(*same)).first() or desk.state(thread_id) is not None:
        raise ThreadExists(f"Thread {thread_id} exists already. Leave the id out to get a new one.")


def retry(desk: Desk, thread_id: str, *, actor: Who, source_id: str | None = None) -> str:
    """Continue a thread whose last run failed, from its last checkpoint. Returns the job id.

    Where the thread is stuck since, this is the repair that is offered for it.
    Raises NotPending when nothing failed, or something already works on it, NotAllowed, and as Desk.source_of does.
    """
    source_id = desk.source_of(thread_id, source_id)
    now = desk.clock()
    with writing(desk.engine) as connection:
        permit(connection, desk, actor, Act.REPAIR)
        known = jobs.of_thread(connection, source_id, thread_id)
        if any(item.status in (JobStatus.WAITING, JobStatus.RUNNING) for item in known):
            raise NotPending("This thread is being worked on already.")
        failed = [item for item in known if item.status is not JobStatus.CANCELLED][-1:]
        if not failed or failed[0].status is not JobStatus.FAILED:
            raise NotPending("The last run of this thread did not fail, so there is nothing to try again.")
        name = permit(connection, desk, actor, Act.REPAIR, graph_id=failed[0].graph_id or "")
        stuck = [each for each in desk.pauses(thread_id, source_id) if not {*each.repairs}.isdisjoint(_GOES_ON)]
        if stuck:
            action = next(each for each in stuck[0].repairs if each in _GOES_ON)
            return repairs.order(connection, desk, stuck[0], action, actor)
        append(connection, at=now, actor=name, action="retried", about=Question(source_id, thread_id))
        return jobs.enqueue(
            connection,
            source_id=source_id,
            thread_id=thread_id,
            kind=failed[0].kind,
            now=now,
            graph_id=failed[0].graph_id,
            input=failed[0].input,
        )


def started(desk: Desk, source_id: str, thread_id: str) -> JSON | None:
    """What is known of a thread that was started here: graph_id, title, input, started_by, started_at."""
    with reading(desk.engine) as connection:
        query = select(thread).where(thread.c.source_id == source_id, thread.c.thread_id == thread_id)
        row = connection.execute(query).mappings().first()
    return dict(row) if row else None


def _thread_id(given: str | None) -> str:
    if given is None:
        return str(uuid.uuid4())
    if not given.strip() or len(given) > MAX_THREAD_ID or not given.isprintable():
        raise InvalidInput(f"thread_id: expected 1 to {MAX_THREAD_ID} printable characters.")
    return given
