"""What is asked of an index of pauses: counts, a stretch of the list, neighbours, single pauses.

`now` is UTC text: a pause whose `shown_from` is later is not there yet. at_work:
threads on which Signoff has work under way; a stuck pause of such a thread is
a run that goes on.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from agents.domain import PauseStatus

Group: TypeAlias = tuple[str, str, str]
"""(kind, graph, status); graph "unknown" where the thread names none."""


class Place(NamedTuple):
    """Where a pause stands in the list; sorts as the list does, oldest first. at: UTC text."""

    at: str
    thread_id: str
    pause_key: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Filters; an empty one lets everything through. words: casefolded, all of them must be found."""

    kinds: frozenset[str] = frozenset()
    graphs: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()

    def fits(self, group: Group) -> bool:
        kind, graph, status = group
        return (
            (not self.kinds or kind in self.kinds)
            and (not self.graphs or graph in self.graphs)
            and (not self.statuses or status in self.statuses)
        )


@dataclass(frozen=True, slots=True)
class Beside:
    """above, below: the nearest that stand newer and older. newest: the first of all. before: how many stand above."""

    above: Place | None
    below: Place | None
    newest: Place | None
    before: int


@dataclass(frozen=True, slots=True)
class _Where:
    """A condition and its values."""

    text: str
    values: tuple[str, ...]


def counts(connection: sqlite3.Connection, wanted: Wanted, now: str, at_work: Collection[str]) -> Counter[Group]:
    """How many pauses fit, by group: from the tally, less those that are not shown; counted only for a search."""
    if wanted.words:
        where = _where(wanted, now, at_work)
        query = f"SELECT kind, graph, status, count(*) FROM pause WHERE {where.text} GROUP BY 1, 2, 3"  # noqa: S608
        return Counter({tuple(row[:3]): row[3] for row in connection.execute(query, where.values)})
    found: Counter[Group] = Counter()
    for *group, number in connection.execute("SELECT kind, graph, status, n FROM tally WHERE n > 0"):
        found[group[0], group[1], group[2]] = number
    found.subtract(_hidden(connection, now, at_work))
    return Counter({group: number for group, number in found.items() if number > 0 and wanted.fits(group)})


def places_of(
    connection: sqlite3.Connection,
    wanted: Wanted,
    now: str,
    at_work: Collection[str],
    oldest: bool,
    first: int,
    most: int,
) -> list[Place]:
    """A stretch of the list, the newest or the oldest first."""
    where, way = _where(wanted, now, at_work), "ASC" if oldest else "DESC"
    query = (
        f"SELECT at, thread_id, pause_key FROM pause WHERE {where.text} "  # noqa: S608
        f"ORDER BY at {way}, thread_id {way}, pause_key {way} LIMIT {int(most)} OFFSET {int(first)}"
    )
    return [Place(*row) for row in connection.execute(query, where.values)]


def keys_of(
    connection: sqlite3.Connection, graphs: Collection[str], thread_ids: Collection[str]
) -> set[tuple[str, str]]:
    """(thread_id, pause_key) of what these graphs and these threads wait for; not what is stuck."""
    stuck = PauseStatus.STUCK.value
    select = "SELECT thread_id, pause_key FROM"
    threads = f"{select} json_each(?) CROSS JOIN pause ON thread_id = value WHERE status <> ?"
    found = set(connection.execute(threads, (json.dumps(list(thread_ids)), stuck)))
    if graphs:
        named = f"{select} pause WHERE status <> ? AND graph IN ({_marks(graphs)})"
        found.update(connection.execute(named, (stuck, *graphs)))
    return found


def threads_of(
    connection: sqlite3.Connection, wanted: Wanted, now: str, at_work: Collection[str], first: str, most: int
) -> list[str]:
    """The threads of the pauses that fit, in the order of their ids, from `first` on."""
    where = _where(wanted, now, at_work)
    query = (
        f"SELECT DISTINCT thread_id FROM pause WHERE {where.text} AND thread_id >= ? "  # noqa: S608
        f"ORDER BY thread_id LIMIT {int(most)}"
    )
    return [row[0] for row in connection.execute(query, (*where.values, first))]


