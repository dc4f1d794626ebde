"""Following a large checkpointer file: its pauses are kept in an index, and only what changed is read again.

A page costs the same however many threads the file holds: it looks what
changed, asks the index, and compares the few pauses that it shows with the
file. What takes longer goes on beside, slice by slice.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from agents.checkpoints import follower_search as search
from agents.checkpoints.follower_bodies import Bodies, Digest
from agents.checkpoints.follower_index import Index, name_for
from agents.checkpoints.follower_pass import Pass
from agents.checkpoints.follower_search import Beside, Group, Place, Wanted
from agents.checkpoints.opening import Link, Problem, Unreadable
from agents.checkpoints.reader import Reader
from agents.clock import to_text
from agents.domain import Pause

log = logging.getLogger(__name__)

T = TypeVar("T")
Key: TypeAlias = tuple[str, str]
"""(thread_id, pause_key)"""

FOLLOWED_FROM = 60_000
"""Rows of a file from which on it is followed: about 2,500 threads. Below that, reading it whole is as fast."""

PATIENCE_SECONDS = 0.3
"""How long a page waits for the newest pauses while a file is read for the first time."""

FOUND_AT_ONCE = 200

BREATH_SECONDS = 0.001
"""Between two slices of work beside the pages, so that a page gets its turn."""


@dataclass(frozen=True, slots=True)
class Following:
    """How the index stands. about: something of it is not compared with the file yet. note, problem: as in a Listing."""

    about: bool
    note: str | None = None
    problem: Problem | None = None


class Follower:
    """The pauses of one file by way of an index. Thread-safe; close it."""

    def __init__(self, reader: Reader, folder: Path, stamp: str, digest: Callable[[Pause], Digest]) -> None:
        self.source = reader.source
        self._reader = reader
        self._folder, self._name = folder, name_for(reader.source.source_id, stamp)
        self._lock = threading.RLock()
        self._bodies = Bodies(digest)
        self._worker: threading.Thread | None = None
        self._closing = threading.Event()
        self._index = Index(self._folder, self._name)
        self._pass = Pass(reader, self._index, self._bodies)

    def close(self) -> None:
        self._closing.set()
        if self._worker is not None:
            self._worker.join()
        with self._lock:
            self._index.close()

    def refresh(self) -> Following:
        """Look what changed; what takes longer goes on beside. Never raises: what goes wrong is a sentence."""
        return self._following(self._first_page)

    def settle(self) -> Following:
        """All of it, here and now, so that nothing is "about": for a command that prints everything."""
        return self._following(self._everything)

    def counts(self, wanted: Wanted, at_work: Collection[str] = ()) -> Counter[Group]:
        """How many pauses fit, by (kind, graph, status). at_work: threads whose stuck pauses do not count."""
        return self._run(lambda: search.counts(self._index.connection, wanted, self._now(), at_work))

    def places(
        self, wanted: Wanted, *, oldest: bool, first: int, most: int, at_work: Collection[str] = ()
    ) -> list[Place]:
        """A stretch of the pauses that fit, in order."""
        return self._run(
            lambda: search.places_of(self._index.connection, wanted, self._now(), at_work, oldest, first, most)
        )

    def threads(self, wanted: Wanted, *, first: str, most: int, at_work: Collection[str] = ()) -> list[str]:
        """The threads of the pauses that fit, by their ids, from `first` on."""
        return self._run(lambda: search.threads_of(self._index.connection, wanted, self._now(), at_work, first, most))

    def among(self, keys: Collection[Key], wanted: Wanted, at_work: Collection[str] = ()) -> list[Group]:
        """(kind, graph, status) of each of these pauses that is held and fits."""
        return self._run(lambda: search.among(self._index.connection, keys, wanted, self._now(), at_work))

    def mark(self) -> object:
        """Equal while what is held stays the same; None while it is not all compared with the file."""
        return self._run(lambda: None if self._pass.about else self._pass.version)

    def keys_of(self, graphs: Collection[str], thread_ids: Collection[str]) -> set[Key]:
        """What these graphs and these threads wait for; not what is stuck."""
        return self._run(lambda: search.keys_of(self._index.connection, graphs, thread_ids))

    def beside(self, place: Place, without: Collection[Key], at_work: Collection[str] = ()) -> Beside:
        """The neighbours of a place. without: pauses that do not count."""
        return self._run(lambda: search.beside(self._index.connection, place, self._now(), at_work, without))

    def find(self, keys: Sequence[Key]) -> dict[Key, tuple[str, Any]]:
        """(thread_id, pause_key) -> (its time, its body), each compared with the file first; what is gone is left out."""
        found: dict[Key, tuple[str, Any]] = {}
        for first in range(0, len(keys), FOUND_AT_ONCE):
            some = keys[first : first + FOUND_AT_ONCE]
            found |= self._run(lambda some=some: self._find(some))  # type: ignore[misc]
        return found

    def place(self, key: Key) -> Place | None:
        """Where a pause stands; None when it is not held, or not shown yet."""
        found = self._run(lambda: search.held(self._index.connection, [key], self._now())).get(key)
        return Place(found[0], *key) if found else None

    def delivered_since(self) -> str:
        """Up to when deliveries were told of, as UTC text; "" for none."""
        return self._run(lambda: str(self._index.fact("delivered") or ""))

    def deliver(self, times: Mapping[str, str], since: str) -> None:
        """Answers of ours that arrived (thread_id -> UTC text), and up to when that is all of them."""
        self._run(lambda: self._deliver(times, since))

    def _find(self, keys: Sequence[Key]) -> dict[Key, tuple[str, Any]]:
        with suppress(Unreadable):  # refresh() tells it; what is known is shown
            self._read(lambda link: self._pass.compare(link, list(dict.fromkeys(key[0] for key in keys))))
        found = {}
        for key, (at, print_) in search.held(self._index.connection, keys, self._now()).items():
            body = self._bodies.get(key, print_)
            if body is None:
                body = self._read_body(key)
            if body is not None:
                found[key] = (at, body)
        return found

    def _read_body(self, key: Key) -> Any:
        try:
            found = self._read(lambda link: self._reader.pauses_in(link, key[0]))
        except Unreadable:
            return None
        return next((self._bodies.show(pause) for pause in found if pause.pause_key == key[1]), None)

    def _deliver(self, times: Mapping[str, str], since: str) -> None:
        with self._index.step():
            self._index.deliver(times)
            self._index.keep("delivered", since)

    # Taking turns

    def _following(self, work: Callable[[], None]) -> Following:
        try:
            return self._run(lambda: self._told(work))
        except Unreadable as error:
            return Following(True, str(error), error.problem)

    def _told(self, work: Callable[[], None]) -> Following:
        work()
        return Following(self._pass.about, self._pass.progress())

    def _first_page(self) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        more = self._step()
        while more and self._pass.first_page_waits and time.monotonic() < until:
            more = self._step()
        if more:
            self._go_on_beside()

    def _everything(self) -> None:
        self._pass.doubt()
        while self._step():
            pass

    def _step(self) -> bool:
        return self._read(self._pass.step)

    def _read(self, work: Callable[[Link], T]) -> T:
        def guarded(link: Link) -> T:
            try:
                return work(link)
            except sqlite3.Error as error:
                if self._index.damaged():
                    raise _Damaged from error  # not the file's fault, so that it is not opened again
                raise

        return self._reader.file.read(guarded)

    def _run(self, work: Callable[[], T]) -> T:
        """One at a time; with an index that is in order. What the file does wrong has become Unreadable already."""
        with self._lock:
            if self._index.gone:
                self._renew()
            try:
                return work()
            except (sqlite3.Error, _Damaged) as error:
                log.warning("The index %s is made anew: %s", self._name, error.__cause__ or error)
                self._index.discard()
                self._renew()
            return work()

    def _renew(self) -> None:
        self._index.close()
        self._index = Index(self._folder, self._name)
        self._pass = Pass(self._reader, self._index, self._bodies)

    def _now(self) -> str:
        return to_text(self._reader.now())

    def _go_on_beside(self) -> None:
        if self._closing.is_set() or (self._worker is not None and self._worker.is_alive()):
            return
        self._worker = threading.Thread(target=self._work, name="signoff-follower", daemon=True)
        self._worker.start()

    def _work(self) -> None:
        try:
            while not self._closing.wait(BREATH_SECONDS) and self._run(self._step):
                pass
        except Unreadable as error:
            log.info("%s", error)  # the next refresh says it on the page
        except Exception:
            log.exception("Following %s stopped; the next look at it goes on", self.source.path)


class _Damaged(Exception):
    """The index cannot be used; the cause says why."""
