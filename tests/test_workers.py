"""Whether a worker lives, told from any process."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from agents import workers
from agents.database import open_database, reading
from agents.runs import Worker
from tests.desks import desk_in

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
