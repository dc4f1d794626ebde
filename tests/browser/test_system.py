"""The System page in the browser: a long check shows how far it is, the head is taken away, a stuck thread is one click off."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import expect

from agents import audit
from tests import stuck_graphs
from tests.audit.record import long_record
from tests.browser.conftest import Reviewer, running
from tests.desk_process import DeskProcess

pytestmark = pytest.mark.slow
EVENTS = 150_000


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    home = tmp_path_factory.mktemp("desk")
    config, source = home / "graphs.json", Path(stuck_graphs.__file__)
    graphs = {"failing": f"{source}:failing", "broken": f"{home}/broken.py:graph"}
    config.write_text(json.dumps({"graphs": graphs}))
    (home / "broken.py").write_text("import nothing_of_that_name\n")
    long_record(home, EVENTS).dispose()
    (home / "long.sqlite").rename(home / "signoff.sqlite")
    with running(home, SIGNOFF_GRAPHS=str(config)) as started:
        yield started


def test_the_record_is_checked_and_its_head_taken_away(reviewer: Reviewer) -> None:
    reviewer.go("system")
    reviewer.sees("A worker is alive")
    reviewer.button("Check the record now")
    reviewer.page.get_by_text("events checked").first.wait_for(timeout=60_000)
    reviewer.page.get_by_text("events, none of them changed.").wait_for(timeout=60_000)
    with reviewer.page.expect_download() as taken:
        reviewer.button("Download the head")
    kept = audit.read_head(Path(taken.value.path()).read_text(encoding="utf-8"))
    assert kept.count > EVENTS


def test_what_is_wrong_leads_to_where_it_is_mended(reviewer: Reviewer, tmp_path: Path) -> None:
    with suppress(RuntimeError):
        stuck_graphs.outside(reviewer.checkpoints, "failing", {"log": str(tmp_path / "log")}, "fails")
    reviewer.go("system")
    reviewer.sees("nothing_of_that_name")
    reviewer.page.get_by_text("the printer is on fire").first.click()
    reviewer.sees("A step failed.")
    expect(reviewer.page.get_by_role("link", name="System")).to_have_count(1)
