"""The board: what waits, by kind in columns beside each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from agents.desk import Desk
from agents.domain import Kind
from agents.reviews.listing import Row, all_rows, matches

PER_COLUMN = 20
COLUMNS: Mapping[str, tuple[Kind, ...]] = {
    "plans": (Kind.PLAN,),
    "emails": (Kind.EMAIL,),
    "samples": (Kind.SAMPLE,),
    "questions": (Kind.QUESTION,),
    "other": (Kind.TOOL, Kind.GENERIC),
}


@dataclass(frozen=True, slots=True)
class Column:
    """name: of COLUMNS. rows: those that are shown. waiting: all that match and wait. more: how many are not shown."""

    name: str
    kinds: tuple[Kind, ...]
    rows: tuple[Row, ...]
    waiting: int
    more: int


@dataclass(frozen=True, slots=True)
class Board:
    """columns: always the first four of COLUMNS; "other" only when something of it waits.

    waiting: all that wait for a person, whatever the filters. graphs: how many wait per graph, before filtering.
    notes: sentences about files that cannot be read.
    """

    columns: tuple[Column, ...]
    waiting: int
    graphs: Mapping[str, int]
    notes: tuple[str, ...]


def board(
    desk: Desk,
    *,
    graphs: Collection[str] = (),
    search: str = "",
    order: str = "newest",
    per_column: int = PER_COLUMN,
    keep: Collection[tuple[str, str, str]] = (),
) -> Board:
    """What waits, by kind. order: "newest" or "oldest" first. keep: keys that are shown whatever the filters say."""
    rows, notes = all_rows(desk)
    rows.sort(key=lambda row: (row.paused_at, row.thread_id, row.pause_key), reverse=order != "oldest")
    waiting = [row for row in rows if row.state == "waiting"]
    kinds = {row.kind for row in rows}
    shown = [name for name, members in COLUMNS.items() if name != "other" or kinds & set(members)]
    matching = [row for row in rows if matches(row, (), graphs, search)]
    kept = [row for row in rows if row.key in keep]
    return Board(
        columns=tuple(_column(name, matching, kept, per_column) for name in shown),
        waiting=len(waiting),
        graphs=dict(Counter(row.graph_id or "unknown" for row in waiting)),
        notes=tuple(notes),
    )


def rows_of(desk: Desk, keys: Collection[tuple[str, str, str]]) -> dict[tuple[str, str, str], Row]:
    """The rows with these keys, of those that are still in the files."""
    wanted = set(keys)
    if not wanted:
        return {}  # nothing is chosen on a board that reads itself anew every few seconds
    return {row.key: row for row in all_rows(desk)[0] if row.key in wanted}


def _column(name: str, matching: Sequence[Row], kept: Sequence[Row], most: int) -> Column:
    kinds = COLUMNS[name]
    mine = [row for row in matching if row.kind in kinds]
    rows = mine[:most]
    known = {row.key for row in rows}
    rows.extend(row for row in kept if row.kind in kinds and row.key not in known)
    return Column(
        name=name,
        kinds=kinds,
        rows=tuple(rows),
        waiting=sum(row.state == "waiting" for row in mine),
        more=len({row.key for row in mine} - {row.key for row in rows}),
    )
