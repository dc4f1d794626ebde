"""How the desk itself is: who works, what waits or went wrong, what will happen by itself, and whether the record is whole."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from agents import audit, claims, deadlines, decisions, jobs, notifications, people, workers
from agents.audit import SignedHead
from agents.backups.gaps import Gap, gaps
from agents.claims import Claim
from agents.clock import from_text
from agents.database import deadline as due_table
from agents.database import effect, reading, thread
from agents.deadlines import Deadline
from agents.desk import Desk
from agents.domain import PauseStatus, Who
from agents.effects import EffectStatus
from agents.jobs import Job, JobStatus
from agents.notifications.trouble import Trouble
from agents.people import Act, permitted, tokens
from agents.people.tokens import Token
from agents.reviews import Inbox, Row, RunLine, inbox
from agents.reviews.listing import is_followed
from agents.workers import Worker

LISTED = 10
"""Of each kind that is listed; how many there are is said."""

LATE = timedelta(seconds=10)
"""Work that has been due for so long is late: a worker that lives takes it at once."""


@dataclass(frozen=True, slots=True)
class Work:
    """Who works and on how much. last: the newest worker that does so no longer. late_since: when the oldest work that
    nobody took was due. here: does the dashboard run a worker itself?"""

    workers: tuple[Worker, ...]
    last: Worker | None
    waiting: int
    running: int
    late: int
    late_since: datetime | None
    here: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One thread with what is the matter. text: a sentence, from whoever wrote it."""

    source_id: str
    thread_id: str
    title: str
    text: str
    at: datetime | None = None
    pause_key: str | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph of one's own that did not load; reason None: it is still being loaded."""

    graph_id: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Private:
    """What names people or threads: for leads and admins where people sign in. Each list is cut at `LISTED`, with its total.

    files: what the files and the database do not agree on; None while nobody asked, since a large file takes its time.
    """

    failed: tuple[Sequence[Line], int]
    stuck: tuple[Sequence[Line], int]
    doubts: tuple[Sequence[Line], int]
    deadlines: tuple[Sequence[Deadline], int]
    messages: tuple[Sequence[Trouble], int]
    claims: tuple[Sequence[tuple[Claim, str]], int]
    tokens: tuple[Token, ...]
    files: tuple[Gap, ...] | None
    head: SignedHead


