"""Taking words out of the record and out of Signoff's tables for good: an admin's act, with a reason, on record."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing

from agents import audit
from agents.audit import Redaction
from agents.database import writing
from agents.desk import Desk
from agents.domain import Who, is_text
from agents.errors import InvalidInput
from agents.people import Act, permit

REASON_LENGTH = 500


def redact(desk: Desk, seq: int, names: Collection[str], *, reason: str, actor: Who) -> Redaction:
    """Remove fields of event `seq`, and their copies in Signoff's tables; the chain stays whole.

    Raises NotAllowed; InvalidInput for what is not there, has to stay or is still needed, or without a reason.
    """
    why = reason.strip()
    if not why or len(why) > REASON_LENGTH or not is_text(why):
        raise InvalidInput(f"A redaction needs a reason of 1 to {REASON_LENGTH} characters; it stays on record.")
    with writing(desk.engine) as connection:
        permit(connection, desk, actor, Act.ADMINISTER)
        done = audit.redact(connection, seq, names, at=desk.clock(), actor=actor, reason=why)
    _forget_log(desk)
    return done


def left(desk: Desk, done: Redaction) -> tuple[str, ...]:
    """What a redaction cannot reach, in sentences."""
    found = [f"Event {seq} of the same thread still says it in its field {name}." for seq, name in done.still]
    if done.about is not None:
        path = desk.reader(done.about.source_id).source.path if _known(desk, done.about.source_id) else "its file"
        found.append(
            f"The checkpointer file ({path}) still holds the thread's own state: what it was given, asked and answered. "
            "Signoff does not change what an agent keeps."
        )
    return (*found, "Exports, backups, logs, messages that were sent, and what the graph itself did, are not changed.")


def _known(desk: Desk, source_id: str) -> bool:
    return source_id in {source.source_id for source in desk.sources}


def _forget_log(desk: Desk) -> None:
    """SQLite's write-ahead log holds the old pages until it is emptied."""
    if desk.engine.dialect.name != "sqlite":
        return
    with closing(desk.engine.raw_connection()) as raw, closing(raw.cursor()) as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.fetchall()
