"""Who works on a question, and who should: claims, which end by themselves, and assignments, which only say.

A live claim of somebody else refuses a decision. What Signoff does by itself at a deadline is not held up by one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, insert, select, update

from agents import payloads
from agents.audit import Question, append
from agents.clock import from_text, to_text
from agents.database import assignment as assigned
from agents.database import claim as claimed
from agents.database import decision, writing
from agents.desk import Desk
from agents.domain import SYSTEM, Actor, DecisionStatus, Pause, Role, Who, is_text, name_problem
from agents.errors import Claimed, InvalidInput, NotPending
from agents.people import Act, permit

Key = tuple[str, str, str]
ROLE = "role:"
"""How an assignment to a role begins."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Who has taken a question on. Times are UTC text."""

    source_id: str
    thread_id: str
    pause_key: str
    holder: str
    claimed_at: str
    until: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who should decide it. assignee: a name, or "role:lead"."""

    source_id: str
    thread_id: str
    pause_key: str
    assignee: str
    assigned_by: str
    assigned_at: str
    reason: str | None


def same_person(one: str, other: str) -> bool:
    """Are two names those of one person? Letters count, their case and their encoding do not."""
    return _plain(one) == _plain(other)


def claim(
    desk: Desk, thread_id: str, pause_key: str, *, actor: Who, source_id: str | None = None, take_over: bool = False
) -> Claim:
    """Take a question on, or keep it longer. take_over: also from somebody else, on record.

    Raises Claimed, NotPending, NotAllowed, or Busy.
    """
    with writing(desk.engine) as connection:
        pause, name = _pending(connection, desk, thread_id, pause_key, source_id, actor, Act.CLAIM)
        now, about = desk.clock(), _about(pause)
        held = claim_of(connection, about, now)
        mine = held is not None and same_person(held.holder, name)
        if held is not None and not mine and not take_over:
            raise refusal(held, "Take it over, or wait.")
        made = Claim(*_key(about), name, held.claimed_at if held and mine else to_text(now), _end(desk, now))
        _put(connection, claimed, about, {"holder": name, "claimed_at": made.claimed_at, "until": made.until})
        if held is not None and not mine:
            append(connection, at=now, actor=name, action="took_over", about=about, holder=held.holder)
        elif held is None:
            append(connection, at=now, actor=name, action="claimed", about=about, until=made.until)
    return made


def release(desk: Desk, thread_id: str, pause_key: str, *, actor: Who, source_id: str | None = None) -> None:
    """Let go of one's own claim. Raises Claimed when it is somebody else's, NotPending when there is none, NotAllowed, or Busy."""
    with writing(desk.engine) as connection:
        pause, name = _pending(connection, desk, thread_id, pause_key, source_id, actor, Act.CLAIM)
        now, about = desk.clock(), _about(pause)
        held = claim_of(connection, about, now)
        if held is None:
            raise NotPending("Nobody has taken this on, so there is nothing to let go of.")
        if not same_person(held.holder, name):
            raise refusal(held, "Take it over if you want to decide it.")
        let_go(connection, about)
        append(connection, at=now, actor=name, action="released", about=about)


def assign(
    desk: Desk,
    thread_id: str,
    pause_key: str,
    assignee: str | None,
    *,
    actor: Who,
    source_id: str | None = None,
    reason: str | None = None,
) -> Assignment | None:
    """Say who should decide it: a name, "role:lead", or None for nobody in particular. It stops nobody else.

    Raises InvalidInput for somebody who could not decide it, NotPending, NotAllowed, or Busy.
    """
    who = assignee.strip() if assignee is not None else None
    if not is_text([who, reason]):
        raise InvalidInput("It holds half of a character, which no text has. Write it again.")
    with writing(desk.engine) as connection:
        pause, name = _pending(connection, desk, thread_id, pause_key, source_id, actor, Act.ASSIGN)
        if who is not None:
            _refuse_unfit(desk, who)
        now, about = desk.clock(), _about(pause)
        return hand_to(connection, about, who, by=name, at=now, reason=reason)


def hand_to(
    connection: Connection, about: Question, who: str | None, *, by: str, at: datetime, reason: str | None = None
) -> Assignment | None:
    """The same inside the caller's transaction, who has checked it; a deadline that escalates does it, too."""
    before = assignment_of(connection, about)
    if who == (before.assignee if before else None):
        return before
    append(connection, at=at, actor=by, action="assigned", about=about, to=who, message=reason)
    if who is None:
        connection.execute(delete(assigned).where(*_where(assigned, about)))
        return None
    made = Assignment(*_key(about), who, by, to_text(at), reason)
    row = {"assignee": who, "assigned_by": by, "assigned_at": made.assigned_at, "reason": reason}
    _put(connection, assigned, about, row)
    return made


def refuse(connection: Connection, desk: Desk, about: Question, name: str) -> None:
    """Raise Claimed while somebody else has taken the question on. Call it in the transaction of the act."""
    held = None if name.startswith(SYSTEM) else claim_of(connection, about, desk.clock())
    if held is not None and not same_person(held.holder, name):
        raise refusal(held, "Take it over first, or wait.")


def renew(connection: Connection, desk: Desk, about: Question, name: str) -> None:
    """Whoever works on what they took on keeps it: their live claim ends later. A claim that has ended stays ended."""
    now = desk.clock()
    held = claim_of(connection, about, now)
    if held is not None and same_person(held.holder, name):
        connection.execute(update(claimed).where(*_where(claimed, about)).values(until=_end(desk, now)))


