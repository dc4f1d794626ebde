"""A message as every channel takes it: plain words and links, no markup."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agents.domain import JSON


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that somebody is told. words: a sentence, and below it what else there is to say. facts: the same as data."""

    words: tuple[str, ...]
    link: str
    facts: JSON


@dataclass(frozen=True, slots=True)
class Message:
    """entries: the first of them where there are many; count: how many there are. to: whom the rules name.

    message_id stays the same however often it is sent, so that a receiver can tell a repeat.
    """

    message_id: str
    type: str
    at: datetime
    to: str
    title: str
    entries: tuple[Entry, ...]
    count: int
    link: str
