"""People move deadlines: later, not for now, on again. Each with its reason, on record."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from agents.audit import append
from agents.clock import to_text
from agents.database import writing
from agents.deadlines import rows
from agents.deadlines.rows import Deadline, State
from agents.desk import Desk
from agents.domain import JSON, Who, is_text
from agents.errors import InvalidInput, NotPending
from agents.people import Act, permit

REASON = 1000
"""Characters of a reason."""


def extend(desk: Desk, key: rows.Key, by: timedelta, *, actor: Who, reason: str) -> Deadline:
    """Give a question more time: `by` after it would be due. key: (source_id, thread_id, pause_key).

    Raises NotAllowed, NotPending where nothing would happen anyway, InvalidInput for no time or no reason.
    """
    if by <= timedelta(0):
        raise InvalidInput("Extend a deadline by a length of time such as 4h.")
    now = desk.clock()
    with writing(desk.engine) as connection:
        found, said = _found(connection, key), _reason(reason)
        name = _permitted(connection, desk, found, actor)
        until = max(found.due_at, now) + by if found.state is State.WAITING else None
        left = (found.left or timedelta(0)) + by
        changed: dict[str, JSON] = {"due_at": to_text(until)} if until else {"left_seconds": left.total_seconds()}
        told = {"by_seconds": by.total_seconds(), "until": to_text(until) if until else None}
        _write(connection, found, now, name, "extended", said, changed, **told)
        return _again(connection, key)


def pause(desk: Desk, key: rows.Key, *, actor: Who, reason: str) -> Deadline:
    """Stop a question's clock until somebody lets it go on. Raises as `extend` does."""
    now = desk.clock()
    with writing(desk.engine) as connection:
        found, said = _found(connection, key), _reason(reason)
        name = _permitted(connection, desk, found, actor)
        if found.state is State.PAUSED:
            raise NotPending("This deadline is paused already.")
        left = found.left if found.state is State.HELD else max(timedelta(0), found.due_at - now)
        changed: dict[str, JSON] = {"state": State.PAUSED.value, "left_seconds": (left or timedelta(0)).total_seconds()}
        _write(connection, found, now, name, "deadline_paused", said, changed)
        return _again(connection, key)


def go_on(desk: Desk, key: rows.Key, *, actor: Who, reason: str = "") -> Deadline:
    """Let a paused clock run again, with the time that was left. Raises NotAllowed, NotPending."""
    now = desk.clock()
    with writing(desk.engine) as connection:
        found = _found(connection, key)
        name = _permitted(connection, desk, found, actor)
        if found.state is not State.PAUSED:
            raise NotPending("This deadline is not paused.")
        until = now + (found.left or timedelta(0))
        changed: dict[str, JSON] = {"state": State.WAITING.value, "due_at": to_text(until), "left_seconds": None}
        said = _reason(reason) if reason.strip() else None
        _write(connection, found, now, name, "deadline_continued", said, changed, until=to_text(until))
        return _again(connection, key)


def _found(connection: Connection, key: rows.Key) -> Deadline:
    found = rows.of_question(connection, key)
    if found is None or found.step is None or found.state not in (State.WAITING, State.PAUSED, State.HELD):
        raise NotPending("Nothing happens to this question by itself, so there is no deadline to move.")
    return found


def _permitted(connection: Connection, desk: Desk, found: Deadline, actor: Who) -> str:
    return permit(connection, desk, actor, Act.POSTPONE, graph_id=found.graph_id, kind=found.kind)


def _write(
    connection: Connection,
    found: Deadline,
    now: datetime,
    actor: str,
    action: str,
    reason: str | None,
    changed: dict[str, JSON],
    **details: JSON,
) -> None:
    rows.change(connection, found, **changed)
    append(connection, at=now, actor=actor, action=action, about=found.about, reason=reason, **details)


def _again(connection: Connection, key: rows.Key) -> Deadline:
    found = rows.of_question(connection, key)
    assert found is not None
    return found


def _reason(text: str) -> str:
    clean = text.strip()
    if not clean or len(clean) > REASON or not is_text(clean):
        raise InvalidInput(f"Say why the deadline is moved, in 1 to {REASON:,} characters. It goes on record.")
    return clean
