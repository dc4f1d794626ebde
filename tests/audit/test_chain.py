"""The record: whole, or the first event at fault is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, delete, select, update

from agents import audit
from agents.database import event, open_database, reading, writing
from agents.errors import InvalidInput

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ABOUT = audit.Question("checkpoints", "t1", "p1")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_database(tmp_path / "signoff.sqlite")
    with writing(made) as connection:
        for number in range(6):
            audit.append(connection, at=NOW, actor="ann", action="decided", about=ABOUT, number=number)
    yield made
    made.dispose()


def test_an_untouched_record_is_whole(engine: Engine) -> None:
    with reading(engine) as connection:
        assert audit.verify(connection) is None
        assert audit.verify(connection, audit.head(connection)) is None
        assert audit.head(connection).count == 6


def change(**values: Any) -> Callable[[Connection], Any]:
    return lambda connection: connection.execute(update(event).where(event.c.seq == 3).values(**values))


def swap(connection: Connection) -> None:
    for old, new in ((3, 99), (4, 3), (99, 4)):
        connection.execute(update(event).where(event.c.seq == old).values(seq=new))


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (change(at="2020-01-01T00:00:00.000000Z"), "Event 3"),
        (change(actor="bob"), "Event 3"),
        (change(fields={"actor": "ann", "number": 77}), "Event 3"),
        (change(hashes={}), "Event 3"),
        (change(fields={}), "Event 3"),
        (change(fields={"actor": "ann", "action": "decided"}, actor="mallory"), "Event 3"),
        (change(fields=[]), "Event 3"),
        (change(thread_id="t2"), "Event 3"),
        (lambda connection: connection.execute(delete(event).where(event.c.seq == 3)), "Event 3"),
        (swap, "Event 3"),
    ],
)
def test_the_first_event_at_fault_is_named(engine: Engine, damage: Callable[[Connection], Any], named: str) -> None:
    with writing(engine) as connection:
        damage(connection)
    with reading(engine) as connection:
        found = audit.verify(connection)
    assert found is not None
    assert found.startswith(named)


def test_a_cut_tail_is_found_with_the_kept_head(engine: Engine) -> None:
    with reading(engine) as connection:
        kept = audit.head(connection)
    with writing(engine) as connection:
        connection.execute(delete(event).where(event.c.seq > 4))
    with reading(engine) as connection:
        assert audit.verify(connection) is None, "the chain alone cannot see it"
        assert "tail was cut" in str(audit.verify(connection, kept))


def test_a_redacted_field_keeps_the_chain_whole(engine: Engine) -> None:
    with writing(engine) as connection:
        audit.redact(connection, 2, ["number", "actor"], at=NOW, actor="admin", reason="asked for")
    with reading(engine) as connection:
        assert audit.verify(connection) is None
        row = connection.execute(select(event).where(event.c.seq == 2)).mappings().one()
        assert "ann" not in f"{row['actor']} {row['fields']}"
        assert audit.head(connection).count == 7
    with writing(engine) as connection:
        connection.execute(delete(event).where(event.c.seq == 7))
    with reading(engine) as connection:
        assert str(audit.verify(connection)).startswith("Event 2"), "without the redaction on record it is a change"


def test_a_field_that_is_not_there_cannot_be_redacted(engine: Engine) -> None:
    with writing(engine) as connection, pytest.raises(InvalidInput, match="no field"):
        audit.redact(connection, 2, ["nothing"], at=NOW, actor="admin", reason="asked for")
