"""One review under everything that goes wrong: two tabs, stale tabs, reloads, hostile text, restarts."""

from __future__ import annotations

import re
import sqlite3
import time
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import asking
from tests.browser.conftest import HOSTILE, LESSON_MAIL, UNDO_SECONDS, Reviewer, ask
from tests.desk_process import DeskProcess


def test_two_tabs_decide_once(reviewer: Reviewer, second: Reviewer, desk: DeskProcess) -> None:
    ask(desk, "two-tabs", {"question": "Deploy?", "options": ["yes", "no"]})
    for tab, option in ((reviewer, "yes"), (second, "no")):
        tab.open("two-tabs")
        tab.page.get_by_role("radio", name=option, exact=True).click()
        expect(tab.page.get_by_role("button", name="Send the answer")).to_be_enabled()
    reviewer.button("Send the answer")
    reviewer.sees("You answered this")
    second.button("Send the answer")
    second.sees(re.compile("answered this"))
    second.sees("The answer was 'yes'.")
    assert second.page.get_by_text("The answer was 'no'.").count() == 0


def test_a_stale_tab_is_told_that_the_question_changed(reviewer: Reviewer, desk: DeskProcess) -> None:
    text = desk.home / "question.txt"
    text.write_text("Pay 100 euros?")
    asking.run(reviewer.checkpoints, {"stale": {"file": str(text)}}, graph_id="pair")
    reviewer.open("stale")
    reviewer.page.get_by_label("Your answer").first.fill("Yes, pay")
    reviewer.page.get_by_label("Your answer").first.blur()
    reviewer.sees("Question 2 has no answer yet.")
    text.write_text("Pay 9000 euros?")
    asking.answer(reviewer.checkpoints, "stale", "other one", "fine", graph_id="pair")
    reviewer.button("Send 1 of 2 now")
    reviewer.sees("The question changed.")
    reviewer.sees("Nothing was sent.")
    reviewer.sees(re.compile("9000"))
    expect(reviewer.page.get_by_label("Your answer")).to_have_value("Yes, pay")
    assert reviewer.page.get_by_text("You answered this").count() == 0


def test_a_thread_that_moved_on_elsewhere_says_so(reviewer: Reviewer, desk: DeskProcess) -> None:
    ask(desk, "elsewhere", "May I?")
    reviewer.open("elsewhere")
    reviewer.page.get_by_label("Your answer").fill("Yes")
    reviewer.page.get_by_label("Your answer").blur()
    expect(reviewer.page.get_by_role("button", name="Send the answer")).to_be_enabled()
    asking.answer(reviewer.checkpoints, "elsewhere", "May I?", "no")
    reviewer.button("Send the answer")
    reviewer.sees(re.compile("no longer waits"))
    reviewer.button("The thread's story")
    reviewer.sees("Where it stands")


def test_what_is_being_typed_survives_a_reload(reviewer: Reviewer, desk: DeskProcess) -> None:
    ask(desk, "typing", "What is the customer's name?")
    reviewer.open("typing")
    field = reviewer.page.get_by_label("Your answer")
    field.click()
    reviewer.page.keyboard.type("Ada Lovelace")  # and the field is never left
    reviewer.kept("Ada Lovelace")
    reviewer.page.reload()
    expect(reviewer.page.get_by_label("Your answer")).to_have_value("Ada Lovelace")


@pytest.mark.parametrize("question", [{"question": HOSTILE, "note": HOSTILE}, HOSTILE, LESSON_MAIL], ids=str)
def test_hostile_text_is_shown_as_text(reviewer: Reviewer, desk: DeskProcess, question: object) -> None:
    thread = f"hostile-{abs(hash(str(question)))}"
    ask(desk, thread, question)
    reached: list[str] = []
    reviewer.page.on("request", lambda request: reached.append(request.url))
    reviewer.go()
    reviewer.sees(re.compile(r"# Big \*\*bold\*\*"))
    reviewer.open(thread)
    reviewer.sees(re.compile(r"# Big \*\*bold\*\*"))
    assert reviewer.page.locator("img").count() == 0
    assert (
        reviewer.page.locator("a[href*=evil], a[href^=mailto], a[href^=javascript], script:text('alert')").count() == 0
    )
    assert not [url for url in reached if "evil" in url]


