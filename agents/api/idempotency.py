"""Idempotency-Key: a request that is sent again gets the first one's answer, and acts once.

A key is a row. While its request is at work the row has a lease; whoever sends the key meanwhile is told to
wait. What an act made is noted in the act's own transaction, so that after a crash the next request with
the key goes on from there instead of acting again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, null, select, update

from agents.api.errors import Refusal
from agents.clock import to_text
from agents.database import idempotency as table
from agents.database import writing
from agents.desk import Desk
from agents.domain import JSON, fingerprint

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEY_MOST = 255
LEASE = timedelta(seconds=15)
KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Held:
    """A key that is this request's to work under. made: what an earlier try, which was cut off, had made by then."""

    token_id: str
    key: str
    owner: str
    made: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer that this key got before."""

    code: int
    content: JSON


def request_hash(method: str, path: str, query: str, body: JSON) -> str:
    return fingerprint([method, path, query, body])


def check_key(key: str) -> None:
    """Raises Refusal for one that is no key."""
    if not 1 <= len(key) <= KEY_MOST or not key.isascii() or not key.isprintable():
        raise Refusal(422, "invalid", f"{HEADER}: expected 1 to {KEY_MOST} printable ASCII characters.", field=HEADER)


def take(desk: Desk, token_id: str, key: str, hashed: str, owner: str) -> Held | Answered:
    """The key for this request, or the answer that it got before.

    Raises Refusal: 422 when it was used for another request, 409 while the first one is at work.
    """
    now = desk.clock()
    with writing(desk.engine) as connection:
        connection.execute(delete(table).where(table.c.created_at < to_text(now - KEPT)))
        row = connection.execute(select(table).where(*_of(token_id, key))).mappings().first()
        if row is None:
            _insert(connection, token_id, key, hashed, owner, now)
            return Held(token_id, key, owner)
        if row["request_hash"] != hashed:
            sentence = f"{HEADER}: this key was used for another request. Use a new one for each."
            raise Refusal(422, "key_reused", sentence, field=HEADER)
        if row["code"] is not None:
            return Answered(row["code"], row["answer"])
        if (row["lease_until"] or 0) > now.timestamp():
            raise Refusal(
                409, "at_work", "The first request with this key is still at work.", headers={"Retry-After": "1"}
            )
        taken = {"owner": owner, "lease_until": (now + LEASE).timestamp()}
        connection.execute(update(table).where(*_of(token_id, key)).values(**taken))
        return Held(token_id, key, owner, row["answer"] or {})


def note(connection: Connection, held: Held | None, **made: JSON) -> None:
    """Note what was made, in the transaction that makes it. Raises Refusal when another request has the key by now."""
    if held is None:
        return
    noted = connection.execute(update(table).where(*_mine(held)).values(answer=made))
    if noted.rowcount != 1:
        raise Refusal(409, "at_work", "Another request with this key is at work by now.", headers={"Retry-After": "1"})


def renew(desk: Desk, held: Held) -> None:
    until = (desk.clock() + LEASE).timestamp()
    with writing(desk.engine) as connection:
        connection.execute(update(table).where(*_mine(held)).values(lease_until=until))


def keep(desk: Desk, held: Held, code: int, content: JSON) -> None:
    """Keep the answer for whoever sends the key again."""
    with writing(desk.engine) as connection:
        connection.execute(update(table).where(*_mine(held)).values(code=code, answer=content))


def let_go(desk: Desk, held: Held) -> None:
    """Nothing was done: the key is free again. What was made before the request failed stays noted for the next one."""
    with writing(desk.engine) as connection:
        connection.execute(delete(table).where(*_mine(held), table.c.answer.is_(null())))
        connection.execute(update(table).where(*_mine(held)).values(lease_until=0.0))


def _insert(connection: Connection, token_id: str, key: str, hashed: str, owner: str, now: datetime) -> None:
    row = {"token_id": token_id, "key": key, "request_hash": hashed, "owner": owner, "created_at": to_text(now)}
    connection.execute(insert(table).values(**row, lease_until=(now + LEASE).timestamp()))


def _of(token_id: str, key: str) -> tuple[JSON, ...]:
    return (table.c.token_id == token_id, table.c.key == key)


def _mine(held: Held) -> tuple[JSON, ...]:
    return (*_of(held.token_id, held.key), table.c.owner == held.owner, table.c.code.is_(None))
