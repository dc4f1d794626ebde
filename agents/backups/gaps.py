"""What the two files of a desk do not agree on, as after a restore of one of them. Nothing here changes anything.

What is done about each is done where it is met: a question that waits again can be decided again (agents.decisions),
an answer that the file holds is not sent again and a thread that went on does not
go on by itself (agents.runs), an act that no journal knows is in doubt (agents.effects).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, func, select

from agents.audit import latest
from agents.backups.lengths import WENT_BACK
from agents.checkpoints import Unreadable, time_of
from agents.checkpoints.inventory import heads, holds
from agents.clock import from_text, to_text
from agents.database import decision, demo_thread, effect, job, reading, thread
from agents.desk import Desk
from agents.domain import DecisionStatus
from agents.effects import EffectStatus
from agents.jobs import JobStatus
from agents.wording import count

SHOWN_FOR = timedelta(days=30)
MOST = 200
"""Of a kind in one file; there may be as many as the file has threads."""


class What(StrEnum):
    """record_went_back: of the whole database. The others are about a thread."""

    RECORD_WENT_BACK = "record_went_back"
    THREAD_GONE = "thread_gone"
    THREAD_WENT_BACK = "thread_went_back"
    THREAD_AHEAD = "thread_ahead"
    THREAD_UNKNOWN = "thread_unknown"


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that one file knows and the other does not. text: a sentence or two: what, and what is done about it.

    thread_id is None for what concerns the whole database; at: UTC text, when it was, where that is known.
    """

    what: What
    text: str
    source_id: str | None = None
    thread_id: str | None = None
    at: str | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """What this database knows of the threads of one file. left: where it let go of each; '' where nobody could tell.

    held: the last checkpoint of each that it ever saw.
    """

    threads: frozenset[str]
    left: Mapping[str, str]
    held: Mapping[str, str]
    at_work: frozenset[str]


def gaps(desk: Desk) -> tuple[Gap, ...]:
    """Every gap that is found now; a file that cannot be read says so elsewhere. Raises Busy."""
    with reading(desk.engine) as connection:
        found = list(_record(connection, desk.clock()))
        known = {source.source_id: _known(connection, source.source_id) for source in desk.sources}
    for reader in desk.readers:
        source_id = reader.source.source_id
        with suppress(Unreadable):
            now = reader.file.read(lambda link: heads(link.connection))
            found += _of_file(desk, source_id, known[source_id], now)
    return tuple(found)


def _record(connection: Connection, now: datetime) -> Iterator[Gap]:
    found = latest(connection, None, None, WENT_BACK)
    if found is not None and from_text(found.at) > now - SHOWN_FOR:
        expected, there = found.fields.get("expected"), found.fields.get("found")
        yield Gap(
            What.RECORD_WENT_BACK,
            f"The database was replaced by an older or another copy: it had {expected} events before and {there} after. What was "
            "decided and done in between is on no record here. Nothing of it is repeated: what may have been done already is "
            "asked about.",
            at=found.at,
        )


def _known(connection: Connection, source_id: str) -> _Known:
    mine = job.c.source_id == source_id
    taken = func.coalesce(job.c.claimed_at, job.c.started_at)
    query = select(job.c.thread_id, job.c.checkpoint_id).where(mine, job.c.started_at.is_not(None)).order_by(taken)
    runs = connection.execute(query).all()
    left = {thread_id: checkpoint_id or "" for thread_id, checkpoint_id in runs}
    held = {thread_id: checkpoint_id for thread_id, checkpoint_id in runs if checkpoint_id}
    live = job.c.status.in_([JobStatus.WAITING.value, JobStatus.RUNNING.value])
    at_work = connection.execute(select(job.c.thread_id).where(mine, live)).scalars()
    named = (
        connection.execute(select(table.c.thread_id).where(table.c.source_id == source_id)).scalars()
        for table in (thread, job, decision, demo_thread)
    )
    return _Known(frozenset().union(*named), left, held, frozenset(at_work))


def _of_file(desk: Desk, source_id: str, known: _Known, now: Mapping[str, str]) -> Iterator[Gap]:
    settled = {each: at for each, at in known.left.items() if at and each not in known.at_work}
    since = desk.clock() - SHOWN_FOR
    gone = [each for each, at in known.held.items() if not (each in now or each in known.at_work) and _later(at, since)]
    apart = [each for each, at in settled.items() if each in now and now[each] != at]
    ours = [each for each in now if each not in known.threads and _later(now[each], since)]
    yield from _gone(desk, source_id, gone, known.held)
    yield from _apart(desk, source_id, apart, settled, now, since)
    yield from _unknown(desk, source_id, sorted(ours, key=now.__getitem__, reverse=True)[:MOST])


