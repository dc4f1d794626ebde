"""`signoff results` on a batch that a person has gone through."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents import lots
from agents.__main__ import main
from tests.batch_threads import THREAD, BatchThread, batch_thread, correct, fix
from tests.desk_process import ROOT, environment

HEAVY = ("langgraph", "langchain_core", "openai", "streamlit", "pandas")


@pytest.fixture
def thread(home: Path) -> Iterator[BatchThread]:
    """12 items, a sample every 5; the second one is corrected and the third waits."""
    with batch_thread(home) as batch:
        batch.start(12, every=5)
        batch.answer("continue")
        batch.answer(correct({10: fix("technical", "=by hand")}))
        yield batch


def test_the_csv_has_a_line_for_every_item(thread: BatchThread, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["results", THREAD]) == 0
    out = capfdbinary.readouterr().out
    assert out.startswith(b"\xef\xbb\xbfitem,id,text,category,priority,reason,status,")
    rows = list(csv.DictReader(io.StringIO(out.decode("utf-8-sig"), newline="")))
    assert [row["item"] for row in rows] == [str(number) for number in range(1, 13)]
    brief = [(row["category"], row["reason"], row["verdict"], row["corrected"]) for row in rows]
    assert brief[3:5] == [("billing", "said 0", "", "no"), ("billing", "said 0", "good", "no")]
    assert brief[9] == ("technical", "'=by hand", "corrected", "yes")
    assert {row["status"] for row in rows} == {"done"}


def test_a_file_gets_the_same_bytes(
    thread: BatchThread, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    for name in ("csv", "json"):
        assert main(["results", THREAD, "--format", name]) == 0
        screen = capfdbinary.readouterr().out
        assert main(["results", THREAD, "--format", name, "--output", str(tmp_path / name)]) == 0
        assert (tmp_path / name).read_bytes() == screen
        out, err = capfdbinary.readouterr()  # another test of this process may have switched on the log
        assert (out, err.splitlines()[-1]) == (b"", f"12 items written to {tmp_path / name}.".encode())
    found = json.loads((tmp_path / "json").read_bytes())
    assert [each["item"] for each in found if each["inspected"]] == [5, 10]
    assert found[9]["output"]["reason"] == "=by hand"


def test_what_has_no_results_is_said(thread: BatchThread, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["results", "nobody"]) == 2
    assert "No thread nobody" in capsys.readouterr().err
    assert main(["results", THREAD, "--source", "other"]) == 2
    assert main(["results", THREAD, "--output", str(tmp_path / "no" / "file")]) == 2
    assert "Cannot write" in capsys.readouterr().err


def test_a_file_that_is_there_stays_when_the_rows_are_gone(
    thread: BatchThread, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "before.csv").write_text("from last time")
    lots.drop(thread.engine, thread.values["lot_id"])
    assert main(["results", THREAD, "--output", str(tmp_path / "before.csv")]) == 2
    assert "not in Signoff's database" in capsys.readouterr().err
    assert (tmp_path / "before.csv").read_text() == "from last time"


def test_a_thread_that_is_no_batch_has_none(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["start", "email_approval", "--sample", "--thread-id", "mail"]) == 0
    assert main(["results", "mail"]) == 2
    assert "is no batch" in capsys.readouterr().err


def test_results_load_no_graph(thread: BatchThread, home: Path) -> None:
    script = (
        "import sys\nfrom agents.__main__ import main\n"
        f"code = main(['results', {THREAD!r}, '--output', '/dev/null'])\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)))\nraise SystemExit(code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment(home), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr
