"""kill -9 at every instant: a step, or its restoring, is finished by a second run, and nothing is done twice."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workspace_crashes import DRAFTS

AT_LEAST = {"delete": 12, "move": 18, "write": 10, "replace": 12, "archive": 18, "repack": 20}


@pytest.mark.parametrize("op", [*DRAFTS, *(f"restore-{op}" for op in DRAFTS)])
def test_killed_at_every_instant(op: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.workspace_crashes", op, str(tmp_path)]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=100, cwd=Path(__file__).parents[2])
    assert finished.returncode == 0, finished.stderr
    found = json.loads(finished.stdout)
    assert found["wrong"] == []
    assert found["kills"] >= (3 if op.startswith("restore-") else AT_LEAST[op])
