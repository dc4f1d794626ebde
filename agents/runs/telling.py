"""Finds what people are to be told, from rows: what is new since the last look goes into the journal of messages.

Nothing here sends; a channel that hangs delays no look.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from agents import notifications
from agents.audit import head
from agents.checkpoints import Place, Problem, Wanted
from agents.clock import to_text
from agents.database import reading
from agents.desk import Desk
from agents.domain import PauseStatus
from agents.notifications import Begun, Item, Topic
from agents.reviews.listing import piles_of
from agents.reviews.overlay import Overlay, overlay
from agents.reviews.piles import Pile
from agents.reviews.rows import Row
from agents.rules import NotificationRule
from agents.runs import occasions

Mark: TypeAlias = tuple[str, str, str, str]
"""(topic, source_id, thread_id, pause_key)"""

FULL_LOOK = timedelta(minutes=10)
OVERLAP = timedelta(minutes=10)
"""Between two full looks, questions that are older than this are taken for known."""
SLICE = 500
"""Questions that one look takes up at most, so that a burst delays nothing else; the next look goes on."""
NOTHING_THERE = (None, Problem.MISSING, Problem.EMPTY)
"""What may be wrong with a file that has been looked at all the same."""
ASKS = (PauseStatus.QUESTION.value, PauseStatus.BREAKPOINT.value)


@dataclass(slots=True)
class Looked:
    """What this process has looked at by now. known: questions that are in the journal, or of no concern to anybody.

    at, in_full: when it last looked at the newest, and at all of them. events: how many of the record it knows.
    """

    known: set[Mark] = field(default_factory=set)
    at: datetime | None = None
    in_full: datetime | None = None
    events: int = 0


@dataclass(slots=True)
class _Look:
    """One look, whose findings are kept once they are in the journal. left: questions that it may still take up."""

    now: datetime
    full: bool
    seen: set[Mark] = field(default_factory=set)
    marks: set[Mark] = field(default_factory=set)
    left: int = SLICE


def tell(desk: Desk) -> int:
    """One look at everything; returns how many messages were noted. Exact under any number of processes."""
    notifications.expire(desk)
    if not desk.rules.notifications:
        return 0
    begun = notifications.begun(desk)
    over = overlay(desk)
    piles = piles_of(desk, replace(over, due={}))  # whose words nobody reads here
    looked: Looked = desk.memo.setdefault("telling", Looked())
    now = desk.clock()
    look = _Look(now, looked.in_full is None or now - looked.in_full >= FULL_LOOK)
    found = list(_questions(desk, begun, over, piles, looked, look))
    with reading(desk.engine) as connection:
        events = head(connection).count
        found += occasions.near(connection, desk, begun, piles)
        found += occasions.failed(connection, begun, over)
        found += occasions.doubts(connection, begun)
        found += occasions.given(connection, begun, piles, looked.at - OVERLAP if looked.at and not look.full else None)
        if events > looked.events:
            found += occasions.escalated(connection, begun, piles, looked.events)
    noted = notifications.write_down(desk, found)
    _keep(looked, look, events if all(pile.problem in NOTHING_THERE for pile in piles) else looked.events)
    return noted


def _keep(looked: Looked, look: _Look, events: int) -> None:
    looked.events = events
    if look.full and look.left:
        looked.known &= look.seen  # what is gone need not be remembered
    looked.known |= look.marks
    if look.left:
        looked.at = look.now
        looked.in_full = look.now if look.full else looked.in_full


def _questions(
    desk: Desk, begun: Begun, over: Overlay, piles: Sequence[Pile], looked: Looked, look: _Look
) -> Iterator[Item]:
    """Questions that wait now and did not when a rule first asked for them."""
    for (place, topic), since in begun.items():
        if topic not in (Topic.NEW, Topic.FAILED):
            continue
        oldest = since if look.full or looked.at is None else max(since, looked.at - OVERLAP)
        wanted = _wanted(desk.rules.notifications[place], topic)
        for pile in piles:
            for row in _unknown(pile, wanted, oldest, topic, looked, look):
                if topic is Topic.NEW or not _told_as_job(row, over):
                    yield _item(row, topic)


def _unknown(pile: Pile, wanted: Wanted, oldest: datetime, topic: Topic, looked: Looked, look: _Look) -> Iterator[Row]:
    """Rows of a file that nobody has looked at, and that wait; so many as are left to take up."""
    marks = {(topic.value, pile.source_id, *key): key for key in _newer(pile, wanted, oldest)}
    look.seen |= marks.keys()
    fresh = [key for mark, key in marks.items() if mark not in looked.known and mark not in look.marks]
    for key, row in pile.rows(fresh[: look.left]).items():
        if row.state == "waiting":  # one that is decided may come back, by an undo
            look.marks.add((topic.value, pile.source_id, *key))
            yield row
    look.left = max(0, look.left - len(fresh))


def _wanted(rule: NotificationRule, topic: Topic) -> Wanted:
    return Wanted(
        kinds=frozenset(map(str, rule.kinds)),
        graphs=frozenset(rule.graphs),
        statuses=frozenset(ASKS if topic is Topic.NEW else (PauseStatus.STUCK.value,)),
    )


def _newer(pile: Pile, wanted: Wanted, oldest: datetime) -> list[tuple[str, str]]:
    """(thread_id, pause_key) of what fits and is no older than this, newest first."""
    limit, first = to_text(oldest), 0
    found: list[tuple[str, str]] = []
    while True:
        places: list[Place] = pile.places(wanted, oldest=False, first=first, most=SLICE)
        newer = [each for each in places if each.at >= limit]
        found += [(each.thread_id, each.pause_key) for each in newer]
        if len(newer) < SLICE:
            return found
        first += SLICE


def _told_as_job(row: Row, over: Overlay) -> bool:
    """A run of ours that failed is told as such, not once more as the thread that it left."""
    return any((each.source_id, each.thread_id) == row.key[:2] for each in over.failed)


def _item(row: Row, topic: Topic) -> Item:
    return Item(
        topic=topic,
        source_id=row.source_id,
        thread_id=row.thread_id,
        pause_key=row.pause_key,
        title=row.title,
        at=to_text(row.paused_at),
        kind=row.kind.value,
        graph_id=row.graph_id,
    )
