"""Events as they are written: what they say of themselves, and how they are found again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from agents import audit
from agents.audit import Question
from agents.database import open_database, reading, writing
from agents.domain import Actor, Proof, Role

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ABOUT = Question("checkpoints", "t1", "p1")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_database(tmp_path / "signoff.sqlite")
    yield made
    made.dispose()


def test_an_event_follows_the_one_before_and_takes_its_fields(engine: Engine) -> None:
    with writing(engine) as connection:
        assert audit.head(connection) == audit.Head(0, audit.GENESIS)
        first = audit.append(connection, at=NOW, actor="ann", action="decided", about=ABOUT, number=1)
        second = audit.append(connection, at=NOW, actor="ann", action="decided", about=ABOUT, number=1)
    assert (first.seq, first.previous, second.seq, second.previous) == (1, audit.GENESIS, 2, first.hash)
    assert first.fields["number"] == 1
    assert first.hashes["number"] != second.hashes["number"], "the same value is no longer the same once it is salted"


def test_an_event_without_its_transaction_is_none(engine: Engine) -> None:
    with engine.connect() as connection, connection.begin() as transaction:
        audit.append(connection, at=NOW, actor="ann", action="decided")
        transaction.rollback()
    with reading(engine) as connection:
        assert audit.everything(connection) == []


@pytest.mark.parametrize("name", ["seq", "chain", "head"])
def test_a_detail_cannot_have_the_name_of_an_exports_own(engine: Engine, name: str) -> None:
    with writing(engine) as connection, pytest.raises(ValueError, match=name):
        audit.append(connection, at=NOW, actor="ann", action="decided", **{name: 1})


def test_it_says_how_the_actor_was_known(engine: Engine) -> None:
    robot = Actor("robot", Role.REVIEWER, Proof.TOKEN)
    with writing(engine) as connection:
        assert audit.append(connection, at=NOW, actor=robot, action="decided").fields["proof"] == "token"
        audit.proven(connection, "ann", Proof.OIDC)
        assert audit.append(connection, at=NOW, actor="ann", action="decided").fields["proof"] == "oidc"
        assert "proof" not in audit.append(connection, at=NOW, actor="system:worker", action="sent").fields
    with writing(engine) as connection:
        again = audit.append(connection, at=NOW, actor="ann", action="decided")
    assert "proof" not in again.fields, "what was proven in one transaction proves nothing in the next"


def test_events_are_found_by_thread_and_by_kind(engine: Engine) -> None:
    with writing(engine) as connection:
        for number, about in enumerate([ABOUT, None, Question("checkpoints", "t2"), ABOUT]):
            audit.append(connection, at=NOW, actor="ann", action=f"kind{number % 2}", about=about)
    with reading(engine) as connection:
        assert [each.seq for each in audit.of_thread(connection, "checkpoints", "t1")] == [1, 4]
        assert [each.seq for each in audit.of_thread(connection, "checkpoints", "t1", "kind1")] == [4]
        assert [each.seq for each in audit.stream(connection, "kind0", after=1)] == [3]
        found = audit.latest(connection, None, None, "kind1")
        assert found is not None
        assert found.seq == 2
        assert audit.latest(connection, "checkpoints", "t2", "kind1") is None
