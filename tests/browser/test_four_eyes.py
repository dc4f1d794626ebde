"""Two people, by their names, where two must agree: agreeing in one press, differing, blind answers, claims, the board."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import expect

from tests.browser import asking
from tests.browser.conftest import LESSON_MAIL, Reviewer, running
from tests.desk_process import DeskProcess

pytestmark = pytest.mark.slow
RULES = """
claim_for = "1h"
[graphs.asking]
four_eyes = true
[graphs.pair]
four_eyes = true
[graphs.forming]
four_eyes = "blind"
[people.ann]
role = "lead"
"""
BLIND = {"question": "How much?", "schema": {"type": "object", "properties": {"amount": {"type": "integer"}}}}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    home = tmp_path_factory.mktemp("desk")
    (home / "rules.toml").write_text(RULES)
    with running(home, SIGNOFF_RULES=str(home / "rules.toml")) as started:
        yield started


def named(reviewer: Reviewer, name: str) -> Reviewer:
    """A browser that was given this name earlier."""
    reviewer.page.context.add_cookies([{"name": "signoff_name", "value": name, "url": reviewer.desk.url}])
    return reviewer


@pytest.fixture
def ann(reviewer: Reviewer) -> Reviewer:
    return named(reviewer, "ann")


@pytest.fixture
def bo(second: Reviewer) -> Reviewer:
    return named(second, "bo")


def asks(desk: DeskProcess, thread: str, question: object, graph_id: str = "asking") -> None:
    asking.run(desk.home / "checkpoints.sqlite", {thread: {"ask": question}}, graph_id=graph_id)


def decided(desk: DeskProcess) -> list[str]:
    with closing(sqlite3.connect(desk.home / "signoff.sqlite")) as database:
        return [row[0] for row in database.execute("SELECT thread_id FROM decision")]


def test_the_second_person_agrees_in_one_press(ann: Reviewer, bo: Reviewer, desk: DeskProcess) -> None:
    asks(desk, "agreed", LESSON_MAIL | {"subject": "Agreed"})
    ann.open("agreed")
    ann.sees("Nobody signs in at this desk, so names are not proven")
    ann.button("Record that you would send this mail")
    ann.sees("You would send this mail.")
    expect(ann.page.get_by_role("button", name="Record that you would send this mail")).to_be_disabled()
    assert decided(desk) == []
    bo.open("agreed")
    bo.sees("ann would send this mail.")
    bo.button("Agree and send to ann@example.org")
    bo.sees("You approved this mail")
    bo.sees("ann had said the same before: two people agreed.")
    assert decided(desk) == ["agreed"]


def test_another_answer_starts_over_and_can_be_agreed_with(ann: Reviewer, bo: Reviewer, desk: DeskProcess) -> None:
    asks(desk, "differs", LESSON_MAIL | {"subject": "Differs"})
    ann.open("differs")
    ann.button("Record that you would send this mail")
    ann.sees("You would send this mail.")
    bo.open("differs")
    bo.button("Cancel, send nothing")
    bo.page.get_by_label("Why? (optional, kept in the record)").fill("Too early")
    bo.button("Record that you would cancel this mail instead")
    bo.sees("You would cancel this mail.")
    bo.page.get_by_role("button", name="Ask for a new draft").wait_for()
    ann.open("differs")
    ann.sees("bo would cancel this mail.")
    ann.sees(re.compile("Too early"))
    ann.button("Agree with bo: cancel this mail")
    ann.sees("You cancelled this mail")
    assert decided(desk).count("differs") == 1


def test_one_person_in_two_browsers_is_one_person(ann: Reviewer, second: Reviewer, desk: DeskProcess) -> None:
    asks(desk, "alone", LESSON_MAIL | {"subject": "Alone"})
    again = named(second, "Ann")
    ann.open("alone")
    ann.button("Record that you would send this mail")
    ann.sees("You would send this mail.")
    again.open("alone")
    again.sees("You would send this mail.")
    expect(again.page.get_by_role("button", name="Record that you would send this mail")).to_be_disabled()
    again.button("Take my answer back")
    expect(again.page.get_by_role("button", name="Record that you would send this mail")).to_be_enabled()
    assert "alone" not in decided(desk)


def test_blind_answers_are_shown_when_both_are_there(ann: Reviewer, bo: Reviewer, desk: DeskProcess) -> None:
    asks(desk, "blind", BLIND, "forming")
    for person, amount in ((ann, "3"), (bo, "4")):
        person.open("blind")
        if person is bo:
            bo.sees("ann has given an answer.")
            assert bo.page.get_by_text("ann would answer this.").count() == 0
        field = person.page.get_by_label("Amount")
        field.fill(amount)
        field.press("Enter")
        expect(person.page.get_by_role("button", name="Give your answer: answer this")).to_be_enabled()
        person.button("Give your answer: answer this")
        person.sees("You would answer this.")
    bo.sees("Two differ.")
    bo.sees("ann would answer this.")
    ann.open("blind")
    ann.button("Settle it as bo said: answer this")
    ann.sees("You answered this")
    ann.sees("bo had said the same before")


def test_several_questions_are_agreed_on_together(ann: Reviewer, bo: Reviewer, desk: DeskProcess) -> None:
    text = desk.home / "pair.txt"
    text.write_text("Pay 5 euros?")
    asking.run(ann.checkpoints, {"pair": {"file": str(text)}}, graph_id="pair")
    ann.open("pair")
    for field in ann.page.get_by_label("Your answer").all():
        field.fill("Yes")
        field.blur()
    ann.button("Record 2 answers, not sent yet")
    expect(ann.page.get_by_text("You would answer this.")).to_have_count(2)
    bo.open("pair")
    for pill in bo.page.get_by_role("radio", name="Agree with ann: answer this").all():
        pill.click()
    bo.button("Agree and send 2 answers")
    bo.sees(re.compile("You decided 2 questions together"))
    assert decided(desk).count("pair") == 2


def test_a_claim_keeps_others_out_until_it_is_taken_over(ann: Reviewer, bo: Reviewer, desk: DeskProcess) -> None:
    flag = desk.home / "go-on"
    flag.touch()
    question = {"question": "Is it ours?", "options": ["yes", "no"]}
    asking.run(ann.checkpoints, {"claimed": {"ask": question, "file": str(flag)}}, graph_id="lingering")
    bo.open("claimed")
    bo.page.locator(".st-key-hands button").first.click()
    bo.page.locator(".st-key-claim button").click()
    bo.sees(re.compile("you have this until"))
    ann.go()
    ann.sees("bo has this")
    ann.page.get_by_role("radio", name="Unclaimed").click()
    expect(ann.page.get_by_text("Is it ours?")).to_have_count(0)
    ann.open("claimed")
    ann.sees(re.compile("bo has taken this on until"))
    assert ann.page.get_by_role("button", name="Send the answer").count() == 0
    ann.button("Take it over from bo")
    ann.sees(re.compile("you have this until"))
    bo.open("claimed")
    bo.sees(re.compile("ann has taken this on until"))
    ann.page.get_by_role("radio", name="yes").click()
    ann.button("Send the answer")
    ann.sees("You answered this")


def test_a_review_is_given_to_somebody(ann: Reviewer, bo: Reviewer, desk: DeskProcess) -> None:
    asks(desk, "given", {"question": "Whose is this?", "options": ["yes", "no"]})
    ann.open("given")
    ann.page.locator(".st-key-hands button").first.click()
    chooser = ann.page.get_by_role("combobox", name="Who should decide it?")
    chooser.fill("bo")
    chooser.press("Enter")
    ann.button("Give it to bo")
    ann.sees(re.compile("given to bo"))
    bo.go()
    bo.page.get_by_role("radio", name="Mine").click()
    bo.sees("For you")
    bo.sees("Whose is this?")
