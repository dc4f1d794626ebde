"""What one person would decide where two must agree: rows, and what of them another person may see."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, func, insert, select, update

from agents import payloads
from agents.audit import Question, patch
from agents.claims import same_person
from agents.clock import to_text
from agents.database import opinion as table
from agents.domain import JSON, DecisionType, Pause, Review, Said, canonical
from agents.errors import InvalidDecision
from agents.payloads.shown import edit_of


class Status(StrEnum):
    """open -> joined (a decision came of it) | replaced | stale (the question changed) | withdrawn."""

    OPEN = "open"
    JOINED = "joined"
    REPLACED = "replaced"
    STALE = "stale"
    WITHDRAWN = "withdrawn"


class Mode(StrEnum):
    """ONE: a single person decides. TWO: two must agree. BLIND: they must, and neither sees the other's answer before."""

    ONE = "one"
    TWO = "two"
    BLIND = "blind"


@dataclass(frozen=True, slots=True)
class Opinion:
    """One answer that does not count yet. resume_value: exactly what the graph would get. given_at: UTC text."""

    opinion_id: str
    source_id: str
    thread_id: str
    pause_key: str
    seen: str
    graph_id: str | None
    actor: str
    type: DecisionType
    message: str | None
    args: Mapping[str, JSON] | None
    resume_value: JSON
    status: Status
    given_at: str
    decision_id: str | None

    @property
    def key(self) -> str:
        return self.opinion_id

    @property
    def about(self) -> Question:
        return Question(self.source_id, self.thread_id, self.pause_key)

    @property
    def answer(self) -> bytes:
        """Equal for opinions that agree: the same decision, the same edit, the same value down to its last character."""
        return answer_of(self.type, self.args, self.resume_value)

    def said(self, pause: Pause) -> Said:
        """What somebody has to say to agree with it."""
        plain = Said(self.type, self.message, self.args)
        if self.type is DecisionType.IGNORE:
            return plain
        try:
            if canonical(payloads.encode(pause, plain)) == canonical(self.resume_value):
                return plain
        except InvalidDecision:
            pass  # it was given as a raw value
        return Said(self.type, self.message, self.args, self.resume_value)

    def as_fields(self) -> dict[str, JSON]:
        """For the record, and for JSON."""
        return {
            "opinion_id": self.opinion_id,
            "actor": self.actor,
            "given_at": self.given_at,
            "type": self.type.value,
            "message": self.message,
            "args": dict(self.args) if self.args is not None else None,
            "resume_value": self.resume_value,
        }


@dataclass(frozen=True, slots=True)
class Council:
    """How far two have come with a question, as one person may see it.

    mine: that person's own opinion. others: those of other people that they may see. hidden: who has given one that
    they may not see yet. outdated: who gave one before the question changed. differ: two blind answers do, so that a
    lead settles it.
    """

    mode: Mode = Mode.ONE
    mine: Opinion | None = None
    others: tuple[Opinion, ...] = ()
    hidden: tuple[str, ...] = ()
    outdated: tuple[str, ...] = ()
    differ: bool = False

    @property
    def opinions(self) -> tuple[Opinion, ...]:
        """All that may be seen, the person's own first."""
        return (*((self.mine,) if self.mine else ()), *self.others)


def answer_of(type_: DecisionType, args: Mapping[str, JSON] | None, value: JSON) -> bytes:
    return canonical([type_.value, dict(args) if args is not None else None, value])


def council(connection: Connection, mode: Mode, pause: Pause, name: str | None) -> Council:
    """What this person may see; name: None for nobody in particular, who sees no hidden answer at all."""
    if mode is Mode.ONE:
        return Council()
    given = open_on(connection, pause.source_id, pause.thread_id, pause.pause_key)
    valid = [each for each in given if each.seen == pause.seen]
    outdated = tuple(each.actor for each in given if each.seen != pause.seen)
    mine = next((each for each in valid if name is not None and same_person(each.actor, name)), None)
    others = tuple(each for each in valid if each is not mine)
    differ = mode is Mode.BLIND and disagree(valid)
    if mode is Mode.BLIND and len(valid) < 2:
        return Council(mode, mine, (), tuple(each.actor for each in others), outdated)
    return Council(mode, mine, others, (), outdated, differ)