def test_keys_walk_the_inbox_and_a_second_press_decides_nothing_else(reviewer: Reviewer, desk: DeskProcess) -> None:
    ask(desk, "keys-1", LESSON_MAIL | {"subject": "keys one"})
    ask(desk, "keys-2", LESSON_MAIL | {"subject": "keys two"})
    reviewer.go()
    reviewer.page.get_by_placeholder("Search titles and texts").fill("keys")
    reviewer.page.get_by_role("link", name=re.compile("keys one")).wait_for()
    reviewer.page.locator("h1").click()
    reviewer.press("j")
    reviewer.page.wait_for_timeout(200)
    reviewer.page.keyboard.press("Enter")
    reviewer.page.wait_for_url(re.compile("thread=keys-2"))
    reviewer.page.get_by_role("button", name="Send to ann@example.org").wait_for()
    reviewer.page.wait_for_timeout(700)
    reviewer.press("a")
    reviewer.sees("You approved this mail")
    reviewer.press("j")
    reviewer.press("a")  # at once: meant for the one before
    reviewer.page.wait_for_url(re.compile("thread=keys-1"))
    reviewer.page.get_by_role("button", name="Send to ann@example.org").wait_for()
    reviewer.page.wait_for_timeout(1000)
    assert reviewer.page.get_by_text("You approved this mail").count() == 0


def test_a_letter_that_is_typed_decides_nothing(reviewer: Reviewer, desk: DeskProcess) -> None:
    ask(desk, "letters", "Say something")
    reviewer.open("letters")
    reviewer.page.get_by_label("Your answer").click()
    reviewer.page.keyboard.type("a xx jk u")
    reviewer.kept("a xx jk u")
    assert "thread=letters" in reviewer.page.evaluate("location.href")


@pytest.mark.slow
def test_undo_puts_the_question_back(reviewer: Reviewer, desk: DeskProcess) -> None:
    ask(desk, "undo", {"question": "Launch?", "options": ["go", "wait"]})
    reviewer.open("undo")
    reviewer.page.get_by_role("radio", name="go").click()
    reviewer.button("Send the answer")
    reviewer.page.get_by_role("button", name="Undo").wait_for()
    reviewer.press("u")
    reviewer.page.get_by_role("radio", name="go").wait_for()
    reviewer.page.wait_for_timeout(int(float(UNDO_SECONDS) * 1000) + 500)
    assert reviewer.page.get_by_text("The answer was").count() == 0


def test_the_inbox_refreshes_itself_and_keeps_what_is_typed(reviewer: Reviewer, desk: DeskProcess) -> None:
    ask(desk, "fresh-1", "Refresh question one")
    reviewer.go()
    search = reviewer.page.get_by_placeholder("Search titles and texts")
    search.click()
    reviewer.page.keyboard.type("Refresh ques")
    reviewer.page.get_by_role("link", name=re.compile("Refresh question one")).wait_for()
    ask(desk, "fresh-2", "Refresh question two")
    reviewer.page.get_by_role("link", name=re.compile("Refresh question two")).wait_for()
    expect(search).to_have_value("Refresh ques")
    reviewer.page.get_by_role("link", name=re.compile("Refresh question one")).click()
    reviewer.page.wait_for_url(re.compile("thread=fresh-1"))


@pytest.mark.slow
def test_a_click_just_as_the_run_ends_is_heard(reviewer: Reviewer, desk: DeskProcess, tmp_path: Path) -> None:
    """The next question is there before its run has ended, and the click arrives with the first look after the end."""
    flag = tmp_path / "ended"
    asking.run(reviewer.checkpoints, {"lingering": {"ask": "First?", "file": str(flag)}}, graph_id="lingering")
    reviewer.open("lingering")
    reviewer.page.get_by_label("Your answer").fill("Yes")
    reviewer.button("Send the answer")
    again = reviewer.page.get_by_role("button", name="Review it now")
    again.wait_for()
    flag.touch()
    with closing(sqlite3.connect(desk.home / "signoff.sqlite")) as database:
        while database.execute("SELECT 1 FROM job WHERE thread_id = 'lingering' AND finished_at IS NULL").fetchone():
            time.sleep(0.005)
    again.click()
    reviewer.page.get_by_label("Your answer").wait_for()


@pytest.mark.slow
def test_a_run_that_failed_says_why_and_can_be_tried_again(
    reviewer: Reviewer, desk: DeskProcess, tmp_path: Path
) -> None:
    flag = tmp_path / "mended"
    reviewer.go("start", graph="failing")
    reviewer.page.get_by_label("File").fill(str(flag))
    reviewer.page.get_by_label("File").blur()
    reviewer.button("Start")
    reviewer.sees(re.compile("the printer is on fire <b>now</b>"))
    flag.touch()
    reviewer.go()
    reviewer.page.get_by_text("the printer is on fire").first.click()
    reviewer.sees("A step failed.")
    reviewer.button("Try the step again")
    reviewer.sees("Printed. Is it readable?")


