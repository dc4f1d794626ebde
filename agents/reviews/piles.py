"""What waits in one file, asked in the same words whether the file is read whole or followed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

from agents.checkpoints import Beside, Follower, Group, Place, Problem, Wanted
from agents.clock import from_text, to_text
from agents.reviews.overlay import Overlay
from agents.reviews.rows import Row, fits, looks_stuck

EVERYTHING = Wanted()
ALL = 1 << 40


class Pile(Protocol):
    """note: a sentence about the file; problem: why it cannot be read. about: the counts may still change a little."""

    @property
    def source_id(self) -> str: ...
    @property
    def note(self) -> str | None: ...
    @property
    def problem(self) -> Problem | None: ...
    @property
    def about(self) -> bool: ...

    def counts(self, wanted: Wanted = EVERYTHING) -> Counter[Group]:
        """How many fit, by (kind, graph, status); those that are decided included."""
        ...

    def waiting(self, wanted: Wanted = EVERYTHING) -> Counter[Group]:
        """How many of these wait for a person."""
        ...

    def places(self, wanted: Wanted, *, oldest: bool, first: int, most: int) -> list[Place]:
        """A stretch of the list, without what it shows."""
        ...

    def threads(self, wanted: Wanted, *, first: str, most: int) -> list[str]:
        """The threads of those that fit, decided ones included, by their ids, from `first` on."""
        ...

    def rows(self, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Row]:
        """The rows of (thread_id, pause_key) that are still there, as the file says now."""
        ...

    def place(self, key: tuple[str, str]) -> Place | None:
        """Where one pause stands; None when it is not there."""
        ...

    def beside(self, place: Place) -> Beside:
        """Those around a place that wait for a person."""
        ...


class Whole:
    """A file that was read whole: its rows, decided ones included, in memory."""

    about = False

    def __init__(self, source_id: str, rows: Iterable[Row], note: str | None, problem: Problem | None) -> None:
        self.source_id, self.note, self.problem = source_id, note, problem
        self._rows = list(rows)

    def counts(self, wanted: Wanted = EVERYTHING) -> Counter[Group]:
        return Counter(_group(row) for row in self._rows if fits(row, wanted))

    def waiting(self, wanted: Wanted = EVERYTHING) -> Counter[Group]:
        return Counter(_group(row) for row in self._rows if row.state == "waiting" and fits(row, wanted))

    def places(self, wanted: Wanted, *, oldest: bool, first: int, most: int) -> list[Place]:
        ordered = self._oldest_first if oldest else self._newest_first
        fitting = [row for row in ordered if fits(row, wanted)] if wanted != EVERYTHING else ordered
        return [_place(row) for row in fitting[first : first + most]]

    def threads(self, wanted: Wanted, *, first: str, most: int) -> list[str]:
        found = {row.thread_id for row in self._rows if row.thread_id >= first and fits(row, wanted)}
        return sorted(found)[:most]

    def rows(self, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Row]:
        return {key: self._by_key[key] for key in keys if key in self._by_key}

    def place(self, key: tuple[str, str]) -> Place | None:
        row = self._by_key.get(key)
        return _place(row) if row is not None else None

    def beside(self, place: Place) -> Beside:
        mark = (from_text(place.at), place.thread_id, place.pause_key)
        waiting = [row for row in self._newest_first if row.state == "waiting"]
        above = [row for row in waiting if _order(row) > mark]
        below = next((row for row in waiting[len(above) :] if _order(row) < mark), None)
        return Beside(
            above=_place(above[-1]) if above else None,
            below=_place(below) if below else None,
            newest=_place(above[0]) if above else None,
            before=len(above),
        )

    @cached_property
    def _oldest_first(self) -> list[Row]:
        return sorted(self._rows, key=_order)

    @cached_property
    def _newest_first(self) -> list[Row]:
        return self._oldest_first[::-1]

    @cached_property
    def _by_key(self) -> dict[tuple[str, str], Row]:
        return {row.key[1:]: row for row in self._rows}


class Followed:
    """A large file, by way of its index. Its follower hands back rows on which nothing is decided yet.

    held: the few rows that are stuck because of what happened here, and a question in the index.
    """

    def __init__(self, follower: Follower, over: Overlay, held: Sequence[Row] = (), *, settled: bool = False) -> None:
        self.source_id = follower.source.source_id
        now = follower.settle() if settled else follower.refresh()
        self.note, self.problem, self.about = now.note, now.problem, now.about
        self._follower, self._over = follower, over
        self._at_work = over.threads_at_work(self.source_id)
        self._decided = over.keys_decided(self.source_id)
        self._held = {row.key[1:]: row for row in held}

    def counts(self, wanted: Wanted = EVERYTHING) -> Counter[Group]:
        found = self._follower.counts(wanted, self._at_work)
        found.subtract(Counter(self._follower.among(list(self._held), wanted, self._at_work)))
        found.update(_group(row) for row in self._held.values() if fits(row, wanted))
        return +found

    def waiting(self, wanted: Wanted = EVERYTHING) -> Counter[Group]:
        found = self.counts(wanted)
        found.subtract(Counter(self._follower.among(self._decided, wanted, self._at_work)))
        return +found

    def places(self, wanted: Wanted, *, oldest: bool, first: int, most: int) -> list[Place]:
        if not self._held or not wanted.statuses:
            return self._follower.places(wanted, oldest=oldest, first=first, most=most, at_work=self._at_work)
        enough = first + most + len(self._held)
        found = self._follower.places(wanted, oldest=oldest, first=0, most=enough, at_work=self._at_work)
        left = [place for place in found if (place.thread_id, place.pause_key) not in self._held]
        own = [_place(row) for row in self._held.values() if fits(row, wanted)]
        return sorted([*left, *own], reverse=not oldest)[first : first + most]

    def threads(self, wanted: Wanted, *, first: str, most: int) -> list[str]:
        found = set(self._follower.threads(wanted, first=first, most=most, at_work=self._at_work))
        found |= {row.thread_id for row in self._held.values() if row.thread_id >= first and fits(row, wanted)}
        return sorted(found)[:most]

    def rows(self, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Row]:
        found: dict[tuple[str, str], tuple[str, Any]] = self._follower.find(keys)
        return {
            key: self._over.on(row, from_text(at))
            for key, (at, row) in found.items()
            if not looks_stuck(row.status, at_work=key[0] in self._at_work)
        }

    def place(self, key: tuple[str, str]) -> Place | None:
        return self._follower.place(key)

    def beside(self, place: Place) -> Beside:
        return self._follower.beside(place, self._decided, self._at_work)


def _group(row: Row) -> Group:
    return (row.kind.value, row.graph_id or "unknown", row.status.value)


def _order(row: Row) -> tuple[datetime, str, str]:
    return (row.paused_at, row.thread_id, row.pause_key)


def _place(row: Row) -> Place:
    return Place(to_text(row.paused_at), row.thread_id, row.pause_key)
