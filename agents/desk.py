"""The desk: settings, Signoff's database, the checkpointer files and the graphs, opened once.

Entry points open it and pass it down; nothing is opened at import.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine

from agents.adapters.mail import make_mailer
from agents.checkpoints import Problem, Reader, Source, ThreadState, Unreadable, source_for
from agents.clock import Clock, utc_now
from agents.database import open_database
from agents.domain import JSON, Pause
from agents.errors import Busy, InvalidInput, SettingsError
from agents.registry import Registry, load_registry
from agents.settings import Settings


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that a page, a command or the worker needs. Close it at the end."""

    settings: Settings
    engine: Engine
    readers: tuple[Reader, ...]
    registry: Registry
    clock: Clock
    memo: dict[str, Any] = field(default_factory=dict)
    """What the inbox keeps between two calls; lives and dies with the desk."""

    @property
    def sources(self) -> tuple[Source, ...]:
        return tuple(reader.source for reader in self.readers)

    def reader(self, source_id: str | None = None) -> Reader:
        """The reader of one checkpointer file; the first when none is named. Raises InvalidInput."""
        if source_id is None:
            return self.readers[0]
        for reader in self.readers:
            if reader.source.source_id == source_id:
                return reader
        known = ", ".join(source.source_id for source in self.sources)
        raise InvalidInput(f"No checkpointer file is called {source_id!r} here. Known: {known}.")

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
        for reader in self.readers:
            reader.close()
        self.engine.dispose()


def open_desk(settings: Settings, clock: Clock = utc_now) -> Desk:
    """Open the desk that the settings describe, making its folder and tables where they are missing.

    Raises SettingsError, Busy or SignoffError with what to do; a graph that
    does not load is no error here: the registry says so, graph by graph.
    """
    make_mailer(settings)  # connects to nothing; a bad setting is refused now and not at the first send
    if settings.database_path.resolve() == settings.checkpoints_path.resolve():
        raise SettingsError(
            f"SIGNOFF_DATABASE and SIGNOFF_CHECKPOINTS name the same file, {settings.database_path}. "
            "Signoff's own tables need a file of their own."
        )
    engine = open_database(settings.database_path, busy_seconds=settings.busy_seconds)
    try:
        registry = load_registry(settings)
    except BaseException:
        engine.dispose()
        raise
    reader = Reader(source_for(settings.checkpoints_path, settings.home))
    return Desk(settings, engine, (reader,), registry, clock)
