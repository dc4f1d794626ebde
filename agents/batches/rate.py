"""What the inspected samples say of the whole batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from agents.database import lot_verdict as table
from agents.lots import Span, Word, generation_at
from agents.sampling import Point, clopper_pearson

SHOWN = 200
"""Points of a series; more than that nobody can tell apart on a plot."""


@dataclass(frozen=True, slots=True)
class DefectRate:
    """Of the items that the plan chose: how many were inspected, and of these defects. low, high: the 95 % interval."""

    inspected: int
    defects: int
    low: float
    high: float
    series: tuple[Point, ...]


def defect_rate(connection: Connection, lot_id: str, spans: Sequence[Span]) -> DefectRate:
    """Only verdicts on results that count now, in the order of the items, and only on items that the plan chose."""
    judged = _judged(connection, lot_id, spans)
    inspected, defects = len(judged), sum(judged)
    return DefectRate(inspected, defects, *clopper_pearson(defects, inspected), series=series(judged))


def series(judged: Sequence[bool], shown: int = SHOWN) -> tuple[Point, ...]:
    """The running rate, at most `shown` points of it, the first and the last among them; True is a defect."""
    places = _places(len(judged), shown)
    points, defects = [], 0
    for inspected, defect in enumerate(judged, start=1):
        defects += defect
        if inspected in places:
            points.append(Point(inspected, defects, *clopper_pearson(defects, inspected)))
    return tuple(points)


def _judged(connection: Connection, lot_id: str, spans: Sequence[Span]) -> list[bool]:
    columns = (table.c.item_no, table.c.generation, table.c.verdict)
    query = select(*columns).where(table.c.lot_id == lot_id, table.c.planned == 1).order_by(table.c.item_no)
    newest: dict[int, tuple[int, str]] = {}
    for item_no, generation, word in connection.execute(query):
        if counts(spans, item_no, generation, word) and generation >= newest.get(item_no, (0, ""))[0]:
            newest[item_no] = (generation, word)
    return [word != Word.GOOD for _, word in newest.values()]


def counts(spans: Sequence[Span], item_no: int, generation: int, word: str) -> bool:
    """Does a verdict stand? One on a result that was done again does not; a correction stays through a redo."""
    now = generation_at(spans, item_no)
    return generation == now or (word == Word.CORRECTED and generation < now)


def _places(total: int, shown: int) -> set[int]:
    if total <= shown:
        return set(range(1, total + 1))
    return {1 + round(step * (total - 1) / (shown - 1)) for step in range(shown)}
