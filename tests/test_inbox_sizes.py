"""A desk that follows its file says what a desk says that reads the whole of it, whatever was decided and delivered."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest

from agents import decisions, payloads, trust
from agents.desk import Desk
from agents.domain import DecisionType, Kind, PauseStatus, Said
from agents.errors import SignoffError
from agents.reviews import all_rows, board, inbox, open_review, rows_of
from tests.desks import desk_in, paused, work

WHOLE, FOLLOWED = 1 << 60, 0
GRAPHS = ("one", "two", "typed", "twice", "below")


@pytest.fixture
def desk(home: Path) -> Iterator[Desk]:
    """Signoff's tables and jobs; what it shows is asked of `both`."""
    made = desk_in(home, undo_seconds=0)
    yield made
    made.close()


@pytest.fixture
def both(home: Path) -> Iterator[tuple[Desk, Desk]]:
    """(one that reads the file whole, one that follows it)"""
    made = tuple(replace(desk_in(home), follow_from=rows) for rows in (WHOLE, FOLLOWED))
    yield made  # type: ignore[misc]
    for each in made:
        each.close()


def settled(desk: Desk) -> Desk:
    all_rows(desk)
    return desk


def the_same(whole: Desk, followed: Desk, chance: random.Random) -> None:
    settled(followed)
    key = lambda row: row.key  # noqa: E731
    assert sorted(all_rows(whole)[0], key=key) == sorted(all_rows(followed)[0], key=key)
    rows = inbox(whole, per_page=99).rows
    words = ["", "ship", "RED", "ship thread", "nothing of this"]
    for _ in range(4):
        asked = {
            "kinds": chance.sample([each.value for each in Kind], chance.choice([0, 0, 2])),
            "graphs": chance.sample(["one", "two", "unknown"], chance.choice([0, 0, 2])),
            "statuses": chance.sample([each.value for each in PauseStatus], chance.choice([0, 0, 1])),
            "sources": chance.choice([(), ("checkpoints",), ("another",)]),
            "search": chance.choice(words),
            "order": chance.choice(["newest", "oldest"]),
        }
        place = {"page": chance.randrange(4), "per_page": chance.choice([0, 3, 10])}
        alike(inbox(whole, **asked, **place), inbox(followed, **asked, **place))
        keys = [row.key for row in chance.sample(rows, min(2, len(rows)))]
        asked = {"graphs": asked["graphs"], "search": asked["search"], "order": asked["order"]}
        alike(board(whole, **asked, per_column=2, keep=keys), board(followed, **asked, per_column=2, keep=keys))
        assert rows_of(whole, keys) == rows_of(followed, keys)
    for row in chance.sample(rows, min(3, len(rows))):
        same_place(whole, followed, row.thread_id, row.pause_key)


def alike(one: object, other: object) -> None:
    assert type(one) is type(other)
    for each in fields(one):  # type: ignore[arg-type]
        assert getattr(one, each.name) == getattr(other, each.name), each.name


def same_place(whole: Desk, followed: Desk, thread_id: str, pause_key: str) -> None:
    one, other = (open_review(each, thread_id, pause_key, actor="ann") for each in (whole, followed))
    for name in ("previous_key", "next_key", "position", "total", "next_question"):
        assert getattr(one, name) == getattr(other, name), name


def test_whatever_is_decided_and_delivered(desk: Desk, both: tuple[Desk, Desk], home: Path) -> None:
    chance, (whole, followed) = random.Random(5), both
    decided: list[tuple[str, str]] = []
    for number in range(8):
        paused(desk, chance.choice(GRAPHS), home, question=f"Ship the {chance.choice(['red', 'blue'])} one, {number}?")
    for turn in range(4):
        rows = [row for row in inbox(whole, per_page=99).rows if row.state == "waiting"]
        for row in chance.sample(rows, min(3, len(rows))):
            type_ = chance.choice(row.review.allowed)
            try:
                said = Said(type_) if type_ is not DecisionType.RESPOND else Said(type_, message="yes")
                if type_ is not DecisionType.IGNORE:
                    payloads.encode(row.review.pause, said)
                decisions.decide(desk, row.thread_id, row.pause_key, said, actor=f"person {turn}")
            except SignoffError:
                continue
            decided.append((row.thread_id, row.pause_key))
        the_same(whole, followed, chance)
        if turn % 2:
            work(desk)
            the_same(whole, followed, chance)
    for thread_id, pause_key in decided:
        same_place(whole, followed, thread_id, pause_key)
    assert len(decided) > 4


def test_a_delivery_lifts_what_the_thread_asks_next_to_the_top(desk: Desk, both: tuple[Desk, Desk], home: Path) -> None:
    first, pause = paused(desk, "twice", home)
    paused(desk, "one", home)
    for each in both:
        assert inbox(each).rows[-1].thread_id == first
    decisions.decide(desk, first, pause.pause_key, Said(DecisionType.RESPOND, message="yes"), actor="ann")
    work(desk)
    for each in both:
        assert inbox(each).rows[0].thread_id == first
    the_same(*both, random.Random(1))


def test_an_index_made_anew_knows_what_was_delivered(desk: Desk, both: tuple[Desk, Desk], home: Path) -> None:
    first, pause = paused(desk, "twice", home)
    paused(desk, "one", home)
    decisions.decide(desk, first, pause.pause_key, Said(DecisionType.RESPOND, message="yes"), actor="ann")
    work(desk)
    the_same(*both, random.Random(2))
    for each in (home / "index").iterdir():
        each.unlink()
    the_same(*both, random.Random(3))


def test_a_thread_held_back_by_its_types_is_in_the_stuck_lane(desk: Desk, both: tuple[Desk, Desk], home: Path) -> None:
    held, pause = paused(desk, "below", home)
    for number in range(3):
        paused(desk, "one", home, question=f"Number {number}?")
    decisions.decide(desk, held, pause.pause_key, Said(DecisionType.RESPOND, message="yes"), actor="ann")
    work(desk)
    assert trust.held_back(desk, desk.pauses(held)[0]) is not None
    for each in map(settled, both):
        assert [(row.thread_id, row.status) for row in inbox(each, statuses=["stuck"]).rows] == [
            (held, PauseStatus.STUCK)
        ]
        assert inbox(each).statuses == {"question": 3, "stuck": 1}
        assert held not in {row.thread_id for row in inbox(each, statuses=["question"]).rows}
        assert inbox(each).failed == ()  # it is told among what waits
    for order in ("newest", "oldest"):
        for page in (1, 2, 3):
            asked = {"order": order, "page": page, "per_page": 2, "statuses": ["stuck", "question"]}
            alike(inbox(both[0], **asked), inbox(both[1], **asked))
    the_same(*both, random.Random(3))
