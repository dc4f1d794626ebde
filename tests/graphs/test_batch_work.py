"""Working through items: failures, tries, a second worker, progress; with a writer that fails as it is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from agents import lots
from agents.adapters.model import ItemRequest
from agents.database import reading
from agents.errors import ModelError
from agents.graphs.batch_work import retry_failed
from agents.lots import LotTaken
from tests.batch_threads import NOW, BatchThread, FakeWriter, batch_thread, correct, fix, number_of

GOOD = {"action": "continue"}


@pytest.fixture
def with_writer(tmp_path: Path) -> Callable[..., AbstractContextManager[BatchThread]]:
    return lambda act, **more: batch_thread(tmp_path, FakeWriter(act), **more)


def failing(*numbers: int, **why: bool) -> Callable[[ItemRequest], Mapping[str, str] | None]:
    """A writer that fails for these items until they are taken off the set. why: as ModelError takes it."""
    left = set(numbers)

    def act(request: ItemRequest) -> None:
        if number_of(request) in left:
            raise ModelError(f"No answer for item {number_of(request)}.", **why)

    act.left = left  # type: ignore[attr-defined]
    return act


def test_a_failed_item_is_recorded_and_shown_as_failed(with_writer: Any) -> None:
    with with_writer(failing(7, 20)) as thread:
        asked = thread.start(60)
        assert (asked["failed"], asked["failed_items"], asked["sample_output"]) == (2, [7, 20], None)
        assert asked["samples"][0]["error"] == "No answer for item 20."
        asked = thread.answer(GOOD)
        assert thread.verdicts() == {}, "there is nothing that could be good"
        assert asked["costs"]["problem"]["first"] == 1, "so it is not the last good sample"
        thread.answer(GOOD)
        assert thread.answer(GOOD)["details"]["failed"] == 2
        assert Counter(thread.writer.asked) == dict.fromkeys(range(1, 61), 1)


def test_what_a_person_filled_in_or_corrected_counts_as_done(with_writer: Any) -> None:
    with with_writer(failing(7, 20)) as thread:
        thread.start(40)
        thread.answer(correct({20: fix("billing")}))
        outcome = thread.answer({"action": "problem", "problem": "All wrong"})
        assert outcome["costs"]["problem"]["kept"] == 1
        details = thread.answer(GOOD)["details"]
        assert (details["done"], details["failed"], details["corrected"]) == (39, 1, 1)


def test_a_busy_model_is_tried_again_after_a_longer_and_longer_wait(with_writer: Any) -> None:
    with with_writer(failing(3, temporary=True)) as thread:
        thread.start(5)
        first, second = thread.slept
        assert 0.5 <= first <= 1.5
        assert 1 <= second <= 3
        assert Counter(thread.writer.asked)[3] == 3
        with reading(thread.engine) as connection:
            (failed,) = lots.results(connection, thread.values["lot_id"], 3, 3)
        assert (failed.status, failed.calls) == (lots.FAILED, 3)


def test_a_bug_in_one_item_costs_that_item_only(with_writer: Any) -> None:
    def act(request: ItemRequest) -> None:
        if number_of(request) == 4:
            raise KeyError("reason")

    with with_writer(act) as thread:
        asked = thread.start(5)
        assert (asked["failed_items"], thread.results()[5, 0]) == ([4], "said 0")


def test_ten_failures_in_a_row_stop_the_batch_and_it_goes_on_where_it_was(with_writer: Any) -> None:
    act = failing(*range(26, 200))
    with with_writer(act, concurrency=1) as thread:
        thread.start(60)
        with pytest.raises(ModelError, match=r"10 items in a row failed.*No answer for item 35"):
            thread.answer(GOOD)
        asked_before = set(thread.writer.asked)
        assert set(range(1, 36)) <= asked_before <= set(range(1, 38)), "no more than was handed out already"
        assert len(thread.results()) == 25, "the ten have no result, so they are asked for again"
        act.left.clear()
        asked = thread.go_on()
        assert (asked["last"], asked["failed"]) == (40, 0)
        assert Counter(thread.writer.asked) == {
            number: 1 + (number >= 26 and number in asked_before) for number in range(1, 41)
        }


def test_items_that_never_succeed_do_not_keep_the_batch_from_those_behind_them(with_writer: Any) -> None:
    with with_writer(failing(*range(5, 18), of_request=True), concurrency=1) as thread:
        with pytest.raises(ModelError, match="10 items in a row"):
            thread.start(20)
        asked = thread.go_on()
        assert (asked["last"], asked["failed"]) == (20, 13)
        assert Counter(thread.writer.asked) == dict.fromkeys(range(1, 21), 1)


def test_failed_items_behind_others_that_never_succeed_are_tried_again_too(with_writer: Any) -> None:
    act = failing(*range(1, 13), 15, of_request=True)
    with with_writer(act) as thread:
        with pytest.raises(ModelError):
            thread.start(20)
        thread.go_on()
        thread.answer(GOOD)
        act.left.remove(15)
        tally = retry_failed(thread.crew, thread.values, waiting=False, say=lambda line: None)
        assert (tally.done, tally.failed) == (13, 12)
        assert thread.results()[15, 0] == "said 0"


def test_failures_in_a_row_are_counted_across_chunks(with_writer: Any) -> None:
    with with_writer(failing(*range(1, 200))) as thread:
        asked = thread.start(40, every=4)
        assert asked["failed"] == 4
        assert thread.answer(GOOD)["failed_items"] == [5, 6, 7, 8]
        with pytest.raises(ModelError, match="10 items in a row"):
            thread.answer(GOOD)
        assert len(thread.results()) == 8


def test_what_succeeds_among_failures_is_kept_when_the_batch_stops(with_writer: Any) -> None:
    with with_writer(failing(*(n for n in range(1, 200) if n % 12))) as thread:
        with pytest.raises(ModelError):
            thread.start(100, every=100)
        assert all(item % 12 == 0 or reason is None for (item, _), reason in thread.results().items())


def test_failed_items_are_asked_again_but_not_those_of_a_review_that_waits(with_writer: Any) -> None:
    act = failing(3, 8, 25)
    with with_writer(act) as thread:
        thread.start(40)
        thread.answer(correct({8: fix("other")}))
        act.left.clear()
        thread.writer.requests.clear()
        told: list[str] = []
        tally = retry_failed(thread.crew, thread.values, waiting=True, say=told.append)
        assert (thread.writer.asked, tally.done, tally.failed) == ([3], 1, 0)
        assert told == ["Failed items, again: 1 of 1 done"]
        assert thread.results()[3, 0] == "said 0"
        thread.answer(GOOD)
        act.left.add(25)
        assert retry_failed(thread.crew, thread.values, waiting=False, say=told.append).failed == 1
        assert told[-1] == "Failed items, again: 0 of 1 done, 1 failed"
        assert thread.results()[25, 0] is None


def test_a_failed_sample_may_be_corrected_by_hand(with_writer: Any) -> None:
    with with_writer(failing(20)) as thread:
        thread.start(40)
        thread.answer(correct({20: fix("other")}))
        assert thread.verdicts() == {(20, 0): ("corrected", True)}


def test_a_second_run_of_a_chunk_takes_over_and_the_first_one_stops(tmp_path: Path) -> None:
    taken: list[BatchThread] = []

    def act(request: ItemRequest) -> None:
        if number_of(request) == 30 and taken:
            with batch_thread(tmp_path) as second:
                taken.clear()
                second.go_on()
                assert second.app.get_state(second.config).interrupts

    with batch_thread(tmp_path, FakeWriter(act), concurrency=1) as first:
        first.start(60)
        taken.append(first)
        with pytest.raises(LotTaken):
            first.answer(GOOD)
        assert first.writer.asked[-2] <= 30
        assert len(first.results()) == 40
        assert first.values["question"]["last"] == 40


def test_progress_is_said_every_two_seconds_and_at_the_end(tmp_path: Path) -> None:
    ticks = count()

    def clock() -> datetime:
        return NOW + timedelta(seconds=0.2 * next(ticks))

    with batch_thread(tmp_path, clock=clock, concurrency=1) as thread:
        thread.start(40, every=40)
        assert thread.told[-1] == "Items 1 to 40: 40 of 40 done"
        assert 2 <= len(thread.told) < 20
        assert thread.told[0].startswith("Items 1 to 40: ")
