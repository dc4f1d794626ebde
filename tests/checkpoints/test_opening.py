"""Somebody else's file: never changed, and every trouble with it is a sentence."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agents.checkpoints import Problem, Reader, Source, read_pauses, source_for
from tests.checkpoints import threads as graphs
from tests.checkpoints.threads import Threads

Start = Callable[..., Threads]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("with_wal", [True, False])
def test_listing_leaves_the_file_byte_for_byte(threads: Start, path: Path, tmp_path: Path, with_wal: bool) -> None:
    threads(graphs.of(graphs.one)).start()
    copy = tmp_path / "copy.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    threads(graphs.of(graphs.one)).start("second")
    shutil.copy(path, copy)
    if with_wal:
        shutil.copy(f"{path}-wal", f"{copy}-wal")
    before = digest(copy)
    with Reader(Source("copy", copy)) as reader:
        assert len(reader.listing().pauses) == (2 if with_wal else 1)
        assert reader.values("t")
    assert digest(copy) == before


@pytest.mark.parametrize("name", ["a ? b.sqlite", "a#b.sqlite", "100%41.sqlite", "ü &=;'\".sqlite"])
def test_any_file_name(threads: Start, path: Path, tmp_path: Path, name: str) -> None:
    threads(graphs.of(graphs.one)).start()
    with sqlite3.connect(path) as source, sqlite3.connect(tmp_path / name) as target:
        source.backup(target)
    source.close()
    target.close()
    before = set(tmp_path.iterdir())
    assert len(read_pauses(Source("named", tmp_path / name)).pauses) == 1
    assert {each.name.removesuffix("-wal").removesuffix("-shm") for each in tmp_path.iterdir()} == {
        each.name.removesuffix("-wal").removesuffix("-shm") for each in before
    }


def test_source_ids(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert source_for(home / "checkpoints.sqlite", home).source_id == "checkpoints"
    assert source_for(home / "team" / "agents.db", home).source_id == "team/agents.db"
    assert source_for(home / "team" / "agents.sqlite", home).source_id == "team/agents"
    outside = [source_for(tmp_path / folder / "agents.db", home).source_id for folder in ("a", "b", "a")]
    assert outside[0] == outside[2] != outside[1]
    assert all(each.startswith("agents-") and len(each) == len("agents-") + 8 for each in outside)


def write_tables(path: Path, *names: str) -> None:
    """A file that an agent has only begun to set up."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        for name in names:
            connection.execute(f"CREATE TABLE {name} (thread_id TEXT)")


def write_foreign(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE recipes (name)")
    connection.close()


@pytest.mark.parametrize(
    ("make", "problem", "says"),
    [
        (lambda path: None, Problem.MISSING, "SIGNOFF_CHECKPOINTS"),
        (lambda path: path.touch(), Problem.EMPTY, "is empty"),
        (lambda path: write_tables(path), Problem.EMPTY, "is empty"),
        (lambda path: write_tables(path, "checkpoints"), Problem.EMPTY, "is empty"),
        (lambda path: path.mkdir(), Problem.FOREIGN, "is a folder"),
        (lambda path: path.write_text("Dear diary, " * 1000), Problem.FOREIGN, "is not a SQLite file"),
        (write_foreign, Problem.FOREIGN, "no LangGraph checkpointer"),
    ],
)
def test_a_file_that_is_none(
    path: Path, source: Source, make: Callable[[Path], None], problem: Problem, says: str
) -> None:
    make(path)
    listing = read_pauses(source)
    assert (listing.pauses, listing.problem) == ((), problem)
    assert says in (listing.note or "")
    assert str(path) in (listing.note or "")


def test_a_damaged_file_is_a_sentence(threads: Start, path: Path, tmp_path: Path) -> None:
    for number in range(20):
        threads(graphs.of(graphs.one)).start(f"t{number}")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    broken = tmp_path / "broken.sqlite"
    data = bytearray(path.read_bytes())
    data[4096:-4096] = b"\x99" * (len(data) - 8192)
    broken.write_bytes(data)
    listing = read_pauses(Source("broken", broken))
    assert listing.pauses == ()
    assert listing.problem is Problem.DAMAGED
    assert "cannot be read" in (listing.note or "")


def test_a_locked_file_keeps_what_was_read_before(tmp_path: Path, path: Path, threads: Start) -> None:
    threads(graphs.of(graphs.one)).start()
    rollback = tmp_path / "rollback.sqlite"
    with sqlite3.connect(path) as origin, sqlite3.connect(rollback) as target:
        origin.backup(target)
    origin.close()
    target.execute("PRAGMA journal_mode = DELETE")
    with Reader(Source("rollback", rollback)) as reader:
        before = reader.listing()
        assert len(before.pauses) == 1
        target.execute("UPDATE checkpoints SET type = type")
        target.commit()
        target.execute("BEGIN EXCLUSIVE")
        during = reader.listing()
        target.rollback()
        assert (during.pauses, during.problem) == (before.pauses, Problem.LOCKED)
        assert "locked by another program" in (during.note or "")
        assert reader.listing() == before
    target.close()


def test_an_older_file_without_task_path_and_index_still_lists(threads: Start, path: Path, tmp_path: Path) -> None:
    threads(graphs.of(graphs.one)).start(title="Old")
    old = tmp_path / "old.sqlite"
    with sqlite3.connect(old) as connection:
        connection.execute("ATTACH ? AS new", (str(path),))
        connection.execute("CREATE TABLE checkpoints AS SELECT * FROM new.checkpoints")
        connection.execute(
            "CREATE TABLE writes AS SELECT thread_id, checkpoint_ns, checkpoint_id, task_id, idx, channel, type, value "
            "FROM new.writes"
        )
    connection.close()
    listing = read_pauses(Source("old", old))
    assert [pause.title for pause in listing.pauses] == ["Old"]
    assert listing.note is None


READ = """
import os, sys
from pathlib import Path
import xxhash
from agents.checkpoints import Reader, Source
if os.geteuid() == 0:
    os.setgroups([]), os.setgid(65534), os.setuid(65534)
with Reader(Source("x", Path(sys.argv[1]))) as reader:
    listing = reader.listing()
    print(len(listing.pauses), listing.problem, listing.note)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that other users may enter; pytest's own are private."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)
        Path(name).chmod(0o755)


def read_as_somebody_else(path: Path) -> str:
    """What a user who may not write there lists: nobody when we are root, else ourselves."""
    done = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("with_wal", [True, False])
def test_a_read_only_folder(threads: Start, path: Path, folder: Path, with_wal: bool) -> None:
    threads(graphs.of(graphs.one)).start()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    threads(graphs.of(graphs.one)).start("only in the -wal")
    target = folder / "agents.sqlite"
    for suffix in ("", "-wal") if with_wal else ("",):
        shutil.copy(f"{path}{suffix}", f"{target}{suffix}")
        Path(f"{target}{suffix}").chmod(0o444)
    folder.chmod(0o555)
    before = digest(target)
    assert read_as_somebody_else(target).startswith("2 None None" if with_wal else "1 None None")
    assert sorted(each.name for each in folder.iterdir()) == sorted(
        ["agents.sqlite", "agents.sqlite-wal"] if with_wal else ["agents.sqlite"]
    )
    assert digest(target) == before


def test_a_file_that_may_not_be_read(threads: Start, path: Path, folder: Path) -> None:
    threads(graphs.of(graphs.one)).start()
    target = folder / "private.sqlite"
    shutil.copy(path, target)
    target.chmod(0)
    said = read_as_somebody_else(target)
    assert said.startswith("0 forbidden No permission to read")