def disagree(given: Sequence[Opinion]) -> bool:
    return len({each.answer for each in given}) > 1


def give(
    connection: Connection,
    pause: Pause,
    said: Said,
    value: JSON,
    name: str,
    at: datetime,
    *,
    joined_to: str | None = None,
) -> Opinion:
    """Write one down; joined_to: the decision that it makes at once."""
    row: dict[str, JSON] = {
        "opinion_id": uuid.uuid4().hex,
        "source_id": pause.source_id,
        "thread_id": pause.thread_id,
        "pause_key": pause.pause_key,
        "seen": pause.seen,
        "graph_id": pause.graph_id,
        "actor": name,
        "type": said.type.value,
        "message": said.message,
        "args": dict(said.args) if said.args is not None else None,
        "resume_value": value,
        "status": (Status.JOINED if joined_to else Status.OPEN).value,
        "given_at": to_text(at),
        "decision_id": joined_to,
    }
    connection.execute(insert(table).values(**row))
    return from_row(row)


def move(connection: Connection, found: Opinion, status: Status, *, decision_id: str | None = None) -> None:
    connection.execute(
        update(table)
        .where(table.c.opinion_id == found.opinion_id, table.c.status == Status.OPEN.value)
        .values(status=status.value, decision_id=decision_id)
    )


def put_aside(connection: Connection, about: Question, decision_id: str) -> None:
    """A decision was made without them: the rules changed, or a deadline stopped it."""
    where = [table.c[name] == getattr(about, name) for name in ("source_id", "thread_id", "pause_key")]
    values = {"status": Status.REPLACED.value, "decision_id": decision_id}
    connection.execute(update(table).where(*where, table.c.status == Status.OPEN.value).values(**values))


def open_on(connection: Connection, source_id: str, thread_id: str, pause_key: str) -> list[Opinion]:
    """The open opinions on a question, oldest first, those on an earlier text of it included."""
    query = (
        select(table)
        .where(table.c.source_id == source_id, table.c.thread_id == thread_id, table.c.pause_key == pause_key)
        .where(table.c.status == Status.OPEN.value)
        .order_by(table.c.given_at)
    )
    return [from_row(row) for row in connection.execute(query).mappings()]


def get(connection: Connection, opinion_id: str) -> Opinion | None:
    row = connection.execute(select(table).where(table.c.opinion_id == opinion_id)).mappings().first()
    return from_row(row) if row else None


def of_decision(connection: Connection, decision_id: str) -> list[Opinion]:
    """Whose agreement made a decision, the first of them first."""
    where = (table.c.decision_id == decision_id, table.c.status == Status.JOINED.value)
    rows = connection.execute(select(table).where(*where).order_by(table.c.given_at)).mappings()
    return [from_row(row) for row in rows]


def counts(connection: Connection) -> dict[tuple[str, str, str, str], int]:
    """How many open opinions there are, by source, thread, pause key and the text that was seen."""
    columns = (table.c.source_id, table.c.thread_id, table.c.pause_key, table.c.seen)
    query = select(*columns, func.count()).where(table.c.status == Status.OPEN.value).group_by(*columns)
    return {(row[0], row[1], row[2], row[3]): int(row[4]) for row in connection.execute(query)}


def from_row(row: JSON) -> Opinion:
    """An opinion from a row of its table."""
    values = {name: row[name] for name in Opinion.__slots__}
    return Opinion(**{**values, "type": DecisionType(row["type"]), "status": Status(row["status"])})


def changed(review: Review, said: Said) -> dict[str, JSON]:
    """What an edit changed of the proposal as it was shown, for the event of an opinion or a decision."""
    edit = edit_of(review, said)
    return {} if edit is None else {"patch": patch(*edit)}
