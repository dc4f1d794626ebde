"""The demo: a dozen threads of all kinds on an empty desk, to look at and decide, and to be taken away again."""

from __future__ import annotations

from agents.demo.filling import Filling, fill, filling
from agents.demo.making import Progress, make_demo, only_one
from agents.demo.standing import Standing, refusal, shown_thread, standing
from agents.demo.taking import take_away
from agents.desk import Desk
from agents.domain import Who
from agents.errors import InvalidInput
from agents.people import Act, permitted

__all__ = [
    "Filling",
    "Progress",
    "Standing",
    "fill",
    "filling",
    "make_demo",
    "refusal",
    "reset_demo",
    "shown_thread",
    "standing",
]


def reset_demo(desk: Desk, *, actor: Who) -> tuple[str, ...]:
    """Take the demo away, whole or cut off; gives, in sentences, what stayed and why.

    Threads that were started here since, and a person's own files, stay. Raises InvalidInput when there is no demo,
    Busy while one of its threads runs, NotAllowed.
    """
    name = permitted(desk, actor, Act.ADMINISTER)
    with only_one(desk):
        now = standing(desk)
        if not now.threads:
            raise InvalidInput("This desk shows no demo, so there is nothing to take away.")
        return take_away(desk, now, actor=name)
