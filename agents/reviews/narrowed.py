"""Piles of which only some reviews are wanted: those in one's own hands, or those in nobody's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from agents.checkpoints import Beside, Group, Place, Problem, Wanted
from agents.domain import Who
from agents.reviews.hands import FREE, MINE, Hands
from agents.reviews.piles import EVERYTHING, Pile, Whole
from agents.reviews.rows import Row, fits


def narrowed(piles: Sequence[Pile], hands: Hands, wanted: str, who: Who) -> list[Pile]:
    """wanted: MINE, FREE, or "" for all. who: whose. The few that are in somebody's hands are asked for by their keys."""
    if wanted == MINE:
        mine = hands.of(who)
        return [Whole(each.source_id, _rows(each, mine), each.note, each.problem) for each in piles]
    if wanted == FREE:
        return [Without(each, _rows(each, hands.claims)) for each in piles]
    return list(piles)


def _rows(pile: Pile, keys: Collection[tuple[str, str, str]]) -> list[Row]:
    return list(pile.rows([key[1:] for key in keys if key[0] == pile.source_id]).values())


class Without:
    """A pile as if a few of its rows were not there."""

    def __init__(self, pile: Pile, left_out: Sequence[Row]) -> None:
        self._pile, self._left_out = pile, list(left_out)

    @property
    def source_id(self) -> str:
        return self._pile.source_id

    @property
    def note(self) -> str | None:
        return self._pile.note

    @property
    def problem(self) -> Problem | None:
        return self._pile.problem

    @property
    def about(self) -> bool:
        return self._pile.about

    def counts(self, wanted: Wanted = EVERYTHING) -> Counter[Group]:
        return self._pile.counts(wanted) - _counted(self._left_out, wanted)

    def waiting(self, wanted: Wanted = EVERYTHING) -> Counter[Group]:
        open_ = [row for row in self._left_out if row.state == "waiting"]
        return self._pile.waiting(wanted) - _counted(open_, wanted)

    def places(self, wanted: Wanted, *, oldest: bool, first: int, most: int) -> list[Place]:
        known = {row.key[1:] for row in self._left_out}
        enough = first + most + len(known)
        found = self._pile.places(wanted, oldest=oldest, first=0, most=enough)
        return [place for place in found if (place.thread_id, place.pause_key) not in known][first : first + most]

    def rows(self, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Row]:
        return self._pile.rows(keys)

    def threads(self, wanted: Wanted, *, first: str, most: int) -> list[str]:
        return self._pile.threads(wanted, first=first, most=most)

    def place(self, key: tuple[str, str]) -> Place | None:
        return self._pile.place(key)

    def beside(self, place: Place) -> Beside:
        return self._pile.beside(place)


def _counted(rows: Sequence[Row], wanted: Wanted) -> Counter[Group]:
    found = (row for row in rows if fits(row, wanted))
    return Counter((row.kind.value, row.graph_id or "unknown", row.status.value) for row in found)
