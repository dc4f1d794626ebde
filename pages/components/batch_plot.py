"""The running defect rate with its interval, as a plot and as words."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

import streamlit as st

from agents.batches import DefectRate
from agents.sampling import Point
from agents.wording import count
from pages.components.batch_words import bound_words, percent, rate_words
from pages.components.heading import prose, section

HEIGHT = 230
DOTTED = 40
"""Up to so many points each gets a dot of its own."""


def defect_plot(rate: DefectRate, judged: int, key: str) -> None:
    """One sentence that says what is known, and how that came about. judged: how many verdicts there are in all."""
    section("Defect rate")
    prose(rate_words(rate, judged), "so-strong")
    if not rate.inspected:
        prose("It is worked out from the samples that the plan chose, as they are judged.", "so-muted")
        return
    # A specification and no chart library: this draws without eval, which the content security policy forbids.
    st.vega_lite_chart(spec=_specification(rate), width="stretch", height=HEIGHT, key=key)
    prose(bound_words(rate), "so-muted")


def _top(points: Sequence[Point]) -> float:
    """Where the axis ends: above the interval as it is after the first fifth, which is always wide."""
    wide = max(point.high for point in points if point.inspected * 5 >= points[-1].inspected)
    return min(1.0, ceil(max(wide, 0.05) * 20) / 20)


def _specification(rate: DefectRate) -> dict[str, Any]:
    x = {
        "field": "inspected",
        "type": "quantitative",
        "title": "Samples inspected, in order",
        "axis": {"tickMinStep": 1, "format": ",d"},
        "scale": {"domain": [min(1, rate.inspected - 1), max(2, rate.inspected)], "nice": False},
    }
    top = _top(rate.series)
    over = any(point.rate > top for point in rate.series)  # else the dots on the edges stay whole
    y = {
        "type": "quantitative",
        "title": "Defect rate",
        "axis": {"format": ".0%"},
        "scale": {"domain": [0, top]},
    }
    tooltip = [
        {"field": "inspected", "type": "quantitative", "title": "Inspected"},
        {"field": "defects", "type": "quantitative", "title": "Defects"},
        {"field": "rate", "type": "quantitative", "title": "Rate", "format": ".1%"},
        {"field": "low", "type": "quantitative", "title": "At least", "format": ".1%"},
        {"field": "high", "type": "quantitative", "title": "At most", "format": ".1%"},
    ]
    band = {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}
    line = {"x": x, "y": {**y, "field": "rate"}, "tooltip": tooltip}
    layers = [
        {"mark": {"type": "area", "opacity": 0.22, "clip": True}, "encoding": band},
        {"mark": {"type": "rule", "opacity": 0.35, "clip": True}, "encoding": band},
        {
            "mark": {"type": "line", "point": len(rate.series) <= DOTTED, "strokeWidth": 2, "clip": over},
            "encoding": line,
        },
    ]
    return {
        "description": _alternative(rate),
        "data": {"values": [_row(point) for point in rate.series]},
        "layer": layers if len(rate.series) <= DOTTED else [layers[0], layers[2]],
    }


def _row(point: Point) -> dict[str, float]:
    return {
        "inspected": point.inspected,
        "defects": point.defects,
        "rate": point.rate,
        "low": point.low,
        "high": point.high,
    }


def _alternative(rate: DefectRate) -> str:
    """What the plot shows, for who cannot see it."""
    return f"The defect rate after each inspected sample, with its 95 % interval. {_course(rate.series)}"


def _course(points: Sequence[Point]) -> str:
    steps = sorted({0, len(points) // 3, 2 * len(points) // 3, len(points) - 1})
    said = [
        f"after {count(points[step].inspected, 'sample')} it is {percent(points[step].rate)}, "
        f"between {percent(points[step].low)} and {percent(points[step].high)}"
        for step in steps
    ]
    text = "; ".join(said)
    return f"{text[:1].upper()}{text[1:]}."
