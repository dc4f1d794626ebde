"""What a message says: a sentence, the title of the question cut short, who, when, and a link. Nothing of the proposal."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from agents.adapters.channels import Entry, Message
from agents.clock import from_text
from agents.domain import JSON, Kind
from agents.notifications.told import Item, Topic
from agents.wording import count, whom

TITLE_LENGTH = 120
ENTRIES = 10
"""Named one by one in a message; the rest is a number and the link to the inbox."""

NOUNS = {
    Kind.PLAN: "plan",
    Kind.EMAIL: "email",
    Kind.QUESTION: "question",
    Kind.SAMPLE: "sample",
    Kind.TOOL: "tool call",
}
GATHERED = {
    Topic.NEW: "new question",
    Topic.NEAR: "question that is due soon",
    Topic.ESCALATED: "escalated question",
    Topic.FAILED: "failed run",
    Topic.IN_DOUBT: "act in doubt",
}
MANY = {Topic.NEAR: "questions that are due soon", Topic.IN_DOUBT: "acts in doubt"}
WAIT = {Topic.NEW, Topic.NEAR, Topic.ESCALATED}


def clean(text: str, length: int = TITLE_LENGTH) -> str:
    """One line of visible letters, cut at a word where it is too long: nothing in it can end a header or turn a text."""
    letters = (" " if unicodedata.category(each) in ("Cc", "Zl", "Zp", "Cs") else each for each in text)
    seen = "".join(each for each in letters if unicodedata.category(each)[0] != "C")
    line = " ".join(seen.split())
    if len(line) <= length:
        return line
    cut = line[: length - 1]
    head, space, _ = cut.rpartition(" ")
    return f"{(head if space and len(head) > length // 2 else cut).rstrip()}…"


def sentence(item: Item) -> str:
    """What happened, in one line."""
    title = clean(item.title) or "a question without a title"
    noun = NOUNS.get(Kind(item.kind), "question") if item.kind else "question"
    if item.topic is Topic.NEAR:
        return f"Due soon: {title}"
    if item.topic is Topic.ESCALATED:
        return f"Escalated to {clean(whom(item.to or 'somebody else'), 80)}: {title}"
    if item.topic is Topic.FAILED:
        return f"A run stopped: {title}"
    if item.topic is Topic.IN_DOUBT:
        return f"Nobody can say whether this happened ({clean(item.act or 'an act', 40)}): {title}"
    if item.by is not None:
        return f"{clean(item.by, 80)} gave this to {clean(whom(item.to or 'somebody'), 80)}: {title}"
    return f"New {noun} to review: {title}"


def details(item: Item) -> str:
    """Graph, times: "Graph email_approval. Since 2026-01-31 08:00 UTC. Due 2026-02-01 08:00 UTC (rejected in 1 h unless decided)."."""
    parts = [f"Graph {clean(item.graph_id, 80)}."] if item.graph_id else []
    parts.append(f"Since {moment(item.at)}." if item.topic in WAIT else f"At {moment(item.at)}.")
    if item.due_at:
        parts.append(f"Due {moment(item.due_at)}{f' ({clean(item.then)})' if item.then else ''}.")
    return " ".join(parts)


def moment(text: str) -> str:
    return f"{from_text(text):%Y-%m-%d %H:%M} UTC"


def headline(topics: Mapping[Topic, int]) -> str:
    """ "37 new questions wait", "2 new questions and 1 failed run"."""
    parts = [_counted(topic, topics[topic]) for topic in Topic if topics.get(topic)]
    words = " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
    if len(parts) == 1 and next(topic for topic in Topic if topics.get(topic)) in WAIT:
        return f"{words} {'waits' if sum(topics.values()) == 1 else 'wait'}"
    return words


def message_of(message_id: str, rows: Sequence[Mapping[str, JSON]], *, address: str, now: datetime) -> Message:
    """Rows of the journal that go to one reader by one channel, as one message. address: the desk's, without a slash."""
    topics = Counter(Topic(row["topic"]) for row in rows)
    alone = len(rows) == 1
    return Message(
        message_id=message_id,
        type=rows[0]["topic"] if alone else "several",
        at=now,
        to=rows[0]["recipient"],
        title=rows[0]["text"].partition("\n")[0] if alone else f"Signoff: {headline(topics)}",
        entries=tuple(_entry(row, address) for row in rows[:ENTRIES]),
        count=len(rows),
        link=f"{address}{rows[0]['link']}" if alone else f"{address}/inbox",
    )


def _entry(row: Mapping[str, JSON], address: str) -> Entry:
    facts = {**row["facts"], "title": row["title"]}
    return Entry(tuple(row["text"].split("\n")), f"{address}{row['link']}", facts)


def _counted(topic: Topic, number: int) -> str:
    if number != 1 and topic in MANY:
        return f"{number:,} {MANY[topic]}"
    return count(number, GATHERED[topic])
