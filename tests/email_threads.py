"""An email approval thread in a folder, for tests: real checkpointer file, real journal, a writer that is told what to write.

Run as a program it goes on with the thread in the folder, so that a test can kill it:
    python -m tests.email_threads FOLDER SMTP_URL|outbox
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import agents  # noqa: F401  strict msgpack before langgraph

# isort: split
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command

from agents.adapters.mail import Mailer, make_mailer
from agents.adapters.model import EmailDraft, EmailRequest, ItemAnswer, ItemRequest, PlanDraft, PlanRequest
from agents.database import open_database, reading
from agents.effects import Effect, Journal, of_thread
from agents.errors import ModelError
from agents.graphs import email_approval
from agents.settings import load_settings

THREAD = "thread-1"
SENDER = "Desk <desk@x.org>"
EDITED = {"to": ["bob@x.org"], "cc": [], "bcc": ["eve@x.org"], "reply_to": None, "subject": "New", "body": "Hi Bob\n"}
INPUT: dict[str, Any] = {"recipient": "Ann Lee <ann@x.org>", "subject": "Hello", "instructions": "Be kind"}
DAY = datetime(2026, 1, 31, 8, tzinfo=UTC)


@dataclass
class FakeWriter:
    """Drafts from the request alone; keeps the requests."""

    label: ClassVar[str] = "a fake"
    offline: ClassVar[bool] = True
    requests: list[EmailRequest] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    failing: bool = False

    def email(self, request: EmailRequest) -> EmailDraft:
        if self.failing:
            raise ModelError("The model said nothing.")
        self.requests.append(request)
        body = f"Dear {request.recipient},\n{'; '.join(request.feedback) or request.instructions}\n"
        return EmailDraft(**{"subject": request.subject, "body": body, **self.extra})

    def plan(self, request: PlanRequest) -> PlanDraft:
        raise AssertionError("an email thread makes no plan")

    def item(self, request: ItemRequest) -> ItemAnswer:
        raise AssertionError("an email thread works on no batch")


@dataclass
class EmailThread:
    """One thread. `progress` and `slept` fill while it runs."""

    graph: Any
    engine: Any
    writer: FakeWriter
    progress: list[str] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    @property
    def config(self) -> Any:
        return {"configurable": {"thread_id": THREAD}}

    def run(self, value: Any) -> Any:
        """Returns the payload of the next question, or the outcome."""
        for chunk in self.graph.stream(value, self.config, stream_mode="custom", durability="sync"):
            self.progress.append(chunk["progress"])
        return self.now()

    def start(self, **changes: Any) -> Any:
        return self.run({**INPUT, **changes})

    def answer(self, value: Any) -> Any:
        """By id, as Signoff does it."""
        (waiting,) = self.graph.get_state(self.config).interrupts
        return self.run(Command(resume={waiting.id: value}))

    def now(self) -> Any:
        state = self.graph.get_state(self.config)
        if state.interrupts:
            (waiting,) = state.interrupts
            return waiting.value
        return state.values.get("outcome")

    @property
    def effects(self) -> list[Effect]:
        with reading(self.engine) as connection:
            return of_thread(connection, "checkpoints", THREAD)


@contextmanager
def email_thread(
    folder: Path, mailer: Mailer, writer: FakeWriter | None = None, **options: Any
) -> Iterator[EmailThread]:
    folder.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(folder / "checkpoints.sqlite", check_same_thread=False)
    engine = open_database(folder / "signoff.sqlite")
    writer = writer or FakeWriter()
    slept: list[float] = []
    options = {"sender": SENDER, "sleep": slept.append, "clock": lambda: DAY, **options}
    built = email_approval.build(writer=writer, journal=Journal(engine), mailer=mailer, **options)
    try:
        yield EmailThread(built.compile(checkpointer=SqliteSaver(connection)), engine, writer, slept=slept)
    finally:
        engine.dispose()
        connection.close()


def mailer_for(folder: Path, where: str) -> Mailer:
    """`where`: an SMTP URL, or "outbox"."""
    url = {} if where == "outbox" else {"smtp_url": where}
    return make_mailer(load_settings(home=folder, mail_from=SENDER, **url))


def main(folder: Path, where: str) -> None:
    """Approve what waits, or go on with what was killed; prints what comes next as JSON."""
    with email_thread(folder, mailer_for(folder, where)) as thread:
        print("ready", flush=True)
        print(
            json.dumps(thread.answer("send") if thread.graph.get_state(thread.config).interrupts else thread.run(None))
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
