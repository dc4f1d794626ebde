"""The effect journal: begun once, told again what happened, listed when nobody knows."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine

from agents.database import open_database, reading
from agents.effects import EffectStatus, Journal, in_doubt, mail_addresses, of_thread


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_database(tmp_path / "signoff.sqlite")
    yield made
    made.dispose()


def begin(journal: Journal, key: str = "t:mail:1") -> object:
    return journal.begin(key, "mail", thread_id="t", request={"recipients": ["Ann@Example.org", "bob@example.org"]})


def test_only_one_of_many_may_act(engine: Engine) -> None:
    journal = Journal(engine)
    with ThreadPoolExecutor(8) as pool:
        begun = [effect.fresh for effect in pool.map(lambda _: begin(journal), range(8))]  # type: ignore[attr-defined]
    assert sorted(begun) == [False] * 7 + [True]


def test_what_is_done_is_told_again(engine: Engine) -> None:
    journal = Journal(engine)
    begin(journal)
    journal.finish("t:mail:1", {"accepted": ["ann@example.org"]})
    again = journal.begin("t:mail:1", "mail", thread_id="t", request={})
    assert not again.fresh
    assert (again.status, again.result) == (EffectStatus.DONE, {"accepted": ["ann@example.org"]})


def test_what_failed_for_certain_may_be_begun_again(engine: Engine) -> None:
    journal = Journal(engine)
    begin(journal)
    journal.fail("t:mail:1", "550 no such user")
    assert journal.begin("t:mail:1", "mail", thread_id="t", request={}).fresh


def test_what_nobody_knows_is_listed(engine: Engine) -> None:
    journal = Journal(engine)
    begin(journal)
    journal.doubt("t:mail:1", "the connection broke")
    assert not journal.begin("t:mail:1", "mail", thread_id="t", request={}).fresh
    with reading(engine) as connection:
        assert [each.key for each in in_doubt(connection)] == ["t:mail:1"]
        assert [each.key for each in of_thread(connection, "checkpoints", "t")] == ["t:mail:1"]


def test_known_addresses_are_those_that_took_a_mail(engine: Engine) -> None:
    journal = Journal(engine)
    begin(journal)
    with reading(engine) as connection:
        assert mail_addresses(connection) == frozenset()
    journal.finish("t:mail:1", {"accepted": ["Ann@Example.org"]})
    with reading(engine) as connection:
        assert mail_addresses(connection) == {"ann@example.org"}
