"""Lots on a real database: read in, held, recorded, judged, forked."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from agents import lots
from agents.clock import utc_now
from agents.database import lot, open_database, reading
from agents.errors import InvalidInput
from agents.lots import Held, LotTaken, Result, Verdict, Word

ROWS = [(f"T-{number}", f"text {number}") for number in range(1, 2501)]
PLAIN = [[1, 0]]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_database(tmp_path / "signoff.sqlite")
    yield opened
    opened.dispose()


@pytest.fixture
def loaded(engine: Engine) -> str:
    lots.load(engine, "lot-1", "tickets.csv", ("id", "text"), ROWS, clock=utc_now)
    return "lot-1"


def held(engine: Engine, lot_id: str, task: str, step: int, **state: Any) -> Held:
    given = {"thread_id": "t", "spans": PLAIN, "done": 0, "judged": 0, **state}
    return lots.hold(engine, lot_id, source_id="s", task=task, step=step, clock=utc_now, **given)


def done(item_no: int, text: str = "billing", generation: int = 0) -> Result:
    return Result(item_no, generation, lots.DONE, {"category": text}, None, 1)


def failed(item_no: int) -> Result:
    return Result(item_no, 0, lots.FAILED, None, "The model said nothing.", 1)


def of(engine: Engine, lot_id: str, generation: int | None = None) -> dict[tuple[int, int], str | None]:
    with reading(engine) as connection:
        found = lots.results(connection, lot_id, 1, 9999, generation)
    return {(each.item_no, each.generation): (each.output or {}).get("category") for each in found}


def test_rows_are_read_in_and_numbered_from_one(engine: Engine) -> None:
    told: list[int] = []
    made = lots.load(engine, "a", "t.csv", ("id", "text"), iter(ROWS), clock=utc_now, progress=told.append)
    assert (made.size, made.columns, made.name, made.thread_id) == (2500, ("id", "text"), "t.csv", None)
    assert told == [1000, 2000, 2500]
    with reading(engine) as connection:
        found = list(lots.items(connection, made, 1000, 1002))
    assert [(item.item_no, dict(item.data)) for item in found] == [
        (number, {"id": f"T-{number}", "text": f"text {number}"}) for number in (1000, 1001, 1002)
    ]


def test_rows_that_break_off_leave_no_lot(engine: Engine) -> None:
    def broken() -> Iterator[tuple[str, str]]:
        yield from ROWS[:1500]
        raise InvalidInput("Line 1502 has 3 cells; the header has 2.")

    with pytest.raises(InvalidInput, match="Line 1502"):
        lots.load(engine, "a", "t.csv", ("id", "text"), broken(), clock=utc_now)
    with reading(engine) as connection:
        assert connection.execute(select(lot)).all() == []
        with pytest.raises(InvalidInput, match="not in Signoff's database"):
            lots.find(connection, "a")


def test_a_result_is_written_once_and_only_a_failed_one_is_replaced(engine: Engine, loaded: str) -> None:
    mine = held(engine, loaded, "task-1", 0)
    lots.record(engine, mine, [done(1, "first"), failed(2)], clock=utc_now)
    lots.record(engine, mine, [done(1, "second"), done(2, "again"), failed(1)], clock=utc_now)
    assert of(engine, loaded) == {(1, 0): "first", (2, 0): "again"}


def test_a_run_that_comes_back_goes_on_and_the_one_before_it_stops(engine: Engine, loaded: str) -> None:
    before = held(engine, loaded, "task-1", 0)
    after = held(engine, loaded, "task-1", 0)
    assert after.lot_id == loaded
    lots.record(engine, after, [done(1)], clock=utc_now)
    with pytest.raises(LotTaken):
        lots.record(engine, before, [done(2)], clock=utc_now)
    with pytest.raises(LotTaken):
        lots.say(engine, before, [Verdict(1, 0, Word.GOOD)], clock=utc_now)
    assert of(engine, loaded) == {(1, 0): "billing"}


def test_an_order_outside_the_steps_takes_the_lot_and_the_thread_goes_on_after_it(engine: Engine, loaded: str) -> None:
    held(engine, loaded, "task-1", 0)
    retrying = lots.take_over(engine, loaded)
    lots.record(engine, retrying, [done(1)], clock=utc_now)
    assert held(engine, loaded, "task-2", 1).lot_id == loaded


def test_a_fork_gets_a_lot_of_its_own_with_what_its_state_names(engine: Engine, loaded: str) -> None:
    work = held(engine, loaded, "work-1", 0)
    lots.record(engine, work, [done(number) for number in range(1, 5)], clock=utc_now)
    judge = held(engine, loaded, "judge-1", 1)
    lots.say(engine, judge, [Verdict(2, 0, Word.GOOD), Verdict(4, 0, Word.PROBLEM, note="wrong")], clock=utc_now)
    redo = held(engine, loaded, "work-2", 2)
    lots.record(engine, redo, [done(3, "redone", 1), done(4, "redone", 1)], clock=utc_now)

    # from the state in which item 4 was asked about: items 1 to 4 done, 1 and 2 judged
    state = {"done": 4, "judged": 2}
    fork = held(engine, loaded, "judge-fork", 1, **state)
    assert fork.lot_id != loaded
    assert of(engine, fork.lot_id) == {(number, 0): "billing" for number in range(1, 5)}
    with reading(engine) as connection:
        assert [(each.item_no, each.word) for each in lots.verdicts(connection, fork.lot_id)] == [(2, Word.GOOD)]
        copied = lots.find(connection, fork.lot_id)
        assert (copied.copied_from, copied.size) == (loaded, 2500)
        assert len(list(lots.items(connection, copied, 1, 2500))) == 2500
    # repeated after a crash, the fork finds its lot again; what it left is untouched
    assert held(engine, loaded, "judge-fork", 1, **state).lot_id == fork.lot_id
    assert held(engine, fork.lot_id, "work-fork", 2).lot_id == fork.lot_id
    assert len(of(engine, loaded)) == 6


def test_a_copied_thread_gets_a_lot_of_its_own(engine: Engine, loaded: str) -> None:
    held(engine, loaded, "work-1", 0)
    assert held(engine, loaded, "work-1", 1, thread_id="copy").lot_id != loaded


def test_the_generation_of_an_item_is_that_of_the_last_span_before_it() -> None:
    rng = random.Random(7)
    for _ in range(200):
        starts = sorted(rng.sample(range(2, 60), rng.randint(0, 5)))
        spans = [[1, 0], *[[first, number] for number, first in enumerate(starts, 1)]]
        for item_no in range(1, 61):
            slow = 0
            for first, generation in spans:
                if item_no >= first:
                    slow = generation
            assert lots.generation_at(spans, item_no) == slow


def test_counts_look_at_the_generations_that_the_state_names(engine: Engine, loaded: str) -> None:
    mine = held(engine, loaded, "work", 0)
    lots.record(engine, mine, [done(1), done(2), failed(3), done(2, "new", 1)], clock=utc_now)
    with reading(engine) as connection:
        assert lots.counts(connection, loaded, PLAIN, 2500) == lots.Counts(done=2, failed=1)
        assert lots.counts(connection, loaded, [[1, 0], [2, 1]], 2500) == lots.Counts(done=2, failed=0)
        assert lots.counts(connection, loaded, PLAIN, 1) == lots.Counts(done=1, failed=0)
        assert len(lots.timed(connection, loaded, 3)) == 3


def test_a_lot_that_no_thread_took_is_forgotten_after_a_day(engine: Engine) -> None:
    def long_ago() -> Any:
        return utc_now() - 2 * lots.storing.UNUSED

    lots.load(engine, "left", "t.csv", ("id", "text"), ROWS[:3], clock=long_ago)
    lots.load(engine, "taken", "t.csv", ("id", "text"), ROWS[:3], clock=long_ago)
    held(engine, "taken", "task", 0)
    lots.load(engine, "new", "t.csv", ("id", "text"), ROWS[:3], clock=utc_now)
    with reading(engine) as connection:
        assert set(connection.execute(select(lot.c.lot_id)).scalars()) == {"taken", "new"}


def test_numbers_are_of_the_results_that_count_and_verdicts_of_the_items_asked_for(engine: Engine, loaded: str) -> None:
    mine = held(engine, loaded, "work", 0)
    lots.record(engine, mine, [done(1), failed(2), done(3), failed(4), done(4, "new", 1), done(6)], clock=utc_now)
    said = [Verdict(1, 0, Word.GOOD), Verdict(4, 0, Word.PROBLEM), Verdict(4, 1, Word.GOOD), Verdict(6, 0, Word.GOOD)]
    lots.say(engine, mine, said, clock=utc_now)
    with reading(engine) as connection:
        assert lots.numbers(connection, loaded, PLAIN, 2, 5) == [2, 3, 4]
        assert lots.numbers(connection, loaded, [[1, 0], [4, 1]], 1, 9) == [1, 2, 3, 4]
        assert lots.numbers(connection, loaded, [[1, 0], [4, 1]], 1, 9, lots.FAILED) == [2]
        found = lots.verdicts(connection, loaded, 4, 5)
    assert [(each.item_no, each.generation) for each in found] == [(4, 0), (4, 1)]
