"""Where a review stands in the inbox: its neighbours, newest first, and its place among what waits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeAlias

from agents.audit import Question
from agents.checkpoints import Place
from agents.clock import to_text
from agents.decisions import Decision
from agents.desk import Desk
from agents.domain import Pause
from agents.reviews.listing import piles_of, total_of
from agents.reviews.piles import Pile

Key: TypeAlias = tuple[str, str, str]
"""(source_id, thread_id, pause_key)"""
_Found: TypeAlias = tuple[Place, str] | None


def place_of(
    desk: Desk, about: Question, pause: Pause | None, last: Decision | None, aside: Collection[Key]
) -> tuple[Key | None, Key | None, int, int]:
    """The one above, the one below, the place from 1 (0 when it waits no more), and how many wait.

    aside: those that are passed over, since this person set them aside.
    """
    piles = piles_of(desk)
    mine = next((pile for pile in piles if pile.source_id == about.source_id), None)
    here = mine.place((about.thread_id, about.pause_key or "")) if mine else None
    above, below, newest, before = _beside(piles, here or _would_be(desk, pause, last))
    while above is not None and _key(above) in aside:
        above = _beside(piles, above[0])[0]
    following = below or newest
    while following is not None and _key(following) in aside:
        following = _beside(piles, following[0])[1]
    total = total_of(pile.waiting() for pile in piles).total()
    return _key(above), _key(following), before + 1 if here else 0, total


def _beside(piles: Sequence[Pile], place: Place) -> tuple[_Found, _Found, _Found, int]:
    """The next above and below a place in all files, the newest of all, and how many stand above."""
    found = [(pile.source_id, pile.beside(place)) for pile in piles]
    above = min(((each.above, source) for source, each in found if each.above), default=None)
    below = max(((each.below, source) for source, each in found if each.below), default=None)
    newest = max(((each.newest, source) for source, each in found if each.newest), default=None)
    return above, below, newest, sum(each.before for _, each in found)


def _would_be(desk: Desk, pause: Pause | None, last: Decision | None) -> Place:
    """Where one that is not in the list would stand: just above those of the same time."""
    at = to_text(pause.paused_at) if pause else last.decided_at if last else to_text(desk.clock())
    return Place(at, "\U0010ffff", "")


def _key(found: _Found) -> Key | None:
    return (found[1], found[0].thread_id, found[0].pause_key) if found else None
