"""The desk: settings, Signoff's database, the checkpointer files and the graphs, opened once.

Entry points open it and pass it down; nothing is opened at import.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, select

from agents.adapters.mail import make_mailer
from agents.audit import record_settings
from agents.belonging import Belonging
from agents.checkpoints import (
    FOLLOWED_FROM,
    Follower,
    Problem,
    Reader,
    Source,
    ThreadState,
    Unreadable,
    names_of,
    sources_for,
)
from agents.clock import Clock, utc_now
from agents.database import decision, event, job, open_database, reading, thread
from agents.domain import JSON, Pause
from agents.errors import Busy, InvalidInput, SettingsError, SourceUnreadable
from agents.registry import Registry, load_registry
from agents.rules import Rules, load_rules
from agents.settings import Settings


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that a page, a command or the worker needs. Close it at the end."""

    settings: Settings
    engine: Engine
    readers: tuple[Reader, ...]
    registry: Registry
    clock: Clock
    rules: Rules = field(default_factory=Rules)
    memo: dict[str, Any] = field(default_factory=dict)
    """What the inbox keeps between two calls; lives and dies with the desk."""

    follow_from: int = FOLLOWED_FROM
    """Rows of a checkpointer file from which on it is followed by way of an index."""

    @property
    def sources(self) -> tuple[Source, ...]:
        return tuple(reader.source for reader in self.readers)

    def reader(self, source_id: str | None = None) -> Reader:
        """The reader of one checkpointer file; the first, which takes new threads, when none is named. Raises InvalidInput."""
        if source_id is None:
            return self.readers[0]
        for reader in self.readers:
            if reader.source.source_id == source_id:
                return reader
        known = ", ".join(source.source_id for source in self.sources)
        raise InvalidInput(f"No checkpointer file is called {source_id!r} here. Known: {known}.")

    def source_names(self) -> Mapping[str, str]:
        """A short name for people of each checkpointer file, by source_id; {} where there is only one."""
        return names_of(self.sources) if len(self.readers) > 1 else {}

    def source_of(self, thread_id: str, source_id: str | None = None) -> str:
        """The file that a thread is in: the named one, else the only one that holds it, else the first.

        Raises InvalidInput when several hold it, or none has the given name; Busy when a locked file may hold it.
        """
        if source_id is not None or len(self.readers) == 1:
            return self.reader(source_id).source.source_id
        found = [each.source_id for each in self.sources if self._knows(each.source_id, thread_id)]
        if len(found) > 1:
            raise InvalidInput(
                f"Thread {thread_id} is in several checkpointer files. Name one, with --source in a command or source= in a "
                f"link: {', '.join(found)}."
            )
        return found[0] if found else self.sources[0].source_id

    def _knows(self, source_id: str, thread_id: str) -> bool:
        with reading(self.engine) as connection:
            for table in (thread, job, decision, event):
                where = (table.c.source_id == source_id, table.c.thread_id == thread_id)
                if connection.execute(select(table.c.thread_id).where(*where).limit(1)).first():
                    return True
        try:
            return self.state(thread_id, source_id) is not None
        except SourceUnreadable:
            return False  # a file that nobody can read hides no thread of another one

    def state(self, thread_id: str, source_id: str | None = None) -> ThreadState | None:
        """A thread as its rows stand now; None when the file is not there yet or does not hold it.

        Raises Busy when the file is locked, SourceUnreadable when it is no checkpointer.
        """
        try:
            return self.reader(source_id).thread(thread_id)
        except Unreadable as error:
            if error.problem in (Problem.MISSING, Problem.EMPTY):
                return None
            if error.problem is Problem.LOCKED:
                raise Busy(str(error)) from error
            raise

    def pauses(self, thread_id: str, source_id: str | None = None) -> tuple[Pause, ...]:
        """What a thread waits for now. Raises as `state` does."""
        found = self.state(thread_id, source_id)
        return found.pauses if found else ()

    def outcome(self, thread_id: str, source_id: str | None = None) -> JSON:
        """The `outcome` of a thread's state, where its graph has set one."""
        if self.state(thread_id, source_id) is None:
            return None
        return self.reader(source_id).values(thread_id).get("outcome")

    def close(self) -> None:
        for each in list(self.memo.values()):  # a page may still be drawn
            if isinstance(each, Follower):
                each.close()
        for reader in self.readers:
            reader.close()
        self.registry.close()
        self.engine.dispose()


def open_desk(settings: Settings, clock: Clock = utc_now) -> Desk:
    """Open the desk that the settings describe, making its folder and tables where they are missing.

    Raises SettingsError, Busy or SignoffError with what to do; a graph that
    does not load is no error here: the registry says so, graph by graph.
    """
    rules = load_rules(settings.rules)
    make_mailer(settings)  # connects to nothing; a bad setting is refused now and not at the first send
    sources = sources_for(settings.checkpoints_paths, settings.home)
    if any(settings.database_path.resolve() == source.path for source in sources):
        raise SettingsError(
            f"SIGNOFF_DATABASE and SIGNOFF_CHECKPOINTS name the same file, {settings.database_path}. "
            "Signoff's own tables need a file of their own."
        )
    engine = open_database(settings.database_path, busy_seconds=settings.busy_seconds)
    try:
        record_settings(engine, settings, rules, clock())
        registry = load_registry(settings)
    except BaseException:
        engine.dispose()
        raise
    facts = Belonging(engine, registry)
    readers = tuple(Reader(source, facts=facts, clock=clock) for source in sources)
    return Desk(settings, engine, readers, registry, clock, rules)
