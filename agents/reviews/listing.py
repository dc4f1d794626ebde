"""The inbox and one review: what the checkpointer shows, joined with what was decided here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select

from agents import jobs, payloads
from agents.checkpoints import Listing, Reader
from agents.clock import from_text, to_text
from agents.database import decision as decision_table
from agents.database import reading, thread
from agents.decisions import Decision, from_row
from agents.desk import Desk
from agents.domain import JSON, DecisionStatus, Kind, Pause, PauseStatus, Review
from agents.jobs import Job, JobStatus

DELIVERY_OVERLAP = timedelta(seconds=30)
"""Deliveries are read again this far back, since several processes write them."""


SEARCHED = 4000
"""Characters of a payload's texts that the search looks in."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the inbox. state: "waiting", or "decided" until the graph has the answer."""

    source_id: str
    thread_id: str
    pause_key: str
    kind: Kind
    title: str
    gist: str
    graph_id: str | None
    status: PauseStatus
    paused_at: datetime
    state: str
    warnings: int
    review: Review
    words: str
    decided_by: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.source_id, self.thread_id, self.pause_key)


@dataclass(frozen=True, slots=True)
class RunLine:
    """A thread that runs, or whose last run failed. note: why it waits, or the error."""

    source_id: str
    thread_id: str
    title: str
    graph_id: str | None
    status: JobStatus
    note: str | None


@dataclass(frozen=True, slots=True)
class Inbox:
    """A page of rows. total: rows that match the filters; waiting: all that wait for a person.

    kinds, graphs: how many wait, before filtering. notes: sentences about files that cannot be read.
    """

    rows: tuple[Row, ...]
    total: int
    waiting: int
    kinds: Mapping[str, int]
    graphs: Mapping[str, int]
    notes: tuple[str, ...]
    failed: tuple[RunLine, ...]
    running: tuple[RunLine, ...]


def inbox(
    desk: Desk,
    *,
    kinds: Collection[str] = (),
    graphs: Collection[str] = (),
    search: str = "",
    order: str = "newest",
    page: int = 1,
    per_page: int = 25,
) -> Inbox:
    """What waits, filtered and sorted. order: "newest" or "oldest" first. page counts from 1."""
    rows, notes = all_rows(desk)
    matching = [row for row in rows if matches(row, kinds, graphs, search)]
    matching.sort(key=lambda row: (row.paused_at, row.thread_id, row.pause_key), reverse=order != "oldest")
    first = max(0, (page - 1) * per_page)
    waiting = [row for row in rows if row.state == "waiting"]
    failed, running = _runs(desk)
    return Inbox(
        rows=tuple(matching[first : first + per_page]),
        total=len(matching),
        waiting=len(waiting),
        kinds=dict(Counter(row.kind.value for row in waiting)),
        graphs=dict(Counter(row.graph_id or "unknown" for row in waiting)),
        notes=tuple(notes),
        failed=failed,
        running=running,
    )


def all_rows(desk: Desk) -> tuple[list[Row], list[str]]:
    """Every pause of every file as a row, in no order, and the files' notes."""
    with reading(desk.engine) as connection:
        at_work = {(each.source_id, each.thread_id) for each in jobs.open_jobs(connection)}
    delivered = _delivery_times(desk)
    decided = _accepted(desk)
    rows: list[Row] = []
    notes: list[str] = []
    for reader in desk.readers:
        listing, known = _parsed(desk, reader)
        if listing.note:
            notes.append(listing.note)
        rows.extend(
            _current(row, decided.get(row.key), delivered.get(row.key[:2]))
            for row in known
            if not looks_stuck(row.status, at_work=row.key[:2] in at_work)
        )
    return rows, notes


def looks_stuck(status: PauseStatus, *, at_work: bool) -> bool:
    """A task that took its answer and goes on leaves the rows of one that died there; an order tells the two apart."""
    return at_work and status is PauseStatus.STUCK


def row_of(pause: Pause) -> Row:
    """A pause as a line of the inbox, nothing decided yet."""
    review = payloads.parse(pause)
    return Row(
        source_id=pause.source_id,
        thread_id=pause.thread_id,
        pause_key=pause.pause_key,
        kind=review.kind,
        title=review.title,
        gist=review.gist,
        graph_id=pause.graph_id,
        status=pause.status,
        paused_at=pause.paused_at,
        state="waiting",
        warnings=len(review.warnings),
        review=review,
        words=_words(pause, review),
    )


