"""The examples of docs/api.md, as they stand there, by curl against a real server."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from agents.api.errors import CODES
from tests.desk_process import ROOT, environment
from tests.served import served

PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```bash api\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
def test_the_examples_run(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shell"
    folder.mkdir()
    with served(home, default_graph="email_approval") as desk:
        env = environment(home, {"URL": desk.url, "TOKEN": desk.token})
        script = "set -eu\n" + "\necho; echo =====\n".join(EXAMPLES)
        done = subprocess.run(
            ["bash", "-c", script], cwd=folder, env=env, capture_output=True, text=True, timeout=90, check=False
        )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    _, answered, read, closed, short = done.stdout.split("=====")
    assert '"status":"complete"' in answered
    assert '"started_by":"program"' in read
    assert "event: finished" in read
    assert '"reason":"No longer needed"' in closed
    assert '"status":"complete"' in short
    assert len(list((home / "outbox").glob("*.eml"))) == 2


def test_every_code_is_told() -> None:
    assert [code for _, code, _ in CODES if not re.search(rf"^\| .*\b{code}\b.* \|", PAGE, flags=re.MULTILINE)] == []
