"""The board in a real browser: what is chosen stays chosen while the board changes, is compared, and decided together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from agents import starts
from agents.desk import open_desk
from agents.settings import load_settings
from tests.browser.conftest import LESSON_MAIL, Reviewer, ask

if TYPE_CHECKING:
    from playwright.sync_api import Locator

PHONE_WIDTH = 390


def start_plans(reviewer: Reviewer, *folders: str) -> None:
    """A plan per folder about the one file in it; the desk's own worker runs them."""
    desk = open_desk(load_settings(home=reviewer.desk.home))
    for folder in folders:
        file = desk.settings.workspace_path / folder / "old.log"
        file.parent.mkdir(parents=True)
        file.write_text(folder)
        starts.start(desk, "plan_approval", {"task": f"Delete all log files in {folder}"}, actor="Ada")
    desk.close()


def box(reviewer: Reviewer, words: str) -> Locator:
    return reviewer.page.get_by_role("checkbox", name=re.compile(re.escape(words)))


@pytest.mark.slow
def test_plans_are_chosen_while_the_board_changes_and_approved_together(reviewer: Reviewer) -> None:
    page = reviewer.page
    ask(reviewer.desk, "first", {"question": "Is this the first?"})
    reviewer.go("board")
    reviewer.sees("Is this the first?")
    start_plans(reviewer, "alpha", "beta")
    for folder in ("alpha", "beta"):
        box(reviewer, f"Delete all log files in {folder}").check()
    page.get_by_role("button", name="Decide 2 plans together").wait_for()
    page.get_by_role("link", name="Delete all log files in beta").focus()
    ask(reviewer.desk, "later", {"question": "Did this one come later?"})
    reviewer.sees("Did this one come later?")
    assert page.locator(".card.on").count() == 2
    assert page.evaluate("document.activeElement.shadowRoot?.activeElement.textContent").endswith("in beta")
    reviewer.press("x")
    reviewer.sees("Choose another plan to compare it with.")
    reviewer.press("x")
    reviewer.button("Decide 2 plans together")
    reviewer.sees("Move 2 files (9 bytes) to the trash. In all 2 files (9 bytes) in 2 plans.")
    reviewer.button("Approve these 2 plans")
    reviewer.sees(re.compile("You approved this. Moved 1 file"))
    page.wait_for_function(
        "[...document.querySelectorAll('.so-green')].filter(each => each.textContent.includes('Moved 1 file')).length == 2"
    )
    assert list((reviewer.desk.home / "workspace").glob("*/old.log")) == []


@pytest.mark.slow
def test_two_drafts_side_by_side_on_a_phone_by_link_and_the_way_into_one(reviewer: Reviewer) -> None:
    page = reviewer.page
    page.set_viewport_size({"width": PHONE_WIDTH, "height": 844})
    for thread, day in (("monday", "Monday"), ("tuesday", "Tuesday")):
        ask(reviewer.desk, thread, {**LESSON_MAIL, "subject": f"Lunch on {day}", "body": f"See you on {day} at noon."})
    reviewer.go("board")
    page.get_by_role("button", name="Emails 2").click()
    box(reviewer, "Lunch on Monday").check()
    box(reviewer, "Lunch on Tuesday").check()
    reviewer.sees("They are decided one by one: a mail that was sent cannot be taken back.")
    reviewer.button("Compare 2 drafts")
    page.locator("mark", has_text="Tuesday").first.wait_for()
    page.reload()
    page.locator("mark", has_text="Monday").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE_WIDTH
    page.get_by_role("link", name="Review this one").nth(1).click()
    page.wait_for_url(re.compile("thread=tuesday"))
    page.locator(".st-key-bar").wait_for()
