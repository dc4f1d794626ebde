"""The page of a batch in a browser: the plot under the content security policy, and the way to the review."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from agents import decisions, starts
from agents.desk import Desk, open_desk
from agents.domain import PauseStatus
from agents.settings import load_settings
from tests.batch_desks import APPROVE, CATEGORIES, correct
from tests.desk_process import DeskProcess

if TYPE_CHECKING:
    from tests.browser.conftest import Reviewer


@pytest.fixture
def beside(desk: DeskProcess) -> Iterator[Desk]:
    """The same desk from this process, which only writes orders: the server's worker does them."""
    opened = open_desk(load_settings(home=desk.home, undo_seconds=0))
    yield opened
    opened.close()


def asked(desk: Desk, thread: str) -> list[int]:
    """The first item of each chunk that waits; a run between two steps asks nothing yet."""
    return [each.value["first"] for each in desk.pauses(thread) if each.status is PauseStatus.QUESTION]


def until(met: Callable[[], object]) -> None:
    late = time.monotonic() + 20
    while not met():
        assert time.monotonic() < late
        time.sleep(0.05)


@pytest.mark.slow
def test_the_defect_rate_is_drawn_and_said_and_leads_to_the_review(reviewer: Reviewer, beside: Desk) -> None:
    rows = [{"id": f"T-{number}", "text": "The app shows an error"} for number in range(1, 13)]
    given = {"items": rows, "every": 4, "categories": CATEGORIES, "name": "tickets.csv"}
    thread = starts.start(beside, "batch_sampling", given, actor="Ada")
    for number, said in enumerate((APPROVE, correct(8))):
        first = 4 * number + 1
        until(lambda first=first: asked(beside, thread) == [first])
        (pause,) = beside.pauses(thread)
        decisions.decide(beside, thread, pause.pause_key, said, seen=pause.seen, actor="Ada")
    until(lambda: asked(beside, thread) == [9])

    reviewer.go("batches")
    reviewer.page.get_by_role("link", name=re.compile("tickets.csv")).click()
    reviewer.sees("1 of 2 inspected were defects: between 1.3 % and 98.7 % of all items, with 95 % confidence.")
    plot = reviewer.page.locator("[data-testid=stVegaLiteChart]")
    plot.locator("svg").wait_for()
    assert "after 2 samples it is 50 %, between 1.3 % and 98.7 %" in (plot.get_attribute("aria-label") or "")
    assert {"Samples inspected, in order", "Defect rate"} <= set(plot.locator("svg text").all_text_contents())
    reviewer.button("Review it now")
    reviewer.page.wait_for_url(re.compile(r"review.*pause="))
