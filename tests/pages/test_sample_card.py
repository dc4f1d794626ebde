"""The card of a batch's samples through AppTest: corrections, items that were asked for, failed ones; no browser."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from agents import history, identity, lots, reviews
from agents.clock import utc_now
from agents.desk import Desk
from agents.lots import Result
from tests.pages.conftest import ask, at_page, html, work

COLUMNS = ("ticket", "text")
CHOICES = {"category": ["billing", "technical"]}
HOSTILE = "**bold** <img src=x onerror=alert(1)>"


def output(category: str) -> dict[str, str]:
    return {"category": category, "reason": f"It speaks of {category}."}


def row(item_no: int) -> dict[str, str]:
    return {"ticket": f"T-{item_no}", "text": f"Please help with {item_no}. {HOSTILE}"}


def sample(item_no: int, **more: Any) -> dict[str, Any]:
    return {"item_no": item_no, "input": row(item_no), "output": output("technical"), "error": None, **more}


def payload(*samples: dict[str, Any], **more: Any) -> dict[str, Any]:
    shown = samples or (sample(4),)
    return {
        "type": "quality_check",
        "message": "Sample 2 of 4: item 4 of 8",
        "question": "Is this result good?",
        "options": ["continue", "correct", "describe a problem", "stop"],
        "sample_input": shown[-1]["input"],
        "sample_output": shown[-1]["output"],
        "accepts": "sample/1",
        "lot_id": "lot",
        "name": "tickets.csv",
        "generation": 0,
        "item_no": shown[-1]["item_no"],
        "first": 3,
        "last": 4,
        "size": 8,
        "every": 2,
        "sample_no": 2,
        "sample_count": 4,
        "samples": list(shown),
        "fields": ["category", "reason"],
        "choices": CHOICES,
        "failed": 0,
        "failed_items": [],
        "costs": {
            "continue": {"items": 2, "calls": 2},
            "problem": {"items": 2, "calls": 2, "first": 3, "kept": 0},
            "rest": {"items": 4, "reviews": 2},
        },
        "revision": 1,
        "instruction": None,
        "model": {"label": "Offline rules (no language model)", "offline": True},
        "problem": None,
        **more,
    }


@pytest.fixture
def lot(desk: Desk) -> str:
    """Eight rows; item 3 failed, the others are technical."""
    rows = [tuple(row(number).values()) for number in range(1, 9)]
    lots.load(desk.engine, "lot", "tickets.csv", COLUMNS, rows, clock=utc_now)
    held = lots.take_over(desk.engine, "lot")
    found = [Result(number, 0, "done", output("technical"), None, 1) for number in (1, 2, 4)]
    lots.record(desk.engine, held, [*found, Result(3, 0, "failed", None, "No answer.", 3)], clock=utc_now)
    return "lot"


def field(app: AppTest, item_no: int, name: str) -> Any:
    every = [*app.selectbox, *app.text_input, *app.text_area]
    return next(each for each in every if (each.key or "").startswith(f"output-{item_no}-{name}-"))


def press(app: AppTest, words: str) -> None:
    next(button for button in app.button if button.label.startswith(words)).click().run()
    assert not app.exception


def sent(desk: Desk) -> Any:
    (taken,) = history.decisions_page(desk).decisions
    return taken.resume_value


def test_a_good_sample_goes_on_with_one_click(desk: Desk) -> None:
    app = at_page("review.py", **ask(desk, "good", payload()))
    shown = html(app)
    assert "2 items, 2 model calls" in shown
    assert "4 items are left undone" in shown
    assert "&lt;img src=x" in shown
    press(app, "Good: continue with the next 2 items")
    assert sent(desk) == {"action": "continue"}
    assert "found this sample good" in html(app)


def test_a_field_that_is_changed_is_sent_as_a_correction_and_kept_meanwhile(desk: Desk) -> None:
    query = ask(desk, "corrected", payload())
    app = at_page("review.py", **query)
    field(app, 4, "category").set_value("billing").run()
    assert "was: <del>technical</del>" in html(app)
    again = at_page("review.py", **query)
    assert field(again, 4, "category").value == "billing"
    press(again, "Send 1 corrected item")
    assert sent(desk) == {
        "action": "correct",
        "corrections": {"4": {"category": "billing", "reason": "It speaks of technical."}},
    }
    work(desk)
    again.run()
    assert "Item 4: corrected" in html(again)


def test_a_correction_goes_along_with_a_problem_as_an_example(desk: Desk) -> None:
    app = at_page("review.py", **ask(desk, "problem", payload()))
    field(app, 4, "category").set_value("billing").run()
    press(app, "Problem: redo ")
    area = next(area for area in app.text_area if area.label.startswith("What is wrong?"))
    assert area.label.endswith("with your corrected item as an example.")
    area.set_value("Refunds belong to billing").run()
    press(app, "Problem: redo ")
    assert sent(desk) == {
        "action": "problem",
        "problem": "Refunds belong to billing",
        "corrections": {"4": {"category": "billing", "reason": "It speaks of technical."}},
    }
    assert "a problem, with a corrected example" in html(app)


def test_a_stop_asks_for_a_reason_and_says_what_is_kept(desk: Desk) -> None:
    app = at_page("review.py", **ask(desk, "stopped", payload()))
    press(app, "Stop the batch here")
    (area,) = [area for area in app.text_area if "Why?" in area.label]
    assert "The results so far can be downloaded." in area.label
    area.set_value("Wrong file").run()
    press(app, "Stop the batch here")
    assert sent(desk) == {"action": "stop", "reason": "Wrong file"}
    assert "stopped the batch" in html(app)
    assert "Item 4: not judged" in html(app)


def test_a_failed_item_that_is_asked_for_is_filled_in_by_hand(desk: Desk, lot: str) -> None:
    query = ask(desk, "failed", payload(failed=1, failed_items=[3]))
    app = at_page("review.py", **query)
    assert "Failed: item 3." in html(app)
    press(app, "Show it")
    assert [tab.label for tab in app.tabs] == ["Item 4", "Item 3, asked for"]
    assert "No answer." in html(app)
    assert "T-3" in html(app)
    field(app, 3, "reason").set_value("Asks for money").run()
    assert "Item 3: choose category too." in html(app)
    field(app, 3, "category").set_value("billing").run()
    draft = reviews.open_review(desk, "failed", query["pause"], actor=identity.actor(desk)).draft
    assert draft["inspected"] == [3]
    again = at_page("review.py", **query)
    assert field(again, 3, "category").value == "billing"
    press(again, "Send 1 corrected item")
    assert sent(desk) == {
        "action": "correct",
        "corrections": {"3": {"category": "billing", "reason": "Asks for money"}},
        "inspected": [3],
    }
    assert "Item 3: corrected" in html(again)
    assert "Item 4: good" in html(again)


def test_after_a_redo_before_and_now_stand_side_by_side_with_the_problem(desk: Desk) -> None:
    redone = payload(sample(3, before=output("technical")), sample(4, before=output("billing")))
    app = at_page("review.py", **ask(desk, "redo", redone | {"revision": 2, "instruction": "Refunds are billing"}))
    shown = html(app)
    assert "“Refunds are billing”" in shown
    assert "<del>billing</del>" in shown
    assert "<ins>technical</ins>" in shown
    assert "Done again, and it came out the same." in shown
    assert "Revision 2" in shown
    field(app, 3, "category").set_value("billing").run()
    field(app, 4, "category").set_value("billing").run()
    press(app, "Send 2 corrected items")
    assert sorted(sent(desk)["corrections"]) == ["3", "4"]


def test_a_lot_that_is_gone_gets_a_sentence_and_the_sample_can_still_be_judged(desk: Desk) -> None:
    app = at_page("review.py", **ask(desk, "gone", payload()))
    press(app, "Show it")
    assert "are not in Signoff&#x27;s database" in html(app)
    press(app, "Good: continue")
    assert sent(desk)["action"] == "continue"


def test_a_strangers_sample_takes_text(desk: Desk) -> None:
    asked = {"type": "quality_check", "message": "Row 3", "sample_input": HOSTILE, "sample_output": "a text"}
    app = at_page("review.py", **ask(desk, "stranger", asked))
    app.text_area[0].set_value("a better text").run()
    press(app, "Send the corrected output")
    assert sent(desk) == "Corrected output: a better text"
