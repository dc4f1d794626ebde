"""Seeing questions: each that has a plan gets its due time once, and loses it when it waits no more.

Cheap while nothing changes: a file whose threads were all started elsewhere, under graphs that no rule names, is not
even looked at.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, TypeAlias

from sqlalchemy import Connection, func, select

from agents import audit, payloads
from agents.checkpoints import Reader, Wanted
from agents.clock import to_text
from agents.database import reading, thread, writing
from agents.deadlines import graphs_configured, plan_of, rows
from agents.deadlines.policy import may_be_due
from agents.deadlines.rows import Deadline, State
from agents.desk import Desk
from agents.domain import JSON, Pause
from agents.errors import Busy, InvalidInput, SignoffError
from agents.reviews.listing import follower_of, is_followed
from agents.reviews.overlay import delivery_times
from agents.starts import started

log = logging.getLogger(__name__)
AT_ONCE = 200
"""Questions that one sweep takes in, so that it never holds up the next thing that is due."""

NO_GRAPH = "unknown"
"""What an index calls the graph of a thread that names none."""

Key: TypeAlias = tuple[str, str]
"""(thread_id, pause_key)"""
Started: TypeAlias = Mapping[str, Mapping[str, JSON]]
"""source_id -> thread_id -> the plan that its start named, of every thread that was started here"""


@dataclass(slots=True)
class _Known:
    """What was taken in of a file: `mark` when nothing was left to do; the questions that were looked at by then."""

    mark: Any = None
    looked_at: set[Key] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """What waits in a file and may have a plan. mark: equal while that is the same, and None while nobody can tell.

    show: the pauses of some of it; those that are gone are left out.
    """

    mark: Any
    keys: Callable[[], Collection[Key]]
    show: Callable[[Sequence[Key]], Iterable[Pause]]


def notice(desk: Desk) -> None:
    """Look at what changed in each file. A file that cannot be read keeps what is known of it."""
    started_here = _started(desk)
    for reader in desk.readers:
        source_id = reader.source.source_id
        mine = started_here.get(source_id, {})
        if not mine and not any(rule.graph for rule in desk.rules.deadlines) and not _has_rows(desk, source_id):
            continue
        try:
            found = _followed(desk, reader, mine) if is_followed(desk, reader) else _whole(desk, reader, mine)
            if found is not None:
                _take_in(desk, source_id, mine, found)
        except SignoffError as error:  # one file at fault does not stop the others; pages tell what is wrong with it
            log.info("Deadlines in %s are looked at again later: %s", source_id, error)


def see(desk: Desk, source_id: str, thread_id: str, pauses: Iterable[Pause]) -> None:
    """What a run has just asked: its due times are there before anybody looks."""
    known = started(desk, source_id, thread_id)
    mine = {thread_id: known["deadline"]} if known else {}
    try:
        _plan(desk, source_id, mine, [pause for pause in pauses if may_be_due(pause)])
        asked_again(desk, source_id, thread_id)
    except Busy:
        log.info("The due times of thread %s are kept a moment later", thread_id)


def asked_again(desk: Desk, source_id: str, thread_id: str) -> bool:
    """A delivered answer runs the thread's other questions again: their time counts from then. False when none did."""
    at = delivery_times(desk).get((source_id, thread_id))
    if at is None:
        return False
    with reading(desk.engine) as connection:
        if not any(_asked_before(row, at) for row in rows.of_thread(connection, source_id, thread_id)):
            return False
    with writing(desk.engine) as connection:
        known = rows.of_thread(connection, source_id, thread_id)
        return sum(rows.count_anew(connection, row, at) for row in known) > 0


def _asked_before(row: Deadline, at: datetime) -> bool:
    return row.state is State.WAITING and row.counted_from < at


def _take_in(desk: Desk, source_id: str, mine: Mapping[str, JSON], found: _Waiting) -> None:
    known: _Known = desk.memo.setdefault(f"due:{source_id}", _Known())
    if known.mark is not None and known.mark[0] == found.mark and known.mark[1] is mine:
        return
    waiting = found.keys()
    with reading(desk.engine) as connection:
        gone = list(islice(rows.keys_open(connection, source_id).difference(waiting), AT_ONCE))
    new = list(islice((key for key in waiting if key not in known.looked_at), AT_ONCE))
    _settle(desk, source_id, gone)
    _plan(desk, source_id, mine, list(found.show(new)))
    known.looked_at = known.looked_at.intersection(waiting).union(new)
    all_done = found.mark is not None and max(len(gone), len(new)) < AT_ONCE
    known.mark = (found.mark, mine) if all_done else None


