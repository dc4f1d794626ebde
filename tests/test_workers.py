"""Whether a worker lives, told from any process."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agents import decisions, jobs, workers
from agents.database import open_database, reading
from agents.desk import open_desk
from agents.domain import DecisionType, Said
from agents.runs import Worker
from agents.settings import load_settings
from tests.desks import desk_in, paused

NOW = datetime(2026, 1, 31, 8, tzinfo=UTC)


def test_a_worker_lives_as_long_as_it_gives_signs_of_life(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "signoff.sqlite")

    def alive(after: float) -> list[str]:
        with reading(engine) as connection:
            return [each.worker_id for each in workers.alive(connection, NOW + timedelta(seconds=after))]

    first = workers.begin(engine, threads=4, now=NOW)
    second = workers.begin(engine, threads=1, now=NOW)
    workers.beat(engine, second, now=NOW + timedelta(seconds=25))
    assert alive(5) == [second.worker_id, first.worker_id]
    assert alive(35) == [second.worker_id]
    workers.end(engine, second, now=NOW + timedelta(seconds=36))
    assert alive(37) == []
    third = workers.begin(engine, threads=2, now=NOW + timedelta(days=8))
    with reading(engine) as connection:
        (kept,) = workers.known(connection)
    assert (kept.worker_id, kept.threads, kept.here) == (third.worker_id, 2, True)
    engine.dispose()


def test_a_worker_whose_row_is_gone_with_an_older_database_is_known_again(tmp_path: Path) -> None:
    first, other = open_database(tmp_path / "a.sqlite"), open_database(tmp_path / "b.sqlite")
    mine = workers.begin(first, threads=4, now=NOW)
    workers.beat(other, mine, now=NOW)
    with reading(other) as connection:
        assert [each.worker_id for each in workers.alive(connection, NOW)] == [mine.worker_id]
    for engine in (first, other):
        engine.dispose()


def test_a_worker_signs_from_its_start_to_its_end(home: Path) -> None:
    desk = desk_in(home)

    def alive() -> int:
        with reading(desk.engine) as connection:
            return len(workers.alive(connection, desk.clock()))

    worker = Worker(desk, threads=2)
    worker.start()
    assert alive() == 1
    assert worker.stop()
    assert alive() == 0
    desk.close()


def test_a_file_that_raises_what_it_likes_stops_no_worker(home: Path) -> None:
    file, config = home / "mine.py", home / "langgraph.json"
    file.write_text("from tests.asking_graphs import one\n\ngraph = one()\n")
    config.write_text(json.dumps({"graphs": {"bad": f"{file}:graph", "good": f"{file.parent / 'good.py'}:one"}}))
    (home / "good.py").write_text("from tests.asking_graphs import one\n")
    settings = load_settings(home=home, graphs=config, undo_seconds=0)
    desk = open_desk(settings)
    waiting = [paused(desk, graph_id, home) for graph_id in ("bad", "good")]
    desk.close()
    file.write_text("raise KeyboardInterrupt\n")
    for name in ("mine", "signoff_graph_bad"):
        sys.modules.pop(name, None)  # as in another process
    desk = open_desk(settings)
    for thread_id, pause in waiting:
        decisions.decide(desk, thread_id, pause.pause_key, Said(DecisionType.RESPOND, message="yes"), actor="ann")
    worker = Worker(desk, threads=1, clock=False)
    worker.start()
    late = time.monotonic() + 20
    while desk.pauses(waiting[1][0]) and time.monotonic() < late:
        time.sleep(0.05)
    assert not desk.pauses(waiting[1][0])
    assert worker.alive()
    with reading(desk.engine) as connection:
        assert jobs.of_thread(connection, desk.sources[0].source_id, waiting[0][0])[-1].status.value == "running"
    assert worker.stop()
    desk.close()
