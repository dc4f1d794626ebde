"""Reading one checkpointer file, again and again, cheaply and from any thread."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from agents.checkpoints.file import File, Version
from agents.checkpoints.opening import Link, Problem, Unreadable
from agents.checkpoints.questions import QuestionState, pauses, questions
from agents.checkpoints.rows import (
    ERROR,
    NULL_TASK,
    RESUME,
    Head,
    ThreadRows,
    fingerprint_row,
    head_of,
    paused_threads,
    snapshot,
    thread_rows,
)
from agents.checkpoints.source import Source
from agents.checkpoints.story import Step, channel_values, steps
from agents.domain import JSON, Pause


@dataclass(frozen=True, slots=True)
class Listing:
    """What waits in a file, newest first. `note`: a sentence when it could not be read (in full); `problem`: why."""

    pauses: tuple[Pause, ...]
    note: str | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class ThreadState:
    """One thread as its rows stand now.

    pauses include questions whose answer is stored but not worked off (STUCK,
    with a note). failed: the head has a task that raised. unfinished: the head
    holds task rows, so the run stopped between two checkpoints or waits.
    loose_answer: a value without a question's id is left behind.
    """

    source_id: str
    thread_id: str
    head: Head
    pauses: tuple[Pause, ...]
    questions: tuple[QuestionState, ...]
    failed: bool
    unfinished: bool
    loose_answer: bool


class Reader:
    """A file's pauses, re-read only when the file changed. Thread-safe; close it.

    answered: list also questions whose answer is stored but not worked off.
    """

    def __init__(self, source: Source, *, answered: bool = False) -> None:
        self.source = source
        self.file = File(source)
        self._answered = answered
        self._epoch = 0
        self._version: Version | None = None
        self._schema: int | None = None
        self._last_row: tuple[int, tuple[Any, ...]] | None = None
        self._known: dict[str, tuple[str, tuple[Pause, ...]]] = {}
        self._listing = Listing(())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.file.close()

    def listing(self) -> Listing:
        """All pauses of the file. Never raises: what goes wrong is a sentence in `note`."""
        try:
            return self.file.read(self._current)
        except Unreadable as error:
            if error.problem is Problem.LOCKED:  # what was read before still stands until it can be read again
                return replace(self._listing, note=str(error), problem=error.problem)
            return Listing((), str(error), error.problem)

    def thread(self, thread_id: str) -> ThreadState | None:
        """The thread, read now; None when the file does not hold it. Raises SourceUnreadable."""
        return self.file.read(lambda link: self._thread(link, thread_id))

    def pause(self, thread_id: str, pause_key: str) -> Pause | None:
        """One pause, read now; None when it is not pending (any more). Raises SourceUnreadable."""
        state = self.thread(thread_id)
        found = state.pauses if state else ()
        return next((pause for pause in found if pause.pause_key == pause_key), None)

    def metadata(self, thread_id: str) -> dict[str, JSON] | None:
        """Metadata of the thread's head (graph_id, title, step, ...). Raises SourceUnreadable."""
        head = self.file.read(lambda link: head_of(link.connection, thread_id))
        return head.metadata if head else None

    def history(self, thread_id: str, limit: int = 200) -> tuple[Step, ...]:
        """The newest steps of the thread, oldest first. Raises SourceUnreadable."""
        return self.file.read(lambda link: steps(link.connection, thread_id, limit))

    def values(self, thread_id: str) -> dict[str, JSON]:
        """The thread's state by channel; {} when the file does not hold it. Raises SourceUnreadable."""
        return self.file.read(lambda link: channel_values(link.connection, thread_id))

    def _current(self, link: Link) -> Listing:
        if self.file.epoch != self._epoch:
            self._epoch, self._version, self._known, self._last_row = self.file.epoch, None, {}, None
        version = self.file.version(link)
        if version != self._version:
            self._forget_if_rebuilt(link)
            self._listing = self._list(link)
            self._version = version
        return self._listing

    def _forget_if_rebuilt(self, link: Link) -> None:
        """Rowids mean nothing any more after VACUUM, a restored backup, or a deleted tail that was written again."""
        schema = link.connection.execute("PRAGMA schema_version").fetchone()[0]
        with snapshot(link.connection):
            newest = fingerprint_row(link.connection, None)
            same = fingerprint_row(link.connection, self._last_row[0]) if self._last_row else None
        gone_back = self._last_row is not None and (newest is None or newest[0] < self._last_row[0])
        if schema != self._schema or gone_back or (same is not None and same != self._last_row):
            self._known = {}
        self._schema, self._last_row = schema, newest

    def _list(self, link: Link) -> Listing:
        known: dict[str, tuple[str, tuple[Pause, ...]]] = {}
        for thread_id, mark in paused_threads(link.connection).items():
            kept = self._known.get(thread_id)
            if kept is None or kept[0] != mark:
                rows = thread_rows(link.connection, thread_id)
                kept = (mark, self._pauses(link, rows, self._answered) if rows else ())
            known[thread_id] = kept
        self._known = known
        found = [pause for _, each in known.values() for pause in each]
        found.sort(key=lambda pause: (pause.paused_at, pause.thread_id), reverse=True)
        return Listing(tuple(found))

    def _thread(self, link: Link, thread_id: str) -> ThreadState | None:
        rows = thread_rows(link.connection, thread_id)
        if rows is None:
            return None
        own = [write for write in rows.root if write.task_id != NULL_TASK]
        return ThreadState(
            source_id=self.source.source_id,
            thread_id=thread_id,
            head=rows.head,
            pauses=self._pauses(link, rows, True),
            questions=tuple(question.state for question in questions(rows)),
            failed=any(write.idx == ERROR for write in own),
            unfinished=bool(own),
            loose_answer=any(write.task_id == NULL_TASK and write.idx == RESUME for write in rows.root),
        )

    def _pauses(self, link: Link, rows: ThreadRows, answered: bool) -> tuple[Pause, ...]:
        written = datetime.fromtimestamp(link.stamp[3] / 1e9, UTC)
        return pauses(self.source.source_id, rows, written, answered=answered)