def _settle(desk: Desk, source_id: str, gone: Sequence[Key]) -> None:
    """The file is asked once more: what was seen of it may be a moment older than a row of another process."""
    over = [key for key in gone if all(each.pause_key != key[1] for each in _pauses(desk, source_id, key[0]))]
    if over:
        with writing(desk.engine) as connection:
            rows.settle(connection, [(source_id, *key) for key in over], desk.clock())


def _pauses(desk: Desk, source_id: str, thread_id: str) -> Sequence[Pause]:
    return [each for each in desk.pauses(thread_id, source_id) if may_be_due(each)]


def _plan(desk: Desk, source_id: str, mine: Mapping[str, JSON], pauses: Sequence[Pause]) -> None:
    """Give new questions their due time; and those that have one another, where the rules are no longer the same."""
    with reading(desk.engine) as connection:
        threads = {pause.thread_id for pause in pauses}
        known = {row.key: row for each in threads for row in rows.of_thread(connection, source_id, each)}
    made = []
    for pause in pauses:
        review, own = payloads.parse(pause), mine.get(pause.thread_id)
        try:
            plan = plan_of(desk.rules, review, started=pause.thread_id in mine, own=own)
        except InvalidInput as error:  # what one start named does not keep the others from their time
            log.warning("Thread %s has no due time: %s", pause.thread_id, error)
            continue
        row = known.get((source_id, pause.thread_id, pause.pause_key))
        if not _as_it_should_be(row, plan.policy_id if plan else None):
            made.append((review, plan, row))
    if not made:
        return
    now = desk.clock()
    with writing(desk.engine) as connection:
        for review, plan, row in made:
            if row is None or row.state is State.OVER:
                rows.first_seen(connection, review, plan, now)
            else:
                rows.replan(connection, row, plan, now, no_earlier=_was_moved(connection, row))


def _as_it_should_be(row: Deadline | None, policy_id: str | None) -> bool:
    if row is None or row.state is State.OVER:
        return policy_id is None
    return row.policy_id == policy_id or row.state is State.ACTED


def _was_moved(connection: Connection, row: Deadline) -> bool:
    since = to_text(row.counted_from)
    moved = audit.of_thread(connection, row.source_id, row.thread_id, "extended")
    return any(each.pause_key == row.pause_key and each.at > since for each in moved)


def _whole(desk: Desk, reader: Reader, mine: Mapping[str, JSON]) -> _Waiting | None:
    listing = reader.listing()
    if listing.problem is not None:
        return None
    asking = [pause for pause in listing.pauses if may_be_due(pause)]
    named = graphs_configured(desk.rules, sorted({pause.graph_id for pause in asking if pause.graph_id}))
    found = {
        (pause.thread_id, pause.pause_key): pause
        for pause in asking
        if pause.thread_id in mine or pause.graph_id in named
    }
    return _Waiting(listing, lambda: found.keys(), lambda keys: (found[key] for key in keys))


def _followed(desk: Desk, reader: Reader, mine: Mapping[str, JSON]) -> _Waiting | None:
    follower = follower_of(desk, reader)
    if follower.refresh().problem is not None:
        return None

    def keys() -> Collection[Key]:
        graph_ids = sorted({graph for _, graph, _ in follower.counts(Wanted())} - {NO_GRAPH})
        return follower.keys_of(graphs_configured(desk.rules, graph_ids), mine)

    def show(wanted: Sequence[Key]) -> Iterable[Pause]:
        return (row.review.pause for _, row in follower.find(wanted).values() if may_be_due(row.review.pause))

    return _Waiting(follower.mark(), keys, show)


def _started(desk: Desk) -> Mapping[str, Mapping[str, JSON]]:
    """Read again only when there are more or fewer."""
    with reading(desk.engine) as connection:
        query = select(func.count(), func.max(thread.c.started_at)).select_from(thread)
        mark = tuple(connection.execute(query).one())
        kept: tuple[Any, Mapping[str, dict[str, JSON]]] | None = desk.memo.get("due:started")
        if kept is not None and kept[0] == mark:
            return kept[1]
        found: dict[str, dict[str, JSON]] = {}
        for row in connection.execute(select(thread.c.source_id, thread.c.thread_id, thread.c.deadline)):
            found.setdefault(row.source_id, {})[row.thread_id] = row.deadline
    desk.memo["due:started"] = (mark, found)
    return found


def _has_rows(desk: Desk, source_id: str) -> bool:
    with reading(desk.engine) as connection:
        return bool(rows.keys_open(connection, source_id))
