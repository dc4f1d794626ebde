"""Which questions get a due time: what was started here and what the rules name, nothing else; and what a sweep costs."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select, update

from agents import deadlines
from agents.database import deadline, reading, thread, writing
from agents.deadlines import Deadline, State
from agents.deadlines.rows import in_state
from agents.desk import Desk
from agents.domain import OnDeadline
from agents.runs.due import sweep
from agents.runs.sighting import notice
from benchmarks.listing_file import build
from tests.browser import asking
from tests.deadlines.desks import Later, desk_with, key_of, row_of
from tests.desks import paused


def rows(desk: Desk) -> list[Deadline]:
    with reading(desk.engine) as connection:
        return in_state(connection, *State)


def test_a_strangers_old_file_is_not_touched_by_being_opened(tmp_path: Path, home: Path) -> None:
    stranger = tmp_path / "agent.sqlite"
    asking.run(stranger, {f"old-{number}": {"ask": "Pay?"} for number in range(3)})
    before, files = _digest(stranger), sorted(path.name for path in tmp_path.iterdir())
    clock = Later()
    desk = desk_with(
        home,
        '[[deadlines]]\nkind = "generic"\nsteps = [{after = "1s", do = "cancel"}]\n',
        clock,
        checkpoints=(stranger,),
    )
    for _ in range(3):
        sweep(desk)
        clock.forward(days=30)
    assert rows(desk) == []
    with reading(desk.engine) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM event WHERE source_id IS NOT NULL").scalar() == 0
        assert connection.exec_driver_sql("SELECT count(*) FROM decision").scalar() == 0
    desk.close()
    assert _digest(stranger) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == files


def test_a_rule_that_names_its_graph_counts_from_now_on(tmp_path: Path, home: Path) -> None:
    stranger = tmp_path / "agent.sqlite"
    asking.run(stranger, {"old": {"ask": "Pay?"}}, graph_id="asking")
    (tmp_path / "question.txt").write_text("Pay?")
    asking.run(stranger, {"other": {"file": str(tmp_path / "question.txt")}}, graph_id="pair")
    clock = Later()
    clock.forward(days=300)
    rules = '[[deadlines]]\ngraph = "ask*"\nsteps = [{after = "1h", do = "cancel"}]\n'
    desk = desk_with(home, rules, clock, checkpoints=(stranger,))
    sweep(desk)
    (row,) = rows(desk)
    assert (row.thread_id, row.graph_id) == ("old", "asking")
    assert 3590 < (row.due_at - clock()).total_seconds() <= 3600
    assert abs((row.counted_from - clock()).total_seconds()) < 60
    desk.close()


def test_the_first_rule_that_fits_the_node_and_the_title_counts(home: Path) -> None:
    rules = """
