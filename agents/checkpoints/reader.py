"""Reading one checkpointer file, again and again, cheaply and from any thread."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from agents.checkpoints.facts import Facts
from agents.checkpoints.file import File, Version
from agents.checkpoints.opening import Link, Problem, Unreadable
from agents.checkpoints.pausing import pauses, shown
from agents.checkpoints.questions import QuestionState, questions
from agents.checkpoints.rows import (
    ERROR,
    NULL_TASK,
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
from agents.checkpoints.stuck import loose_answer
from agents.clock import Clock, utc_now
from agents.domain import JSON, GraphFacts, Pause


@dataclass(frozen=True, slots=True)
class Listing:
    """What waits in a file, newest first. `note`: a sentence when it could not be read (in full); `problem`: why."""

    pauses: tuple[Pause, ...]
    note: str | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class ThreadState:
    """One thread as its rows stand now.

    pauses: also what may be running, with the time from which it is listed
    (`shown_from`). failed: the head has a task that raised. unfinished: the run
    stopped between two steps, waits or goes on.
    loose_answer: a value without a question's id is left behind. hidden: the
    newest step, where LangGraph takes an earlier one for it. known: every node
    that the thread's newest step tells of.
    """

    source_id: str
    thread_id: str
    head: Head
    pauses: tuple[Pause, ...]
    questions: tuple[QuestionState, ...]
    failed: bool
    unfinished: bool
    loose_answer: bool
    hidden: str | None = None
    known: frozenset[str] = frozenset()


class Reader:
    """A file's pauses, re-read only when the file changed. Thread-safe; close it.

    answered: list at once what may still be running, such as a question whose
    answer is stored but not worked off. facts: what is known of the graphs;
    more may be known at the next call.
    """

    def __init__(
        self, source: Source, *, answered: bool = False, facts: Facts | None = None, clock: Clock = utc_now
    ) -> None:
        self.source = source
        self.file = File(source)
        self._answered = answered
        self._facts = facts
        self._clock = clock
        self._told = 0
        self._epoch = 0
        self._version: Version | None = None
        self._schema: int | None = None
        self._last_row: tuple[int, tuple[Any, ...]] | None = None
        self._known: dict[str, tuple[str, tuple[Pause, ...]]] = {}
        self._heads: dict[str, tuple[str, bool]] = {}
        self._later: datetime | None = None
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

    def rows_from(self, number: int) -> bool:
        """Has the file about so many rows or more? Told from its highest rowids; False when it cannot be read."""
        query = (
            "SELECT (SELECT coalesce(max(rowid), 0) FROM writes) + (SELECT coalesce(max(rowid), 0) FROM checkpoints)"
        )
        try:
            return self.file.read(lambda link: int(link.connection.execute(query).fetchone()[0]) >= number)
        except Unreadable:
            return False

    @property
    def told(self) -> int:
        """Rises when more is known of the graphs, so that pauses may read differently."""
        return self._facts.version if self._facts else 0

    def now(self) -> datetime:
        """By the clock that tells what is shown already."""
        return self._clock()

    def pauses_in(self, link: Link, thread_id: str) -> tuple[Pause, ...]:
        """What a listing holds of one thread, those to be shown later included; for use inside `file.read`."""
        rows = thread_rows(link.connection, thread_id)
        return self._pauses(link, rows, self._answered) if rows else ()

    def _current(self, link: Link) -> Listing:
        if self.file.epoch != self._epoch:
            self._epoch, self._version, self._last_row = self.file.epoch, None, None
            self._known, self._heads = {}, {}
        version, told = self.file.version(link), self.told
        if version != self._version or told != self._told:
            self._forget_if_rebuilt(link)
            if told != self._told:
                self._known = {}
            self._update(link)
            self._version, self._told = version, told
            self._listing = self._shown()
        elif self._later is not None and self._later <= self._clock():
            self._listing = self._shown()
        return self._listing

    def _forget_if_rebuilt(self, link: Link) -> None:
        """Rowids mean nothing any more after VACUUM, a restored backup, or a deleted tail that was written again."""
        schema = link.connection.execute("PRAGMA schema_version").fetchone()[0]
        with snapshot(link.connection):
            newest = fingerprint_row(link.connection, None)
            same = fingerprint_row(link.connection, self._last_row[0]) if self._last_row else None
        gone_back = self._last_row is not None and (newest is None or newest[0] < self._last_row[0])
        if schema != self._schema or gone_back or (same is not None and same != self._last_row):
            self._known, self._heads = {}, {}
        self._schema, self._last_row = schema, newest

    def _update(self, link: Link) -> None:
        known: dict[str, tuple[str, tuple[Pause, ...]]] = {}
        for thread_id, mark in paused_threads(link.connection, self._heads).items():
            kept = self._known.get(thread_id)
            if kept is None or kept[0] != mark:
                rows = thread_rows(link.connection, thread_id)
                kept = (mark, self._pauses(link, rows, self._answered) if rows else ())
            known[thread_id] = kept
        self._known = known

    def _shown(self) -> Listing:
        """Those that are shown by now; when the next one is, the list is made anew."""
        now = self._clock()
        every = [pause for _, each in self._known.values() for pause in each]
        found = sorted(shown(every, now), key=lambda pause: (pause.paused_at, pause.thread_id), reverse=True)
        self._later = min(
            (each.shown_from for each in every if each.shown_from and each.shown_from > now), default=None
        )
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
            pauses=self._pauses(link, rows, False),
            questions=tuple(question.state for question in questions(rows)),
            failed=any(write.idx == ERROR for write in own),
            unfinished=bool(own) or bool(rows.next.nodes),
            loose_answer=loose_answer(rows),
            hidden=rows.hidden,
            known=rows.next.known,
        )

    def _pauses(self, link: Link, rows: ThreadRows, answered: bool) -> tuple[Pause, ...]:
        written = datetime.fromtimestamp(link.stamp[3] / 1e9, UTC)
        return pauses(self.source.source_id, rows, written, answered=answered, facts=self._facts_of(rows))

    def _facts_of(self, rows: ThreadRows) -> GraphFacts | None:
        if self._facts is None:
            return None
        named = rows.head.metadata.get("graph_id")
        graph_id = named if isinstance(named, str) and named else None
        return self._facts.of(self.source.source_id, rows.thread_id, graph_id, rows.next.known)