@dataclass(frozen=True, slots=True)
class System:
    """notes: sentences about files that cannot be read. private: None for who may not see it."""

    work: Work
    graphs: tuple[Graph, ...]
    notes: tuple[str, ...]
    private: Private | None

    @property
    def wrong(self) -> int:
        """How many things need a person; what only goes on or lies ahead is none."""
        found = sum(graph.reason is not None for graph in self.graphs) + len(self.notes)
        found += not self.work.workers or self.work.late > 0
        if self.private is not None:
            parts = (self.private.failed, self.private.stuck, self.private.doubts, self.private.messages)
            found += sum(total for _, total in parts) + len(self.private.files or ())
        return found


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of checking the record. fault: a sentence that names the first event at fault; None: it is whole."""

    fault: str | None
    count: int
    hash: str
    at: datetime
    seconds: float


def overview(desk: Desk, who: Who, *, compare_files: bool = False) -> System:
    """One read of all of it. compare_files: also of files that are large, which takes longer. Raises Busy."""
    now = desk.clock()
    found = inbox(desk, statuses=[PauseStatus.STUCK], order="oldest", per_page=LISTED)
    with reading(desk.engine) as connection:
        work = _work(connection, desk, now)
    return System(
        work=work,
        graphs=_graphs(desk),
        notes=found.notes if _has_files(desk) else (),
        private=_private(desk, found, now, compare_files) if people.may(desk, who, Act.RECORD) else None,
    )


def _has_files(desk: Desk) -> bool:
    """A default file that is not there yet is how every desk begins, not a fault."""
    return desk.settings.checkpoints is not None or desk.settings.checkpoints_path.exists()


def check_record(desk: Desk, who: Who, told: audit.Told | None = None) -> Checked:
    """Check every event, and every decision against its event. told: hears how many events are done. Raises NotAllowed."""
    permitted(desk, who, Act.RECORD)
    begun = time.monotonic()
    with reading(desk.engine) as connection:
        fault = audit.verify(connection, told=told) or decisions.altered(connection)
        head = audit.head(connection)
    return Checked(fault, head.count, head.hash, desk.clock(), time.monotonic() - begun)


def head_file(head: audit.SignedHead) -> str:
    """The head as `signoff audit head` writes it."""
    return json.dumps(head.as_json()) + "\n"


def _work(connection: Connection, desk: Desk, now: datetime) -> Work:
    known = workers.known(connection)
    alive = [each for each in known if each.alive(now)]
    live = jobs.open_jobs(connection)
    late = [each.due_at for each in live if _is_late(each, now)]
    return Work(
        workers=tuple(alive),
        last=next((each for each in known if not each.alive(now)), None),
        waiting=sum(each.status is JobStatus.WAITING for each in live),
        running=sum(each.status is JobStatus.RUNNING for each in live),
        late=len(late),
        late_since=from_text(min(late)) if late else None,
        here=desk.settings.worker,
    )


def _is_late(each: Job, now: datetime) -> bool:
    return each.status is JobStatus.WAITING and from_text(each.due_at) < now - LATE


def _graphs(desk: Desk) -> tuple[Graph, ...]:
    """Those that do not load, and those that are not loaded yet; loads none."""
    known = {graph_id: desk.registry.facts(graph_id) for graph_id in desk.registry.own_ids()}
    return tuple(
        Graph(name, facts.error if facts else None) for name, facts in known.items() if not facts or facts.error
    )


def _private(desk: Desk, found: Inbox, now: datetime, compare_files: bool) -> Private:
    large = any(is_followed(desk, reader) for reader in desk.readers)
    with reading(desk.engine) as connection:
        doubts = _doubts(connection)
        ahead = deadlines.ahead(connection, LISTED)
        waits = select(func.count()).where(due_table.c.state == deadlines.State.WAITING.value)
        number = connection.execute(waits).scalar_one()
        held = sorted(claims.claims(connection, now).values(), key=lambda each: each.until)
        titles = _titles(connection, [each.thread_id for each in held])
        made = tokens.known(connection)
    troubled = notifications.troubled(desk)
    return Private(
        failed=([_failed(each) for each in found.failed[:LISTED]], len(found.failed)),
        stuck=([_line(row) for row in found.rows], found.total),
        doubts=(doubts[:LISTED], len(doubts)),
        deadlines=(ahead, int(number)),
        messages=(troubled[:LISTED], len(troubled)),
        claims=(
            [(each, titles.get((each.source_id, each.thread_id), each.thread_id)) for each in held[:LISTED]],
            len(held),
        ),
        tokens=tuple(each for each in made if each.live(now)),
        files=gaps(desk) if compare_files or not large else None,
        head=_head(desk),
    )


def _head(desk: Desk) -> SignedHead:
    with reading(desk.engine) as connection:
        return audit.signed(audit.head(connection), desk.clock(), desk.settings.record_key)


def _titles(connection: Connection, threads: Collection[str]) -> Mapping[tuple[str, str], str]:
    query = select(thread.c.source_id, thread.c.thread_id, thread.c.title).where(thread.c.thread_id.in_(threads))
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def _failed(each: RunLine) -> Line:
    return Line(each.source_id, each.thread_id, each.title, each.note or "The last run ended with an error.")


def _line(row: Row) -> Line:
    return Line(row.source_id, row.thread_id, row.title, row.gist, row.paused_at, row.pause_key)


def _doubts(connection: Connection) -> list[Line]:
    query = select(effect).where(effect.c.status == EffectStatus.IN_DOUBT.value).order_by(effect.c.started_at)
    rows = connection.execute(query).mappings().all()
    titles = _titles(connection, [row["thread_id"] for row in rows])
    found = []
    for row in rows:
        asked = row["request"] if isinstance(row["request"], dict) else {}
        to = ", ".join(str(each) for each in asked.get("recipients") or ())
        what = (
            f"The mail to {to}"
            if to
            else str(asked.get("sentence") or f"An act of the kind “{row['kind']}”").rstrip(".")
        )
        text = f"It may have happened, or not: {what[:1].lower()}{what[1:]}. A person has to say."
        title = titles.get((row["source_id"], row["thread_id"]), row["thread_id"])
        found.append(Line(row["source_id"], row["thread_id"], title, text, from_text(row["started_at"])))
    return found
