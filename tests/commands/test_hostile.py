"""The reading commands on a file made to do harm: plain lines, whole JSON, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.__main__ import main
from agents.audit import Question, append
from agents.clock import utc_now
from agents.database import writing
from agents.desk import Desk, open_desk
from agents.settings import load_settings
from tests import hostile


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    home = tmp_path_factory.mktemp("home")
    return home, hostile.build(home / "checkpoints.sqlite", home / "flag", with_large=False)


@pytest.fixture
def desk(written: tuple[Path, list[str]], monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("SIGNOFF_HOME", str(written[0]))
    opened = open_desk(load_settings(home=written[0]))
    yield opened
    opened.close()


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(list(words)) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def test_list_and_show_print_plain_lines(
    desk: Desk, written: tuple[Path, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    home, threads = written
    shown = [
        hostile.MARKUP,
        hostile.ODD,
        "markup-tool",
        "odd-text",
        "id-absurd",
        "metadata-odd",
        "json-surrogate",
        "runs-0",
    ]
    texts = [printed(capsys, "list"), *(printed(capsys, "show", "--", thread) for thread in shown)]
    moving = {char for text in texts for char in text if not char.isprintable()} - {"\n"}
    assert moving == set()
    listed = json.loads(printed(capsys, "list", "--json"))
    assert {row["thread_id"] for row in listed} == set(threads)
    for thread in shown:
        assert json.loads(printed(capsys, "show", "--json", "--", thread))["thread_id"] == thread
    assert not (home / "flag").exists()


def test_no_cell_of_the_export_is_a_formula(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    with writing(desk.engine) as connection:
        for text in hostile.FORMULAS:
            about = Question(text, text, text)
            append(connection, at=utc_now(), actor=text, action="looked", about=about, message=text)
    rows = list(csv.reader(io.StringIO(printed(capsys, "export", "--format", "csv"))))
    looked = [row for row in rows if row[3] == "looked"]
    assert len(looked) == len(hostile.FORMULAS)
    assert [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    assert f"'{hostile.FORMULA}" in looked[0]
