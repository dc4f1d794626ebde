"""The inbox of several people: what is mine, what is in nobody's hands, and the marks on rows; small files and large ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agents import claims, starts
from agents.decisions import decide
from agents.desk import Desk
from agents.domain import Actor, DecisionType, Proof, Role, Said
from agents.errors import SecondNeeded
from agents.reviews import Row, inbox, open_review
from tests.desks import desk_in, work

YES = Said(DecisionType.RESPOND, message="yes")
THREADS = ("a", "b", "c", "d", "e")


@pytest.fixture(params=[60_000, 1], ids=["whole", "followed"])
def desk(home: Path, request: pytest.FixtureRequest) -> Iterator[Desk]:
    (home / "rules.toml").write_text("[graphs.one]\nfour_eyes = true\n")
    made = replace(desk_in(home, undo_seconds=0, rules=home / "rules.toml"), follow_from=request.param)
    for name in THREADS:
        starts.start(made, "one", {"log": str(home / "log.txt"), "question": f"{name}?"}, actor="x", thread_id=name)
    work(made)
    yield made
    made.close()


def shown(desk: Desk, hands: str, who: str | Actor, page: int = 1) -> list[str]:
    found = inbox(desk, hands=hands, who=who, order="oldest", per_page=3, page=page)
    assert found.waiting == len(THREADS)
    return [row.thread_id for row in found.rows]


def row_of(desk: Desk, thread: str) -> Row:
    return next(row for row in inbox(desk).rows if row.thread_id == thread)


def key(desk: Desk, thread: str) -> str:
    return desk.pauses(thread)[0].pause_key


def test_mine_unclaimed_and_all(desk: Desk) -> None:
    claims.claim(desk, "b", key(desk, "b"), actor="ann")
    claims.claim(desk, "d", key(desk, "d"), actor="bo")
    claims.assign(desk, "a", key(desk, "a"), "ann", actor="bo")
    claims.assign(desk, "d", key(desk, "d"), "ann", actor="bo")
    claims.assign(desk, "e", key(desk, "e"), "role:lead", actor="bo")
    lead, reviewer = (Actor("ann", role, Proof.OIDC) for role in (Role.LEAD, Role.REVIEWER))
    assert shown(desk, "mine", lead) == ["a", "b", "e"]
    assert shown(desk, "mine", reviewer) == ["a", "b"]
    assert shown(desk, "mine", "Bo") == ["d", "e"]
    assert shown(desk, "free", lead) == ["a", "c", "e"]
    assert shown(desk, "", lead) == ["a", "b", "c"]
    assert inbox(desk, hands="free", who=lead).total == 3
    assert inbox(desk).in_hands == 4
    claims.release(desk, "d", key(desk, "d"), actor="bo")
    assert shown(desk, "free", "bo") == ["a", "c", "d"]
    assert shown(desk, "free", "bo", page=2) == ["e"]


def test_a_row_and_a_review_tell_who_has_it_and_how_far_two_have_come(desk: Desk) -> None:
    made = claims.claim(desk, "b", key(desk, "b"), actor="ann")
    claims.assign(desk, "b", key(desk, "b"), "role:lead", actor="ann")
    row = row_of(desk, "b")
    assert (row.claimed_by, row.claimed_until, row.assigned_to) == ("ann", made.until, "role:lead")
    opened = open_review(desk, "b", key(desk, "b"), actor="bo")
    assert opened.claim == made
    assert opened.assignment is not None
    assert row_of(desk, "a").claimed_by is None
    with pytest.raises(SecondNeeded):
        decide(desk, "c", key(desk, "c"), YES, actor="ann")
    assert row_of(desk, "c").opinions == 1
    opened = open_review(desk, "c", key(desk, "c"), actor="bo")
    assert [each.actor for each in opened.council.others] == ["ann"]
    assert opened.asked[0].council == opened.council
    assert opened.agreed == ()
    pause_key = key(desk, "c")
    decide(desk, "c", pause_key, YES, actor="bo")
    work(desk)
    assert open_review(desk, "c", pause_key, actor="bo").agreed == ("ann",)
