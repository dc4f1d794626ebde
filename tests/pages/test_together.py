"""Several questions of one thread on one page, through AppTest: drafts, what is missing, what is sent, two people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from time import sleep

import pytest
from streamlit.testing.v1 import AppTest

from agents import decisions, history, identity, reviews
from agents.decisions import Decision
from agents.desk import Desk
from agents.domain import DecisionType, Pause, PauseStatus, Said
from agents.runs.worker import work_once
from pages.components.session import close_desk, the_desk
from tests import several_graphs
from tests.pages.conftest import at_page, html, work

MAIL = {"message": "Send this email?", "to": "ann@example.org", "subject": "Lunch", "body": "Hello"}
YES = Said(DecisionType.RESPOND, message="yes")
TEXTS = {"alpha": "When?", "beta": "Who signs?", "gamma": "Anything else?"}


@pytest.fixture
def desk(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("SIGNOFF_GRAPHS", str(several_graphs.registered(home)))
    monkeypatch.setenv("SIGNOFF_UNDO_SECONDS", "0")
    the_desk.clear()
    yield the_desk()
    close_desk()


def asks(desk: Desk, thread: str, graph_id: str = "three", **given: object) -> tuple[Pause, ...]:
    several_graphs.run(desk.settings.checkpoints_path, thread, graph_id, **given)
    return desk.pauses(thread)


def page_of(pauses: tuple[Pause, ...], number: int = 0) -> AppTest:
    return at_page("review.py", thread=pauses[0].thread_id, pause=pauses[number].pause_key)


def press(app: AppTest, words: str) -> None:
    next(button for button in app.button if button.label == words).click().run()
    assert not app.exception


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def made(desk: Desk) -> list[Decision]:
    return sorted(history.decisions_page(desk).decisions, key=lambda each: each.pause_key)


def decide_as_bob(desk: Desk, pause: Pause) -> None:
    decisions.decide(desk, pause.thread_id, pause.pause_key, Said(DecisionType.RESPOND, message="bob's"), actor="bob")


def test_all_are_drawn_and_sent_together(desk: Desk) -> None:
    pauses = asks(desk, "texts", asks=TEXTS)
    app = page_of(pauses)
    assert [f"Question {number} of 3" in html(app) for number in (1, 2, 3)] == [True] * 3
    assert "None of the 3 questions has an answer yet." in html(app)
    for number, text in enumerate(("Monday", "Ann")):
        app.text_area[number].set_value(text).run()
    assert "Question 3 has no answer yet." in html(app)
    assert "Send 3 answers" not in labels(app)
    app.text_area[2].set_value("No").run()
    press(app, "Send 3 answers")
    assert [each.resume_value for each in made(desk)] == [
        {"alpha": "Monday", "beta": "Ann", "gamma": "No"}[name]
        for name, _ in sorted(zip(TEXTS, pauses, strict=True), key=lambda pair: pair[1].pause_key)
    ]
    assert len({each.decided_at for each in made(desk)}) == 1
    assert "You decided 3 questions together" in html(app)
    work(desk)
    app.run()
    assert "All is answered: alpha Monday, beta Ann, gamma No." in html(app)


@pytest.mark.slow
def test_some_are_sent_now_and_what_that_means_is_said_before(desk: Desk) -> None:
    pauses = asks(desk, "anew", "anew")
    app = page_of(pauses, 2)  # the link leads to the one that stays open
    app.text_area[0].set_value("a").run()
    app.text_area[1].set_value("b").run()
    assert "asks question 3 anew, perhaps in other words." in html(app)
    press(app, "Send 2 of 3 now")
    work(desk)
    app.run()
    assert "gamma, 2?" in html(app)
    press(app, "Review it now")
    app.text_area[0].set_value("c").run()
    press(app, "Send the answer")
    work(desk)
    app.run()
    assert "All is answered: alpha a, beta b, gamma c." in html(app)


def test_nothing_irreversible_is_sent_that_was_not_chosen(desk: Desk) -> None:
    pauses = asks(desk, "mails", asks=dict.fromkeys(TEXTS, MAIL))
    app = page_of(pauses)
    assert "None of the 3 questions has an answer yet." in html(app)
    keys = [each.key for each in app.button_group if str(each.key).startswith("way-")]
    app.button_group(key=keys[0]).set_value("main").run()
    app.button_group(key=keys[1]).set_value("reject").run()
    app.button_group(key=keys[2]).set_value("respond").run()
    assert "Question 3: Write the text first." in html(app)
    next(area for area in app.text_area if area.label == "What should change?").set_value("Shorter").run()
    press(app, "Send 3 answers")
    assert {each.pause_key: each.type.value for each in made(desk)} == dict(
        zip((each.pause_key for each in pauses), ("approve", "reject", "respond"), strict=True)
    )


@pytest.mark.slow
def test_each_question_keeps_its_own_draft(desk: Desk) -> None:
    pauses = asks(desk, "drafts", asks={**TEXTS, "alpha": MAIL})
    app = page_of(pauses)
    way = next(each.key for each in app.button_group if str(each.key).startswith("way-"))
    app.button_group(key=way).set_value("reject").run()
    app.text_area[0].set_value("Wrong person").run()
    app.text_area[1].set_value("half").run()
    again = page_of(pauses, 1)
    assert [area.value for area in again.text_area] == ["Wrong person", "half", ""]
    press(again, "Send 2 of 3 now")
    assert {each.message for each in made(desk)} == {"Wrong person", "half"}


def test_what_will_be_sent_is_the_exact_value_of_each(desk: Desk) -> None:
    pauses = asks(desk, "exact", asks={**TEXTS, "alpha": MAIL, "gamma": {"question": "How many?", "options": [1, 2]}})
    app = page_of(pauses)
    app.session_state["sending-all-exact"] = True
    app.run()
    assert "Question 2" in html(app)
    app.text_area[0].set_value("  Ann ").run()
    assert [json.loads(code.value) for code in app.code] == ["  Ann "]
    assert "The graph gets a text:" in html(app)
    way = next(each.key for each in app.button_group if str(each.key).startswith("way-"))
    app.button_group(key=way).set_value("main").run()
    assert [json.loads(code.value) for code in app.code] == ["send", "  Ann "]


def test_somebody_elses_answer_is_shown_and_the_drafts_stay(desk: Desk) -> None:
    pauses = asks(desk, "shared", asks=TEXTS)
    app = page_of(pauses)
    app.text_area[0].set_value("Monday").run()
    app.text_area[1].set_value("I was still writing").run()
    decide_as_bob(desk, pauses[1])
    press(app, "Send 2 of 3 now")  # pressed for two questions of which one is gone
    assert "The questions changed just as you pressed." in html(app)
    assert len(made(desk)) == 1
    assert "bob answered this" in html(app)
    assert [code.value for code in app.code] == ["I was still writing"]
    assert app.text_area[0].value == "Monday"
    app.text_area[1].set_value("No").run()
    press(app, "Send 2 answers")
    work(desk)
    app.run()
    assert "alpha Monday, beta bob&#x27;s, gamma No." in html(app)


@pytest.mark.slow
def test_the_last_open_question_has_its_own_bar(desk: Desk) -> None:
    pauses = asks(desk, "last", asks=TEXTS)
    for pause in pauses[:2]:
        decide_as_bob(desk, pause)
    app = page_of(pauses, 2)
    assert "This thread asks 3 questions, and waits for this answer only." in html(app)
    assert html(app).count("bob answered this") == 2
    app.text_area[0].set_value("No").run()
    press(app, "Send the answer")
    work(desk)
    app.run()
    assert "beta bob&#x27;s, gamma No." in html(app)


@pytest.mark.slow
def test_a_changed_question_holds_only_itself_back(desk: Desk) -> None:
    pauses = asks(desk, "changing", "anew")
    app = page_of(pauses)
    for area in (0, 1):
        app.text_area[area].set_value("mine").run()
    decisions.decide(
        desk, "changing", pauses[2].pause_key, Said(DecisionType.RESPOND, message="x"), actor="bob", override=True
    )
    work(desk)
    app.run()
    assert html(app).count("The question changed.") == 2
    assert [area.value for area in app.text_area] == ["mine", "mine"], "the words moved along"
    assert "It changed while you were here. Read it again." in html(app)
    assert "Send 2 answers" not in labels(app)
    press(app, "I have read it")
    press(app, "I have read it")
    press(app, "Send 2 answers")
    assert [each.resume_value for each in made(desk)].count("mine") == 2


@pytest.mark.slow
def test_an_undo_brings_all_of_them_back(desk: Desk) -> None:
    pauses = asks(desk, "undone", asks=TEXTS)
    app = page_of(pauses)
    for number in range(3):
        app.text_area[number].set_value(f"text {number}").run()
    press(app, "Send 3 answers")
    press(app, "Undo all 3")
    app.run()
    assert [area.value for area in app.text_area] == ["text 0", "text 1", "text 2"]
    assert "Send 3 answers" in labels(app)


@pytest.mark.slow
def test_more_than_a_page_is_handed_in_page_by_page(desk: Desk) -> None:
    pauses = asks(desk, "many", "fan", number=23)
    app = page_of(pauses)
    assert len(app.text_area) == 20
    assert "20 of the 23 open ones are on this page" in html(app)
    for number in range(20):
        app.text_area[number].set_value("x")
    app.run()
    press(app, "Hand in 20 answers")
    work(desk)
    app.run()
    press(app, "Answer the other 3 questions")
    assert "20 questions answered already" in [each.label for each in app.expander]
    for number in range(3):
        app.text_area[number].set_value("y")
    app.run()
    press(app, "Send 3 answers")
    work(desk)
    app.run()
    assert "23 y" in html(app)
    assert desk.pauses("many") == ()


@pytest.mark.slow
def test_the_thread_can_be_closed_from_here(desk: Desk) -> None:
    pauses = asks(desk, "closed", asks=TEXTS)
    app = page_of(pauses)
    app.session_state["closing-closed"] = True
    app.run()
    next(area for area in app.text_area if area.label.startswith("Why is it closed")).set_value("Not needed").run()
    press(app, "Close without an answer")
    assert {(each.type, each.message) for each in made(desk)} == {(DecisionType.IGNORE, "Not needed")}
    work(desk)
    assert desk.pauses("closed") == ()


@pytest.mark.slow
def test_a_step_at_work_elsewhere_is_waited_for_and_a_person_may_say_otherwise(desk: Desk) -> None:
    path = desk.settings.checkpoints_path
    log = path.with_name("busy.log")
    agent = Thread(target=several_graphs.run, args=(path, "busy", "beside"))
    agent.start()
    try:
        while not (path.exists() and any(each.status is PauseStatus.QUESTION for each in desk.pauses("busy"))):
            sleep(0.02)  # before it asks it looks like a thread that nobody runs
        app = page_of(desk.pauses("busy"))
        decisions.decide(desk, "busy", desk.pauses("busy")[0].pause_key, YES, actor="ann")
        work_once(desk, "test")
        app.run()
        assert "Another step of this thread is still running elsewhere." in html(app)
        assert "Sent now, that step would run a second time." in html(app)
        press(app, "Send it now")
        assert any(entry.what.startswith("sent the answer without") for entry in history.story(desk, "busy").entries)
    finally:
        Path(f"{log}.go").touch()
        agent.join()
    work(desk)
    app.run()
    assert "alpha yes" in html(app)


@pytest.mark.slow
def test_newer_words_of_another_tab_are_not_overwritten(desk: Desk) -> None:
    pauses = asks(desk, "tabs", asks=TEXTS)
    first, second = page_of(pauses), page_of(pauses)
    first.text_area[0].set_value("from the first").run()
    second.text_area[0].set_value("from the second").run()
    assert "Another tab of yours holds other words." in html(second)
    assert draft(desk, pauses[0]) == {"answer": "from the first"}
    press(second, "Keep what stands here")
    assert draft(desk, pauses[0]) == {"answer": "from the second"}
    first.run()
    assert first.text_area[0].value == "from the second", "nothing new was typed there, so it shows the newer words"
    first.text_area[0].set_value("and on").run()
    second.text_area[0].set_value("something else").run()
    press(second, "Take the other words")
    assert second.text_area[0].value == "and on"


def draft(desk: Desk, pause: Pause) -> object:
    opened = reviews.open_review(desk, pause.thread_id, pause.pause_key, actor=identity.actor(desk))
    return {name: value for name, value in (opened.draft or {}).items() if name == "answer"}


def test_a_link_to_the_thread_leads_to_what_is_still_open(desk: Desk) -> None:
    pauses = asks(desk, "linked", asks=TEXTS)
    decide_as_bob(desk, pauses[0])
    work(desk)  # holds the answer: it waits for those of the others
    story = history.story(desk, "linked")
    assert (story.working, [key for key, _ in story.waiting]) == (False, [each.pause_key for each in pauses[1:]])
    app = at_page("review.py", thread="linked")
    assert app.query_params["pause"] == pauses[1].pause_key
    assert "It waits for a decision." in html(at_page("history.py", thread="linked"))
    for pause in pauses[1:]:
        decide_as_bob(desk, pause)
    assert history.story(desk, "linked").working


@pytest.mark.parametrize("pressed", [False, True])
def test_somebody_takes_the_question_of_the_link_and_the_page_stays_with_the_rest(desk: Desk, pressed: bool) -> None:
    pauses = asks(desk, "taken-first", asks=TEXTS)
    app = page_of(pauses)
    for number, text in enumerate(("Monday", "Ann", "No")):
        app.text_area[number].set_value(text).run()
    decide_as_bob(desk, pauses[0])
    if pressed:
        press(app, "Send 3 answers")
        assert "Nothing was sent." in html(app)
    else:
        app.text_area[2].set_value("Nothing").run()
    assert "bob answered this" in html(app)
    assert "Monday" in [code.value for code in app.code]
    assert [area.value for area in app.text_area] == ["Ann", "No" if pressed else "Nothing"]
    assert [each.actor for each in made(desk)] == ["bob"]
    press(app, "Send 2 answers")
    assert len(made(desk)) == 3
