"""The tables of one batch, a page at a time: samples, items that were done again, items that failed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, Connection, func, or_, select

from agents.batches.rate import counts
from agents.batches.who import Judge, judges
from agents.database import lot_item, lot_result, lot_verdict
from agents.lots import DONE, FAILED, Lot, Result, Span, Verdict, Word, generation_at
from agents.lots.rows import ranges, result_of, verdict_of

PER_PAGE = 10

Cells = Mapping[str, str]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class JudgedItem:
    """One verdict. stands: it is about the result that counts now. by: None where Signoff did not send the answer."""

    item_no: int
    input: Cells
    output: Cells
    error: str | None
    verdict: Verdict
    stands: bool
    by: Judge | None


@dataclass(frozen=True, slots=True)
class RedoneItem:
    """An item before and after a problem was described. after: None until it is done again.

    corrected: a person's correction stands in for the new result.
    """

    item_no: int
    input: Cells
    before: Cells
    before_error: str | None
    after: Cells | None
    after_error: str | None
    corrected: bool

    @property
    def changed(self) -> tuple[str, ...]:
        """The fields that differ."""
        after = self.after or {}
        names = [*self.before, *(name for name in after if name not in self.before)]
        return tuple(name for name in names if self.before.get(name) != after.get(name)) if self.after else ()


@dataclass(frozen=True, slots=True)
class FailedItem:
    """An item without a result. held: its chunk is under review or still worked on, so it is not tried again yet."""

    item_no: int
    input: Cells
    error: str
    held: bool


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """rows: the items of this page; total: how many there are on all pages. number counts from 1."""

    rows: tuple[T, ...]
    total: int
    number: int = 1


def judged(connection: Connection, of: Lot, spans: Sequence[Span], number: int) -> Page[JudgedItem]:
    """Samples with their verdicts, the newest item first; earlier verdicts on an item that was done again too."""
    where = lot_verdict.c.lot_id == of.lot_id
    total = connection.execute(select(func.count()).select_from(lot_verdict).where(where)).scalar_one()
    order = (lot_verdict.c.item_no.desc(), lot_verdict.c.generation.desc())
    query = select(lot_verdict).where(where).order_by(*order).limit(PER_PAGE).offset(_offset(number))
    said = [verdict_of(row) for row in connection.execute(query).mappings()]
    cells, made = _cells(connection, of, {each.item_no for each in said}), _made(connection, of.lot_id, said)
    who = judges(connection, of, said)
    rows = []
    for verdict, by in zip(said, who, strict=True):
        result = made.get((verdict.item_no, verdict.generation))
        stands = counts(spans, verdict.item_no, verdict.generation, verdict.word)
        output, error = _output(result), result.error if result else None
        rows.append(JudgedItem(verdict.item_no, cells[verdict.item_no], output, error, verdict, stands, by))
    return Page(tuple(rows), total, number)


def redone(connection: Connection, of: Lot, spans: Sequence[Span], number: int) -> Page[RedoneItem]:
    """Items with a result of an earlier generation than the one that counts, in order."""
    older = [
        (lot_result.c.item_no.between(first, last)) & (lot_result.c.generation < generation)
        for first, last, generation in ranges(spans, of.size or 0)
        if generation
    ]
    if not older:
        return Page((), 0, number)
    chosen = select(lot_result.c.item_no).where(lot_result.c.lot_id == of.lot_id, or_(*older)).distinct()
    total = connection.execute(select(func.count()).select_from(chosen.subquery())).scalar_one()
    numbers = list(
        connection.execute(chosen.order_by(lot_result.c.item_no).limit(PER_PAGE).offset(_offset(number))).scalars()
    )
    cells = _cells(connection, of, numbers)
    tries: dict[int, list[Result]] = {}
    for result in _results(connection, of.lot_id, numbers):
        if result.generation <= generation_at(spans, result.item_no):
            tries.setdefault(result.item_no, []).append(result)
    kept = _corrections(connection, of.lot_id, numbers, spans)
    rows = tuple(_redone(tries[each], cells[each], kept.get(each), spans) for each in numbers)
    return Page(rows, total, number)


def failed(connection: Connection, of: Lot, spans: Sequence[Span], settled: int, number: int) -> Page[FailedItem]:
    """Items whose result counts and is a failure, in order. settled: the last item that may be tried again."""
    size, skip = of.size or 0, _offset(number)
    rows: list[tuple[int, str]] = []
    total = 0
    for where in _failures(of, spans, 1, size):
        here = _count(connection, where)
        query = select(lot_result.c.item_no, lot_result.c.error).where(*where).order_by(lot_result.c.item_no)
        if len(rows) < PER_PAGE and total + here > skip:
            page = query.limit(PER_PAGE - len(rows)).offset(max(0, skip - total))
            rows.extend((item_no, error or "No reason was given.") for item_no, error in connection.execute(page))
        total += here
    cells = _cells(connection, of, [item_no for item_no, _ in rows])
    items = (FailedItem(item_no, cells[item_no], error, item_no > settled) for item_no, error in rows)
    return Page(tuple(items), total, number)


def count_failed(connection: Connection, of: Lot, spans: Sequence[Span], first: int, last: int) -> int:
    """How many of the items first to last have no result but a failure."""
    return sum(_count(connection, where) for where in _failures(of, spans, first, last))


def _failures(of: Lot, spans: Sequence[Span], first: int, last: int) -> list[tuple[ColumnElement[bool], ...]]:
    """For each span the condition of a failure that counts; a person's own output takes its place."""
    corrected = select(lot_verdict.c.item_no).where(
        lot_verdict.c.lot_id == of.lot_id, lot_verdict.c.verdict == Word.CORRECTED.value
    )
    return [
        (
            lot_result.c.lot_id == of.lot_id,
            lot_result.c.generation == generation,
            lot_result.c.status == FAILED,
            lot_result.c.item_no.between(max(first, begin), end),
            lot_result.c.item_no.not_in(corrected.where(lot_verdict.c.generation <= generation)),
        )
        for begin, end, generation in ranges(spans, last)
    ]


