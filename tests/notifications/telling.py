"""A desk whose rules send messages, on a clock that can be put forward, and what it does in a moment."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from agents.adapters.channels import open_channel
from agents.adapters.channels.webhook import Webhook
from agents.clock import utc_now
from agents.database import notification, reading
from agents.desk import Desk
from agents.runs.sending import send_next
from agents.runs.telling import tell
from tests.desks import desk_in

SECRET = "a key of sixteen letters"
ALL = """
[[notifications]]
to = "role:reviewer"
channel = "desk"
on = ["new", "near", "escalated", "failed", "in_doubt"]
"""


@contextmanager
def damaged(path: Path) -> Iterator[None]:
    """A file that cannot be read for a while."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = path.read_bytes()
    for beside in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        beside.unlink(missing_ok=True)
    path.write_bytes(b"this is no database" * 100)
    yield
    path.unlink()
    path.write_bytes(kept)


class Ahead:
    """The real time, and as much more as it was put forward."""

    def __init__(self) -> None:
        self.more = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.more

    def forward(self, seconds: float) -> None:
        self.more += timedelta(seconds=seconds)


def telling_desk(home: Path, clock: Ahead, channels: Mapping[str, str], rules: str = ALL, **more: Any) -> Desk:
    path = home / "rules.toml"
    path.write_text(rules, encoding="utf-8")
    given = {"channels": json.dumps(channels), "webhook_secret": SECRET, "url": "https://desk.example.com", **more}
    return desk_in(home, clock, undo_seconds=0, rules=path, **given)


def send(desk: Desk, clock: Ahead, name: str = "desk", *, after: float = 4.0, patience: float = 2.0) -> int:
    """Put the clock forward and send all that is due by then; returns how many messages were taken up."""
    clock.forward(after)
    channel = open_channel(name, desk.settings.channels[name], desk.settings.webhook_secret)
    if isinstance(channel, Webhook):
        channel = Webhook(name, desk.settings.channels[name], desk.settings.webhook_secret, answer=patience)
    done = 0
    while send_next(desk, name, channel, "test"):
        done += 1
    return done


def tell_and_send(desk: Desk, clock: Ahead, name: str = "desk") -> int:
    """Returns how many rows were new."""
    noted = tell(desk)
    send(desk, clock, name, after=61)
    return noted


def journal(desk: Desk) -> list[dict[str, Any]]:
    """Every row, oldest first."""
    with reading(desk.engine) as connection:
        query = select(notification).order_by(notification.c.created_at, notification.c.notification_id)
        return [dict(row) for row in connection.execute(query).mappings()]