[[deadlines]]
node = "ask"
title = "*urgent*"
steps = [{after = "5m", do = "cancel"}]
[[deadlines]]
node = "as?"
steps = []
[[deadlines]]
steps = [{after = "7h", do = "cancel"}]
"""
    desk = desk_with(home, rules)
    _, never = paused(desk, "one", home)
    _, two = paused(desk, "two", home)
    _, own = paused(desk, "one", home, deadline="9h")
    sweep(desk)
    assert row_of(desk, never) is None
    other, named = row_of(desk, two), row_of(desk, own)
    assert other is not None
    assert named is not None
    assert [step.after.total_seconds() for step in other.steps] == [7 * 3600]
    assert [(step.do, step.after.total_seconds()) for step in named.steps] == [
        (OnDeadline.ESCALATE, 9 * 3600),
        (OnDeadline.CANCEL, 86400),
    ]
    desk.close()


def test_other_rules_count_from_when_they_were_known(home: Path) -> None:
    clock = Later()
    desk = desk_with(home, "", clock)
    _, pause = paused(desk, "one", home)
    sweep(desk)
    desk.close()
    clock.forward(hours=20)
    desk = desk_with(home, '[[deadlines]]\nsteps = [{after = "2h", do = "cancel"}]\n', clock)
    sweep(desk)
    row = row_of(desk, pause)
    assert row is not None
    assert [step.do for step in row.steps] == [OnDeadline.CANCEL]
    assert 7190 < (row.due_at - clock()).total_seconds() <= 7200
    desk.close()
    desk = desk_with(home, "[[deadlines]]\nsteps = []\n", clock)
    sweep(desk)
    row = row_of(desk, pause)
    assert row is not None
    assert row.state is State.SPENT
    desk.close()


def test_what_people_moved_to_a_later_time_stays_there(home: Path) -> None:
    clock = Later()
    desk = desk_with(home, "", clock)
    thread_id, _ = paused(desk, "two", home)
    both = desk.pauses(thread_id)
    sweep(desk)
    deadlines.pause(desk, key_of(both[0]), actor="lead", reason="waits for the audit")
    for each in both:
        deadlines.extend(desk, key_of(each), timedelta(hours=10), actor="lead", reason="Ann is away")
    desk.close()
    desk = desk_with(home, '[[deadlines]]\nsteps = [{after = "2h", do = "cancel"}]\n', clock)
    sweep(desk)
    stopped, goes_on = (row_of(desk, each) for each in both)
    assert stopped is not None
    assert stopped.left is not None
    assert stopped.left > timedelta(hours=33)
    assert goes_on is not None
    assert goes_on.due_at - clock() > timedelta(hours=33)
    desk.close()


def test_what_is_damaged_of_one_does_not_stop_the_others(home: Path) -> None:
    clock = Later()
    desk = desk_with(home, "", clock, undo_seconds=0)
    plan = {"steps": [{"after": "1h", "do": "cancel"}]}
    damaged = paused(desk, "one", home, deadline=plan)[1]
    paused(desk, "one", home, deadline=plan)
    with writing(desk.engine) as connection:
        where = deadline.c.thread_id == damaged.thread_id
        connection.execute(update(deadline).where(where).values(steps=[{"after": 3600, "do": "nonsense"}]))
    clock.forward(hours=1)
    assert sweep(desk) == 1
    with writing(desk.engine) as connection:
        where = thread.c.thread_id == damaged.thread_id
        connection.execute(update(thread).where(where).values(deadline={"steps": "nonsense"}))
    desk.close()
    desk = desk_with(home, "", clock)
    later = paused(desk, "one", home, deadline=plan)[1]
    sweep(desk)
    assert row_of(desk, later) is not None
    desk.close()


def test_a_followed_file_gives_its_started_threads_their_due_times(home: Path) -> None:
    desk = desk_with(home)
    _, pause = paused(desk, "one", home)
    asking.run(desk.sources[0].path, {"stranger": {"ask": "Pay?"}})
    object.__setattr__(desk, "follow_from", 0)
    notice(desk)
    assert [row.thread_id for row in rows(desk)] == [pause.thread_id]
    desk.close()


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.sqlite"
    build(path, 10_000, paused_share=1.0)
    return path


@pytest.mark.slow
def test_sweeps_over_ten_thousand_waiting_strangers_cost_next_to_nothing(large: Path, home: Path) -> None:
    desk = desk_with(home, checkpoints=(large,))
    sweep(desk)
    assert _cost(desk) < 0.01
    with closing(sqlite3.connect(large)) as writer:
        writer.execute("UPDATE checkpoints SET metadata = metadata WHERE rowid = 1")
        writer.commit()
    assert _cost(desk) < 0.01, "a change in a file of strangers is not even looked at"
    assert rows(desk) == []
    desk.close()


@pytest.mark.slow
def test_one_started_thread_among_ten_thousand_strangers_costs_little(large: Path, home: Path) -> None:
    desk = desk_with(home, checkpoints=(large,))
    _, pause = paused(desk, "one", home)
    late = time.monotonic() + 60
    while row_of(desk, pause) is None:
        assert time.monotonic() < late
        sweep(desk)
    while _cost(desk) > 0.02:  # the index of the file is made beside, once
        assert time.monotonic() < late
    assert len(rows(desk)) == 1
    desk.close()


def test_a_sweep_of_which_nothing_is_new_asks_little(home: Path) -> None:
    desk = desk_with(home)
    for _ in range(3):
        paused(desk, "one", home)
    sweep(desk)
    sweep(desk)
    asked: list[str] = []
    event.listen(desk.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    sweep(desk)
    assert len([text for text in asked if text.startswith("SELECT")]) <= 6
    assert not [text for text in asked if "IMMEDIATE" in text]
    with reading(desk.engine) as connection:
        assert len(connection.execute(select(deadline.c.thread_id)).all()) == 3
    desk.close()


def _cost(desk: Desk) -> float:
    """Seconds of CPU for a sweep, of the best of five."""
    best = 1e9
    for _ in range(5):
        began = time.process_time()
        sweep(desk)
        best = min(best, time.process_time() - began)
    return best


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