def among(
    connection: sqlite3.Connection,
    keys: Iterable[tuple[str, str]],
    wanted: Wanted,
    now: str,
    at_work: Collection[str],
) -> list[Group]:
    """The groups of those of these pauses that are shown and fit."""
    where = _where(wanted, now, at_work)
    query = f"SELECT kind, graph, status FROM pause WHERE thread_id = ? AND pause_key = ? AND {where.text}"  # noqa: S608
    found = (connection.execute(query, (*key, *where.values)).fetchone() for key in keys)
    return [(row[0], row[1], row[2]) for row in found if row is not None]


def held(
    connection: sqlite3.Connection, keys: Iterable[tuple[str, str]], now: str
) -> dict[tuple[str, str], tuple[str, str]]:
    """(thread_id, pause_key) -> (its time, its print) of those that are shown."""
    wanted = list(keys)
    if not wanted:
        return {}
    query = f"""
        WITH k(thread_id, pause_key) AS (VALUES {", ".join(["(?, ?)"] * len(wanted))})
        SELECT p.thread_id, p.pause_key, p.at, p.print FROM k CROSS JOIN pause p USING (thread_id, pause_key)
        WHERE p.shown_from IS NULL OR p.shown_from <= ?"""  # noqa: S608 - question marks only
    rows = connection.execute(query, (*(part for key in wanted for part in key), now))
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}


def beside(
    connection: sqlite3.Connection,
    place: Place,
    now: str,
    at_work: Collection[str],
    without: Collection[tuple[str, str]],
) -> Beside:
    where = _where(Wanted(), now, at_work)
    skipped = json.dumps(sorted(f"{len(thread_id)} {thread_id}{key}" for thread_id, key in without))
    name = "length(thread_id) || ' ' || thread_id || pause_key"
    left = f"{where.text} AND {name} NOT IN (SELECT value FROM json_each(?))"  # noqa: S608 - constants and question marks
    select = f"SELECT at, thread_id, pause_key FROM pause WHERE {left}"  # noqa: S608
    up, down = "ORDER BY at, thread_id, pause_key LIMIT 1", "ORDER BY at DESC, thread_id DESC, pause_key DESC LIMIT 1"
    values = (*where.values, skipped)
    newer, older = "(at, thread_id, pause_key) > (?, ?, ?)", "(at, thread_id, pause_key) < (?, ?, ?)"

    def one(query: str, *more: str) -> Place | None:
        row = connection.execute(query, (*values, *more)).fetchone()
        return Place(*row) if row else None

    above = one(f"{select} AND {newer} {up}", *place)
    before = connection.execute(f"SELECT count(*) FROM pause WHERE {left} AND {newer}", (*values, *place))  # noqa: S608
    return Beside(
        above=above,
        below=one(f"{select} AND {older} {down}", *place),
        newest=one(f"{select} {down}") if above else None,
        before=int(before.fetchone()[0]),
    )


def _hidden(connection: sqlite3.Connection, now: str, at_work: Collection[str]) -> Counter[Group]:
    query = "SELECT kind, graph, status FROM pause WHERE shown_from > ?"
    found: Counter[Group] = Counter((row[0], row[1], row[2]) for row in connection.execute(query, (now,)))
    query = (
        "SELECT kind, graph, status FROM pause WHERE thread_id = ? AND status = ? "
        "AND (shown_from IS NULL OR shown_from <= ?)"
    )
    for thread_id in at_work:
        rows = connection.execute(query, (thread_id, PauseStatus.STUCK.value, now))
        found.update((row[0], row[1], row[2]) for row in rows)
    return found


def _where(wanted: Wanted, now: str, at_work: Collection[str]) -> _Where:
    texts, values = ["(shown_from IS NULL OR shown_from <= ?)"], [now]
    if at_work:
        texts.append(f"NOT (status = '{PauseStatus.STUCK.value}' AND thread_id IN ({_marks(at_work)}))")
        values += at_work
    for column, chosen in (("kind", wanted.kinds), ("graph", wanted.graphs), ("status", wanted.statuses)):
        if chosen:
            texts.append(f"{column} IN ({_marks(chosen)})")
            values += sorted(chosen)
    for word in wanted.words:
        texts.append("instr(words, ?) > 0")
        values.append(word)
    return _Where(" AND ".join(texts), tuple(values))


def _marks(values: Sequence[str] | Collection[str]) -> str:
    return ", ".join("?" * len(values))
