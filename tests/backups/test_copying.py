"""`signoff backup`: both files, whole, in order, while they are written."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from agents import audit, decisions
from agents.__main__ import main
from agents.backups import copying
from agents.backups.gaps import gaps
from agents.database import reading
from agents.desk import open_desk
from agents.domain import DecisionType, Said
from agents.errors import InvalidInput
from agents.settings import load_settings
from tests.desks import desk_in, log_of, paused, settings_for, work

YES = Said(DecisionType.RESPOND, message="yes")


def test_what_was_copied_is_a_desk_that_goes_on(home: Path, tmp_path: Path) -> None:
    desk = desk_in(home, record_key="a key of sixteen letters")
    thread_id, pause = paused(desk, "one", home)
    made = copying.back_up(desk, tmp_path / "copy", actor="ann")
    assert [each.name for each in made.copies] == ["checkpoints.sqlite", "signoff.sqlite"]
    decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ann", wait_for_undo=False)
    work(desk)
    desk.close()

    other = tmp_path / "other"
    other.mkdir()
    for each in made.copies:
        shutil.copyfile(made.folder / each.name, other / each.name)
    copied = open_desk(settings_for(other))
    assert gaps(copied) == ()
    with reading(copied.engine) as connection:
        assert audit.verify(connection, made.head.head) is None
        assert audit.head(connection).count >= made.head.count
    assert audit.refused(made.head, load_settings(record_key="a key of sixteen letters").record_key) is None
    decisions.decide(copied, thread_id, pause.pause_key, YES, actor="bob", wait_for_undo=False)
    work(copied)
    assert log_of(home)[-1] == "acted yes"
    copied.close()


def test_the_manifest_says_what_is_a_copy_of_what(home: Path, tmp_path: Path) -> None:
    desk = desk_in(home)
    made = copying.back_up(desk, tmp_path / "copy", actor="ann")
    told = json.loads((tmp_path / "copy" / copying.MANIFEST).read_text())
    assert [each["of"] for each in told["copies"]] == [str(desk.settings.database_path)]
    assert told["head"]["hash"] == made.head.hash
    assert made.missing == (desk.settings.checkpoints_path.resolve(),)
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "copy" / copying.DATABASE).stat().st_mode & 0o077 == 0
    with pytest.raises(InvalidInput, match="not empty"):
        copying.back_up(desk, tmp_path / "copy", actor="ann")
    desk.close()


def test_a_copy_is_whole_while_others_write(home: Path, tmp_path: Path) -> None:
    desk = desk_in(home)
    paused(desk, "one", home)
    path, ending = desk.settings.checkpoints_path, threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(path)) as file:
            for number in range(100_000):
                if ending.is_set():
                    return
                with file:
                    row = (f"t{number}", "", "1", None, "msgpack", b"\x80", b"{}")
                    file.execute("INSERT INTO checkpoints VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [copying.back_up(desk, tmp_path / str(number), actor="ann") for number in range(3)]
    finally:
        ending.set()
        writer.join()
    for each in made:
        with closing(sqlite3.connect(each.folder / "checkpoints.sqlite")) as copy:
            assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    desk.close()


def test_the_command_needs_no_token_where_people_sign_in(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIGNOFF_ACCOUNTS", "proxy")
    assert main(["backup", str(tmp_path / "copy")]) == 0
    assert "its head is" in capsys.readouterr().out
    desk = desk_in(home)
    with reading(desk.engine) as connection:
        told = [(each.action, each.actor) for each in audit.everything(connection)]
    assert ("backed_up", "system:files") in told
    desk.close()


def test_a_folder_that_cannot_be_made_is_named(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["backup", str(tmp_path / "file" / "copy")]) == 2
    assert str(tmp_path / "file" / "copy") in capsys.readouterr().err
