"""A batch of three tool calls, and a form with every kind of field, in a real browser."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.browser import asking
from tests.browser.conftest import HOSTILE, Reviewer, ask

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ALL = ["approve", "edit", "reject", "respond"]
CALLS = [
    ("send_email", {"to": "ada@example.org", "body": f"Hello\n{HOSTILE}", "copies": 1}, ALL),
    ("charge_card", {"customer": "c-8812", "amount": 129.5, "capture": True}, ["approve", "edit", "reject"]),
    ("delete_files", {"paths": ["a.log", "b.log"]}, ["approve", "reject"]),
]
THREE = {
    "action_requests": [{"name": name, "args": args, "description": HOSTILE} for name, args, _ in CALLS],
    "review_configs": [{"action_name": name, "allowed_decisions": allowed} for name, _, allowed in CALLS],
}
TEXT: dict[str, Any] = {"type": "string", "description": HOSTILE}
LINE = {
    "type": "object",
    "properties": {
        "sku": {"type": "string", "pattern": "^[A-Z]+-[0-9]+$"},
        "amount": {"type": "integer", "minimum": 1},
    },
    "required": ["sku", "amount"],
}
SHIP = {"title": "Ship", "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
PICK = {"title": "Pick up", "type": "object", "properties": {"shop": {"type": "string"}}, "required": ["shop"]}
FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "customer": {**TEXT, "minLength": 2},
        "reason": {"type": "string"},
        "budget": {"type": "number", "minimum": 0},
        "copies": {"type": "integer"},
        "due": {"type": "string", "format": "date"},
        "starts": {"type": "string", "format": "date-time"},
        "urgent": {"type": "boolean"},
        "how": {"enum": ["fast", "slow"]},
        "country": {"enum": [f"land {number}" for number in range(20)]},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        "lines": {"type": "array", "items": LINE, "minItems": 1},
        "delivery": {"oneOf": [SHIP, PICK]},
        "extra": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
    "required": [
        "customer",
        "reason",
        "budget",
        "copies",
        "due",
        "starts",
        "urgent",
        "how",
        "country",
        "lines",
        "delivery",
    ],
}


def answered(reviewer: Reviewer, thread: str) -> Any:
    """The value that the thread's graph was sent."""
    late = time.monotonic() + 20
    with closing(sqlite3.connect(reviewer.desk.home / "signoff.sqlite")) as database:
        query = "SELECT resume_value FROM decision WHERE thread_id = ? AND status = 'delivered'"
        while not (found := database.execute(query, (thread,)).fetchone()):
            assert time.monotonic() < late
            time.sleep(0.05)
    return json.loads(found[0])


def drawn_as_text(reviewer: Reviewer) -> None:
    """Nothing of the hostile text became an element, and nothing is wider than the page."""
    page = reviewer.page
    assert page.locator("script:text('alert'), a[href*='evil'], img[src*='evil'], img[src='x']").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_three_calls_each_decided_for_itself(reviewer: Reviewer) -> None:
    ask(reviewer.desk, "calls", THREE)
    reviewer.open("calls")
    page = reviewer.page
    page.get_by_role("button", name="Approve all 3 calls").wait_for()
    drawn_as_text(reviewer)
    page.get_by_text("Change and run").nth(1).click()
    page.get_by_label("Amount").fill("99.25")
    reviewer.sees("Amount: 129.5 becomes 99.25")
    page.get_by_text("Do not run").nth(2).click()
    page.get_by_label("Why?").fill("They are evidence")
    reviewer.kept("They are evidence")
    page.reload()
    page.get_by_role("button", name=re.compile(r"Send 3 decisions: 2 run \(1 changed\), 1 rejected")).wait_for()
    assert page.get_by_label("Why?").input_value() == "They are evidence"
    assert page.get_by_label("Amount").input_value() == "99.25"
    drawn_as_text(reviewer)
    reviewer.button(re.compile("Send 3 decisions"))
    edited = {"name": "charge_card", "args": {**CALLS[1][1], "amount": 99.25}}
    assert answered(reviewer, "calls") == {
        "decisions": [
            {"type": "approve"},
            {"type": "edit", "edited_action": edited},
            {"type": "reject", "message": "They are evidence"},
        ]
    }


def test_a_form_with_every_kind_of_field(reviewer: Reviewer) -> None:
    asking.run(
        Path(reviewer.desk.home) / "checkpoints.sqlite",
        {"form": {"ask": {"question": "What should be ordered?", "schema": FORM}}},
        graph_id="forming",
    )
    reviewer.open("form")
    page = reviewer.page
    send = page.get_by_role("button", name="Send the answer")
    assert send.is_disabled()
    page.get_by_label("Customer").fill("Ada")
    page.get_by_label("Reason").fill("For the workshop\non Friday")
    page.get_by_label("Budget").fill("-1")
    reviewer.sees("Must be at least 0.")
    page.get_by_label("Budget").fill("19.99")
    page.get_by_label("Copies").fill("3")
    for name, day in (("due", "2026-01-31"), ("starts", "2026-02-01")):
        field = page.locator(f"[class*='st-key-pick-{name}-']").first
        for part, text in zip(("year", "month", "day"), day.split("-"), strict=True):
            field.get_by_role("spinbutton", name=re.compile(part)).press_sequentially(text)
    page.get_by_label("Time of day").fill("14:30")
    page.get_by_text("Yes", exact=True).click()
    page.get_by_text("slow", exact=True).click()
    page.get_by_label("Country").fill("land 7")
    page.get_by_role("option", name="land 7", exact=True).click()
    for number, (sku, amount) in enumerate((("A-1", "2"), ("B-2", "1"), ("C-3", "5"))):
        reviewer.button("Add an entry")
        page.get_by_label("Sku").nth(number).fill(sku)
        page.get_by_label("Amount").nth(number).fill(amount)
    reviewer.button("Remove entry 2")
    page.get_by_label("Sku").nth(2).wait_for(state="detached")
    page.get_by_text("Ship", exact=True).click()
    page.get_by_label("City").fill("Oslo")
    page.get_by_text("Extra (optional)").click()
    page.get_by_label("Extra, as JSON").fill('{"box": 2}')
    reviewer.kept("box")
    drawn_as_text(reviewer)
    page.reload()
    page.get_by_label("City").wait_for()
    assert page.get_by_label("Sku").nth(1).input_value() == "C-3"
    send.click()
    assert repr(answered(reviewer, "form")) == repr(
        {
            "customer": "Ada",
            "reason": "For the workshop\non Friday",
            "budget": 19.99,
            "copies": 3,
            "due": "2026-01-31",
            "starts": "2026-02-01T14:30:00Z",
            "urgent": True,
            "how": "slow",
            "country": "land 7",
            "lines": [{"sku": "A-1", "amount": 2}, {"sku": "C-3", "amount": 5}],
            "delivery": {"city": "Oslo"},
            "extra": {"box": 2},
        }
    )
