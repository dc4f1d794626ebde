"""A review as lines of plain text."""

from __future__ import annotations

from agents import payloads
from agents.commands.text import lines_of
from tests.payloads.test_generic import pause
from tests.payloads.test_sample import ASKED, CHECK


def test_a_sample_shows_each_item_with_its_result_and_the_one_before() -> None:
    assert lines_of(payloads.parse(pause(ASKED))) == [
        "Sample 2 of 3: item 40 of 50",
        "Item 30",
        "  text: Hi",
        "Result before",
        "  category: billing",
        "  reason: none",
        "Result",
        "  category: billing",
        "  reason: asks about an invoice",
        "Item 40",
        "  text: Where?",
        "Result",
        "  failed: The model timed out.",
    ]


def test_a_strangers_sample_is_its_input_and_its_output() -> None:
    asked = {**CHECK, "sample_input": "one\ntwo\x1b[2J"}
    assert lines_of(payloads.parse(pause(asked))) == [
        "Processed 10 items",
        "Input",
        "  one",
        "    two [2J",
        "Result",
        "  A",
    ]
