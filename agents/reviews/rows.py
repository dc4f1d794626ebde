"""One line of the inbox, and the filters on lines."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from agents import payloads
from agents.checkpoints import Wanted
from agents.domain import JSON, Kind, Pause, PauseStatus, Review

SEARCHED = 4000
"""Characters of a payload's texts that the search looks in."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the inbox. state: "waiting", or "decided" until the graph has the answer.

    claimed_by: who works on it now, until claimed_until (UTC text). assigned_to: who should decide it, a name or "role:lead". opinions: how many
    people have said what they would decide, where two must agree.
    """

    source_id: str
    thread_id: str
    pause_key: str
    kind: Kind
    title: str
    gist: str
    graph_id: str | None
    status: PauseStatus
    paused_at: datetime
    state: str
    warnings: int
    review: Review
    words: str
    decided_by: str | None = None
    due_at: datetime | None = None
    due_words: str = ""
    due_near: bool = False
    claimed_by: str | None = None
    claimed_until: str | None = None
    assigned_to: str | None = None
    opinions: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.source_id, self.thread_id, self.pause_key)


def row_of(pause: Pause) -> Row:
    """A pause as a line of the inbox, nothing decided yet."""
    review = payloads.parse(pause)
    return Row(
        source_id=pause.source_id,
        thread_id=pause.thread_id,
        pause_key=pause.pause_key,
        kind=review.kind,
        title=review.title,
        gist=review.gist,
        graph_id=pause.graph_id,
        status=pause.status,
        paused_at=pause.paused_at,
        state="waiting",
        warnings=len(review.warnings),
        review=review,
        words=_words(pause, review),
    )


def wanted_by(
    kinds: Collection[str] = (), graphs: Collection[str] = (), search: str = "", statuses: Collection[str] = ()
) -> Wanted:
    """Filters as a page or a command has them. search: words, all of which must be found."""
    return Wanted(
        kinds=frozenset(map(str, kinds)),
        graphs=frozenset(graphs),
        statuses=frozenset(map(str, statuses)),
        words=tuple(search.casefold().split()),
    )


def fits(row: Row, wanted: Wanted) -> bool:
    group = (row.kind.value, row.graph_id or "unknown", row.status.value)
    return wanted.fits(group) and all(word in row.words for word in wanted.words)


def matches(row: Row, kinds: Collection[str], graphs: Collection[str], search: str) -> bool:
    return fits(row, wanted_by(kinds, graphs, search))


def looks_stuck(status: PauseStatus, *, at_work: bool) -> bool:
    """A task that took its answer and goes on leaves the rows of one that died there; an order tells the two apart."""
    return at_work and status is PauseStatus.STUCK


def _words(pause: Pause, review: Review) -> str:
    """What the search looks in: the title and the texts of the payload, so far, in lower case."""
    found = [review.title, review.gist, pause.thread_id, pause.graph_id or "", review.kind.value]
    left = SEARCHED
    waiting: list[JSON] = [pause.value]
    while waiting and left > 0:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(reversed(value.values()))
        elif isinstance(value, list):
            waiting.extend(reversed(value))
        elif isinstance(value, str):
            found.append(value[:left])
            left -= len(value)
    return " ".join(found).casefold()
