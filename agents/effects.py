"""The effect journal: what a graph did to the outside world, keyed, never twice.

A node body may run again after a crash. So an act is journalled before and
after: `begin` before it, `finish` or `fail` after it. A key that was begun
and not settled may or may not have happened; that goes to a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Engine, insert, select, update

from agents.clock import Clock, to_text, utc_now
from agents.database import ahead, effect, reading, writing
from agents.domain import JSON

NO_JOURNAL = (
    "The thread went on while this database did not know of it, as after a restore, so nobody here knows whether this was "
    "done already."
)


class EffectStatus(StrEnum):
    STARTED = "started"
    DONE = "done"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"


@dataclass(frozen=True, slots=True)
class Effect:
    """One journalled act. `fresh`: this call began it, so the caller must act now."""

    key: str
    kind: str
    thread_id: str
    status: EffectStatus
    request: JSON
    result: JSON
    started_at: str
    settled_at: str | None
    fresh: bool = False


class Journal:
    """The journal over Signoff's own database, for the threads of one checkpointer file."""

    def __init__(self, engine: Engine, clock: Clock = utc_now, *, source_id: str = "checkpoints") -> None:
        self._engine = engine
        self._clock = clock
        self._source_id = source_id

    def begin(self, key: str, kind: str, *, thread_id: str, request: JSON) -> Effect:
        """Claim the act named `key`.

        Returns fresh=True when the caller must act: the key is new, or its
        last try failed for certain. Otherwise the row as it stands: DONE with
        its result, or STARTED / IN_DOUBT: another try may have acted, also where
        the journal is older than the thread's file and so knows of none.
        """
        with writing(self._engine) as connection:
            known = _find(connection, self._source_id, key)
            if known is not None and known.status is not EffectStatus.FAILED:
                return known
            now, doubted = to_text(self._clock()), known is None and _ahead(connection, self._source_id, thread_id)
            row = {
                "kind": kind,
                "thread_id": thread_id,
                "status": (EffectStatus.IN_DOUBT if doubted else EffectStatus.STARTED).value,
                "request": request,
                "result": {"error": NO_JOURNAL} if doubted else None,
                "started_at": now,
                "settled_at": now if doubted else None,
            }
            if known is None:
                connection.execute(insert(effect).values(source_id=self._source_id, effect_key=key, **row))
            else:
                connection.execute(update(effect).where(*_keyed(self._source_id, key)).values(**row))
            return Effect(key=key, **{**row, "status": EffectStatus(row["status"])}, fresh=not doubted)

    def finish(self, key: str, result: JSON) -> None:
        """The act happened; `result` is what a repeated run of the node will be told."""
        self._settle(key, EffectStatus.DONE, result)

    def fail(self, key: str, reason: str) -> None:
        """The act did not happen, for certain; the key may be begun again."""
        self._settle(key, EffectStatus.FAILED, {"error": reason})

    def doubt(self, key: str, reason: str, known: Mapping[str, JSON] | None = None) -> None:
        """The act may or may not have happened; only a person can say. `known`: what is certain all the same."""
        self._settle(key, EffectStatus.IN_DOUBT, {**(known or {}), "error": reason})

    def get(self, key: str) -> Effect | None:
        with reading(self._engine) as connection:
            return _find(connection, self._source_id, key)

    def _settle(self, key: str, status: EffectStatus, result: JSON) -> None:
        with writing(self._engine) as connection:
            connection.execute(
                update(effect)
                .where(*_keyed(self._source_id, key))
                .values(status=status.value, result=result, settled_at=to_text(self._clock()))
            )


def of_thread(connection: Connection, source_id: str, thread_id: str) -> list[Effect]:
    """A thread's effects, oldest first."""
    where = (effect.c.source_id == source_id, effect.c.thread_id == thread_id)
    query = select(effect).where(*where).order_by(effect.c.started_at, effect.c.effect_key)
    return [_row(row) for row in connection.execute(query).mappings()]


def in_doubt(connection: Connection) -> list[Effect]:
    """Every effect that waits for a person's word, oldest first."""
    query = select(effect).where(effect.c.status == EffectStatus.IN_DOUBT.value).order_by(effect.c.started_at)
    return [_row(row) for row in connection.execute(query).mappings()]


def mail_addresses(connection: Connection) -> frozenset[str]:
    """Lower-cased addresses that took a mail from here before."""
    query = select(effect.c.request, effect.c.result).where(
        effect.c.kind == "mail", effect.c.status == EffectStatus.DONE.value
    )
    found: set[str] = set()
    for request, result in connection.execute(query):
        accepted = result.get("accepted") if isinstance(result, dict) else None
        found.update(str(address).lower() for address in accepted or request.get("recipients", []))
    return frozenset(found)


def _ahead(connection: Connection, source_id: str, thread_id: str) -> bool:
    """Is the thread's newest step one that this database did not see begin? See agents.backups.ahead."""
    where = (ahead.c.source_id == source_id, ahead.c.thread_id == thread_id)
    return connection.execute(select(ahead.c.thread_id).where(*where)).first() is not None


def _keyed(source_id: str, key: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (effect.c.source_id == source_id, effect.c.effect_key == key)


def _find(connection: Connection, source_id: str, key: str) -> Effect | None:
    row = connection.execute(select(effect).where(*_keyed(source_id, key))).mappings().first()
    return _row(row) if row is not None else None


def _row(row: JSON) -> Effect:
    return Effect(
        key=row["effect_key"],
        kind=row["kind"],
        thread_id=row["thread_id"],
        status=EffectStatus(row["status"]),
        request=row["request"],
        result=row["result"],
        started_at=row["started_at"],
        settled_at=row["settled_at"],
    )
