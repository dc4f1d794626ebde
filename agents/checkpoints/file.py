"""One open file: a connection that is made anew when the file was replaced, shared by all who read it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from typing import TypeAlias, TypeVar

from agents.checkpoints.opening import Link, Problem, Unreadable, explained, open_link, stamp_of
from agents.checkpoints.source import Source

T = TypeVar("T")

Version: TypeAlias = tuple[int, ...]
"""Differs whenever the file's content may differ; says nothing of what changed."""


class File:
    """A checkpointer file behind one read-only connection. Thread-safe; close it.

    epoch: rises when the connection leads to another file than before, so that what was kept of the old one is void.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.epoch = 0
        self._lock = threading.RLock()
        self._link: Link | None = None
        self._opened = 0
        self._version: Version | None = None

    def close(self) -> None:
        with self._lock:
            self._drop()

    def read(self, work: Callable[[Link], T]) -> T:
        """work(link), with a second try on a new connection. Keep it short: others wait. Raises Unreadable."""
        with self._lock:
            fresh = self._link is None
            try:
                return work(self._open())
            except sqlite3.Error as error:
                self._drop()
                problem = explained(error, self.source.path)
                if fresh or problem.problem is Problem.LOCKED:
                    raise problem from error
            try:
                return work(self._open())  # an old connection may have met a file that was replaced under it
            except sqlite3.Error as error:
                self._drop()
                raise explained(error, self.source.path) from error

    def version(self, link: Link) -> Version:
        """To be asked inside `read`, before the rows: a change in between is then seen the next time."""
        if not link.follows:
            return (self._opened, *link.stamp)
        return (self._opened, link.connection.execute("PRAGMA data_version").fetchone()[0])

    def _open(self) -> Link:
        try:
            stamp = stamp_of(self.source.path)
        except Unreadable:
            self._drop()
            raise
        link = self._link
        if link is not None and (stamp[:2] != link.stamp[:2] or (not link.follows and stamp != link.stamp)):
            self._drop()
            link = None
        if link is None:
            link = self._connect()
        elif stamp[2:4] != link.stamp[2:4]:
            link = self._changed_in_place(link, stamp)
        self._version = self.version(link)
        return link

    def _changed_in_place(self, link: Link, stamp: tuple[int, ...]) -> Link:
        """SQLite tells its own writers' changes; a file that was copied over needs a connection without old pages."""
        if self._version == self.version(link):
            link.close()
            self._link = None
            link = self._connect()
        link.stamp = stamp
        return link

    def _connect(self) -> Link:
        link = self._link = open_link(self.source.path)
        self._opened += 1
        return link

    def _drop(self) -> None:
        if self._link is not None:
            self._link.close()
            self.epoch += 1
        self._link, self._version = None, None
