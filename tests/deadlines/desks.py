"""Desks with rules about deadlines, and a clock that goes on from now when told to."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from agents import audit, decisions, starts
from agents.clock import utc_now
from agents.database import reading
from agents.deadlines import Deadline, of_question
from agents.decisions import Decision
from agents.desk import Desk
from agents.domain import Pause
from tests.desks import desk_in, work

HELLO = {"recipient": "ann@example.org", "subject": "Hello", "instructions": "say hello"}

PEOPLE = '[people.lea]\nrole = "lead"\n'
"""Rules that name somebody: at the desk of one person a lead would be nobody."""


class Later:
    """The real time, moved forward; checkpoints are always written at the real one."""

    def __init__(self) -> None:
        self.shift = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.shift

    def forward(self, **span: float) -> None:
        self.shift += timedelta(**span)


def desk_with(home: Path, rules: str = "", clock: Later | None = None, **settings: Any) -> Desk:
    path = home / "signoff.toml"
    path.write_text(rules, encoding="utf-8")
    return desk_in(home, clock or Later(), rules=path, model="offline", **settings)


def mail(desk: Desk, **given: Any) -> tuple[str, Pause]:
    """A mail that waits: it can be rejected, and sending it cannot be undone."""
    thread_id = starts.start(desk, "email_approval", HELLO, actor="starter", **given)
    work(desk)
    return thread_id, desk.pauses(thread_id)[0]


def plan(desk: Desk, **given: Any) -> tuple[str, Pause]:
    """A plan that waits and can be undone: two files go to the trash."""
    folder = desk.settings.workspace_path / "box"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("a.tmp", "b.tmp"):
        (folder / name).write_text(name)
    thread_id = starts.start(desk, "plan_approval", {"task": "move box/*.tmp to the trash"}, actor="starter", **given)
    work(desk)
    return thread_id, desk.pauses(thread_id)[0]


def row_of(desk: Desk, pause: Pause) -> Deadline | None:
    with reading(desk.engine) as connection:
        return of_question(connection, key_of(pause))


def key_of(pause: Pause) -> tuple[str, str, str]:
    return (pause.source_id, pause.thread_id, pause.pause_key)


def made_on(desk: Desk, about: Pause | str) -> list[Decision]:
    """All decisions on a thread."""
    with reading(desk.engine) as connection:
        return decisions.of_thread(connection, desk.sources[0].source_id, _thread(about))


def actions(desk: Desk, about: Pause | str) -> list[str]:
    return [each.action for each in events(desk, about)]


def events(desk: Desk, about: Pause | str) -> list[audit.Event]:
    with reading(desk.engine) as connection:
        return audit.of_thread(connection, desk.sources[0].source_id, _thread(about))


def _thread(about: Pause | str) -> str:
    return about if isinstance(about, str) else about.thread_id
