"""A held job on an open desk, and what it may write about its decisions, always under its lease."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy import Connection

from agents import choosing, decisions, jobs, trust
from agents.audit import Question, append
from agents.database import reading, writing
from agents.decisions import Decision
from agents.desk import Desk
from agents.domain import JSON, DecisionStatus, Pause
from agents.errors import Busy, SourceUnreadable
from agents.jobs import Job
from agents.runs.threads import OpenThread, open_thread
from agents.starts import started

log = logging.getLogger(__name__)
ACTOR = "system:worker"


@dataclass(frozen=True, slots=True)
class Run:
    """A held job on an open desk. `check_lease` raises LeaseLost as soon as another worker has the thread.

    ahead: the thread's file went on without this database, so that its next step may have been done already.
    """

    desk: Desk
    held: Job
    check_lease: Callable[[], None]
    ahead: bool = False

    @property
    def about(self) -> Question:
        return Question(self.held.source_id, self.held.thread_id)

    @property
    def thread(self) -> tuple[str, str]:
        return self.held.source_id, self.held.thread_id

    def open(self) -> AbstractContextManager[OpenThread]:
        known = started(self.desk, self.held.source_id, self.held.thread_id) or {}
        metadata = {"title": known["title"]} if known else {}
        source = self.desk.reader(self.held.source_id).source
        graph_id = self._graph_id(known)
        lock = self.desk.settings.home / f"{source.source_id.replace('/', '-')}.setup.lock"
        return open_thread(
            self.desk.registry,
            source.path,
            self.held.thread_id,
            graph_id,
            metadata,
            self.check_lease,
            lock,
            allowed=self._trusted,
            source_id=source.source_id,
        )

    def _trusted(self, graph_id: str) -> tuple[tuple[str, str], ...]:
        with reading(self.desk.engine) as connection:
            return trust.types_of(connection, graph_id)

    def _graph_id(self, known: Mapping[str, JSON]) -> str | None:
        named = self.held.graph_id or known.get("graph_id")
        if named in self.desk.registry.ids():
            return str(named)
        self.desk.registry.load_own()
        found = choosing.belongs(self.desk, self.held.thread_id, self.held.source_id)
        return found[0] if found else None

    def pauses(self) -> tuple[Pause, ...]:
        return self.desk.pauses(self.held.thread_id, self.held.source_id)

    def newest(self) -> str:
        """The id of the thread's newest checkpoint; jobs.NOT_KNOWN where there is none, or the file cannot be read now."""
        try:
            state = self.desk.state(self.held.thread_id, self.held.source_id)
        except (Busy, SourceUnreadable):
            return jobs.NOT_KNOWN
        return state.head.checkpoint_id if state else jobs.NOT_KNOWN

    def report(self, text: str) -> None:
        try:
            jobs.report(self.desk.engine, self.held, text, self.desk.clock())
        except Busy:  # a line of progress is not worth a run
            log.warning("A line of progress was not kept: the database is busy")


def delivered(run: Run, connection: Connection, found: Decision) -> None:
    """The answer is in the file. For the record: what was sent, and the checkpoint that the thread stands at since."""
    status, newest = DecisionStatus.DELIVERED, run.newest() or None
    _conclude(run, connection, found, status, sent=found.resume_value, checkpoint_id=newest)


def supersede(run: Run, connection: Connection, found: Decision, reason: str) -> None:
    _conclude(run, connection, found, DecisionStatus.SUPERSEDED, reason=reason)


def refuse(run: Run, found: Sequence[Decision], reason: str) -> None:
    with writing(run.desk.engine) as connection:
        jobs.still_mine(connection, run.held)
        for each in found:
            _conclude(run, connection, each, DecisionStatus.REFUSED, reason=reason)


def _conclude(run: Run, connection: Connection, found: Decision, status: DecisionStatus, **details: JSON) -> None:
    """Settle a decision and put it on record under its status' name; `details` go into the event."""
    now = run.desk.clock()
    decisions.settle(connection, found, status, at=now, reason=details.get("reason"))
    about, decision_id = found.about, found.decision_id
    append(connection, at=now, actor=ACTOR, action=status.value, about=about, decision_id=decision_id, **details)
