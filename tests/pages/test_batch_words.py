"""Batches in words."""

from __future__ import annotations

import pytest

from agents.batches import DefectRate, Progress, State
from agents.sampling import clopper_pearson
from pages.components.batch_words import bound_words, duration, pace, percent, progress_words, rate_words


def rate(defects: int, inspected: int) -> DefectRate:
    return DefectRate(inspected, defects, *clopper_pearson(defects, inspected), series=())


def test_one_sentence_says_what_is_known_of_the_defect_rate() -> None:
    assert rate_words(rate(2, 10)) == (
        "2 of 10 inspected were defects: between 2.5 % and 55.6 % of all items, with 95 % confidence."
    )
    assert rate_words(rate(0, 10)).startswith("0 of 10 inspected were defects: between 0 % and 30.8 %")
    assert rate_words(rate(1, 1)).startswith("1 of 1 inspected was a defect: between 2.5 % and 100 %")
    assert rate_words(rate(0, 0)).startswith("No sample has been judged yet, so nothing is known")
    assert rate_words(rate(0, 0), judged=1).startswith("No judged sample counts now, so nothing is known")
    assert "at most 25.9 %" in bound_words(rate(0, 10))


def test_progress_says_what_is_done_failed_left_and_decided() -> None:
    halfway = Progress(size=200, done=117, failed=3, cursor=100, decided=98)
    assert progress_words(halfway, State.WAITING) == (
        "117 of 200 items done, 3 failed, 80 to do; decided up to item 100"
    )
    assert "80 not done" in progress_words(halfway, State.STOPPED)
    assert progress_words(Progress(1, 1, 0, 1, 1), State.DONE) == "1 of 1 item done"


@pytest.mark.parametrize(
    ("part", "words"),
    [(0, "0 %"), (0.0252, "2.5 %"), (1, "100 %"), (0.5, "50 %"), (0.00025, "0.03 %"), (0.99996, "almost 100 %")],
)
def test_percentages_keep_the_digits_that_count(part: float, words: str) -> None:
    assert percent(part) == words


def test_speed_and_time_are_rounded_as_people_say_them() -> None:
    assert pace(94.6) == "About 95 items a minute"
    assert [pace(each) for each in (118, 24_818)] == ["About 120 items a minute", "About 25,000 items a minute"]
    assert pace(0.5) == "About one item every 120 seconds"
    assert [duration(each) for each in (0.4, 3.2, 100, 60 * 24 * 3)] == [
        "less than a minute",
        "about 3 minutes",
        "about 2 hours",
        "about 3 days",
    ]