def let_go(connection: Connection, about: Question) -> None:
    """It was decided, or needs somebody else now: nobody works on it any more."""
    connection.execute(delete(claimed).where(*_where(claimed, about)))


def claim_of(connection: Connection, about: Question, now: datetime) -> Claim | None:
    """The claim that holds now."""
    query = select(claimed).where(*_where(claimed, about), claimed.c.until > to_text(now))
    row = connection.execute(query).mappings().first()
    return Claim(**row) if row else None


def assignment_of(connection: Connection, about: Question) -> Assignment | None:
    row = connection.execute(select(assigned).where(*_where(assigned, about))).mappings().first()
    return Assignment(**row) if row else None


def of_thread(connection: Connection, source_id: str, thread_id: str, now: datetime) -> tuple[Claim, ...]:
    """The claims on a thread's questions that hold now."""
    where = (claimed.c.source_id == source_id, claimed.c.thread_id == thread_id, claimed.c.until > to_text(now))
    return tuple(Claim(**row) for row in connection.execute(select(claimed).where(*where)).mappings())


def claims(connection: Connection, now: datetime) -> dict[Key, Claim]:
    """Every claim that holds now, by question."""
    rows = connection.execute(select(claimed).where(claimed.c.until > to_text(now))).mappings()
    return {(row["source_id"], row["thread_id"], row["pause_key"]): Claim(**row) for row in rows}


def assignments(connection: Connection) -> dict[Key, str]:
    """Who should decide what, by question."""
    columns = (assigned.c.source_id, assigned.c.thread_id, assigned.c.pause_key, assigned.c.assignee)
    return {(row[0], row[1], row[2]): row[3] for row in connection.execute(select(*columns))}


def is_for(assignee: str, who: Who) -> bool:
    """Does an assignment mean this person, by name or by a role that theirs reaches? In local mode everybody has every role."""
    if not assignee.startswith(ROLE):
        return same_person(assignee, str(who))
    return not isinstance(who, Actor) or who.role.reaches(Role(assignee.removeprefix(ROLE)))


def candidates(desk: Desk) -> tuple[str, ...]:
    """Whom a question can be given to: the people of the rules who may decide, then the roles."""
    people = [name for name, rule in desk.rules.people.items() if rule.role.reaches(Role.REVIEWER)]
    return (*sorted(people), *(f"{ROLE}{role}" for role in Role if role.reaches(Role.REVIEWER)))


def refusal(held: Claim, what_to_do: str) -> Claimed:
    """Who has it and until when, as an error."""
    until = f"{from_text(held.until):%H:%M} UTC"
    return Claimed(f"{held.holder} has taken this on until {until}. {what_to_do}", held.holder, held.until)


def _pending(
    connection: Connection, desk: Desk, thread_id: str, key: str, source_id: str | None, actor: Who, act: Act
) -> tuple[Pause, str]:
    """What waits under this key, and the name to write down."""
    source_id = desk.source_of(thread_id, source_id)
    found = (each for each in desk.pauses(thread_id, source_id) if key in (each.pause_key, each.interrupt_id))
    pause = next(found, None)
    if pause is None or _is_decided(connection, pause):
        raise NotPending(
            f"Thread {thread_id} does not wait for this question any more. `signoff list` shows what waits."
        )
    kind = payloads.parse(pause).kind.value
    return pause, permit(connection, desk, actor, act, graph_id=pause.graph_id or "", kind=kind)


def _is_decided(connection: Connection, pause: Pause) -> bool:
    """Is an answer on its way? A delivered one that waits again is of a file that was put back."""
    where = [*_where(decision, _about(pause)), decision.c.status == DecisionStatus.ACCEPTED.value]
    return connection.execute(select(decision.c.decision_id).where(*where)).first() is not None


def _refuse_unfit(desk: Desk, who: str) -> None:
    known = candidates(desk)
    if who.startswith(ROLE):
        if who not in known:
            raise InvalidInput(f"{who} names no role that may decide. Choose one of {', '.join(known)}.")
        return
    problem = name_problem(who)
    if problem is not None:
        raise InvalidInput(f"{problem[0].upper()}{problem[1:]}.")
    open_to_all = not desk.settings.with_accounts or desk.rules.default_role not in (None, Role.VIEWER)
    if not (open_to_all and who not in desk.rules.people) and not any(same_person(who, each) for each in known):
        raise InvalidInput(f"{who} may not decide at this desk. Choose one of {', '.join(known)}.")


def _end(desk: Desk, now: datetime) -> str:
    return to_text(now + desk.rules.claim_for)


def _about(pause: Pause) -> Question:
    return Question(pause.source_id, pause.thread_id, pause.pause_key)


def _key(about: Question) -> Key:
    return (about.source_id, about.thread_id, about.pause_key or "")


def _where(table: Table, about: Question) -> tuple[ColumnElement[bool], ...]:
    names = ("source_id", "thread_id", "pause_key")
    return tuple(table.c[name] == value for name, value in zip(names, _key(about), strict=True))


def _put(connection: Connection, table: Table, about: Question, row: Mapping[str, Any]) -> None:
    """The one row of a question, in place of what was there."""
    connection.execute(delete(table).where(*_where(table, about)))
    source_id, thread_id, pause_key = _key(about)
    connection.execute(insert(table).values(source_id=source_id, thread_id=thread_id, pause_key=pause_key, **row))


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip()
