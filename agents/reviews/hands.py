"""In whose hands a review is: who has taken it on, who should decide it, and how many have said what they would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from agents import claims
from agents.claims import Claim, Key, is_for, same_person
from agents.decisions import opinions
from agents.domain import Who
from agents.reviews.rows import Row

MINE, FREE = "mine", "free"


@dataclass(frozen=True, slots=True)
class Hands:
    """By question: live claims, whom it was given to, and how many open opinions there are on which text."""

    claims: Mapping[Key, Claim] = field(default_factory=dict)
    assigned: Mapping[Key, str] = field(default_factory=dict)
    opinions: Mapping[tuple[str, str, str, str], int] = field(default_factory=dict)

    def on(self, row: Row) -> Row:
        key = row.key
        held, assigned = self.claims.get(key), self.assigned.get(key)
        given = self.opinions.get((*key, row.review.pause.seen), 0)
        if held is None and assigned is None and not given:
            return row
        holder, until = (held.holder, held.until) if held else (None, None)
        return replace(row, claimed_by=holder, claimed_until=until, assigned_to=assigned, opinions=given)

    def of(self, who: Who) -> frozenset[Key]:
        """What this person has taken on, or was given and nobody else has taken on."""
        mine = {key for key, held in self.claims.items() if same_person(held.holder, str(who))}
        given = {key for key, assignee in self.assigned.items() if is_for(assignee, who) and key not in self.claims}
        return frozenset(mine | given)


def hands_now(connection: Connection, now: datetime) -> Hands:
    return Hands(claims.claims(connection, now), claims.assignments(connection), opinions.counts(connection))
