"""Several questions of one thread in a real browser: some sent now, one asked anew, and a tab that was left behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from agents.checkpoints import read_pauses, source_for
from tests import several_graphs
from tests.browser.conftest import Reviewer, running
from tests.desk_process import DeskProcess

if TYPE_CHECKING:
    from playwright.sync_api import Locator

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    home = tmp_path_factory.mktemp("together")
    with running(home, SIGNOFF_GRAPHS=str(several_graphs.registered(home)), SIGNOFF_UNDO_SECONDS="8") as started:
        yield started


def question(reviewer: Reviewer, number: int) -> Locator:
    return reviewer.page.locator(f'[class*="st-key-asked-{number}-"], [class*="st-key-marked-{number}-"]')


def write(reviewer: Reviewer, number: int, text: str) -> None:
    field = question(reviewer, number).get_by_role("textbox")
    field.click()
    reviewer.page.keyboard.type(text)
    question(reviewer, number).get_by_text("Answered").wait_for()  # kept after a moment, with nothing left or clicked


def test_two_of_three_are_sent_the_third_is_asked_anew_and_a_stale_tab_sends_nothing(
    reviewer: Reviewer, second: Reviewer, desk: DeskProcess
) -> None:
    several_graphs.run(reviewer.checkpoints, "three-of-them", "anew")
    for tab in (reviewer, second):
        tab.open("three-of-them")
        tab.sees("Question 3 of 3")
    write(reviewer, 1, "one")
    write(reviewer, 2, "two")
    reviewer.sees("Question 3 has no answer yet.")
    reviewer.sees(re.compile("asks question 3 anew, perhaps in other words"))
    write(second, 3, "from the other tab")
    second.page.get_by_role("button", name="Send 3 answers").wait_for()  # what the first tab wrote came along
    reviewer.button("Send 2 of 3 now")
    reviewer.sees("You decided 2 questions together")
    reviewer.sees(re.compile("All 2 are passed on to the workflow together in"))
    reviewer.button("Review it now")
    reviewer.sees("gamma, 2?")
    second.button("Send 3 answers")  # it shows the first tab's words by now, which were sent meanwhile
    second.sees(re.compile("Your answers were not accepted"))
    second.page.locator(".st-key-lost-text").get_by_text("from the other tab").wait_for()
    field = reviewer.page.get_by_role("textbox").first
    expect(field).to_have_value("from the other tab")  # the draft of that question, under the same name
    field.fill("three")
    field.blur()
    reviewer.button("Send the answer")
    reviewer.sees("All is answered: alpha one, beta two, gamma three.")


def test_typing_sends_nothing_and_an_undo_brings_all_back(reviewer: Reviewer, desk: DeskProcess) -> None:
    several_graphs.run(reviewer.checkpoints, "typed", "three", asks={"alpha": "A?", "beta": "B?", "gamma": "C?"})
    reviewer.open("typed")
    for number in (1, 2, 3):
        write(reviewer, number, f"text {number}")
    reviewer.page.keyboard.type(" and more", delay=60)
    reviewer.kept("text 3 and more")
    reviewer.page.get_by_role("button", name="Send 3 answers").wait_for()
    reviewer.page.wait_for_timeout(600)
    reviewer.page.keyboard.press("Control+Enter")
    reviewer.button("Undo all 3")
    question(reviewer, 3).get_by_role("textbox").wait_for()  # a page that goes away at once takes the click along
    reviewer.page.reload()
    expect(question(reviewer, 3).get_by_role("textbox")).to_have_value("text 3 and more")
    reviewer.page.get_by_role("button", name="Send 3 answers").wait_for()


def test_a_link_leads_to_its_question_on_a_phone(reviewer: Reviewer, desk: DeskProcess) -> None:
    several_graphs.run(reviewer.checkpoints, "fan-of-18", "fan", number=18)
    reviewer.page.set_viewport_size({"width": 390, "height": 844})
    reviewer.go("inbox")
    reviewer.go("review", thread="fan-of-18", pause=_key(reviewer, "Item 12?"))
    marked = reviewer.page.locator('[class*="st-key-marked-12-"]')
    marked.wait_for()
    expect(marked.get_by_text("Question 12 of 18")).to_be_in_viewport()
    bar = reviewer.page.locator(".st-key-bar").bounding_box()
    assert bar is not None
    assert bar["y"] + bar["height"] <= 844
    assert reviewer.page.evaluate("document.documentElement.scrollWidth") <= 390


def _key(reviewer: Reviewer, asked: str) -> str:
    listing = read_pauses(source_for(reviewer.checkpoints, reviewer.desk.home))
    return next(pause.pause_key for pause in listing.pauses if pause.value == {"question": asked})
