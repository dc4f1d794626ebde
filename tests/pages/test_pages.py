"""The pages' logic through AppTest, on a real desk; no browser."""

from __future__ import annotations

from pathlib import Path

from agents import claims, history, identity, reviews
from agents.desk import Desk
from tests.browser import asking
from tests.pages.conftest import ask, at_page, html, work

LESSON_MAIL = {"message": "Send this email?", "to": "ann@example.org", "subject": "Lunch", "body": "Hello"}


def test_an_empty_inbox_offers_every_sample(desk: Desk) -> None:
    app = at_page("inbox.py")
    assert "Nothing waits for you" in html(app)
    assert app.button(key="sample-plan_approval")
    assert app.button(key="sample-email_approval")


def test_a_note_in_a_pages_source_is_not_drawn(desk: Desk) -> None:
    for page in ("inbox.py", "board.py", "batches.py", "history.py"):
        assert not at_page(page).markdown, f"{page}: Streamlit drew a string that stands by itself"


def test_start_says_what_is_wrong_and_starts_nothing(desk: Desk) -> None:
    app = at_page("start.py")
    app.button(key="start-plan_approval").click().run()
    assert "Task:" in html(app)
    assert not reviews.inbox(desk).running


def test_start_orders_a_thread_with_the_typed_input(desk: Desk) -> None:
    app = at_page("start.py", graph="email_approval")
    app.text_input(key="input-email_approval-recipient").set_value("ann@example.org")
    app.text_input(key="input-email_approval-subject").set_value("Hello")
    app.text_input(key="input-email_approval-cc").set_value("bob@example.org, cy@example.org")
    app.button(key="start-email_approval").click().run()
    (running,) = reviews.inbox(desk).running
    story = history.story(desk, running.thread_id)
    assert story.input["recipient"] == "ann@example.org"
    assert story.input["cc"] == ["bob@example.org", "cy@example.org"]


def test_a_decision_is_made_with_the_name_that_was_given(desk: Desk) -> None:
    query = ask(desk, "t1", "What is the answer?")
    app = at_page("review.py", **query)
    app.session_state["actor"] = "Ada"
    next(area for area in app.text_area if area.label == "Your answer").set_value("42").run()
    next(button for button in app.button if button.label == "Send the answer").click().run()
    (taken,) = history.decisions_page(desk).decisions
    assert (taken.actor, taken.resume_value) == ("Ada", "42")
    work(desk)
    app.run()
    assert "The answer was &#x27;42&#x27;." in html(app)


def test_what_is_typed_is_kept_and_dropped_when_it_is_taken_back(desk: Desk) -> None:
    query = ask(desk, "t2", "What is the answer?")
    app = at_page("review.py", **query)
    area = next(area for area in app.text_area if area.label == "Your answer")
    area.set_value("half an ans").run()
    opened = reviews.open_review(desk, "t2", query["pause"], actor=identity.actor(desk))
    assert opened.draft == {"answer": "half an ans"}
    again = at_page("review.py", **query)
    assert next(area for area in again.text_area if area.label == "Your answer").value == "half an ans"
    next(area for area in again.text_area if area.label == "Your answer").set_value("").run()
    assert reviews.open_review(desk, "t2", query["pause"], actor=identity.actor(desk)).draft is None


def test_words_that_arrive_with_the_changed_question_move_to_its_card(desk: Desk, home: Path) -> None:
    text = home / "question.txt"
    text.write_text("Pay 100 euros?")
    asking.run(desk.settings.checkpoints_path, {"stale": {"file": str(text)}}, graph_id="pair")
    row = next(row for row in reviews.inbox(desk).rows if "100" in row.gist)
    app = at_page("review.py", thread=row.thread_id, pause=row.pause_key)
    text.write_text("Pay 9000 euros?")
    asking.answer(desk.settings.checkpoints_path, "stale", "other one", "fine", graph_id="pair")
    app.text_area[0].set_value("Yes, pay").run()
    assert "The question changed." in html(app)
    assert app.text_area[0].value == "Yes, pay"
    again = at_page("review.py", thread=row.thread_id, pause=row.pause_key)
    assert again.text_area[0].value == "Yes, pay", "and it is kept"


def test_an_instruction_and_a_reason_are_kept_apart_and_their_field_comes_back(desk: Desk) -> None:
    query = ask(desk, "t4", LESSON_MAIL)
    app = at_page("review.py", **query)
    next(button for button in app.button if button.label == "Ask for a new draft").click().run()
    app.text_area[0].set_value("Make it shorter").run()
    draft = reviews.open_review(desk, "t4", query["pause"], actor=identity.actor(desk)).draft
    assert draft == {"said": {"respond": "Make it shorter"}, "mode": "respond"}
    again = at_page("review.py", **query)
    assert (again.text_area[0].label, again.text_area[0].value) == ("What should change?", "Make it shorter")
    next(button for button in again.button if button.label == "Back").click().run()
    next(button for button in again.button if button.label == "Cancel, send nothing").click().run()
    assert again.text_area[0].label.startswith("Why?")
    assert again.text_area[0].value == ""


def test_an_unknown_link_gets_a_sentence_and_a_way_out(desk: Desk) -> None:
    app = at_page("review.py", thread="nothing", pause="x.0")
    assert "so-orange" in html(app)
    assert any(button.label == "Go to the inbox" for button in app.button)


def test_the_review_link_without_a_thread_takes_the_one_that_waits_longest(desk: Desk) -> None:
    ask(desk, "older", "First question?")
    ask(desk, "newer", "Second question?")
    app = at_page("review.py")
    assert "First question?" in html(app)


def test_the_desk_of_one_person_offers_nobody_to_give_a_review_to(desk: Desk) -> None:
    query = ask(desk, "t1", {"question": "Which?", "options": ["A", "B"]})
    offered = [button.label for button in at_page("review.py", **query).button]
    assert "Set it aside" in offered
    assert not {"Take this on", "Give it to them"} & set(offered)
    claims.claim(desk, "t1", query["pause"], actor="bo")
    assert "Take it over from bo" in [button.label for button in at_page("review.py", **query).button]
