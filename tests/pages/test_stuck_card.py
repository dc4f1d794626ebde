"""What a thread that takes no answer says, through AppTest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from langgraph.types import Command

from agents import repairs
from agents.desk import Desk
from agents.domain import Repair
from pages.components.session import close_desk, the_desk
from tests import stuck_graphs
from tests.pages.conftest import at_page, html, work


@pytest.fixture
def desk(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    config, source = home / "langgraph.json", stuck_graphs.__file__
    config.write_text(json.dumps({"graphs": {name: f"{source}:{name}" for name in ("asking", "failing", "stopping")}}))
    monkeypatch.setenv("SIGNOFF_GRAPHS", str(config))
    the_desk.clear()
    yield the_desk()
    close_desk()


def test_a_question_that_was_answered_badly_is_shown(desk: Desk, tmp_path: Path) -> None:
    for sent in ({"log": str(tmp_path / "log")}, Command(resume="bad")):
        with suppress(ValueError):
            stuck_graphs.outside(desk.settings.checkpoints_path, "asking", sent, "poisoned")
    shown = html(at_page("review.py", thread="poisoned", pause=desk.pauses("poisoned")[0].pause_key))
    assert "The answer did not work." in shown
    assert "What now?" in shown


def test_what_led_to_a_breakpoint_is_there_from_the_beginning(desk: Desk, tmp_path: Path) -> None:
    desk.registry.load_facts()
    stuck_graphs.outside(desk.settings.checkpoints_path, "stopping", {"log": str(tmp_path / "log")}, "stops")
    shown = html(at_page("review.py", thread="stops", pause=desk.pauses("stops")[0].pause_key))
    assert "Paused at a step" in shown
    assert "The last steps" in shown


def test_a_step_that_fails_once_more_says_so(desk: Desk, tmp_path: Path) -> None:
    with suppress(RuntimeError):
        stuck_graphs.outside(desk.settings.checkpoints_path, "failing", {"log": str(tmp_path / "log")}, "again")
    app = at_page("review.py", thread="again", pause=desk.pauses("again")[0].pause_key)
    assert "It was tried again" not in html(app)
    repairs.repair(desk, "again", desk.pauses("again")[0].pause_key, Repair.RETRY, actor="ann")
    work(desk)
    app.run()
    assert "It was tried again meanwhile and stopped again" in html(app)
    assert "The question changed." not in html(app)
