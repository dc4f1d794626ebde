"""Starting a batch: its rows are in a lot before the order to run is written, and a start that fails leaves nothing."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from agents import jobs, lots, starts
from agents.adapters.tables import Upload, inspect
from agents.database import event, lot, lot_item, reading
from agents.desk import Desk
from agents.domain import JSON
from agents.errors import InvalidInput
from tests.desks import desk_in

CSV = b"id,text\n" + b"".join(b"T-%d,text %d\n" % (number, number) for number in range(1, 2501))


@pytest.fixture
def desk(home: Path) -> Iterator[Desk]:
    opened = desk_in(home)
    yield opened
    opened.close()


def counts(desk: Desk) -> tuple[int, int]:
    """How many lots there are, and how many items in all."""
    with reading(desk.engine) as connection:
        found = [connection.execute(select(func.count()).select_from(each)).scalar_one() for each in (lot, lot_item)]
    return found[0], found[1]


def order_of(desk: Desk, thread_id: str) -> JSON:
    """The input of the job that starts a thread."""
    with reading(desk.engine) as connection:
        (job,) = jobs.of_thread(connection, desk.sources[0].source_id, thread_id)
    return job.input


def test_the_order_to_run_names_the_lot_and_holds_no_row(desk: Desk, home: Path) -> None:
    (home / "tickets.csv").write_bytes(CSV)
    told: list[int] = []
    given = {"items": str(home / "tickets.csv"), "every": 20}
    thread_id = starts.start(desk, "batch_sampling", given, actor="ann", progress=told.append)
    assert told == [1000, 2000, 2500]
    order = order_of(desk, thread_id)
    assert (order["items"], order["name"], order["every"]) == (None, "tickets.csv", 20)
    with reading(desk.engine) as connection:
        assert lots.find(connection, order["lot_id"]).size == 2500
        (said,) = connection.execute(select(event.c.fields).where(event.c.action == "started")).scalars()
    assert said["input"] == order
    known = starts.started(desk, desk.sources[0].source_id, thread_id)
    assert known is not None
    assert known["title"] == "Classify tickets.csv"


def test_rows_of_a_start_that_waits_for_days_stay(desk: Desk) -> None:
    thread_id = starts.start(desk, "batch_sampling", {"items": [{"a": 1}]}, actor="ann")
    lots.load(desk.engine, "next", "n", ("a",), [("1",)], clock=lambda: desk.clock() + 3 * lots.storing.UNUSED)
    with reading(desk.engine) as connection:
        assert lots.find(connection, order_of(desk, thread_id)["lot_id"]).size == 1


def test_an_upload_is_taken_in(desk: Desk) -> None:
    file = io.BytesIO(CSV)
    upload = Upload(file, inspect(file, name="mine.csv"))
    thread_id = starts.start(desk, "batch_sampling", {"every": 5}, actor="ann", upload=upload)
    assert order_of(desk, thread_id)["name"] == "mine.csv"
    assert counts(desk) == (1, 2500)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"items": "no-such-file.csv"}, "items: cannot read"),
        ({"items": [{"a": 1}], "every": 0}, "every"),
        ({"items": [{"a": 1}], "task": "prompt", "prompt": "{b}"}, "prompt: The prompt names a column"),
        ({"items": [{"a": 1}, {"b": 2}]}, "items: 1 row with other columns"),
        ({"items": [{"a": 1}], "name": "\ud800"}, "half of a character"),
        ({"items": [{"a": "\ud800"}]}, "half of"),
    ],
)
def test_bad_input_starts_nothing(desk: Desk, given: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        starts.start(desk, "batch_sampling", given, actor="ann", thread_id="mine")
    assert counts(desk) == (0, 0)
    assert starts.started(desk, desk.sources[0].source_id, "mine") is None


def test_a_start_that_fails_late_takes_its_rows_away(desk: Desk) -> None:
    """Another start takes the id while the rows are read in."""

    def meanwhile(_count: int) -> None:
        starts.start(desk, "one", {"log": "x"}, actor="bob", thread_id="mine")

    given = {"items": [{"a": 1}]}
    with pytest.raises(InvalidInput, match="exists already"):
        starts.start(desk, "batch_sampling", given, actor="ann", thread_id="mine", progress=meanwhile)
    assert counts(desk) == (0, 0)
    with pytest.raises(InvalidInput, match="exists already"):
        starts.start(desk, "batch_sampling", given, actor="ann", thread_id="mine")
    assert counts(desk) == (0, 0)


def test_rows_of_another_batch_stay_when_a_start_on_them_fails(desk: Desk) -> None:
    first = starts.start(desk, "batch_sampling", {"items": [{"a": 1}]}, actor="ann")
    lot_id = order_of(desk, first)["lot_id"]
    with pytest.raises(InvalidInput, match="exists already"):
        starts.start(desk, "batch_sampling", {"lot_id": lot_id}, actor="ann", thread_id=first)
    assert counts(desk) == (1, 1)
