"""Any item of a chunk as its review shows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agents import lots
from agents.batches.chunk import item_of
from agents.clock import utc_now
from agents.desk import Desk
from agents.errors import InvalidInput
from agents.lots import Result
from agents.payloads.sample import Place
from tests.desks import desk_in

PLACE = Place("lot", "tickets.csv", 3, 4, 4, 2, 1)


@pytest.fixture
def desk(home: Path) -> Iterator[Desk]:
    made = desk_in(home)
    lots.load(
        made.engine, "lot", "tickets.csv", ["id", "text"], [(f"T{n}", "hello") for n in range(1, 5)], clock=utc_now
    )
    yield made
    made.close()


def record(desk: Desk, *found: Result) -> None:
    lots.record(desk.engine, lots.take_over(desk.engine, "lot"), found, clock=utc_now)


def test_the_newest_result_up_to_the_reviews_generation_and_the_one_before(desk: Desk) -> None:
    record(desk, *(Result(3, number, "done", {"answer": f"try {number}"}, None, 1) for number in range(3)))
    found = item_of(desk, PLACE, 3, ["text"])
    assert found.input == (("text", "hello"),)
    assert found.output == (("answer", "try 1"),)
    assert found.before == (("answer", "try 0"),)


def test_a_failed_item_says_why_and_one_without_a_result_that(desk: Desk) -> None:
    record(desk, Result(4, 0, "failed", None, "No answer.", 3))
    failed = item_of(desk, PLACE, 4, [])
    assert (failed.output, failed.error, failed.before) == ((), "No answer.", None)
    assert failed.input == (("id", "T4"), ("text", "hello"))
    assert item_of(desk, PLACE, 3, ["gone"]).error == "It has no result yet."


@pytest.mark.parametrize(
    ("place", "item_no", "words"),
    [
        (PLACE, 5, "Item 5 is not in this chunk"),
        (PLACE, 2, "It holds items 3 to 4"),
        (Place("lot", "", 3, 9, 9, 2, 0), 9, "not among the rows"),
        (Place("none", "", 3, 4, 4, 2, 0), 3, "not in Signoff's database"),
    ],
)
def test_what_is_not_there_gets_a_sentence(desk: Desk, place: Place, item_no: int, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        item_of(desk, place, item_no, [])
