"""What the choices at a sample say they cost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents.payloads.sample import Place, SampleProposal
from pages.components.sample_words import choices, chunk_words, items_words, problem_label

PROPOSAL = SampleProposal(
    message="",
    samples=(),
    place=Place("lot", "tickets.csv", 21, 40, 200, 20, 0),
    costs={
        "continue": {"items": 20, "calls": 20},
        "problem": {"items": 39, "calls": 39, "first": 1, "kept": 1},
        "rest": {"items": 160, "reviews": 8},
    },
)


def test_every_choice_says_what_it_costs() -> None:
    said = dict(choices(PROPOSAL))
    assert said["Good"] == "The next 20 items: 20 model calls. Then the next sample."
    assert said["Problem"] == (
        "Items 1 to 40 are done again with your words: 39 items, 39 model calls. "
        "1 item that a person corrected stays as it is. Then this place is shown again."
    )
    assert said["Stop"] == "160 items are left undone. The results of items 1 to 40 can be downloaded."


def test_corrected_items_are_named() -> None:
    said = dict(choices(PROPOSAL, [40]))
    assert said["Corrected"].startswith("Item 40 keeps your values.")
    assert "Item 40 goes along as an example." in said["Problem"]
    several = dict(choices(PROPOSAL, [30, 40]))
    assert several["Corrected"].startswith("Items 30 and 40 keep your values.")
    assert "Items 30 and 40 go along as examples." in several["Problem"]


def test_the_last_sample_of_a_batch_of_single_items() -> None:
    last = replace(
        PROPOSAL,
        place=Place("lot", "tickets.csv", 200, 200, 200, 1, 0),
        costs={"continue": {"items": 0, "calls": 0}, "problem": {"items": 1, "calls": 1, "first": 200, "kept": 0}},
    )
    said = dict(choices(last))
    assert said["Good"] == "This was the last sample. The batch is finished; no model call."
    assert said["Problem"].startswith("Item 200 is done again with your words: 1 item, 1 model call.")
    assert said["Stop"] == "The results of items 1 to 200 can be downloaded."
    assert chunk_words(Place("lot", "", 200, 200, 200, 1, 0)) == "Item 200 of 200"


def test_a_strangers_sample_names_no_costs() -> None:
    assert choices(SampleProposal("", ())) == []


@pytest.mark.parametrize(
    ("numbers", "total", "words"),
    [
        ([23], 0, "item 23"),
        ([23, 31], 2, "items 23 and 31"),
        ([1, 2, 1003], 0, "items 1, 2 and 1,003"),
        (list(range(1, 21)), 50, "items 1, 2, 3, 4, 5, 6, 7, 8 and 42 more"),
    ],
)
def test_items_are_listed(numbers: list[int], total: int, words: str) -> None:
    assert items_words(numbers, total) == words


def test_the_problem_field_says_what_goes_along() -> None:
    assert problem_label([]) == "What is wrong? It is told to the model."
    assert problem_label([40]).endswith("with your corrected item as an example.")
    assert problem_label([30, 40]).endswith("with your corrected items as examples.")
