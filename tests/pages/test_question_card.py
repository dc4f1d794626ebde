"""The card of questions through AppTest: a field each, what is sent, what stays open, what was answered; no browser."""

from __future__ import annotations

import json
from typing import Any

from streamlit.testing.v1 import AppTest

from agents import history, identity, reviews, starts
from agents.desk import Desk
from tests.pages.conftest import ask, at_page, html, work

HOSTILE = "Which **bold** <img src=x onerror=alert(1)> file?"
OURS = {
    "type": "clarification_needed",
    "original_task": "Clean up",
    "questions": [HOSTILE, "How old?", "x" * 300],
    "hints": ["logs/", "", "a hint"],
    "accepts": "answers/1",
    "model": {"label": "a model", "offline": False},
    "problem": None,
}
STRANGER = {"type": "clarification_needed", "original_task": HOSTILE, "questions": ["Which year?", "Why?"]}


def main_button(app: AppTest) -> Any:
    return next(button for button in app.button if str(button.key).startswith("main-"))


def opened(desk: Desk, query: dict[str, str]) -> reviews.Opened:
    return reviews.open_review(desk, query["thread"], query["pause"], actor=identity.actor(desk))


def test_there_is_a_field_for_each_question_and_its_hint(desk: Desk) -> None:
    app = at_page("review.py", **ask(desk, "q1", OURS))
    assert [area.placeholder for area in app.text_area] == ["For example: logs/", "", "For example: a hint"]
    assert app.text_area[1].label == "How old"
    assert "Which **bold** &lt;img src=x" in html(app)
    assert "x" * 300 in html(app)
    assert (main_button(app).label, main_button(app).disabled) == ("Go on without answers", False)


def test_answers_are_kept_while_they_are_written_and_sent_as_written(desk: Desk) -> None:
    query = ask(desk, "q2", OURS)
    app = at_page("review.py", **query)
    app.text_area[1].set_value(" 30 days ").run()
    assert opened(desk, query).draft == {"answer-2": " 30 days "}
    again = at_page("review.py", **query)
    assert [area.value for area in again.text_area] == ["", " 30 days ", ""]
    assert main_button(again).label == "Send the answers"
    main_button(again).click().run()
    (taken,) = history.decisions_page(desk).decisions
    assert taken.resume_value == {"answers": [None, "30 days", None]}
    work(desk)
    again.run()
    assert "30 days" in html(again)
    assert html(again).count("Left open") == 2


def test_without_an_answer_it_goes_on(desk: Desk) -> None:
    app = at_page("review.py", **ask(desk, "q3", OURS))
    main_button(app).click().run()
    (taken,) = history.decisions_page(desk).decisions
    assert taken.resume_value == {"answers": [None, None, None]}


def test_an_answer_that_is_too_long_says_so(desk: Desk) -> None:
    app = at_page("review.py", **ask(desk, "q4", OURS))
    app.text_area[0].set_value("x" * 4001).run()
    assert "at most 4,000 characters" in html(app)
    assert main_button(app).disabled


def test_a_strangers_graph_gets_text_and_not_without_an_answer(desk: Desk) -> None:
    query = ask(desk, "q5", STRANGER)
    app = at_page("review.py", **query)
    assert main_button(app).disabled
    app.text_area[1].set_value("Because").run()
    assert json.loads(app.code[0].value) == "Why?\nBecause"
    main_button(app).click().run()
    (taken,) = history.decisions_page(desk).decisions
    assert taken.resume_value == "Why?\nBecause"


def test_a_strangers_clarification_without_a_question_can_be_answered(desk: Desk) -> None:
    app = at_page("review.py", **ask(desk, "q6", {"type": "clarification_needed", "original_task": "Clean up"}))
    app.text_area[0].set_value("All of it").run()
    main_button(app).click().run()
    assert history.decisions_page(desk).decisions[0].resume_value == "All of it"


def test_a_question_that_is_asked_again_says_why(desk: Desk) -> None:
    problem = "That answer could not be used. <b>Really</b>"
    app = at_page("review.py", **ask(desk, "q7", {**OURS, "problem": problem}))
    assert "That answer could not be used. &lt;b&gt;Really" in html(app)


def test_the_plan_shows_what_was_cleared_up(desk: Desk) -> None:
    desk.registry.prepare_sample("clarification")
    thread = starts.start(desk, "clarification", {"task": "delete the old logs"}, actor="ann")
    work(desk)
    app = at_page("review.py", thread=thread, pause=desk.pauses(thread)[0].pause_key)
    app.text_area[0].set_value("30 days").run()
    main_button(app).click().run()
    work(desk)
    plan = html(at_page("review.py", thread=thread, pause=desk.pauses(thread)[0].pause_key))
    assert "Cleared up first" in plan
    assert "How old should they be? “30 days”" in plan
    assert "Should anything be left alone? Left open" in plan
    assert "<dt>Asked for</dt><dd>delete the old logs</dd>" in plan
