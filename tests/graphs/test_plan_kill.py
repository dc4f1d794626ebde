"""kill -9 while a plan is carried out: nothing lost, nothing twice, no thread stuck."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


def kill(folder: Path, wanted: int, seed: int) -> None:
    command = [sys.executable, "-m", "tests.plan_kills", str(folder), str(wanted), str(seed)]
    finished = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).resolve().parents[2])
    assert finished.returncode == 0, finished.stderr
    found = json.loads(finished.stdout)
    assert found["wrong"] == [], finished.stderr
    assert found["kills"] >= wanted


def test_killed_at_random_and_finished_by_the_next(tmp_path: Path) -> None:
    kill(tmp_path, wanted=3, seed=5)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_at_random_many_times(tmp_path: Path) -> None:
    kill(tmp_path, wanted=100, seed=11)
