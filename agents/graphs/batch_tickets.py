"""Sample support tickets of a small coffee shop: the same rows every time, any number of them.

The texts behind them are in `batch_ticket_texts`. Most say plainly what they
are about. One group does not: refund requests that quote an error message,
which look technical and are billing. One of those is ticket 40, so that a
reviewer of every twentieth result has a real problem to describe.
"""

from __future__ import annotations

import csv
import os
import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from agents.graphs.batch_ticket_texts import CLOSINGS, CUSTOMERS, GREETINGS, SLOTS, TOPICS, Topic

DEFAULT_CATEGORIES = ["billing", "technical", "account", "delivery", "feedback", "other"]
SAMPLE_COUNT = 200
COLUMNS = ("ticket_id", "received", "customer", "subject", "body")

_FIRST = datetime(2026, 3, 2, 7, 40)
_MISLEADING = 40
_FORMULA = 7
"""The ticket whose subject a spreadsheet would take for a formula."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """One row. category: where a careful person would put it; not a column of the file."""

    ticket_id: str
    received: str
    customer: str
    subject: str
    body: str
    category: str

    def row(self) -> tuple[str, ...]:
        return (self.ticket_id, self.received, self.customer, self.subject, self.body)


def write_tickets(path: Path, count: int) -> None:
    """A CSV file in UTF-8 with `count` tickets; what stood there is replaced, whole: others may be reading it. Raises OSError."""
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", newline="", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(ticket.row() for ticket in islice(tickets(), count))
    os.replace(file.name, path)


def tickets() -> Iterator[Ticket]:
    """Tickets without end. No two have the same text, and the first n are the same for every n."""
    chance = random.Random("tickets")
    received, told = _FIRST, set[tuple[str, str]]()
    number = 0
    while True:
        number += 1
        topic = _topic(number, chance)
        subject, body = _text(topic, chance)
        if (subject, body) in told:
            body = f"My customer number is {number}. {body}"
        told.add((subject, body))
        received += timedelta(minutes=chance.randint(2, 55))
        customer = chance.choice(CUSTOMERS)
        subject = f"={subject}" if number == _FORMULA else subject
        body = f"{body}\n{customer}" if body.endswith(",") else body
        yield Ticket(f"T-{number:05}", f"{received:%Y-%m-%d %H:%M}", customer, subject, body, topic.category)


def _topic(number: int, chance: random.Random) -> Topic:
    if number == _MISLEADING:
        return next(topic for topic in TOPICS if topic.misleading)
    allowed = [topic for topic in TOPICS if number % 20 or topic.clear]
    return chance.choices(allowed, [topic.weight for topic in allowed])[0]


def _text(topic: Topic, chance: random.Random) -> tuple[str, str]:
    """Subject and body, with the same names and numbers in both."""
    words = {name: chance.choice(values) for name, values in SLOTS.items()}
    words |= {
        "order": f"{chance.randint(10_000, 99_999)}",
        "invoice": f"R-{chance.randint(2_000, 9_999)}",
        "amount": f"{chance.randint(6, 240)}.{chance.choice(('00', '50', '90', '95'))}",
        "days": str(chance.randint(3, 21)),
    }
    words["failing"] = words["failing"].format(**words)
    sentences = [chance.choice(choices) for choices in topic.body]
    middle = chance.choice((" ", " ", "\n\n")).join(sentences)
    text = "\n".join(filter(None, (chance.choice(GREETINGS), middle, chance.choice(CLOSINGS))))
    return chance.choice(topic.subjects).format(**words), text.format(**words)