def _count(connection: Connection, where: Sequence[ColumnElement[bool]]) -> int:
    return int(connection.execute(select(func.count()).select_from(lot_result).where(*where)).scalar_one())


def _redone(tries: Sequence[Result], cells: Cells, kept: Cells | None, spans: Sequence[Span]) -> RedoneItem:
    item_no = tries[0].item_no
    new = tries[-1] if tries[-1].generation == generation_at(spans, item_no) else None
    old = tries[-2] if new is not None and len(tries) > 1 else tries[-1]
    after = kept if kept is not None else (_output(new) if new is not None and new.status == DONE else None)
    error = new.error if new is not None and kept is None else None
    return RedoneItem(item_no, cells, _output(old), old.error, after, error, kept is not None)


def _corrections(
    connection: Connection, lot_id: str, numbers: Collection[int], spans: Sequence[Span]
) -> dict[int, Cells]:
    """What a person wrote instead of a result; it stays in force when the items around it are done again."""
    query = select(lot_verdict).where(
        lot_verdict.c.lot_id == lot_id,
        lot_verdict.c.item_no.in_(numbers),
        lot_verdict.c.verdict == Word.CORRECTED.value,
    )
    said = [verdict_of(row) for row in connection.execute(query.order_by(lot_verdict.c.generation)).mappings()]
    return {
        each.item_no: each.corrected or {} for each in said if each.generation <= generation_at(spans, each.item_no)
    }


def _cells(connection: Connection, of: Lot, numbers: Collection[int]) -> dict[int, Cells]:
    query = select(lot_item.c.item_no, lot_item.c.cells).where(
        lot_item.c.lot_id == of.lot_id, lot_item.c.item_no.in_(numbers)
    )
    return {item_no: dict(zip(of.columns, cells, strict=True)) for item_no, cells in connection.execute(query)}


def _made(connection: Connection, lot_id: str, said: Sequence[Verdict]) -> dict[tuple[int, int], Result]:
    found = _results(connection, lot_id, {each.item_no for each in said})
    return {(result.item_no, result.generation): result for result in found}


def _results(connection: Connection, lot_id: str, numbers: Collection[int]) -> list[Result]:
    query = select(lot_result).where(lot_result.c.lot_id == lot_id, lot_result.c.item_no.in_(numbers))
    ordered = query.order_by(lot_result.c.item_no, lot_result.c.generation)
    return [result_of(row) for row in connection.execute(ordered).mappings()]


def _output(result: Result | None) -> Cells:
    return (result.output if result else None) or {}


def _offset(number: int) -> int:
    return max(0, number - 1) * PER_PAGE
