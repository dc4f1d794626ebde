"""The exact interval: against published numbers, against scipy, and at its edges."""

from __future__ import annotations

import random
from time import perf_counter

import pytest
from scipy.special import betaincinv

from agents.batches.rate import series
from agents.sampling import clopper_pearson, upper_bound


def by_scipy(defects: int, inspected: int, confidence: float) -> tuple[float, float]:
    tail = (1 - confidence) / 2
    low = betaincinv(defects, inspected - defects + 1, tail) if defects else 0.0
    high = betaincinv(defects + 1, inspected - defects, 1 - tail) if defects < inspected else 1.0
    return float(low), float(high)


# R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 5.
@pytest.mark.parametrize(
    ("defects", "inspected", "low", "high"),
    [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (0, 20, 0.0, 0.1684), (1, 29, 0.0009, 0.1776)],
)
def test_published_two_sided_intervals(defects: int, inspected: int, low: float, high: float) -> None:
    assert clopper_pearson(defects, inspected) == pytest.approx((low, high), abs=0.00005)


def test_published_one_sided_bounds() -> None:
    assert upper_bound(0, 10) == pytest.approx(0.259, abs=0.0005)
    # Wilks' sample sizes: so many without a defect show 95 %, 90 % and 99 % good with confidence 95 %, 90 % and 95 %
    assert upper_bound(0, 59) < 0.05 < upper_bound(0, 58)
    assert upper_bound(0, 22, 0.9) < 0.1 < upper_bound(0, 21, 0.9)
    assert upper_bound(0, 299) < 0.01 < upper_bound(0, 298)
    assert upper_bound(1, 93) < 0.05 < upper_bound(1, 92)


def test_scipy_agrees_on_random_samples() -> None:
    chance = random.Random(1934)
    for _ in range(1500):
        inspected = int(10 ** chance.uniform(0, 6))
        defects = chance.choice([0, inspected, min(inspected, chance.randint(0, 9)), chance.randint(0, inspected)])
        confidence = chance.choice([0.5, 0.8, 0.9, 0.95, 0.99, 0.999])
        found = clopper_pearson(defects, inspected, confidence)
        expected = by_scipy(defects, inspected, confidence)
        assert found == pytest.approx(expected, rel=1e-7, abs=1e-14), (defects, inspected, confidence)
        both = 2 * confidence - 1  # a one-sided bound is the upper end of a wider two-sided interval
        if both > 0:
            one_sided = by_scipy(defects, inspected, both)[1] if defects < inspected else 1.0
            assert upper_bound(defects, inspected, confidence) == pytest.approx(one_sided, rel=1e-7, abs=1e-14)


def test_the_edges() -> None:
    assert clopper_pearson(0, 0) == (0.0, 1.0)
    assert upper_bound(0, 0) == 1.0
    assert clopper_pearson(0, 10)[0] == 0.0
    assert clopper_pearson(10, 10) == (pytest.approx(1 - clopper_pearson(0, 10)[1]), 1.0)
    low, high = clopper_pearson(500_000, 1_000_000)
    assert 0.499 < low < 0.5 < high < 0.501


def test_more_samples_of_the_same_rate_say_more() -> None:
    widths = [high - low for low, high in (clopper_pearson(size // 10, size) for size in (10, 100, 1000, 10_000))]
    assert widths == sorted(widths, reverse=True)


@pytest.mark.parametrize(
    ("defects", "inspected", "confidence"), [(-1, 3, 0.95), (4, 3, 0.95), (1, 3, 1.0), (1, 3, 0.0)]
)
def test_what_cannot_be_is_refused(defects: int, inspected: int, confidence: float) -> None:
    with pytest.raises(ValueError, match="expected"):
        clopper_pearson(defects, inspected, confidence)


def test_a_running_series_counts_up_and_is_quick() -> None:
    points = series([False, True, False])
    assert [(point.inspected, point.defects, point.rate) for point in points] == [
        (1, 0, 0.0),
        (2, 1, 0.5),
        (3, 1, pytest.approx(1 / 3)),
    ]
    assert (points[2].low, points[2].high) == clopper_pearson(1, 3)
    began = perf_counter()
    assert len(series([number % 9 == 0 for number in range(1000)], shown=1000)) == 1000
    assert perf_counter() - began < 5
