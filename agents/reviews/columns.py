"""The board: what waits, by kind in columns beside each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from agents.checkpoints import Group
from agents.desk import Desk
from agents.domain import Kind
from agents.reviews.listing import by_part, notes_of, page_of, piles_of, total_of
from agents.reviews.piles import Pile
from agents.reviews.rows import Row, fits, wanted_by

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
    about: a large file is still being compared, so the numbers may change a little.
    notes: sentences about files that cannot be read.
    """

    columns: tuple[Column, ...]
    waiting: int
    graphs: Mapping[str, int]
    about: bool
    notes: tuple[str, ...]


def board(
    desk: Desk,
    *,
    graphs: Collection[str] = (),
    sources: Collection[str] = (),
    search: str = "",
    order: str = "newest",
    per_column: int = PER_COLUMN,
    keep: Collection[tuple[str, str, str]] = (),
) -> Board:
    """What waits, by kind. order: "newest" or "oldest" first. keep: keys that are shown whatever the filters say."""
    piles = piles_of(desk)
    chosen = [pile for pile in piles if not sources or pile.source_id in sources]
    wanted = wanted_by(graphs=graphs, search=search)
    everything, waiting = total_of(pile.counts() for pile in piles), total_of(pile.waiting() for pile in piles)
    fitting = total_of(pile.counts(wanted) for pile in chosen)
    open_ = total_of(pile.waiting(wanted) for pile in chosen)
    kinds = by_part(everything, 0)
    kept = list(find_rows(piles, keep).values())
    kept.sort(key=lambda row: (row.paused_at, row.thread_id, row.pause_key), reverse=order != "oldest")
    columns = []
    for name, members in COLUMNS.items():
        if name == "other" and not any(kind.value in kinds for kind in members):
            continue
        mine = replace(wanted, kinds=frozenset(kind.value for kind in members))
        rows = page_of(chosen, mine, oldest=order == "oldest", first=0, most=per_column)
        counted = {row.key for row in kept if (not sources or row.source_id in sources) and fits(row, mine)}
        columns.append(_column(name, rows, kept, counted, fitting, open_))
    return Board(
        columns=tuple(columns),
        waiting=waiting.total(),
        graphs=by_part(waiting, 1),
        about=any(pile.about for pile in piles),
        notes=notes_of(piles),
    )


def rows_of(desk: Desk, keys: Collection[tuple[str, str, str]]) -> dict[tuple[str, str, str], Row]:
    """The rows with these keys, of those that are still in the files."""
    if not keys:
        return {}  # nothing is chosen on a board that reads itself anew every few seconds
    return find_rows(piles_of(desk), keys)


def find_rows(piles: Sequence[Pile], keys: Collection[tuple[str, str, str]]) -> dict[tuple[str, str, str], Row]:
    found: dict[tuple[str, str, str], Row] = {}
    for pile in piles:
        mine = [key[1:] for key in dict.fromkeys(keys) if key[0] == pile.source_id]
        found |= {row.key: row for row in pile.rows(mine).values()} if mine else {}
    return found


def _column(
    name: str,
    shown: Sequence[Row],
    kept: Sequence[Row],
    counted: Collection[tuple[str, str, str]],
    fitting: Counter[Group],
    waiting: Counter[Group],
) -> Column:
    """kept: rows that are shown whatever the filters say, behind the others. counted: those of them that fit."""
    kinds, known = COLUMNS[name], {row.key for row in shown}
    added = [row for row in kept if row.kind in kinds and row.key not in known]
    of_others = sum(row.key in counted for row in added)
    return Column(
        name=name,
        kinds=kinds,
        rows=(*shown, *added),
        waiting=_number(waiting, kinds),
        more=max(0, _number(fitting, kinds) - len(shown) - of_others),
    )


def _number(groups: Counter[Group], kinds: Collection[Kind]) -> int:
    return sum(number for group, number in groups.items() if group[0] in kinds)
