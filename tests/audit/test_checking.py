"""The record is whole, or the first event at fault is named: on a real one with events of many kinds, whatever is done to it."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, delete, insert, select, text, update

from agents import audit, decisions
from agents.audit import Event, Head
from agents.audit.chain import event_hash, field_hash
from agents.database import event, open_database, reading, writing
from agents.desk import Desk
from tests.audit.record import desk_with_a_record, events, long_record, tampering

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ABOUT = audit.Question("checkpoints", "t1", "p1")
KINDS = {
    *(
        "settings",
        "named",
        "started",
        "looked",
        "decided",
        "delivered",
        "acted",
        "asked",
        "finished",
        "failed",
    ),
    *(
        "undone",
        "overrode",
        "repaired",
        "opined",
        "claimed",
        "took_over",
        "released",
        "assigned",
        "extended",
        "snoozed",
        "exported",
    ),
    *("token_created", "token_revoked", "redacted"),
}
COLUMNS = [column.name for column in event.c if column.name not in ("fields", "salts", "hashes")]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk_with_a_record(tmp_path_factory.mktemp("record")) as made:
        yield made


EVERY = pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.slow)])
"""Of a long row of places only so many are tried by default."""


def put(connection: Connection, place: int, **values: Any) -> None:
    connection.execute(update(event).where(event.c.seq == place).values(**values))


def moved(connection: Connection, old: int, new: int) -> None:
    put(connection, old, seq=new)


def swap(connection: Connection, one: int, other: int) -> None:
    for old, new in ((one, -1), (other, one), (-1, other)):
        moved(connection, old, new)


def of_every_kind(desk: Desk) -> list[Event]:
    """The newest event of each kind."""
    return list({each.action: each for each in events(desk)}.values())


def found_in(connection: Connection, kept: Head | None = None) -> str:
    return str(audit.verify(connection, kept))


def names(found: str, seq: int) -> bool:
    return found.startswith(f"Event {seq} ")


def test_a_record_of_a_desk_is_whole_and_holds_every_kind(desk: Desk) -> None:
    assert {each.action for each in events(desk)} >= KINDS
    with reading(desk.engine) as connection:
        assert audit.verify(connection) is None
        assert audit.verify(connection, audit.head(connection)) is None
        assert decisions.altered(connection) is None


def variants(each: Event, column: str) -> list[Any]:
    """Other values for one column of an event."""
    value = getattr(each, column)
    if column == "seq":
        return [value + 1000]
    return ["", "0" * 64, value + "x"] if isinstance(value, str) else ["x"]


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_column_of_every_kind_of_event_is_named(desk: Desk, column: str) -> None:
    for each in of_every_kind(desk):
        for value in variants(each, column):
            if value == getattr(each, column):
                continue
            with tampering(desk) as connection:
                put(connection, each.seq, **{column: value})
                assert names(found_in(connection), each.seq), (each.action, column, value)


def changes(parts: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    yield {**parts, name: "changed"}
    yield {**parts, name: [parts[name]]}
    yield {key: value for key, value in parts.items() if key != name}


@pytest.mark.parametrize("part", ["fields", "salts", "hashes"])
def test_a_changed_field_salt_or_hash_of_every_kind_of_event_is_named(desk: Desk, part: str) -> None:
    for each in of_every_kind(desk):
        parts = dict(getattr(each, part))
        for name in list(parts)[each.seq % 2 :: 2]:
            with tampering(desk) as connection:
                put(connection, each.seq, **{part: {**parts, name: "changed"}})
                assert names(found_in(connection), each.seq), (each.action, part, name)


@pytest.mark.slow
@pytest.mark.parametrize("part", ["fields", "salts", "hashes"])
def test_a_changed_field_salt_or_hash_of_any_event_is_named(desk: Desk, part: str) -> None:
    for each in events(desk):
        parts = dict(getattr(each, part))
        for value in ({**parts, "more": "x"}, {}, [], None, *(made for name in parts for made in changes(parts, name))):
            with tampering(desk) as connection:
                put(connection, each.seq, **{part: value})
                assert names(found_in(connection), each.seq), (each.action, part, value)


def test_a_field_that_is_gone_with_its_salt_is_named(desk: Desk) -> None:
    for each in of_every_kind(desk):
        for name in list(each.fields)[each.seq % 2 :: 2]:
            fields = {key: value for key, value in each.fields.items() if key != name}
            salts = {key: value for key, value in each.salts.items() if key != name}
            blank = {name: ""} if name in audit.COLUMNS else {}
            with tampering(desk) as connection:
                put(connection, each.seq, fields=fields, salts=salts, **blank)
                assert names(found_in(connection), each.seq), (each.action, name)


@EVERY
@pytest.mark.parametrize("renumbered", [False, True])
def test_a_removed_event_is_named(desk: Desk, renumbered: bool, every: int) -> None:
    total = len(events(desk))
    for seq in range(1, total, every):
        with tampering(desk) as connection:
            connection.execute(delete(event).where(event.c.seq == seq))
            if renumbered:
                connection.execute(text("UPDATE event SET seq = -seq WHERE seq > :seq"), {"seq": seq})
                connection.execute(text("UPDATE event SET seq = -seq - 1 WHERE seq < 0"))
            assert names(found_in(connection), seq), seq


def test_a_cut_middle_is_named_and_a_cut_tail_shows_against_the_head(desk: Desk) -> None:
    with reading(desk.engine) as connection:
        kept = audit.head(connection)
    with tampering(desk) as connection:
        connection.execute(delete(event).where(event.c.seq.between(4, 9)))
        assert found_in(connection) == "Event 4 is missing: event 10 stands in its place."
    redacted = max(each.seq for each in events(desk) if each.action == "redacted")
    assert redacted < kept.count
    for last in range(redacted, kept.count):
        with tampering(desk) as connection:
            connection.execute(delete(event).where(event.c.seq > last))
            assert audit.verify(connection) is None, "the chain alone cannot see it"
            assert found_in(connection, kept).startswith(f"The record ends at event {last}, but the kept head names")


def test_without_its_redaction_a_field_that_is_gone_is_named(desk: Desk) -> None:
    (redaction,) = (each for each in events(desk) if each.action == "redacted")
    with tampering(desk) as connection:
        connection.execute(delete(event).where(event.c.seq >= redaction.seq))
        assert names(found_in(connection), redaction.fields["event"])


@EVERY
def test_two_swapped_events_are_named_by_the_first_place(desk: Desk, every: int) -> None:
    total = len(events(desk))
    pairs = [(seq, seq + 1) for seq in range(1, total)]
    pairs += [(seq, other) for seq in range(1, total) for other in (total, (seq * 7) % total + 1) if other > seq + 1]
    for one, other in pairs[::every]:
        with tampering(desk) as connection:
            swap(connection, one, other)
            assert names(found_in(connection), one), (one, other)


@EVERY
@pytest.mark.parametrize("kept", [("hash",), ("hash", "previous"), ("at",), ("at", "hash", "previous")])
def test_swapped_contents_are_named_whatever_stays_in_place(desk: Desk, kept: tuple[str, ...], every: int) -> None:
    all_events = events(desk)
    others = [column.name for column in event.c if column.name not in ("seq", *kept)]
    for one, other in list(zip(all_events, all_events[3:], strict=False))[::every]:
        with tampering(desk) as connection:
            put(connection, one.seq, **{name: getattr(other, name) for name in others})
            put(connection, other.seq, **{name: getattr(one, name) for name in others})
            assert names(found_in(connection), one.seq), (one.seq, kept)


@EVERY
def test_an_event_that_was_written_anew_with_its_own_hash_is_named(desk: Desk, every: int) -> None:
    for each in events(desk)[:-1:every]:
        fields = {**each.fields, "actor": "mallory"}
        hashes = {**each.hashes, "actor": field_hash(each.salts.get("actor", ""), "mallory")}
        salts = {**each.salts, "actor": each.salts.get("actor", "")}
        own = event_hash(each.previous, each.seq, each.at, hashes)
        with tampering(desk) as connection:
            put(connection, each.seq, actor="mallory", fields=fields, salts=salts, hashes=hashes, hash=own)
            assert names(found_in(connection), each.seq), each.seq


def test_an_event_that_was_put_in_is_named(desk: Desk) -> None:
    for each in events(desk)[1::9]:
        with tampering(desk) as connection:
            connection.execute(text("UPDATE event SET seq = -seq WHERE seq >= :seq"), {"seq": each.seq})
            connection.execute(text("UPDATE event SET seq = -seq + 1 WHERE seq < 0"))
            before = connection.execute(select(event).where(event.c.seq == each.seq - 1)).mappings().one()
            fake = forged(each, before["hash"])
            connection.execute(insert(event).values(**fake))
            assert names(found_in(connection), each.seq), each.seq


def forged(each: Event, previous: str) -> dict[str, Any]:

    fields = {"actor": "mallory", "action": "named"}
    salts = dict.fromkeys(fields, "00")
    hashes = {name: field_hash("00", value) for name, value in fields.items()}
    own = event_hash(previous, each.seq, each.at, hashes)
    chain = {"salts": salts, "hashes": hashes, "previous": previous, "hash": own}
    return {"seq": each.seq, "at": each.at, "fields": fields, **fields, **chain}


RAW = ["not json", "{", '"text"', "5", "[[[[", "\x00"]


@pytest.mark.parametrize("value", RAW)
def test_what_cannot_be_read_is_named(desk: Desk, value: str) -> None:
    for seq in (1, len(events(desk))):
        for column in ("fields", "salts", "hashes"):
            with tampering(desk) as connection:
                connection.execute(
                    text(f"UPDATE event SET {column} = :value WHERE seq = :seq"), {"value": value, "seq": seq}
                )
                assert names(found_in(connection), seq), (seq, column)
        with tampering(desk) as connection:
            connection.execute(text("UPDATE event SET actor = CAST(x'ff' AS TEXT) WHERE seq = :seq"), {"seq": seq})
            assert names(found_in(connection), seq), "bytes that are no text"


def test_a_rewrite_of_everything_shows_against_the_head(desk: Desk, tmp_path: Path) -> None:
    with reading(desk.engine) as connection:
        kept = audit.head(connection)
    engine = record_of(tmp_path, kept.count, random.Random(1))
    with reading(engine) as connection:
        assert audit.verify(connection) is None
        assert "written anew" in found_in(connection, kept)
    engine.dispose()


def record_of(folder: Path, size: int, chance: random.Random) -> Engine:
    """A record of so many events with fields of all types."""
    engine = open_database(folder / f"{chance.random()}.sqlite")
    values = ["text", "", "Ü😀\n", 0, 1, 1.0, True, None, [], {}, [1, [2]], {"a": {"b": None}}, 10**30, -0.5]
    with writing(engine) as connection:
        for number in range(1, size + 1):
            details = {f"field{each}": chance.choice(values) for each in range(chance.randrange(4))}
            about = chance.choice([None, ABOUT, audit.Question("checkpoints", f"t{number}")])
            name = chance.choice(["ann", "system:worker"])
            audit.append(connection, at=NOW, actor=name, action="did", about=about, **details)
    return engine


DAMAGES: list[Callable[[Connection, int, int, random.Random], None]] = [
    lambda connection, one, _other, _chance: put(connection, one, actor="mallory"),
    lambda connection, one, _other, _chance: put(connection, one, at="2020-01-01T00:00:00.000000Z"),
    lambda connection, one, _other, _chance: put(connection, one, hash="f" * 64),
    lambda connection, one, _other, _chance: connection.execute(delete(event).where(event.c.seq == one)) and None,
    lambda connection, one, other, _chance: swap(connection, one, other),
]


@pytest.mark.parametrize("seed", [*range(4), *(pytest.param(each, marks=pytest.mark.slow) for each in range(4, 60))])
def test_any_damage_to_any_record_is_named(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    size = chance.randrange(3, 12)
    engine = record_of(tmp_path, size, chance)
    for damage in DAMAGES:
        one = chance.randrange(1, size)
        other = chance.randrange(one + 1, size + 1)
        with engine.connect().execution_options(signoff_write=True) as connection, connection.begin() as transaction:
            assert audit.verify(connection) is None
            damage(connection, one, other, chance)
            assert names(found_in(connection), one), (seed, one, other)
            transaction.rollback()
    engine.dispose()


def test_progress_is_told(tmp_path: Path) -> None:
    engine = long_record(tmp_path, 2001)
    told: list[int] = []
    with reading(engine) as connection:
        assert audit.verify(connection, told=told.append) is None
    assert told == [2000]
    engine.dispose()


@pytest.mark.slow
def test_a_long_record_is_checked_in_little_memory(tmp_path: Path) -> None:
    engine = long_record(tmp_path, 100_000)
    tracemalloc.start()
    with reading(engine) as connection:
        assert audit.verify(connection) is None
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000
    engine.dispose()
