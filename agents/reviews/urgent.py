"""The order "most urgent": what something will happen to by itself, the soonest first, then the rest, newest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agents.checkpoints import Wanted
from agents.deadlines import Key, State
from agents.reviews.narrowed import Without
from agents.reviews.piles import Pile, Whole
from agents.reviews.rows import Row, fits

ASIDE = "aside"
CHUNK = 50

Page = Callable[[Sequence[Pile], int, int], list[Row]]
"""The rest of the list: piles, how many to skip, how many to show."""


def most_urgent(
    piles: Sequence[Pile], wanted: Wanted, due: Mapping[Key, Any], *, first: int, most: int, rest: Page
) -> list[Row]:
    """A stretch of the list. due: as in an Overlay; only as many of them are read as the stretch needs."""
    soon = _soonest(piles, wanted, due, first + most)
    shown = soon[first : first + most]
    if len(shown) == most:
        return shown
    left = [Without(pile, [row for row in soon if row.source_id == pile.source_id]) for pile in piles]
    return [*shown, *rest(left, max(0, first - len(soon)), most - len(shown))]


def without_aside(piles: Sequence[Pile], aside: Mapping[Key, Any], *, only: bool) -> list[Pile]:
    """What a person has set aside is not in their list, or alone in it."""
    if not aside:
        return [Whole(pile.source_id, (), pile.note, pile.problem) for pile in piles] if only else list(piles)
    theirs = [(pile, _rows(pile, list(aside))) for pile in piles]
    if only:
        return [Whole(pile.source_id, rows, pile.note, pile.problem) for pile, rows in theirs]
    return [Without(pile, rows) for pile, rows in theirs]


def _soonest(piles: Sequence[Pile], wanted: Wanted, due: Mapping[Key, Any], most: int) -> list[Row]:
    keys = sorted((row["due_at"], key) for key, row in due.items() if row["state"] == State.WAITING)
    found: list[Row] = []
    for start in range(0, len(keys), CHUNK):
        if len(found) >= most:
            break
        some = [key for _, key in keys[start : start + CHUNK]]
        by_key = {row.key: row for pile in piles for row in _rows(pile, some)}
        found += [row for key in some if (row := by_key.get(key)) is not None and row.due_at and fits(row, wanted)]
    return found


def _rows(pile: Pile, keys: Sequence[Key]) -> list[Row]:
    return list(pile.rows([key[1:] for key in keys if key[0] == pile.source_id]).values())
