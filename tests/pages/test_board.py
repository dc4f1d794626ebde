"""The board's logic through AppTest on a real desk: what is offered, compared, decided together; no browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from agents import claims, decisions, history, reviews, starts
from agents.decisions import TOGETHER_MOST
from agents.desk import Desk
from agents.domain import DecisionType, Kind, Said
from agents.reviews import Row
from pages.components.board_sections import Section, sections
from pages.components.board_selection import key_named, name_of, offer
from tests.browser import asking
from tests.pages.conftest import at_page, html, work

LESSON_MAIL = {"message": "Send this email?", "to": "ann@example.org", "subject": "Lunch", "body": "Hello"}
TASKS = ("Delete all log files in a", "Delete all log files in b", "Delete **/*.log older than 0 days")


def at_board(**query: Any) -> AppTest:
    return at_page("board.py", **query)


def asked(desk: Desk, **questions: object) -> list[Row]:
    """A stranger's thread per question, in this order."""
    asking.run(desk.settings.checkpoints_path, {name: {"ask": question} for name, question in questions.items()})
    rows = {row.thread_id: row for row in reviews.inbox(desk).rows}
    return [rows[name] for name in questions]


@pytest.fixture
def plans(desk: Desk) -> list[Row]:
    """Three plans; the third is about the files of the two others."""
    for path in ("a/one.log", "b/two.log"):
        file = desk.settings.workspace_path / path
        file.parent.mkdir(parents=True)
        file.write_text("x" * 1500)
    threads = [starts.start(desk, "plan_approval", {"task": task}, actor="Ada") for task in TASKS]
    work(desk)
    rows = {row.thread_id: row for row in reviews.inbox(desk).rows}
    return [rows[thread] for thread in threads]


def chosen(app: AppTest, rows: list[Row]) -> AppTest:
    app.session_state["board-chosen"] = [name_of(row.key) for row in rows]
    return app.run()


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def press(app: AppTest, words: str) -> AppTest:
    next(button for button in app.button if button.label == words).click()
    return app.run()


def test_an_empty_board_leads_to_the_samples(desk: Desk) -> None:
    app = at_board()
    assert "Nothing waits for you" in html(app)
    assert app.button(key="sample-plan_approval")
    assert "Start a workflow" in labels(app)


def test_names_of_reviews_survive_a_link() -> None:
    for key in (("checkpoints", "thread/with slash", "id.0"), ("a%2Fb", "?&=#", "ü.1")):
        assert key_named(name_of(key)) == key
    for wrong in ("", "a/b", "a//c", "a/b/c/d"):
        assert key_named(wrong) is None


def test_what_is_offered_depends_on_what_is_chosen(desk: Desk, plans: list[Row]) -> None:
    first, second = asked(desk, m1=LESSON_MAIL, m2={**LESSON_MAIL, "subject": "Dinner"})
    assert offer([]).reasons == ()
    assert offer([first]).reasons == ("Choose another draft to compare it with.",)
    drafts = offer([first, second])
    assert (drafts.compare, drafts.together) == ("Compare 2 drafts", "")
    assert "a mail that was sent cannot be taken back" in drafts.reasons[0]
    mixed = offer([plans[0], first])
    assert (mixed.compare, mixed.together) == ("", "")
    assert mixed.reasons[0].startswith("1 plan and 1 draft are of several kinds")
    assert offer(plans).together == "Decide 3 plans together"
    many = offer([plans[0]] * (TOGETHER_MOST + 1))
    assert (many.compare, many.together) == ("", "")
    assert len(many.reasons) == 2


def test_a_card_that_somebody_decided_leaves_the_choice_with_a_sentence(desk: Desk, plans: list[Row]) -> None:
    app = chosen(at_board(), plans)
    assert {"Compare 3 plans", "Decide 3 plans together", "Clear"} <= set(labels(app))
    taken = plans[0]
    decisions.decide(desk, taken.thread_id, taken.pause_key, Said(DecisionType.REJECT), actor="Bob")
    app.run()
    assert "Compare 2 plans" in labels(app)
    assert f"“{taken.title}” was decided by Bob" in html(app)
    work(desk)
    assert "was decided by Bob" in html(app.run()), "it stays until something else is chosen"
    press(app, "Clear")
    assert "Compare 2 plans" not in labels(app)
    assert "was decided by Bob" not in html(app)


def test_two_plans_are_approved_together_and_what_became_of_them_is_told(desk: Desk, plans: list[Row]) -> None:
    app = chosen(at_board(), plans[:2])
    press(app, "Decide 2 plans together")
    shown = html(app)
    assert "Move 2 files (3.0 kB) to the trash. In all 2 files (3.0 kB) in 2 plans." in shown
    decisions.decide(desk, plans[0].thread_id, plans[0].pause_key, Said(DecisionType.REJECT), actor="Bob")
    press(app, "Approve these 2 plans")
    assert "Somebody was first." in html(app)
    assert "Bob rejected this" in html(app)
    work(desk)
    app.run()
    assert "You approved this. Moved 1 file" in html(app)
    assert not (desk.settings.workspace_path / "b" / "two.log").exists()
    assert (desk.settings.workspace_path / "a" / "one.log").exists()
    assert "1 of 2 decided by you just now" in html(app)
    press(app, "Board")
    assert labels(app).count("Clear") == 0, "what was decided is not chosen any more"


def test_plans_are_rejected_together_with_a_reason(desk: Desk, plans: list[Row]) -> None:
    app = at_board(view="together", review=[name_of(row.key) for row in plans[:2]])
    next(field for field in app.text_input if field.label.startswith("Why?")).set_value("Not this week").run()
    press(app, "Reject these 2 plans")
    made = history.decisions_page(desk).decisions
    assert [(each.type, each.message) for each in made] == [(DecisionType.REJECT, "Not this week")] * 2


