"""Every thread that is known here, in pages: by id, so that a page repeats and leaves out nothing while threads move on."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from sqlalchemy import ColumnElement, Table, select, tuple_

from agents.api.errors import Refusal
from agents.api.standing import Standing, Status, question_json, standing
from agents.checkpoints import Wanted
from agents.database import decision, job, reading, thread
from agents.desk import Desk
from agents.domain import JSON, PauseStatus, is_text
from agents.errors import UnknownReview
from agents.jobs import JobStatus
from agents.reviews.listing import notes_of, piles_of
from agents.reviews.piles import Pile
from agents.reviews.rows import wanted_by

LIMIT_MOST = 200
LOOKED_AT = 400
"""Threads that one page looks at: filters that let few through give short pages, not slow ones."""
STRETCH = 200
At = tuple[str, str]
"""(thread_id, source_id): how the list is ordered."""
START: At = ("", "")
Told: TypeAlias = Callable[[Desk, Sequence[str], At], list[At]]


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty ones let everything through."""

    statuses: frozenset[Status] = frozenset()
    graphs: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    source: str | None = None

    def fits(self, found: Standing) -> bool:
        return (
            (not self.statuses or found.status in self.statuses)
            and (not self.graphs or (found.graph_id or "unknown") in self.graphs)
            and (not self.kinds or any(row.kind.value in self.kinds for row in found.questions))
        )


def page(desk: Desk, filters: Filters, cursor: str | None, limit: int) -> dict[str, JSON]:
    """Threads and the cursor of the next page, null after the last; notes: files that cannot be read.

    Raises Refusal for a cursor that is none, InvalidInput for an unknown source.
    """
    sources = [desk.reader(filters.source).source.source_id] if filters.source else [s.source_id for s in desk.sources]
    piles = [each for each in piles_of(desk) if each.source_id in sources]
    found: list[dict[str, JSON]] = []
    more: At | None = None
    for looked, at in enumerate(_candidates(desk, filters, sources, piles, read_cursor(cursor)), 1):
        with suppress(UnknownReview):  # it went while the page was made
            each = standing(desk, at[0], at[1], with_result=False)
            if filters.fits(each):
                found.append(_line(each))
        if len(found) == limit or looked == LOOKED_AT:
            more = at
            break
    told = {"threads": found, "next_cursor": write_cursor(more) if more else None}
    return {**told, "notes": list(notes_of(piles))}


def write_cursor(at: At) -> str:
    return urlsafe_b64encode(json.dumps(at).encode()).decode().rstrip("=")


def read_cursor(text: str | None) -> At:
    if text is None:
        return START
    try:
        thread_id, source_id = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if isinstance(thread_id, str) and isinstance(source_id, str) and is_text([thread_id, source_id]):
            return thread_id, source_id
    except (ValueError, TypeError, RecursionError):
        pass
    raise Refusal(422, "invalid", "cursor: use the next_cursor of the page before.", field="cursor")


def _line(found: Standing) -> dict[str, JSON]:
    """A thread in the list: without payloads and results, which its own address has."""
    told: dict[str, JSON] = {"thread_id": found.thread_id, "source_id": found.source_id, "status": found.status}
    told |= {"graph_id": found.graph_id, "title": found.title, "error": found.error}
    told["kinds"] = sorted({row.kind.value for row in found.questions})
    return {**told, "questions": [question_json(row, with_value=False) for row in found.questions]}


def _candidates(desk: Desk, filters: Filters, sources: Sequence[str], piles: Sequence[Pile], at: At) -> Iterator[At]:
    """Threads that may fit, in order, after `at`; a stretch of each place where they are told is read at a time."""
    tables, wanted = _tables(filters), _wanted(filters)
    while True:
        parts = [[(name, pile.source_id) for name in _threads(pile, wanted, at)] for pile in piles]
        parts += [read(desk, sources, at) for read in tables]
        end = min((part[-1] for part in parts if len(part) >= STRETCH), default=None)
        # Beyond `end`, one of the parts has not told all.
        yield from sorted({each for part in parts for each in part if each > at and (end is None or each <= end)})
        if end is None:
            return
        at = end


def _threads(pile: Pile, wanted: Wanted | None, at: At) -> list[str]:
    return pile.threads(wanted, first=at[0], most=STRETCH) if wanted else []


def _wanted(filters: Filters) -> Wanted | None:
    """Which of those that wait may fit; None when none of them does."""
    states: set[PauseStatus] = set()
    if not filters.statuses or "awaiting_human" in filters.statuses:
        states |= {PauseStatus.QUESTION, PauseStatus.BREAKPOINT}
    if not filters.statuses or "failed" in filters.statuses:
        states |= {PauseStatus.STUCK}
    return wanted_by(filters.kinds, filters.graphs, statuses=[each.value for each in states]) if states else None


def _tables(filters: Filters) -> list[Told]:
    """The tables that name threads of these statuses besides. What has a kind waits, so none of them is asked for it."""
    if filters.kinds or filters.statuses == {"awaiting_human"}:
        return []
    if filters.statuses and filters.statuses <= {"running", "awaiting_human"}:
        return [_at_work]
    return [partial(_stretch, thread), partial(_stretch, job), partial(_stretch, decision)]


def _at_work(desk: Desk, sources: Sequence[str], at: At) -> list[At]:
    live = [JobStatus.WAITING.value, JobStatus.RUNNING.value]
    return _stretch(job, desk, sources, at, job.c.status.in_(live))


def _stretch(table: Table, desk: Desk, sources: Sequence[str], at: At, *where: ColumnElement[bool]) -> list[At]:
    columns = (table.c.thread_id, table.c.source_id)
    after = tuple_(*columns) > tuple_(*at)
    query = select(*columns).where(after, table.c.source_id.in_(sources), *where).distinct().order_by(*columns)
    with reading(desk.engine) as connection:
        return [(row[0], row[1]) for row in connection.execute(query.limit(STRETCH))]
