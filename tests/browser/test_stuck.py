"""What is stuck, in the browser: seen, understood, and brought on with one click."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests import stuck_graphs
from tests.browser.conftest import Reviewer, running
from tests.desk_process import DeskProcess

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    home = tmp_path_factory.mktemp("desk")
    config, source = home / "graphs.json", Path(stuck_graphs.__file__)
    config.write_text(json.dumps({"graphs": {name: f"{source}:{name}" for name in stuck_graphs.GRAPHS}}))
    with running(home, SIGNOFF_GRAPHS=str(config)) as started:
        yield started


def test_a_failed_step_is_tried_again(reviewer: Reviewer, second: Reviewer, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with suppress(RuntimeError):
        stuck_graphs.outside(reviewer.checkpoints, "failing", {"log": str(log)}, "fails")
    reviewer.go()
    reviewer.page.get_by_text("the printer is on fire").first.click()
    reviewer.sees("A step failed.")
    second.open("fails")
    log.with_name("log.mended").touch()
    reviewer.button("Try the step again")
    reviewer.sees("The workflow has ended.")
    second.button("Try the step again")
    second.sees(re.compile("does not stand there any more"))
    assert log.read_text() == "prepare\nact\n"


def test_breakpoints_are_continued(reviewer: Reviewer, tmp_path: Path) -> None:
    log = tmp_path / "log"
    stuck_graphs.outside(reviewer.checkpoints, "stopping", {"log": str(log)}, "stops")
    reviewer.go()
    reviewer.page.get_by_text("Paused after “prepare”").first.click()
    reviewer.button("Continue with “between”")
    reviewer.button("Review it now")
    reviewer.sees("Paused before “act”")
    reviewer.page.wait_for_url(re.compile("breakpoint"))
    reviewer.button("Continue with “act”")
    reviewer.sees(re.compile("finished|ended|done", re.I))
    reviewer.go("history", thread="stops")
    reviewer.sees("let the run go on from its breakpoint")
    assert log.read_text() == "prepare\nbetween\nact\n"