def test_plans_on_the_same_files_can_only_be_rejected_together(desk: Desk, plans: list[Row]) -> None:
    app = at_board(view="together", review=[name_of(row.key) for row in plans])
    shared = "“Delete all log files in a” and “Delete **/*.log older than 0 days” both touch a/one.log."
    assert shared in html(app)
    assert "Approving them does all of this" not in html(app)
    approve = next(button for button in app.button if button.label == "Approve these 3 plans")
    assert approve.disabled
    press(app, "Reject these 3 plans")
    assert history.decisions_page(desk).total == 3


def test_what_cannot_be_undone_is_named_and_can_be_left_out(desk: Desk, plans: list[Row]) -> None:
    (mail,) = asked(desk, m1=LESSON_MAIL)
    app = at_board(view="together", review=[name_of(row.key) for row in (*plans[:2], mail)])
    assert "is decided by itself: a mail that was sent cannot be taken back" in html(app)
    assert not any(words.startswith("Approve") for words in labels(app))
    press(app, "Leave it out, go on with 2 plans")
    assert "Approve these 2 plans" in labels(app)


def test_what_somebody_else_has_taken_on_is_decided_by_itself(desk: Desk, plans: list[Row]) -> None:
    claims.claim(desk, plans[0].thread_id, plans[0].pause_key, actor="Bo")
    app = at_board(view="together", review=[name_of(row.key) for row in plans[:2]])
    assert "is decided by itself: Bo has taken it on" in html(app)
    assert not any(words.startswith("Approve") for words in labels(app))
    row = next(each for each in reviews.inbox(desk).rows if each.key == plans[0].key)
    assert offer([row, plans[1]]).together == ""


def test_a_link_to_what_is_over_says_so(desk: Desk, plans: list[Row]) -> None:
    gone = name_of(("checkpoints", "nobody", "x.0"))
    assert "Nothing of this waits any more" in html(at_board(view="together", review=[gone, "rubbish"]))
    for links in ([gone], ["rubbish"], []):
        assert "There is nothing to compare" in html(at_board(view="compare", review=links))
    app = at_board(view="compare", review=[gone, name_of(plans[0].key)])
    assert "One of them no longer waits." in html(app)
    assert "There is nothing to compare" in html(app)


def compared(rows: list[Row]) -> dict[str, Section]:
    return {section.title: section for section in sections([row.review for row in rows])}


def test_two_drafts_stand_side_by_side_with_the_words_marked_that_differ(desk: Desk) -> None:
    rows = asked(
        desk,
        m1={**LESSON_MAIL, "body": "See you on Monday at noon, <b>Ann</b>."},
        m2={**LESSON_MAIL, "body": "See you on Tuesday at noon, <b>Ann</b>.", "to": "bob@example.org"},
    )
    made = compared(rows)
    assert list(made)[:3] == ["Recipients", "Subject", "Body"]
    assert made["Body"].marked
    assert "on <mark>Monday</mark> at" in made["Body"].cells[0]
    assert "on <mark>Tuesday</mark> at" in made["Body"].cells[1]
    assert "&lt;b&gt;Ann&lt;/b&gt;" in made["Body"].cells[0]
    assert not made["Subject"].marked
    app = at_board(view="compare", review=[name_of(row.key) for row in rows])
    assert "Words that differ are marked." in html(app)
    assert "so-compare so-2" in html(app)


def test_texts_with_little_in_common_are_not_marked(desk: Desk) -> None:
    rows = asked(desk, m1=LESSON_MAIL, m2={**LESSON_MAIL, "body": "Quite another matter altogether"})
    assert not compared(rows)["Body"].marked


def test_three_drafts_are_compared_with_the_first(desk: Desk) -> None:
    bodies = ("Come on Monday please", "Come on Friday please", "Come on Sunday please")
    rows = asked(desk, **{f"m{number}": {**LESSON_MAIL, "body": body} for number, body in enumerate(bodies)})
    cells = compared(rows)["Body"].cells
    assert "<mark>" not in cells[0]
    assert ["<mark>" in cell for cell in cells[1:]] == [True, True]


def test_other_kinds_are_aligned_by_what_they_say(desk: Desk, plans: list[Row]) -> None:
    made = compared(plans)
    assert "a/one.log" in made["Step 1"].cells[0]
    assert "b/two.log" in made["Step 1"].cells[2]
    one = {"type": "clarification_needed", "original_task": "Tidy", "questions": ["Which folder?", "How old?"]}
    questions = compared(asked(desk, q1=one, q2={**one, "questions": ["Whose?"]}))
    assert list(questions) == ["Task", "Question", "Question 2", "Look at these twice"]
    assert questions["Question 2"].cells[1] == ""
    sample = {"type": "quality_check", "sample_input": "My <i>invoice</i>", "sample_output": "billing"}
    (cell, _) = compared(asked(desk, s1=sample, s2={**sample, "sample_output": "bug"}))["Sample"].cells
    assert "Input" in cell
    assert "My &lt;i&gt;invoice&lt;/i&gt;" in cell
    generic = asked(desk, g1={"question": "Ship it?", "options": ["yes"]}, g2="Go on?")
    assert generic[0].kind is Kind.GENERIC
    assert "<li>yes</li>" in compared(generic)["Answers"].cells[0]


def test_several_kinds_are_not_compared(desk: Desk, plans: list[Row]) -> None:
    (mail,) = asked(desk, m1=LESSON_MAIL)
    app = at_board(view="compare", review=[name_of(plans[0].key), name_of(mail.key)])
    assert "1 plan and 1 draft say different things" in html(app)


def test_the_component_files_are_packaged() -> None:
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    assert '"components/*.js"' in project
