"""A desk of its own, in a folder of its own, on which the demo's threads are played before they are shown.

No worker knows of it, so nothing is run twice and nothing half made is ever on
screen; a demo that was cut off leaves a folder behind and no more. Its graphs
are the real ones, with the offline rules, the outbox and a clock in the past.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Engine

from agents import decisions, jobs, lots, starts
from agents.adapters.mail import Delivery
from agents.adapters.mail.mailers import check_sender
from agents.adapters.mail.outbox import Outbox
from agents.adapters.model.offline import OfflineWriter
from agents.adapters.workspace import open_workspace
from agents.checkpoints import Reader, Source
from agents.database import open_database, reading
from agents.demo.acts import ADA, Scene
from agents.demo.ages import AgedSaver, PastClock, ask_again
from agents.demo.batch_scenes import rows_of
from agents.desk import Desk
from agents.domain import JSON
from agents.effects import Journal
from agents.errors import SignoffError
from agents.graphs import batch_sampling, clarification, demo_request, email_approval, plan_approval
from agents.graphs.batch_tickets import COLUMNS
from agents.jobs import JobStatus
from agents.registry import Entry, Registry
from agents.runs import work_on
from agents.runs.threads import LocalThread, open_thread
from agents.settings import Settings

MAILS = "outbox"
"""The stage's own folder for mails."""


@dataclass(frozen=True, slots=True)
class Stage:
    """desk: the private one. clock: set how long ago the next thing happens."""

    desk: Desk
    clock: PastClock

    def play(self, scene: Scene, thread_id: str) -> None:
        """Start the thread, and decide on it as the scene says. Raises SignoffError when a run does not end well."""
        self.clock.ago = scene.ago
        actor = scene.acts[0].who if scene.acts else ADA
        given = {**scene.given, **self._lot(scene)}
        starts.start(self.desk, scene.graph_id, given, actor=actor, thread_id=thread_id)
        self._run(scene, thread_id)
        for act in scene.acts:
            self.clock.ago = act.ago
            pause = self.desk.pauses(thread_id)[0]
            said = act.said(pause)
            decisions.decide(self.desk, thread_id, pause.pause_key, said, actor=act.who, wait_for_undo=False)
            self._run(scene, thread_id)

    def _lot(self, scene: Scene) -> dict[str, JSON]:
        """The rows of a batch, taken in as the page for a new batch does it."""
        if scene.tickets is None:
            return {}
        rows = (ticket.row() for ticket in rows_of(scene.tickets))
        name = str(scene.given["name"])
        lot = lots.load(self.desk.engine, uuid.uuid4().hex, name, COLUMNS, rows, clock=self.clock)
        return {"lot_id": lot.lot_id}

    def _run(self, scene: Scene, thread_id: str) -> None:
        source_id = self.desk.sources[0].source_id

        def latest() -> jobs.Job:
            with reading(self.desk.engine) as connection:
                return jobs.of_thread(connection, source_id, thread_id)[-1]

        work_on(self.desk, source_id, thread_id, until=lambda: latest().finished_at is not None)
        job = latest()
        if job.status is JobStatus.FAILED:
            raise SignoffError(f"The demo could not be made: its thread {scene.name} failed. {job.error}")
        if self.desk.pauses(thread_id):
            self._ask_again(scene, thread_id)

    def _ask_again(self, scene: Scene, thread_id: str) -> None:
        desk = self.desk
        path, lock = desk.sources[0].path, desk.settings.home / "setup.lock"
        known = starts.started(desk, desk.sources[0].source_id, thread_id) or {}
        metadata = {"title": known["title"]}
        with open_thread(desk.registry, path, thread_id, scene.graph_id, metadata, lambda: None, lock) as thread:
            if isinstance(thread, LocalThread):  # the demo's graphs are Signoff's own and have no other process
                ask_again(thread, thread_id)


@contextmanager
def stage(real: Desk, folder: Path) -> Iterator[Stage]:
    """An empty stage beside the real desk, whose workspace and outbox it shares; the folder is gone afterwards."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    clock = PastClock()
    settings = real.settings.model_copy(update={"home": folder, "accounts": "local"})  # nobody signs in to a stage
    source = Source(real.sources[0].source_id, folder / "checkpoints.sqlite")
    engine = open_database(folder / "signoff.sqlite")
    try:
        graphs = _graphs(real.settings, folder, engine, source.source_id, clock)
        registry = _Registry(graphs, settings, clock)
        desk = Desk(settings, engine, (Reader(source),), registry, clock)
        try:
            yield Stage(desk, clock)
        finally:
            desk.close()
    finally:
        engine.dispose()
        with suppress(OSError):
            shutil.rmtree(folder)


class _Registry(Registry):
    """The demo's graphs, each run with a saver that writes in the past."""

    def __init__(self, graphs: Mapping[str, tuple[ModuleType, Any]], settings: Settings, clock: PastClock) -> None:
        entries = {name: Entry(name, "the demo", True, partial(graphs.__getitem__, name)) for name in graphs}
        super().__init__(entries, settings)
        self._clock = clock

    @contextmanager
    def compiled(self, graph_id: str, checkpointer: Any, source_id: str | None = None) -> Generator[Any]:
        with super().compiled(graph_id, AgedSaver(checkpointer.conn, self._clock.ago), source_id) as graph:
            yield graph


class _Drawer(Outbox):
    """The real outbox to all who ask, but the mails lie in a folder of the stage until they are shown."""

    def __init__(self, outbox: Path, folder: Path) -> None:
        super().__init__(outbox)
        self._outbox = outbox.absolute()
        self._drawer = Outbox(folder)

    def send(self, message: EmailMessage, recipients: Sequence[str]) -> Delivery:
        kept = self._drawer.send(message, recipients)
        return replace(kept, place=str(self._outbox / Path(kept.place or "").name))

    def delivered(self, message_id: str) -> bool | None:
        return self._drawer.delivered(message_id)


def _graphs(
    settings: Settings, folder: Path, engine: Engine, source_id: str, clock: PastClock
) -> dict[str, tuple[ModuleType, Any]]:
    """The real graphs on the real workspace; never a language model, never a mail server, whatever is set."""
    writer, journal = OfflineWriter(), Journal(engine, clock, source_id=source_id)
    sender = check_sender(settings.mail_from)
    workspace = open_workspace(settings)
    plan = plan_approval.build(writer=writer, journal=journal, workspace=workspace, clock=clock)
    vague = clarification.build(writer=writer, journal=journal, workspace=workspace, clock=clock)
    mailer = _Drawer(settings.outbox_path, folder / MAILS)
    email = email_approval.build(writer=writer, journal=journal, mailer=mailer, sender=sender, clock=clock)
    batch = batch_sampling.build(
        writer=writer,
        engine=engine,
        source_id=source_id,
        clock=clock,
        concurrency=settings.concurrency,
    )
    return {
        "batch_sampling": (batch_sampling, batch),
        "plan_approval": (plan_approval, plan),
        "clarification": (clarification, vague),
        "email_approval": (email_approval, email),
        "demo_request": (demo_request, demo_request.build()),
    }
