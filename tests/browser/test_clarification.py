"""Questions before a plan in a real browser: a vague task is asked about, a clear one is not."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import KEYS_READY, Reviewer
from tests.browser.test_workflows import old_file
from tests.desk_process import DeskProcess


def start(reviewer: Reviewer, task: str, graph: str) -> None:
    reviewer.go("start", graph=graph)
    reviewer.page.get_by_label("Task").fill(task)
    reviewer.button(re.compile("^(play_arrow )?Start$"))
    reviewer.page.wait_for_url(re.compile("pause="))


def test_a_vague_task_is_cleared_up_and_planned(reviewer: Reviewer, desk: DeskProcess) -> None:
    workspace = desk.home / "workspace"
    gone, young = old_file(workspace / "logs" / "old.log", 90), old_file(workspace / "logs" / "young.log", 1)
    kept = old_file(workspace / "notes" / "old.txt", 90)
    start(reviewer, "clean up the old stuff", "clarification")
    page = reviewer.page
    fields = [page.get_by_label(text) for text in ("Which files do", "What should happen", "How old should")]
    page.get_by_role("button", name="Go on without answers").wait_for()
    expect(fields[0]).to_have_attribute("placeholder", re.compile("For example: log files in logs/"))
    fields[0].fill("log files in logs/")
    fields[1].fill("move to the trash")
    fields[1].blur()
    page.get_by_role("button", name="Send the answers").wait_for()
    reviewer.kept("move to the trash")  # the button appears with the first of the two answers
    page.reload()
    expect(fields[1]).to_have_value("move to the trash")
    page.wait_for_timeout(KEYS_READY)
    fields[2].fill("older than 30 days")
    fields[2].press("Control+Enter")
    reviewer.sees("You answered this")
    reviewer.button("Review it now")
    reviewer.sees("Cleared up first")
    reviewer.sees("How old should they be? “older than 30 days”")
    reviewer.button("Approve: move 1 file")
    reviewer.sees(re.compile("Moved 1 file"))
    assert not gone.exists()
    assert young.exists()
    assert kept.exists()


def test_a_clear_task_goes_straight_to_its_plan(reviewer: Reviewer, desk: DeskProcess) -> None:
    old_file(desk.home / "workspace" / "clear" / "a.tmp", 50)
    start(reviewer, "delete *.tmp files in clear/ older than 30 days", "clarification")
    reviewer.page.get_by_role("button", name="Approve: move 1 file").wait_for()
    assert reviewer.page.get_by_text("Cleared up first").count() == 0
