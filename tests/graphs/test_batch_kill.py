"""kill -9 in the middle of a chunk: what has a result is never asked for again, and nothing else is missing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


def kill(folder: Path, wanted: int, seed: int) -> None:
    command = [sys.executable, "-m", "tests.batch_kills", str(folder), str(wanted), str(seed)]
    finished = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).resolve().parents[2])
    assert finished.returncode == 0, finished.stderr
    found = json.loads(finished.stdout)
    assert found["wrong"] == [], finished.stderr
    assert found["kills"] >= wanted
    assert found["in a chunk"] >= wanted / 3


def test_killed_in_the_middle_of_a_chunk_and_finished_by_the_next(tmp_path: Path) -> None:
    kill(tmp_path, wanted=2, seed=3)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_in_the_middle_of_chunks_many_times(tmp_path: Path) -> None:
    kill(tmp_path, wanted=80, seed=11)
