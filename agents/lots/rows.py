"""The rows of a lot as frozen values, and which generation of an item counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

Span: TypeAlias = Sequence[int]
"""[first_item, generation]: from this item on, up to the next span, that generation counts."""

DONE, FAILED = "done", "failed"


class Word(StrEnum):
    """A person's verdict on one result."""

    GOOD = "good"
    CORRECTED = "corrected"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Lot:
    """The batch's rows as a whole. size: how many, None while they are still being read in."""

    lot_id: str
    source_id: str | None
    thread_id: str | None
    name: str
    columns: tuple[str, ...]
    size: int | None
    step: int
    copied_from: str | None
    created_at: str


@dataclass(frozen=True, slots=True)
class Item:
    """One row of the input; items are numbered from 1."""

    item_no: int
    data: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Result:
    """What the model made of an item. output: field -> text, None when it failed; error says why.

    calls: requests made to the model. at: when it was written, as text; "" before.
    own: it failed for a reason of the item's own, such as its length; not stored.
    """

    item_no: int
    generation: int
    status: str
    output: Mapping[str, str] | None
    error: str | None
    calls: int
    at: str = ""
    own: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person said of a result. corrected: the output they want instead. note: the problem, in words.

    planned: the sampling plan chose the item; else the reviewer asked to see it.
    """

    item_no: int
    generation: int
    word: Word
    corrected: Mapping[str, str] | None = None
    note: str | None = None
    planned: bool = True
    at: str = ""


def generation_at(spans: Sequence[Span], item_no: int) -> int:
    """The generation that counts for an item: that of the last span which begins at or before it."""
    return next((generation for first, generation in reversed(spans) if first <= item_no), 0)


def ranges(spans: Sequence[Span], last: int) -> list[tuple[int, int, int]]:
    """The spans as (first, last, generation), clipped to items 1 to `last`."""
    starts = [(first, generation) for first, generation in spans if first <= last]
    if not starts:
        return []
    ends = [first - 1 for first, _ in starts[1:]] + [last]
    return [(first, end, generation) for (first, generation), end in zip(starts, ends, strict=True)]


def lot_of(row: Any) -> Lot:
    return Lot(
        lot_id=row["lot_id"],
        source_id=row["source_id"],
        thread_id=row["thread_id"],
        name=row["name"],
        columns=tuple(row["columns"]),
        size=row["size"],
        step=row["step"],
        copied_from=row["copied_from"],
        created_at=row["created_at"],
    )


def result_of(row: Any) -> Result:
    return Result(
        item_no=row["item_no"],
        generation=row["generation"],
        status=row["status"],
        output=row["output"],
        error=row["error"],
        calls=row["calls"],
        at=row["at"],
    )


def verdict_of(row: Any) -> Verdict:
    return Verdict(
        item_no=row["item_no"],
        generation=row["generation"],
        word=Word(row["verdict"]),
        corrected=row["corrected"],
        note=row["note"],
        planned=bool(row["planned"]),
        at=row["at"],
    )
