"""Batches on a real desk: what the page reads, and another try for failed items."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from agents import batches, history, lots, starts
from agents.batches import Batch, Rows, State
from agents.batches.progress import Work, speed
from agents.batches.rate import series
from agents.batches.who import judges
from agents.clock import to_text, utc_now
from agents.database import open_database, reading
from agents.domain import DecisionType, Said
from agents.errors import NotPending, UnknownReview
from agents.jobs import JobKind, JobStatus
from agents.lots import Result, Word
from tests.batch_desks import APPROVE, REFUNDS, BatchDesk, batch_desk, correct, problem
from tests.desks import between, work


@pytest.fixture
def on(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BatchDesk]:
    with batch_desk(home, monkeypatch) as found:
        yield found


@pytest.fixture
def failing(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BatchDesk]:
    """A model of which a test can say where it fails."""
    with batch_desk(home, monkeypatch, failing=()) as found:
        yield found


def read(on: BatchDesk, **pages: int) -> Batch:
    return batches.batch(on.desk, on.thread_id, **pages)


def rows(on: BatchDesk, **pages: int) -> Rows:
    found = read(on, **pages).rows
    assert found is not None
    return found


def events(on: BatchDesk) -> list[tuple[str, str]]:
    return [(entry.who, entry.what) for entry in history.story(on.desk, on.thread_id).entries]


@pytest.mark.parametrize("reads", range(2))
def test_a_run_that_ends_while_it_is_read_is_not_taken_for_one_that_ended_early(on: BatchDesk, reads: int) -> None:
    on.start(run=False)
    with between(on.desk, lambda: work(on.desk), reads=reads):
        found = read(on)
    assert found.live or found.state is State.WAITING, "whoever watches has to look again"
    assert read(on).state is State.WAITING


@pytest.mark.parametrize("reads", range(4))
def test_the_list_does_not_take_it_for_that_either(on: BatchDesk, reads: int) -> None:
    on.start(run=False)
    with between(on.desk, lambda: work(on.desk), reads=reads):
        (line,) = batches.batches(on.desk).lines
    assert line.state.moving or line.state is State.WAITING


def test_the_list_shows_the_newest_first_with_state_and_progress(on: BatchDesk) -> None:
    first = on.start()
    second = on.start(5, every=5)
    on.decide(APPROVE)
    third = on.start(3, every=3, run=False)
    found = batches.batches(on.desk)
    assert [(line.thread_id, line.state) for line in found.lines] == [
        (third, State.STARTING),
        (second, State.DONE),
        (first, State.WAITING),
    ]
    waiting = found.lines[2]
    assert waiting.progress is not None
    assert (waiting.progress.done, waiting.progress.left, waiting.progress.cursor) == (4, 8, 0)
    assert (waiting.pause_key, waiting.name, waiting.started_by) == (
        on.desk.pauses(first)[0].pause_key,
        "tickets.csv",
        "Starter",
    )
    assert (found.total, len(batches.batches(on.desk, page=2, per_page=2).lines)) == (3, 1)


def test_samples_say_who_judged_them_and_only_what_stands_is_counted(on: BatchDesk) -> None:
    on.start()
    on.decide(APPROVE, "Ada")
    on.decide(problem(REFUNDS), "Bob")
    on.decide(correct(8, inspected=[7]), "Cy")
    found = rows(on)
    told = [
        (each.item_no, each.verdict.word, each.verdict.planned, each.stands, each.by) for each in found.samples.rows
    ]
    assert [(number, word, planned, stands, by and by.actor) for number, word, planned, stands, by in told] == [
        (8, Word.CORRECTED, True, True, "Cy"),
        (8, Word.PROBLEM, True, False, "Bob"),
        (7, Word.GOOD, False, True, "Cy"),
        (4, Word.GOOD, True, True, "Ada"),
    ]
    assert found.samples.rows[0].output["category"] == "billing"
    assert found.samples.rows[1].verdict.note == REFUNDS
    assert (found.rate.inspected, found.rate.defects) == (2, 1)
    assert [(point.inspected, point.defects) for point in found.rate.series] == [(1, 0), (2, 1)]
    (instruction,) = read(on).head.instructions
    assert (instruction.generation, instruction.text) == (1, REFUNDS)


def test_items_done_again_are_shown_before_and_after_and_a_correction_stays(on: BatchDesk) -> None:
    on.start()
    on.decide(APPROVE)
    on.decide(correct(8))
    on.decide(problem(REFUNDS))
    found = rows(on)
    again = {each.item_no: each for each in found.redone.rows}
    assert sorted(again) == list(range(5, 13)), "all items behind the last good sample, and no other"
    assert again[5].before["category"] == "technical"
    assert dict(again[5].after or {})["category"] == "billing"
    assert again[5].changed == ("category", "reason")
    assert (again[8].corrected, dict(again[8].after or {})["reason"]) == (True, "by hand")
    assert (found.progress.done, found.progress.failed, found.progress.left) == (12, 0, 0)
    assert (found.rate.inspected, found.rate.defects) == (2, 1), "the correction of item 8 is still a defect"


def test_tables_come_in_pages(on: BatchDesk) -> None:
    on.start(50, every=50)
    on.decide(problem(REFUNDS))
    assert (rows(on).redone.total, len(rows(on).redone.rows)) == (50, batches.PER_PAGE)
    assert [each.item_no for each in rows(on, redone=5).redone.rows] == list(range(41, 51))


def test_failed_items_are_tried_again_on_record(failing: BatchDesk) -> None:
    on = failing
    on.model.failing |= {2, 3, 6}
    on.start()
    with pytest.raises(NotPending, match="2 failed items are part of the review that waits"):
        batches.retry_failed(on.desk, on.thread_id, actor="Ada")
    on.decide(APPROVE)
    assert [(each.item_no, each.held) for each in rows(on).failed.rows] == [(2, False), (3, False), (6, True)]
    assert "item 2 is refused" in rows(on).failed.rows[0].error
    on.model.failing.discard(2)
    on.model.asked.clear()
    before = on.question
    ordered = batches.retry_failed(on.desk, on.thread_id, actor="Ada")
    assert (ordered.items, ordered.left) == (2, 1)
    assert "1 failed item is part of the review that waits" in ordered.text
    assert read(on).retrying
    with pytest.raises(NotPending, match="worked on"):
        batches.retry_failed(on.desk, on.thread_id, actor="Ada")
    work(on.desk)
    assert set(on.model.asked) == {2, 3}, "nothing else is asked"
    assert on.question == before, "the question that waits is the same"
    found = rows(on)
    assert [each.item_no for each in found.failed.rows] == [3, 6]
    progress = found.progress
    assert (progress.done, progress.failed, progress.cursor, progress.decided) == (6, 2, 4, 3)
    assert events(on)[-2:] == [
        ("Ada", "asked to try 2 failed items again"),
        ("system:worker", "tried 2 failed items again: 1 is done now, 1 failed again"),
    ]
    on.decide(APPROVE)
    assert on.question.value["first"] == 9, "the answer that came after goes its usual way"


def test_failed_items_of_a_batch_that_has_ended_can_be_tried_too(failing: BatchDesk) -> None:
    on = failing
    on.model.failing |= {2}
    on.start(4)
    on.decide(APPROVE)
    on.model.failing.clear()
    batches.retry_failed(on.desk, on.thread_id, actor="Ada")
    work(on.desk)
    assert (read(on).state, rows(on).progress.done, rows(on).failed.total) == (State.DONE, 4, 0)
    assert read(on).since == "tried 1 failed item again: 1 is done now"
    with pytest.raises(NotPending, match="No item of this batch failed"):
        batches.retry_failed(on.desk, on.thread_id, actor="Ada")


def test_a_try_of_failed_items_before_the_end_is_in_the_outcome_and_not_said_beside_it(failing: BatchDesk) -> None:
    on = failing
    on.model.failing |= {2}
    on.start(8)
    on.decide(APPROVE)
    on.model.failing.clear()
    batches.retry_failed(on.desk, on.thread_id, actor="Ada")
    work(on.desk)
    on.decide(Said(DecisionType.REJECT))
    assert (read(on).state, read(on).since) == (State.STOPPED, None)


def test_a_failed_item_that_a_person_corrected_needs_no_other_try(failing: BatchDesk) -> None:
    on = failing
    on.model.failing |= {4}
    on.start(8)
    on.decide(correct(4))
    found = rows(on)
    assert (found.failed.total, found.progress.failed, found.progress.done) == (0, 0, 8)
    assert found.samples.rows[0].error is not None
    with pytest.raises(NotPending):
        batches.retry_failed(on.desk, on.thread_id, actor="Ada")


def test_a_retry_that_fails_for_every_item_says_so_and_can_be_repeated(failing: BatchDesk) -> None:
    on = failing
    on.model.failing |= {1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21}
    on.start(23, every=23)
    on.decide(APPROVE)
    batches.retry_failed(on.desk, on.thread_id, actor="Ada")
    work(on.desk)
    found = read(on)
    assert found.state is State.DONE, "the batch itself has ended well"
    assert "10 items in a row failed" in str(found.error)
    on.model.failing.clear()
    starts.retry(on.desk, on.thread_id, actor="Ada")
    work(on.desk)
    assert (read(on).error, rows(on).progress.done) == (None, 23)


def test_a_batch_whose_model_fails_for_every_item_stops_and_goes_on_when_it_is_tried_again(failing: BatchDesk) -> None:
    on = failing
    on.model.failing |= set(range(1, 100))
    on.start(30, every=30)
    found = read(on)
    assert (found.state, found.pause_key, found.live) == (State.FAILED, None, False)
    assert "10 items in a row failed" in str(found.error)
    with pytest.raises(NotPending, match="did not finish"):
        batches.retry_failed(on.desk, on.thread_id, actor="Ada")
    on.model.failing.clear()
    on.model.asked.clear()
    starts.retry(on.desk, on.thread_id, actor="Ada")
    work(on.desk)
    assert (read(on).state, sorted(on.model.asked)) == (State.WAITING, list(range(1, 31)))


def test_a_stopped_and_a_closed_batch_say_so(on: BatchDesk) -> None:
    on.start()
    on.decide(Said(DecisionType.REJECT, message="wrong file"))
    found = read(on)
    assert found.state is State.STOPPED
    assert "wrong file" in str((found.head.outcome or {}).get("text"))
    on.start()
    on.decide(Said(DecisionType.IGNORE))
    assert read(on).state is State.CLOSED


def test_an_answer_on_its_way_is_no_waiting_question(on: BatchDesk) -> None:
    on.start()
    on.decide(APPROVE, run=False)
    found = read(on)
    assert (found.state, found.pause_key, found.live) == (State.DECIDED, None, True)
    with pytest.raises(NotPending, match="worked on"):
        batches.retry_failed(on.desk, on.thread_id, actor="Ada")


def test_a_thread_that_is_no_batch_is_unknown_here(on: BatchDesk) -> None:
    with pytest.raises(UnknownReview, match="No batch"):
        batches.batch(on.desk, "nothing")


def test_a_copied_thread_does_not_take_the_rows_of_the_first_one(failing: BatchDesk) -> None:
    on = failing
    on.model.failing |= {2}
    on.start()
    on.decide(APPROVE)
    with closing(sqlite3.connect(on.desk.sources[0].path)) as file, file:
        for table in ("checkpoints", "writes"):
            columns = [row[1] for row in file.execute(f"PRAGMA table_info({table})")][1:]
            names = ", ".join(columns)
            file.execute(f"INSERT INTO {table} (thread_id, {names}) SELECT 'copy', {names} FROM {table}")
    with pytest.raises(NotPending, match=f"belong to thread {on.thread_id}"):
        batches.retry_failed(on.desk, "copy", actor="Ada")
    assert batches.retry_failed(on.desk, on.thread_id, actor="Ada").items == 1


def test_results_are_written_as_they_stand(failing: BatchDesk) -> None:
    on = failing
    on.model.failing |= {2}
    on.start()
    on.decide(correct(4))
    text = batches.results_file(on.desk, on.thread_id, on.desk.sources[0].source_id, "csv").decode("utf-8-sig")
    table = list(csv.DictReader(io.StringIO(text)))
    assert [row["status"] for row in table] == ["done", "failed", *["done"] * 6, *["not done"] * 4]
    assert (table[3]["category"], table[3]["corrected"]) == ("other", "yes")
    as_json = json.loads(batches.results_file(on.desk, on.thread_id, on.desk.sources[0].source_id, "json"))
    assert [each["item"] for each in as_json] == list(range(1, 13))


def test_a_fork_keeps_the_names_of_those_who_judged_before(on: BatchDesk) -> None:
    on.start()
    on.decide(APPROVE, "Ada")
    of = rows(on).lot
    source = on.desk.sources[0].source_id
    held = lots.hold(
        on.desk.engine,
        of.lot_id,
        source_id=source,
        thread_id="fork",
        task="other",
        step=of.step,
        spans=[[1, 0]],
        done=4,
        judged=4,
        clock=utc_now,
    )
    assert held.lot_id != of.lot_id
    with reading(on.desk.engine) as connection:
        copy = lots.find(connection, held.lot_id)
        (judge,) = judges(connection, copy, lots.verdicts(connection, copy.lot_id))
    assert judge is not None
    assert judge.actor == "Ada"


def test_speed_counts_working_time_only(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "signoff.sqlite")
    began = utc_now() - timedelta(hours=2)
    lots.load(engine, "lot", "t.csv", ("id",), ((str(n),) for n in range(40)), clock=utc_now)
    held = lots.take_over(engine, "lot")
    for number in range(1, 21):  # ten results in ten seconds, an hour of waiting, ten more in ten seconds
        at = began + timedelta(hours=1 if number > 10 else 0, seconds=(number - 1) % 10 + 1)
        lots.record(engine, held, [Result(number, 0, lots.DONE, {"a": "b"}, None, 1)], clock=lambda at=at: at)
    work = [spell(began + timedelta(hours=hours)) for hours in (1, 0)]
    with reading(engine) as connection:
        assert speed(connection, "lot", work, utc_now()) == pytest.approx(60)
        assert speed(connection, "lot", [], utc_now()) is None
    engine.dispose()


def spell(began: datetime) -> Work:
    return Work("j", JobKind.RESUME, JobStatus.DONE, None, None, to_text(began), to_text(began + timedelta(seconds=10)))


def test_a_long_series_is_thinned_and_keeps_its_ends() -> None:
    points = series([number % 10 == 0 for number in range(5000)], shown=50)
    assert len(points) == 50
    assert (points[0].inspected, points[-1].inspected, points[-1].defects) == (1, 5000, 500)
    assert [point.inspected for point in series([True] * 7)] == list(range(1, 8))