def _gone(desk: Desk, source_id: str, gone: Iterable[str], held: Mapping[str, str]) -> Iterator[Gap]:
    for thread_id in sorted(gone, key=held.__getitem__, reverse=True)[:MOST]:
        yield Gap(
            What.THREAD_GONE,
            f"{_titled(desk, source_id, thread_id)} is not in its file any more: an older copy of the file was put back, or the "
            f"thread was deleted. {_done(desk, source_id, thread_id)}",
            source_id,
            thread_id,
            _at(held[thread_id]),
        )


def _apart(
    desk: Desk, source_id: str, apart: Iterable[str], left: Mapping[str, str], now: Mapping[str, str], since: datetime
) -> Iterator[Gap]:
    for thread_id in sorted(apart, key=now.__getitem__, reverse=True)[:MOST]:
        at, title = left[thread_id], _titled(desk, source_id, thread_id)
        if not _holds(desk, source_id, thread_id, at):
            yield Gap(
                What.THREAD_WENT_BACK,
                f"{title} stands at an earlier step than Signoff left it at: an older copy of its file was put back. What waits can be "
                f"decided again. {_done(desk, source_id, thread_id)}",
                source_id,
                thread_id,
                _at(at),
            )
        elif _later(now[thread_id], since):
            yield Gap(
                What.THREAD_AHEAD,
                f"{title} went on in its file without this desk: somebody else drove it, or the database is an older copy. What "
                "it was answered since is not on record here. Where it has stopped, it goes on only when a person says so.",
                source_id,
                thread_id,
                _at(now[thread_id]),
            )


def _holds(desk: Desk, source_id: str, thread_id: str, checkpoint_id: str) -> bool:
    return desk.reader(source_id).file.read(lambda link: holds(link.connection, thread_id, checkpoint_id))


def _unknown(desk: Desk, source_id: str, threads: Iterable[str]) -> Iterator[Gap]:
    """Threads of the built-in graphs are made by desks; one that no record knows was made by a record that is gone."""
    built_in = set(desk.registry.ids()) - set(desk.registry.own_ids())
    reader = desk.reader(source_id)
    for thread_id in threads:
        told = reader.metadata(thread_id) or {}
        if told.get("graph_id") in built_in:
            yield Gap(
                What.THREAD_UNKNOWN,
                f"Thread {thread_id} ({told.get('title') or told['graph_id']}) was started by a desk, but this database does not know of "
                "it: it is an older copy, or the thread is another desk's. It can be decided; who started it is not known.",
                source_id,
                thread_id,
            )


def _done(desk: Desk, source_id: str, thread_id: str) -> str:
    """What the journal and the decisions say was done for it, which is not done again."""
    with reading(desk.engine) as connection:
        delivered = connection.execute(
            select(func.count())
            .select_from(decision)
            .where(decision.c.source_id == source_id, decision.c.thread_id == thread_id)
            .where(decision.c.status == DecisionStatus.DELIVERED.value)
        ).scalar_one()
        acts = connection.execute(
            select(func.count())
            .select_from(effect)
            .where(effect.c.source_id == source_id, effect.c.thread_id == thread_id)
            .where(effect.c.status == EffectStatus.DONE.value)
        ).scalar_one()
    if not acts:
        return f"On record: {count(delivered, 'decision')} that arrived; nothing was done outside."
    again = "it is" if acts == 1 else "they are"
    return f"On record: {count(delivered, 'decision')} that arrived, and {count(acts, 'act')} done outside; {again} not done again."


def _titled(desk: Desk, source_id: str, thread_id: str) -> str:
    with reading(desk.engine) as connection:
        where = (thread.c.source_id == source_id, thread.c.thread_id == thread_id)
        title = connection.execute(select(thread.c.title).where(*where)).scalar()
    return f"Thread {thread_id} ({title})" if title else f"Thread {thread_id}"


def _later(checkpoint_id: str, since: datetime) -> bool:
    """A checkpoint whose id tells no time counts as new."""
    at = time_of(checkpoint_id)
    return at is None or at > since


def _at(checkpoint_id: str) -> str | None:
    at = time_of(checkpoint_id)
    return to_text(at) if at else None