def _words(pause: Pause, review: Review) -> str:
    """What the search looks in: the title and the texts of the payload, so far, in lower case."""
    found = [review.title, review.gist, pause.thread_id, pause.graph_id or "", review.kind.value]
    left = SEARCHED
    waiting: list[JSON] = [pause.value]
    while waiting and left > 0:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(reversed(value.values()))
        elif isinstance(value, list):
            waiting.extend(reversed(value))
        elif isinstance(value, str):
            found.append(value[:left])
            left -= len(value)
    return " ".join(found).casefold()


def _parsed(desk: Desk, reader: Reader) -> tuple[Listing, Sequence[Row]]:
    """Rows are made once per listing, and kept for pauses that the next listing still has."""
    name = f"rows:{reader.source.source_id}"
    listing = reader.listing()
    cached: tuple[Listing, dict[int, Row], list[Row]] | None = desk.memo.get(name)
    if cached is not None and cached[0] is listing:
        return listing, cached[2]
    # ids are safe as keys: the cached listing keeps its pauses alive
    old = cached[1] if cached else {}
    rows = {id(pause): old.get(id(pause)) or row_of(pause) for pause in listing.pauses}
    ordered = list(rows.values())
    desk.memo[name] = (listing, rows, ordered)
    return listing, ordered


def _current(row: Row, taken: Decision | None, delivered_at: datetime | None) -> Row:
    if taken is None and (delivered_at is None or delivered_at <= row.paused_at):
        return row
    paused_at = max(row.paused_at, delivered_at) if delivered_at else row.paused_at
    if taken is None:
        return replace(row, paused_at=paused_at)
    return replace(row, paused_at=paused_at, state="decided", decided_by=taken.actor)


def matches(row: Row, kinds: Collection[str], graphs: Collection[str], search: str) -> bool:
    if kinds and row.kind.value not in kinds:
        return False
    if graphs and (row.graph_id or "unknown") not in graphs:
        return False
    return all(word in row.words for word in search.casefold().split())


def _accepted(desk: Desk) -> dict[tuple[str, str, str], Decision]:
    query = select(decision_table).where(decision_table.c.status == DecisionStatus.ACCEPTED.value)
    with reading(desk.engine) as connection:
        found = [from_row(row) for row in connection.execute(query).mappings()]
    return {(each.source_id, each.thread_id, each.pause_key): each for each in found}


def _delivery_times(desk: Desk) -> dict[tuple[str, str], datetime]:
    """The latest delivery per thread, read once and then only what is new."""
    known: dict[tuple[str, str], datetime] = desk.memo.setdefault("delivered", {})
    since: str = desk.memo.get("delivered_since", "")
    table = decision_table.c
    query = select(table.source_id, table.thread_id, table.settled_at).where(
        table.settled_at > since, table.status == DecisionStatus.DELIVERED.value
    )
    with reading(desk.engine) as connection:
        new = connection.execute(query).all()
    for source_id, thread_id, settled_at in new:
        moment = from_text(settled_at)
        known[source_id, thread_id] = max(known.get((source_id, thread_id), moment), moment)
    if new:
        latest = max(from_text(row.settled_at) for row in new)
        desk.memo["delivered_since"] = to_text(latest - DELIVERY_OVERLAP)
    return known


def _runs(desk: Desk) -> tuple[tuple[RunLine, ...], tuple[RunLine, ...]]:
    with reading(desk.engine) as connection:
        failed, live = jobs.failed_last(connection), jobs.open_jobs(connection)
        wanted = {each.thread_id for each in (*failed, *live)}
        query = select(thread.c.source_id, thread.c.thread_id, thread.c.title).where(thread.c.thread_id.in_(wanted))
        titles = {(row.source_id, row.thread_id): row.title for row in connection.execute(query)} if wanted else {}
    return tuple(_line(each, titles) for each in failed), tuple(_line(each, titles) for each in live)


def _line(each: Job, titles: Mapping[tuple[str, str], str]) -> RunLine:
    title = titles.get((each.source_id, each.thread_id), each.thread_id)
    return RunLine(each.source_id, each.thread_id, title, each.graph_id, each.status, each.error or each.note)
