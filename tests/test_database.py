"""Opening Signoff's own database: made, migrated, refused with a sentence."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, select

from agents.database import open_database, progress, reading, writing
from agents.database.engine import MIGRATIONS, NEWEST
from agents.database.schema import metadata
from agents.errors import Busy, SignoffError
from tests.desk_process import ROOT


def test_the_named_migration_is_the_newest() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == NEWEST


def test_migrations_make_exactly_the_schema(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "deep" / "signoff.sqlite")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


@pytest.mark.slow
def test_many_processes_open_a_new_database_at_once(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from agents.database import open_database; "
        "open_database(Path(sys.argv[1])).dispose()"
    )
    path = str(tmp_path / "signoff.sqlite")
    running = [subprocess.Popen([sys.executable, "-c", script, path], cwd=ROOT) for _ in range(6)]
    assert [process.wait(100) for process in running] == [0] * 6


def test_a_write_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "signoff.sqlite")
    with pytest.raises(ZeroDivisionError), writing(engine) as connection:  # noqa: PT012 - the failure comes half way
        connection.execute(insert(progress).values(job_id="j", seq=1, at="now", text="a step"))
        raise ZeroDivisionError
    with reading(engine) as connection:
        assert connection.execute(select(progress)).all() == []
    engine.dispose()


def test_a_locked_database_says_so_and_saves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "signoff.sqlite"
    engine = open_database(path, busy_seconds=0.1)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Busy, match="locked"), writing(engine) as connection:
            connection.execute(insert(progress).values(job_id="j", seq=1, at="now", text="a step"))
        other.execute("ROLLBACK")
    with reading(engine) as connection:
        assert connection.execute(select(progress)).all() == []
    engine.dispose()


def test_a_full_disk_says_so_and_saves_nothing(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "signoff.sqlite")
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def fill(connection: object) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")  # type: ignore[attr-defined]
        connection.execute(insert(progress).values(job_id="j", seq=1, at="now", text="x" * 100_000))  # type: ignore[attr-defined]

    with pytest.raises(Busy, match="disk is full"), writing(engine) as connection:
        fill(connection)
    with reading(engine) as connection:
        assert connection.execute(select(progress)).all() == []
    engine.dispose()


@pytest.mark.parametrize(
    ("prepare", "sentence"),
    [
        (lambda path: path.write_bytes(b"not a database at all" * 100), "not a database of Signoff's"),
        (lambda path: path.mkdir(), "cannot be written"),
    ],
)
def test_a_file_that_will_not_do_is_named(tmp_path: Path, prepare: object, sentence: str) -> None:
    path = tmp_path / "signoff.sqlite"
    prepare(path)  # type: ignore[operator]
    with pytest.raises(SignoffError, match=sentence):
        open_database(path)


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE orders (number)")
    with pytest.raises(SignoffError, match="another program"):
        open_database(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("orders",)]


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "signoff.sqlite"
    open_database(path).dispose()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SignoffError, match="newer version"):
        open_database(path)


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SignoffError, match="SIGNOFF_HOME"):
        open_database(tmp_path / "file" / "signoff.sqlite")