@pytest.mark.parametrize(
    "query", [{"thread": "x" * 3000}, {"thread": "%00'\"<b>"}, {"thread": "a", "source": "nowhere"}]
)
def test_an_unknown_or_malformed_link_gets_a_sentence(reviewer: Reviewer, query: dict[str, str]) -> None:
    reviewer.go("review", pause="p.0", **query)
    reviewer.button("Go to the inbox")
    reviewer.page.locator("h1", has_text="Inbox").wait_for()


@pytest.mark.parametrize("path", ["pages/review.py", "pages/inbox", "review/now/?thread=x"])
def test_a_link_with_several_parts_gets_a_sentence_and_a_way_out(reviewer: Reviewer, path: str) -> None:
    reviewer.go(path)
    reviewer.sees("Nothing is here")
    reviewer.page.get_by_role("link", name="Go to the inbox").click()
    reviewer.page.locator("h1", has_text="Inbox").wait_for()


@pytest.mark.slow
def test_five_megabytes_are_cut_and_answered_first(reviewer: Reviewer, desk: DeskProcess) -> None:
    ask(desk, "long", {"question": "Is this fine?", "report": "line of the report\n" * 270_000})
    reviewer.open("long")
    reviewer.sees(re.compile("The first 4,000 of 5,1"))
    shown = reviewer.page.evaluate("document.body.innerText.length")
    assert shown < 20_000
    field = reviewer.page.get_by_label("Your answer")
    cut = reviewer.page.get_by_text(re.compile("line of the report")).first
    assert field.bounding_box()["y"] < cut.bounding_box()["y"]  # type: ignore[index]
    field.fill("Yes")
    field.blur()
    expect(reviewer.page.get_by_role("button", name="Send the answer")).to_be_enabled()
    reviewer.button("Send the answer")
    reviewer.sees("The answer was 'Yes'.")
    assert reviewer.page.evaluate("document.body.innerText.length") < 20_000


def test_a_search_says_how_many_match(reviewer: Reviewer, desk: DeskProcess) -> None:
    for number in (1, 2, 3):
        ask(desk, f"match-{number}", f"Counting question {'blue' if number > 1 else 'red'} {number}")
    reviewer.go()
    reviewer.page.get_by_placeholder("Search titles and texts").fill("Counting blue")
    reviewer.sees(re.compile(r"2 match · \d+ waiting"))


def test_the_answers_of_the_server_carry_the_policy(desk: DeskProcess) -> None:
    for path in ("/", "/healthz", "/review?thread=x"):
        with urllib.request.urlopen(desk.url + path) as answer:
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
            assert "unsafe-eval" not in answer.headers["Content-Security-Policy"]
    with urllib.request.urlopen(desk.url + "/healthz") as answer:
        assert answer.read() == b'{"status":"ok"}'


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_on_a_phone(reviewer: Reviewer, desk: DeskProcess, scheme: str) -> None:
    ask(desk, "phone", LESSON_MAIL | {"to": "a-rather-long-address-of-somebody@subdomain.of.example.org"})
    reviewer.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    reviewer.page.set_viewport_size({"width": 390, "height": 844})
    for path in ("", "start", "history", "review?thread=phone"):
        reviewer.go(path)
        reviewer.page.locator("h1").wait_for()
        reviewer.page.wait_for_timeout(500)
        assert reviewer.page.evaluate("document.documentElement.scrollWidth") <= 390, path
        boxes = reviewer.page.locator("h1, .st-key-bar button, .so-banner").evaluate_all(
            "all => all.map(each => each.getBoundingClientRect().right)"
        )
        assert max(boxes, default=0) <= 390, path


@pytest.mark.slow
def test_a_restart_in_the_middle_loses_no_click(reviewer: Reviewer, desk: DeskProcess) -> None:
    """Last in this module: it restarts the desk under the open page."""
    ask(desk, "restart", {"question": "Still there?", "options": ["yes"]})
    reviewer.open("restart")
    reviewer.page.get_by_role("radio", name="yes").click()
    expect(reviewer.page.get_by_role("button", name="Send the answer")).to_be_enabled()
    desk.stop()
    started = DeskProcess.launch(
        desk.home,
        port=desk.port,
        env={"SIGNOFF_UNDO_SECONDS": "0", "SIGNOFF_GRAPHS": str(desk.home / "langgraph.json")},
    )
    desk.process = started.process
    reviewer.page.get_by_role("button", name="Send the answer").wait_for()
    reviewer.page.wait_for_timeout(3000)
    reviewer.button("Send the answer")
    reviewer.sees("The answer was 'yes'.")
