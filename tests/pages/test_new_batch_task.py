"""What the form of a new batch says of its task and its cost."""

from __future__ import annotations

import pytest

from pages.components.new_batch_task import cost_words, names_in, prompt_problem

COLUMNS = ("subject", "text")


@pytest.mark.parametrize(
    ("size", "every", "samples", "words"),
    [
        (200, 20, 1, "200 items: 200 model calls, and 10 reviews with 1 sample each."),
        (100_000, 1000, 3, "100,000 items: 100,000 model calls, and 100 reviews with 3 samples each."),
        (21, 20, 2, "21 items: 21 model calls, and 2 reviews with 2 samples each."),
        (1, 20, 1, "1 item: 1 model call, and 1 review with 1 sample."),
    ],
)
def test_the_cost_in_a_line(size: int, every: int, samples: int, words: str) -> None:
    assert cost_words(size, every, samples) == words


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("  ", "Write the prompt"),
        ("Summarise it", "names no column"),
        ("Summarise {body}", "The prompt names {body}, but no such column is in the file. It has subject, text."),
        ("{body} and {sender}", "names {body} and {sender}, but no such columns are"),
    ],
)
def test_a_prompt_that_will_not_do(prompt: str, words: str) -> None:
    assert words in prompt_problem(prompt, COLUMNS)


def test_a_good_prompt() -> None:
    assert prompt_problem("Summarise {subject}: {{as JSON}} {text}", COLUMNS) == ""


def test_names_are_split_at_commas_once_each() -> None:
    assert names_in(" billing, technical,,billing ,") == ["billing", "technical"]
