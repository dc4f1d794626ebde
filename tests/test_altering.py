"""A decision whose row no longer says what the record says of it is named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from agents import decisions
from agents.database import decision, reading
from agents.desk import Desk
from agents.domain import DecisionType, Said
from tests.audit.record import tampering
from tests.desks import desk_in, paused, work

CHANGES: dict[str, Any] = {
    "actor": "mallory",
    "type": "reject",
    "message": "never",
    "args": {"a": 1},
    "resume_value": "no",
    "seen": "0" * 64,
    "payload": {"question": "Another?"},
    "kind": "plan",
    "title": "Another",
    "graph_id": "two",
    "decided_at": "2020-01-01T00:00:00.000000Z",
    "thread_id": "t9",
    "pause_key": "p9",
    "status": "superseded",
    "decision_id": "d9",
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = tmp_path_factory.mktemp("altered")
    made = desk_in(home, undo_seconds=0)
    yes = Said(DecisionType.RESPOND, message="yes")
    for sent in (True, False):
        thread_id, pause = paused(made, "one", home)
        decided = decisions.decide(made, thread_id, pause.pause_key, yes, actor="ann")
        if not sent:
            decisions.undo(made, decided.decision_id, actor="ann")
            decisions.decide(made, thread_id, pause.pause_key, yes, actor="ann")
            continue
        work(made)
    yield made
    made.close()


def test_what_nobody_touched_is_as_it_was_told(desk: Desk) -> None:
    with reading(desk.engine) as connection:
        statuses = set(connection.execute(select(decision.c.status)).scalars())
        assert statuses == {"delivered", "superseded", "accepted"}
        assert decisions.altered(connection) is None


@pytest.mark.parametrize("column", CHANGES)
def test_a_changed_column_is_named(desk: Desk, column: str) -> None:
    with reading(desk.engine) as connection:
        ids = connection.execute(select(decision.c.decision_id).where(decision.c.status == "delivered")).scalars().all()
    for decision_id in ids:
        with tampering(desk) as connection:
            own = decision.c.decision_id == decision_id
            connection.execute(update(decision).where(own).values({column: CHANGES[column]}))
            found = str(decisions.altered(connection))
        if column == "decision_id":
            assert found.endswith("tells of is gone.")
        else:
            assert found.startswith(f"Decision {decision_id} was changed: ")


@pytest.mark.parametrize("column", ["args", "resume_value", "payload"])
def test_a_column_that_is_no_json_any_more_is_named(desk: Desk, column: str) -> None:
    with tampering(desk) as connection:
        connection.exec_driver_sql(f"UPDATE decision SET {column} = '{{no' WHERE status = 'delivered'")
        assert "was changed: " in str(decisions.altered(connection))


def test_a_removed_and_an_invented_decision_are_named(desk: Desk) -> None:
    with tampering(desk) as connection:
        row = dict(connection.execute(select(decision).limit(1)).mappings().one())
        connection.execute(delete(decision).where(decision.c.decision_id == row["decision_id"]))
        assert "is gone" in str(decisions.altered(connection))
    with tampering(desk) as connection:
        connection.execute(insert(decision).values(**{**row, "decision_id": "d9", "thread_id": "t9"}))
        assert decisions.altered(connection) == "Decision d9 was put in: no event tells of it."
