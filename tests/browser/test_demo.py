"""The demo and the tour in a real browser: filled with one click, shown around with the keyboard, taken away."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import KEYS_READY, Reviewer
from tests.desk_process import DeskProcess


@pytest.mark.slow
def test_an_empty_desk_is_filled_toured_and_emptied(reviewer: Reviewer, second: Reviewer, desk: DeskProcess) -> None:
    page = reviewer.page
    second.go()
    second.page.get_by_role("button", name="Fill the desk with a demo").wait_for()
    reviewer.go()
    reviewer.button("Fill the desk with a demo")
    second.button("Fill the desk with a demo")  # at the same time, by somebody else
    reviewer.sees("This desk shows a demo.")
    second.sees("This desk shows a demo.")
    assert page.get_by_role("link", name=re.compile("Delete all log files in demo.logs")).count() == 1

    reviewer.button("Take the tour")
    reviewer.sees("Tour, step 1 of 6")
    reviewer.button("Show me")
    page.wait_for_url(re.compile("review.*thread=demo-.*-logs"))
    page.get_by_label("demo/logs/web-server.2.log").wait_for()
    page.wait_for_timeout(KEYS_READY)
    page.get_by_role("button", name="Next step").focus()
    page.keyboard.press("Enter")
    reviewer.sees("Tour, step 2 of 6")
    page.get_by_role("button", name="Show me").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Body").wait_for()
    page.get_by_label("Body").fill("Half a sente")
    reviewer.button("Next step")
    reviewer.sees("Tour, step 3 of 6")
    expect(page.get_by_label("Body")).to_have_value("Half a sente")  # the page goes on as if there were no tour
    reviewer.button("End the tour")
    page.get_by_text("Tour, step").wait_for(state="detached")

    page.get_by_role("link", name="Inbox").click()
    reviewer.sees("This desk shows a demo.")
    reviewer.button("Take it away")
    reviewer.button("Keep it")
    reviewer.button("Take it away")
    reviewer.button("Take the demo away")
    reviewer.sees("The demo is taken away.")
    reviewer.sees("Nothing waits for you")
    assert not list((desk.home / "workspace").rglob("*.*"))
