"""Sends what the journal of messages holds: one thread per channel, so that one that hangs delays no other."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from agents import deadlines, notifications
from agents.adapters.channels import Answer, Channel, Message, Outcome, open_channel
from agents.checkpoints import Problem
from agents.clock import to_text
from agents.database import effect, reading
from agents.desk import Desk
from agents.domain import JSON
from agents.effects import EffectStatus
from agents.errors import Busy
from agents.notifications import Held, Status, Topic
from agents.reviews.listing import piles_of
from agents.reviews.overlay import overlay

log = logging.getLogger(__name__)
POLL_SECONDS = 1.0
STOP_SECONDS = 3.0
"""How long the end of the process waits for channels; what hangs longer is found as unknown by whoever looks next."""
UNREADABLE = timedelta(seconds=30)
"""How long a message waits for a file that cannot be read just now."""


class Messengers:
    """A thread per channel of SIGNOFF_CHANNELS, until `stop`."""

    def __init__(self, desk: Desk, *, poll: float = POLL_SECONDS) -> None:
        self._desk = desk
        self._poll = poll
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._loop, args=(name,), name=f"signoff-channel-{name}", daemon=True)
            for name in desk.settings.channels
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float = STOP_SECONDS) -> bool:
        """Begin no more messages. False when a channel still hangs after `timeout` seconds; it is left behind."""
        self._stopping.set()
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _loop(self, name: str) -> None:
        settings = self._desk.settings
        channel = open_channel(name, settings.channels[name], settings.webhook_secret)
        owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        while not self._stopping.is_set():
            if not self._sent(name, channel, owner):
                self._stopping.wait(self._poll)

    def _sent(self, name: str, channel: Channel, owner: str) -> bool:
        try:
            return send_next(self._desk, name, channel, owner)
        except Busy as error:
            log.warning("Channel %s waits: %s", name, error)
        except Exception:  # a channel that died would keep its messages for ever
            log.exception("Channel %s hit an unexpected error and goes on", name)
        return False


def send_next(desk: Desk, name: str, channel: Channel, owner: str) -> bool:
    """Send the next due message of a channel, if it still has something to say. False when none was due."""
    held = notifications.take(desk, name, owner)
    if held is None:
        return False
    alive, moot, unsure = _sorted(desk, held)
    if moot:
        notifications.let_go(desk, moot, status=Status.MOOT)
    if unsure:
        notifications.let_go(desk, unsure, status=Status.WAITING, wait=UNREADABLE, apart=bool(alive))
    if alive:
        address = notifications.address_of(desk)
        message = notifications.message_of(held.message_id, alive, address=address, now=desk.clock())
        notifications.settle(desk, held, alive, _attempt(channel, message))
    return True


def _attempt(channel: Channel, message: Message) -> Answer:
    try:
        return channel.send(message)
    except Exception as error:  # noqa: BLE001 - the journal keeps its kind; its text may hold the address
        return Answer(Outcome.UNKNOWN, f"Sending stopped with {type(error).__name__}. It may have arrived.")


def _sorted(desk: Desk, held: Held) -> tuple[list[dict[str, JSON]], list[dict[str, JSON]], list[dict[str, JSON]]]:
    """What is still so, what is over, and what nobody can say because its file cannot be read just now."""
    waiting, unreadable = _waiting(desk, held.rows)
    open_threads = _open_threads(desk)
    alive: list[dict[str, JSON]] = []
    moot: list[dict[str, JSON]] = []
    unsure: list[dict[str, JSON]] = []
    for row in held.rows:
        key = (row["source_id"], row["thread_id"], row["pause_key"])
        if row["pause_key"] is None:
            so = (row["topic"], *key[:2]) in open_threads
        elif row["source_id"] in unreadable:
            unsure.append(row)
            continue
        else:
            so = key in waiting and (row["topic"] != Topic.NEAR.value or _still_near(desk, row))
        (alive if so else moot).append(row)
    return alive, moot, unsure


def _waiting(desk: Desk, rows: Sequence[dict[str, JSON]]) -> tuple[set[tuple[str, str, str]], set[str]]:
    """The questions that wait for a person, and the files that cannot be read."""
    found: set[tuple[str, str, str]] = set()
    unreadable: set[str] = set()
    for pile in piles_of(desk):
        if pile.problem not in (None, Problem.MISSING, Problem.EMPTY):
            unreadable.add(pile.source_id)
        mine = [row for row in rows if row["source_id"] == pile.source_id and row["pause_key"] is not None]
        keys = [(row["thread_id"], row["pause_key"]) for row in mine]
        found |= {(pile.source_id, *key) for key, row in pile.rows(keys).items() if row.state == "waiting"}
    return found, unreadable


def _open_threads(desk: Desk) -> set[tuple[str, str, str]]:
    """(topic, source_id, thread_id) of runs that failed and of acts in doubt, as they stand now."""
    failed = {(Topic.FAILED.value, each.source_id, each.thread_id) for each in overlay(desk).failed}
    query = select(effect.c.source_id, effect.c.thread_id).where(effect.c.status == EffectStatus.IN_DOUBT.value)
    with reading(desk.engine) as connection:
        doubts = {(Topic.IN_DOUBT.value, row.source_id, row.thread_id) for row in connection.execute(query)}
    return failed | doubts


def _still_near(desk: Desk, row: dict[str, JSON]) -> bool:
    """Is that still when something happens? People extend and pause."""
    with reading(desk.engine) as connection:
        due = deadlines.of_question(connection, (row["source_id"], row["thread_id"], row["pause_key"]))
    return due is not None and due.state is deadlines.State.WAITING and to_text(due.due_at) == row["facts"]["due_at"]
