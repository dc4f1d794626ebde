"""`signoff deadline` and `signoff snooze`, and a start that names a plan."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.__main__ import main
from agents.errors import InvalidInput, NotPending
from tests.deadlines.desks import HELLO, PEOPLE

MAIL = ["start", "email_approval", "--input", json.dumps(HELLO), "--json", "--actor", "ann"]


@pytest.fixture
def waiting(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A mail that waits for four hours at most: its thread and its pause."""
    monkeypatch.setenv("SIGNOFF_MODEL", "offline")
    rules = home.parent / "rules.toml"
    rules.write_text(PEOPLE)
    monkeypatch.setenv("SIGNOFF_RULES", str(rules))
    assert main([*MAIL, "--deadline", "4h"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["waiting"]
    return [row["thread_id"], row["pause_key"]]


def test_it_is_told_moved_and_set_aside(waiting: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deadline", *waiting]) == 0
    assert "(in 4 h): it goes to a lead; 24 h later it is cancelled." in capsys.readouterr().out
    assert main(["list", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["due"] == "goes to a lead in 4 h"
    assert row["due_at"] > row["paused_at"]
    assert main(["deadline", *waiting, "--extend", "1d", "--message", "Ann is away"]) == 0
    assert "(in 28 h)" in capsys.readouterr().out
    assert main(["deadline", *waiting, "--pause", "--message", "Ann is away"]) == 0
    assert "paused, with 28 h left" in capsys.readouterr().out
    assert main(["deadline", *waiting, "--go-on"]) == 0
    assert main(["snooze", *waiting, "--for", "2h", "--actor", "ann"]) == 0
    assert "Its deadline stays where it is." in capsys.readouterr().out
    assert main(["snooze", *waiting, "--wake", "--actor", "ann"]) == 0
    capsys.readouterr()
    assert main(["show", *waiting]) == 0
    shown = capsys.readouterr().out
    assert "gave this 24 h more: “Ann is away”" in shown
    assert "goes to a lead in 28 h (at " in shown


def test_what_is_wrong_is_said(waiting: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deadline", *waiting, "--extend", "soon", "--message", "x"]) == InvalidInput.exit_code
    assert "--extend: expected a length of time" in capsys.readouterr().err
    assert main(["deadline", *waiting, "--extend", "1h"]) == InvalidInput.exit_code
    assert "Say why" in capsys.readouterr().err
    assert main(["snooze", waiting[0], "gone.0", "--for", "1h"]) == NotPending.exit_code
    assert main([*MAIL, "--deadline", '{"steps": [{"after": "1h", "do": "explode"}]}']) == InvalidInput.exit_code
    assert "deadline: steps[1].do" in capsys.readouterr().err
