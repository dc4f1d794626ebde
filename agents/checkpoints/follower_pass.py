"""The steps that bring an index up to date, each a short transaction, whichever process takes it.

Both tables are followed by rowid. A deletion leaves no new row, so after every
change the held threads are compared with the file. Where rowids mean nothing
any more (VACUUM, a replaced file, a restored copy) everything is read again,
and what the index holds is kept until it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from agents.checkpoints import follower_source as source
from agents.checkpoints.follower_bodies import KEPT, Bodies
from agents.checkpoints.follower_index import Index
from agents.checkpoints.follower_source import TABLES, Mark
from agents.checkpoints.opening import Link, Unreadable, stamp_of
from agents.checkpoints.reader import Reader
from agents.checkpoints.rows import goes_on
from agents.domain import JSON

FIRST_PAGES = 100
"""Pauses that are read before all others, from the end of the file."""

WALK_EVERY = timedelta(minutes=1)
"""How often a file that changes is compared as a whole: a deleted head can bring an old question back."""

_ROWS, _READ, _WALKED, _COMPARED, _DOWN = 300, 100, 200, 500, 5_000


@dataclass(slots=True)
class _Doubt:
    """What this process has yet to do. after: the last held thread that was compared; anew: read, not only compare."""

    behind: bool = False
    checking: bool = False
    after: str | None = None
    anew: bool = False
    walk: bool = True


class Pass:
    """One process's way through one index. Its owner takes turns."""

    def __init__(self, reader: Reader, index: Index, bodies: Bodies) -> None:
        self._reader, self._index, self._bodies = reader, index, bodies
        self._version: tuple[int, ...] | None = None
        self._told: int | None = None
        self._walked_at: datetime | None = None
        self._doubt = _Doubt()
        self._compared_at: tuple[int, ...] | None = None
        self._compared: set[str] = set()

    @property
    def about(self) -> bool:
        """Is there anything that the index holds or lacks without having been compared?"""
        walk = self._index.fact("walk")
        return self._doubt.behind or self._doubt.checking or bool(walk and walk["why"])

    @property
    def version(self) -> tuple[object, ...]:
        """Of the file, and of what was known of the graphs, at the last look."""
        return (self._version, self._told)

    @property
    def first_page_waits(self) -> bool:
        return self._doubt.behind or self._index.fact("down") is not None

    def progress(self) -> str | None:
        """A sentence while the whole file is being read."""
        walk = self._index.fact("walk")
        if not walk or not walk["why"]:
            return None
        so_far = f", {walk['count']:,} threads so far" if walk["count"] else ""
        so_far += ". The newest questions are here; others follow."
        name = self._reader.source.path.name
        if walk["why"] == "first":
            return f"{name} is large and is being read for the first time{so_far}"
        return f"{name} was rebuilt or replaced, so it is being read again{so_far}"

    def doubt(self) -> None:
        """Compare everything, however lately that was done."""
        self._walked_at = None

    def step(self, link: Link) -> bool:
        """The next slice of work, as one transaction; is there more?"""
        if self._version == self._reader.file.version(link) and self._told == self._reader.told and not self._more():
            return False
        try:
            with self._index.step():
                self._look(link)
                self._slice(link)
        except BaseException:
            self._version = None  # what was seen was not kept
            raise
        return self._more()

    def compare(self, link: Link, thread_ids: Sequence[str]) -> None:
        """Read again those that are not as they were. Writes only then; looks once for each state of the file."""
        version = self._reader.file.version(link)
        if version != self._compared_at or len(self._compared) > KEPT:
            self._compared_at, self._compared = version, set()
        if changed := self._changed(link, [each for each in thread_ids if each not in self._compared]):
            with self._index.step():
                self._take(link, changed, soon=True)
        self._compared.update(thread_ids)

    def _more(self) -> bool:
        fact = self._index.fact
        todo = self._doubt.behind or self._doubt.checking or fact("down") is not None or self._walk_due() is not None
        return todo or self._to_enrich(1) != []

    def _look(self, link: Link) -> None:
        """Has anything changed since this process's last step?"""
        version, told, doubt = self._reader.file.version(link), self._reader.told, self._doubt
        if told != self._told:
            doubt.checking, doubt.after, doubt.anew = bool(told), None, bool(told)
            self._told = told
        if version == self._version:
            return
        if self._version is None and self._index.fact("walked") == self._stamp():
            doubt.walk = False  # nothing was written since all of it was compared
        else:
            doubt.walk = True
            doubt.checking, doubt.after = True, None
        self._judge(link)
        self._version, doubt.behind = version, True

    def _judge(self, link: Link) -> None:
        """Do the rowids still mean what they meant?"""
        file = [*link.stamp[:2], link.connection.execute("PRAGMA schema_version").fetchone()[0]]
        known = {table: self._index.fact(table) for table in TABLES}
        if self._index.fact("file") != file or None in known.values():
            self._begin(link, file)
            return
        fits = {table: source.fitting(link.connection, table, known[table]) for table in TABLES}
        if None in fits.values():
            self._begin(link, file)
            return
        for table in TABLES:
            if fits[table] != known[table]:
                self._index.keep(table, fits[table])

    def _begin(self, link: Link, file: list[int]) -> None:
        """Read everything, the newest questions first; new rows are followed from here on."""
        why = "first" if self._index.fact("file") is None else "again"
        self._index.doubt_all()
        for table in TABLES:
            self._index.keep(table, source.reached(link.connection, table))
        self._index.keep("file", file)
        self._index.keep("down", self._index.fact("writes")["at"])
        self._index.keep("walk", self._walk_from_start(why))

    def _slice(self, link: Link) -> None:
        if self._doubt.behind:
            self._doubt.behind = self._catch_up(link)
        elif (down := self._index.fact("down")) is not None:
            self._walk_down(link, down)
        elif self._doubt.checking:
            self._check_held(link)
        elif poor := self._to_enrich(_READ):
            self._take(link, source.marks(link.connection, poor))
        elif (walk := self._walk_due()) is not None:
            self._walk(link, walk)

    def _catch_up(self, link: Link) -> bool:
        """The threads of the next new rows; are there more rows?"""
        more, found = False, dict[str, None]()
        for table in TABLES:
            rows = source.touched(link.connection, table, self._index.fact(table)["at"], _ROWS)
            found.update(dict.fromkeys(row[1] for row in rows))
            more = more or len(rows) == _ROWS
            if rows:
                self._index.keep(table, source.reached(link.connection, table, rows[-1][0]))
        self._take(link, source.marks(link.connection, _names(found)), soon=True)
        return more

    def _walk_down(self, link: Link, rowid: int) -> None:
        """The newest questions first: enough for the first pages. The walk finds the others."""
        found = _names(source.asking_below(link.connection, rowid, _DOWN))[:FIRST_PAGES]
        self._take(link, self._changed(link, found), soon=True)
        enough = rowid <= _DOWN or len(self._index.held(None, FIRST_PAGES)) >= FIRST_PAGES
        self._index.keep("down", None if enough else rowid - _DOWN)

    def _check_held(self, link: Link) -> None:
        doubt = self._doubt
        held = self._index.held(doubt.after, _READ if doubt.anew else _COMPARED)
        self._take(link, source.marks(link.connection, held) if doubt.anew else self._changed(link, held))
        doubt.after = held[-1] if held else None
        doubt.checking = bool(held)
        doubt.anew = doubt.anew and doubt.checking

    def _to_enrich(self, most: int) -> list[str]:
        """Threads that a process read which knew nothing of the graphs; this one does."""
        return self._index.poor(most) if self._told else []

    def _walk_due(self) -> JSON:
        """Where the walk over all threads stands; None when none is due."""
        walk = self._index.fact("walk")
        if walk is not None or not self._doubt.walk:
            return walk
        due = self._walked_at is None or self._reader.now() - self._walked_at >= WALK_EVERY
        return self._walk_from_start("") if due else None

    def _walk_from_start(self, why: str) -> JSON:
        """why: "first", "again", or "" where the index is right save for what nobody could see."""
        return {"after": None, "count": 0, "why": why, "stamp": self._stamp()}

    def _walk(self, link: Link, walk: JSON) -> None:
        after = walk["after"]
        found = source.threads_after(link.connection, after, _WALKED)
        last = found[-1] if len(found) == _WALKED and (after is None or found[-1] > after) else None
        known = self._index.between(after, last)
        now = source.marks(link.connection, _names(found))
        self._index.forget(known.keys() - now.keys())
        self._take(link, {name: mark for name, mark in now.items() if mark.text != known.get(name)})
        self._index.keep("walk", None if last is None else {**walk, "after": last, "count": walk["count"] + len(found)})
        if last is None:
            self._index.keep("walked", walk["stamp"])
            self._walked_at, self._doubt.walk = self._reader.now(), walk["stamp"] != self._stamp()

    def _stamp(self) -> list[int] | None:
        with suppress(Unreadable):
            return list(stamp_of(self._reader.source.path))
        return None

    def _changed(self, link: Link, thread_ids: Sequence[str]) -> dict[str, Mark]:
        now, known = source.marks(link.connection, thread_ids), self._index.marks(thread_ids)
        return {name: mark for name, mark in now.items() if mark.text != known.get(name)}

    def _take(self, link: Link, marks: Mapping[str, Mark], *, soon: bool = False) -> None:
        """Read these threads into the index. Their marks are older than what is read, so nothing is missed."""
        for thread_id, mark in marks.items():
            if mark.head is None:
                self._index.forget([thread_id])
                continue
            waits = mark.at_work or goes_on(link.connection, thread_id)
            found = self._reader.pauses_in(link, thread_id) if waits else ()
            entries = [self._bodies.entry(pause, soon=soon) for pause in found]
            self._index.put(thread_id, mark.text, entries, poor=not self._told)


def _names(found: Sequence[object] | Mapping[str, None]) -> list[str]:
    """Only texts: a file may hold any value as a thread's name, and no link can name those."""
    return [each for each in found if isinstance(each, str)]
