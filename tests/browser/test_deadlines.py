"""What happens by itself, on the pages: said on the review and in the inbox, moved, and set aside."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from agents import starts
from agents.desk import Desk, open_desk
from agents.settings import load_settings
from tests.browser.conftest import Reviewer, registered, running
from tests.deadlines.desks import HELLO, PEOPLE
from tests.desk_process import DeskProcess

pytestmark = pytest.mark.slow

SOON = {"steps": [{"after": "40m", "do": "escalate", "to": "role:lead"}, {"after": "1d", "do": "cancel"}]}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    home = tmp_path_factory.mktemp("desk")
    (home / "rules.toml").write_text(PEOPLE)
    with running(home, SIGNOFF_MODEL="offline", SIGNOFF_RULES=str(home / "rules.toml")) as started:
        yield started


@pytest.fixture
def own(desk: DeskProcess) -> Iterator[Desk]:
    """The same desk in this process, to start threads at it; the other one runs them."""
    made = open_desk(
        load_settings(home=desk.home, graphs=registered(desk.home), model="offline", rules=desk.home / "rules.toml")
    )
    yield made
    made.close()


def mail(own: Desk, subject: str, deadline: object) -> str:
    return starts.start(own, "email_approval", HELLO | {"subject": subject}, actor="starter", deadline=deadline)


def test_a_review_says_what_happens_and_a_person_moves_it(reviewer: Reviewer, own: Desk) -> None:
    thread = mail(own, "Quarterly figures", SOON)
    reviewer.open(thread)
    reviewer.sees(
        re.compile(r"If nobody decides by \d\d:\d\d \(in \d+ min\): it goes to a lead; 24 h later it is cancelled")
    )
    reviewer.button("Not now?")
    reviewer.button("Give it more time")
    reviewer.sees(re.compile("Say why the deadline is moved"))
    why = reviewer.page.get_by_label("Why does its deadline move?")
    why.fill("Ann is back tomorrow")
    why.blur()
    expect(reviewer.page.locator("[data-testid=stApp]")).to_have_attribute("data-test-script-state", "notRunning")
    reviewer.button("Give it more time")
    reviewer.sees(re.compile(r"\(in 25 h\): it goes to a lead"))
    if reviewer.page.get_by_role("button", name="Pause the deadline").count() == 0:
        reviewer.button("Not now?")
    why.wait_for()
    why.fill("Waits for the audit")
    why.blur()
    reviewer.button("Pause the deadline")
    reviewer.sees("Its deadline is paused, with 25 h left.")
    reviewer.go("history", thread=thread)
    reviewer.sees(re.compile("gave this 24 h more: “Ann is back tomorrow”"))
    reviewer.sees(re.compile("paused the deadline: “Waits for the audit”"))


def test_the_inbox_has_the_most_urgent_first_and_what_is_set_aside_apart(reviewer: Reviewer, own: Desk) -> None:
    mail(own, "Later", None)
    reviewer.go("")
    reviewer.page.get_by_role("link", name=re.compile("Later.*Goes to a lead in 24 h")).wait_for()
    mail(own, "Sooner", SOON)
    reviewer.page.get_by_role("link", name=re.compile("Sooner")).wait_for()
    mail(own, "Last to come", None)
    reviewer.page.get_by_role("link", name=re.compile("Last to come")).wait_for()
    reviewer.page.get_by_role("radio", name="Most urgent").or_(reviewer.page.get_by_text("Most urgent")).first.click()
    first = reviewer.page.locator("ol.rows li").first
    expect(first).to_contain_text("Sooner")
    expect(first).to_contain_text(re.compile(r"Goes to a lead in \d\d min"))
    first.locator("a").click()
    reviewer.page.locator(".st-key-bar").wait_for()
    reviewer.button("Not now?")
    reviewer.button("Set it aside")
    reviewer.sees(re.compile("You set this aside until"))
    reviewer.go("")
    reviewer.page.get_by_role("link", name=re.compile("Last to come")).wait_for()
    expect(reviewer.page.get_by_role("link", name=re.compile("Sooner"))).to_have_count(0)
    reviewer.page.get_by_text("Set aside").first.click()
    reviewer.page.get_by_role("link", name=re.compile("Sooner")).click()
    reviewer.page.locator(".st-key-bar").wait_for()
    reviewer.button("Not now?")
    reviewer.button("Take it up again")
    expect(reviewer.page.get_by_text("You set this aside until")).to_have_count(0)
    reviewer.go("")
    reviewer.page.get_by_role("link", name=re.compile("Sooner")).wait_for()


def test_what_is_near_stands_out_and_fits_a_phone(reviewer: Reviewer, own: Desk) -> None:
    thread = mail(own, "On the phone", SOON)
    reviewer.page.set_viewport_size({"width": 390, "height": 844})
    reviewer.open(thread)
    reviewer.page.locator(".so-due-near").wait_for()
    reviewer.button("Not now?")
    reviewer.page.get_by_role("button", name="Set it aside").wait_for()
    assert reviewer.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
