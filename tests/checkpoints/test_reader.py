"""A Reader keeps what it read, and sees every change of the file, also those that rowids hide."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from agents.checkpoints import Problem, Reader, Source, read_pauses
from tests.checkpoints import threads as graphs
from tests.checkpoints.threads import Threads

Start = Callable[..., Threads]


def names(reader: Reader) -> list[str]:
    listing = reader.listing()
    assert listing.note is None
    return sorted(pause.thread_id for pause in listing.pauses)


def change(path: Path, *statements: str) -> None:
    with sqlite3.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def delete(path: Path, thread_id: str) -> None:
    change(path, *(f"DELETE FROM {table} WHERE thread_id = '{thread_id}'" for table in ("checkpoints", "writes")))


@pytest.fixture
def run(threads: Start) -> Threads:
    run = threads(graphs.of(graphs.two))
    for name in ("a", "b", "c"):
        run.start(name)
    return run


def test_an_unchanged_file_gives_the_very_same_listing(run: Threads, source: Source) -> None:
    with Reader(source) as reader:
        assert reader.listing() is reader.listing()


def test_only_changed_threads_are_decoded_again(run: Threads, source: Source) -> None:
    with Reader(source) as reader:
        before = {pause.thread_id: pause for pause in reader.listing().pauses}
        run.answer("x", "b")
        after = {pause.thread_id: pause for pause in reader.listing().pauses}
    assert after["a"] is before["a"]
    assert after["c"] is before["c"]
    assert (before["b"].value, after["b"].value) == ("first?", "second?")


def test_new_answered_and_finished_threads(run: Threads, source: Source) -> None:
    with Reader(source) as reader:
        assert names(reader) == ["a", "b", "c"]
        run.start("d")
        assert names(reader) == ["a", "b", "c", "d"]
        run.answer("x", "a")
        run.answer("y", "a")
        assert names(reader) == ["b", "c", "d"]


def test_a_deleted_thread_in_the_middle(run: Threads, source: Source, path: Path) -> None:
    with Reader(source) as reader:
        assert names(reader) == ["a", "b", "c"]
        delete(path, "b")
        assert names(reader) == ["a", "c"]
        assert reader.thread("b") is None


def test_the_last_thread_deleted_and_another_written_in_its_rows(run: Threads, source: Source, path: Path) -> None:
    with Reader(source) as reader:
        (before,) = (pause for pause in reader.listing().pauses if pause.thread_id == "c")
        delete(path, "c")
        run.start("c")
        (after,) = (pause for pause in reader.listing().pauses if pause.thread_id == "c")
    assert after.interrupt_id != before.interrupt_id
    assert after.interrupt_id in run.pending("c")


def test_text_changed_under_the_same_rowids(run: Threads, source: Source, path: Path) -> None:
    """As after VACUUM or a restore: same thread, same rowids, other content."""
    with Reader(source) as reader:
        assert {pause.value for pause in reader.listing().pauses} == {"first?"}
        run.answer("x", "a")
        change(path, "VACUUM")
        assert {pause.thread_id: pause.value for pause in reader.listing().pauses}["a"] == "second?"


def test_vacuum_alone_changes_nothing(run: Threads, source: Source, path: Path) -> None:
    with Reader(source) as reader:
        before = reader.listing()
        delete(path, "a")
        change(path, "VACUUM")
        after = reader.listing()
    assert after.pauses == tuple(pause for pause in before.pauses if pause.thread_id != "a")


def test_a_replaced_file(run: Threads, source: Source, path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as origin, sqlite3.connect(other) as target:
        origin.backup(target)
    origin.close()
    target.close()
    delete(other, "a")
    change(other, "PRAGMA journal_mode = DELETE")
    with Reader(source) as reader:
        assert names(reader) == ["a", "b", "c"]
        for suffix in ("-wal", "-shm"):
            Path(f"{path}{suffix}").unlink()
        os.replace(other, path)
        assert names(reader) == ["b", "c"]


def test_a_restored_backup(run: Threads, source: Source, path: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.sqlite"
    with sqlite3.connect(path) as origin, sqlite3.connect(backup) as target:
        origin.backup(target)
    origin.close()
    target.close()
    with Reader(source) as reader:
        run.answer("x", "c")
        run.start("d")
        assert names(reader) == ["a", "b", "c", "d"]
        with sqlite3.connect(backup) as origin, sqlite3.connect(path) as target:
            origin.backup(target)
        origin.close()
        target.close()
        assert names(reader) == ["a", "b", "c"]
        assert {pause.value for pause in reader.listing().pauses} == {"first?"}


def test_a_file_copied_over_in_place(tmp_path: Path, run: Threads, path: Path) -> None:
    """Same inode, and SQLite is told nothing."""
    live, backup = tmp_path / "live.sqlite", tmp_path / "backup.sqlite"
    for each in (live, backup):
        with sqlite3.connect(path) as origin, sqlite3.connect(each) as target:
            origin.backup(target)
        origin.close()
        target.execute("PRAGMA journal_mode = DELETE")
        target.close()
    delete(backup, "b")
    with Reader(Source("live", live)) as reader:
        assert names(reader) == ["a", "b", "c"]
        shutil.copyfile(backup, live)
        os.utime(live, ns=(1, 1))
        assert names(reader) == ["a", "c"]


def test_a_file_that_goes_and_comes_back(run: Threads, source: Source, path: Path, tmp_path: Path) -> None:
    change(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    with Reader(source) as reader:
        assert len(names(reader)) == 3
        path.rename(tmp_path / "away")
        assert reader.listing().problem is Problem.MISSING
        (tmp_path / "away").rename(path)
        assert len(names(reader)) == 3


def test_many_threads_share_one_reader(run: Threads, source: Source) -> None:
    found: list[int] = []

    def look() -> None:
        for _ in range(20):
            found.append(len(reader.listing().pauses))
            assert reader.thread("a") is not None

    with Reader(source) as reader:
        workers = [threading.Thread(target=look) for _ in range(4)]
        for worker in workers:
            worker.start()
        run.start("d")
        for worker in workers:
            worker.join()
    assert len(found) == 80
    assert set(found) <= {3, 4}


def test_a_reader_holds_no_lock_and_no_snapshot(run: Threads, source: Source, path: Path) -> None:
    with Reader(source) as reader:
        assert len(names(reader)) == 3
        with sqlite3.connect(path, timeout=0) as writer:
            writer.execute("BEGIN EXCLUSIVE")
            writer.execute("DELETE FROM writes")
            writer.commit()
            assert writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
        writer.close()
        assert names(reader) == []


def test_a_pause_is_found_by_its_key_and_read_afresh(run: Threads, source: Source) -> None:
    (pause,) = (pause for pause in read_pauses(source).pauses if pause.thread_id == "a")
    with Reader(source) as reader:
        assert reader.pause("a", pause.pause_key) == pause
        run.answer("x", "a")
        assert reader.pause("a", pause.pause_key) is None
        assert reader.pause("nobody", pause.pause_key) is None
