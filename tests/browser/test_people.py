"""Several people at one desk, and what they typed: whose decision it is, and that no text is lost."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser import asking
from tests.browser.conftest import LESSON_MAIL, Reviewer, ask
from tests.desk_process import DeskProcess

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow


def test_a_decision_that_comes_too_late_says_so_and_gives_its_text_back(
    reviewer: Reviewer, second: Reviewer, desk: DeskProcess
) -> None:
    ask(desk, "too-late", LESSON_MAIL | {"subject": "Too late"})
    reviewer.open("too-late")
    second.open("too-late")
    second.button("Cancel, send nothing")
    second.page.get_by_label("Why? (optional, kept in the record)").fill("Wrong person, ask Ann first")
    second.page.wait_for_timeout(1500)  # kept by now: what is tested is the click
    reviewer.button("Send to ann@example.org")
    reviewer.sees("You approved this mail")
    reviewer.sees(re.compile("The mail goes out in"))
    second.button("Cancel, send nothing")
    second.sees(re.compile("Your rejection was not accepted. Already decided: .* approved this mail at"))
    second.page.locator(".st-key-lost-text").get_by_text("Wrong person, ask Ann first").wait_for()
    assert second.page.get_by_text("You approved this mail").count() == 0


def test_one_of_several_answers_says_what_it_waits_for(reviewer: Reviewer, desk: DeskProcess) -> None:
    text = desk.home / "sibling.txt"
    text.write_text("Pay 5 euros?")
    asking.run(reviewer.checkpoints, {"siblings": {"file": str(text)}}, graph_id="pair")
    reviewer.open("siblings")
    reviewer.page.get_by_label("Your answer").first.fill("Yes")
    reviewer.page.get_by_label("Your answer").first.blur()
    reviewer.sees("Question 2 has no answer yet.")
    reviewer.button("More")
    reviewer.page.get_by_text("Hand in 1, wait for the rest").click()
    reviewer.sees("Passed on when another question of this thread is answered.")
    reviewer.page.get_by_role("button", name="Answer the other question").wait_for()
    assert reviewer.page.get_by_text(re.compile(r"in \d+ s\.")).count() == 0


def test_a_decision_that_is_not_accepted_keeps_its_whole_bar(reviewer: Reviewer, desk: DeskProcess) -> None:
    ask(desk, "not-accepted", {"question": "Ready?", "options": ["yes"]})
    reviewer.open("not-accepted")
    reviewer.page.get_by_role("radio", name="yes").click()
    expect(reviewer.page.get_by_role("button", name="Send the answer")).to_be_enabled()
    reviewer.page.wait_for_timeout(500)
    with closing(sqlite3.connect(desk.home / "signoff.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        reviewer.button("Send the answer")
        said = reviewer.page.locator(".so-banner.so-red")
        said.wait_for()
        assert said.count() == 1
        assert said.inner_text().startswith("Not accepted.")
        bar = reviewer.page.locator(".st-key-bar")
        assert bar.get_by_role("button", name="More").count() == 1
        assert said.bounding_box()["y"] < bar.bounding_box()["y"]  # type: ignore[index]
        other.execute("ROLLBACK")
    reviewer.button("Send the answer")
    reviewer.sees("You answered this")


def test_steady_typing_is_kept_before_it_pauses(reviewer: Reviewer, desk: DeskProcess) -> None:
    ask(desk, "steady", "What is the story?")
    reviewer.open("steady")
    field = reviewer.page.get_by_label("Your answer")
    field.click()
    reviewer.page.keyboard.type("one two three four five six", delay=120)
    reviewer.page.reload()  # not a moment after the last key
    expect(field).to_have_value(re.compile("^one two three"))


def test_a_reason_survives_a_reload_and_is_no_instruction(reviewer: Reviewer, desk: DeskProcess) -> None:
    ask(desk, "reason", LESSON_MAIL | {"subject": "Reason"})
    reviewer.open("reason")
    reviewer.button("Cancel, send nothing")
    reason = reviewer.page.get_by_label("Why? (optional, kept in the record)")
    reason.click()
    reviewer.page.keyboard.type("Not today")
    reviewer.page.wait_for_timeout(2500)
    reviewer.page.reload()
    reason.wait_for()
    expect(reason).to_have_value("Not today")
    reviewer.button("Back")
    reviewer.button("Ask for a new draft")
    instruction = reviewer.page.get_by_label("What should change?")
    instruction.wait_for()
    expect(instruction).to_have_value("")


def test_the_name_is_asked_once_and_stands_on_decisions(reviewer: Reviewer, desk: DeskProcess) -> None:
    ask(desk, "named", {"question": "Ready?", "options": ["yes"]})
    reviewer.open("named")
    reviewer.button(re.compile("Your name:"))
    reviewer.page.get_by_role("textbox", name="Your name").fill("Grace Hopper")
    reviewer.button("Save name")
    reviewer.page.get_by_role("button", name="Grace Hopper").wait_for()
    reviewer.page.get_by_role("radio", name="yes").click()
    reviewer.button("Send the answer")
    reviewer.sees("You answered this")
    reviewer.go("history")
    reviewer.page.get_by_role("link", name=re.compile("Grace Hopper answered this")).wait_for()


def test_two_browsers_have_two_names(browser: Browser, reviewer: Reviewer, second: Reviewer, desk: DeskProcess) -> None:
    for tab, name in ((reviewer, "Ann; Path=/x"), (second, "Bób Lee")):
        ask(desk, f"named-{name[:3]}", {"question": "Whose?", "options": ["mine"]})
        tab.open(f"named-{name[:3]}")
        tab.button(re.compile("Your name:"))
        tab.page.get_by_role("textbox", name="Your name").fill(name)
        tab.button("Save name")
        tab.page.get_by_role("button", name=name[:3]).wait_for()
    for tab, name in ((reviewer, "Ann; Path=/x"), (second, "Bób Lee")):
        tab.page.reload()
        tab.page.get_by_role("button", name=name[:3]).wait_for()
        assert tab.page.get_by_role("button", name=re.compile("Your name:")).count() == 0
        tab.page.wait_for_timeout(600)
        tab.page.get_by_role("radio", name="mine").click()
        tab.button("Send the answer")
        tab.sees("You answered this")
    reviewer.go("history")
    reviewer.page.get_by_role("link", name=re.compile("Ann; .* answered this")).wait_for()
    reviewer.page.get_by_role("link", name=re.compile("Bób Lee answered this")).wait_for()
    stranger = browser.new_context()
    page = stranger.new_page()
    page.goto(desk.url)
    page.get_by_role("button", name=re.compile("Your name:")).wait_for()
    stranger.close()
