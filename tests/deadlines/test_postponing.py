"""More time, a pause, going on, setting aside: who may, what is kept of it, and what it does not change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from agents import deadlines, starts
from agents.deadlines import State
from agents.desk import Desk
from agents.domain import Actor, Pause, Proof, Role
from agents.errors import InvalidInput, NotAllowed, NotPending
from agents.history import story
from agents.reviews import inbox, open_review
from agents.runs.due import sweep
from tests.deadlines.desks import HELLO, PEOPLE, Later, desk_with, events, key_of, mail, row_of
from tests.desks import paused

HOUR = timedelta(hours=1)
REVIEWER = Actor("rita", Role.REVIEWER, Proof.LOCAL)
LEAD = Actor("lee", Role.LEAD, Proof.LOCAL)


@pytest.fixture(scope="module")
def clock() -> Later:
    return Later()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, clock: Later) -> Iterator[Desk]:
    made = desk_with(tmp_path_factory.mktemp("home"), PEOPLE, clock)
    yield made
    made.close()


@pytest.fixture
def pause(desk: Desk) -> Pause:
    found = paused(desk, "one", desk.settings.home)[1]
    sweep(desk)
    return found


def test_more_time_is_given_by_a_lead_with_a_reason(desk: Desk, pause: Pause) -> None:
    before = row_of(desk, pause)
    assert before is not None
    with pytest.raises(NotAllowed, match="a lead or higher may"):
        deadlines.extend(desk, key_of(pause), HOUR, actor=REVIEWER, reason="Ann is away")
    with pytest.raises(InvalidInput, match="Say why"):
        deadlines.extend(desk, key_of(pause), HOUR, actor=LEAD, reason="  ")
    assert deadlines.extend(desk, key_of(pause), HOUR, actor=LEAD, reason="Ann is away").due_at == before.due_at + HOUR
    told = events(desk, pause)[-1]
    assert (told.action, told.actor, told.fields["reason"]) == ("extended", "lee", "Ann is away")
    assert story(desk, pause.thread_id).entries[-1].what == "gave this 1 h more: “Ann is away”"


def test_a_paused_clock_goes_on_with_what_was_left(desk: Desk, clock: Later, pause: Pause) -> None:
    deadlines.pause(desk, key_of(pause), actor=LEAD, reason="Ann is away")
    with pytest.raises(NotPending, match="paused already"):
        deadlines.pause(desk, key_of(pause), actor=LEAD, reason="Ann is away")
    clock.forward(days=30)
    assert sweep(desk) >= 0
    row = row_of(desk, pause)
    assert row is not None
    assert row.state is State.PAUSED
    deadlines.extend(desk, key_of(pause), HOUR, actor=LEAD, reason="Ann is away")
    due_at = deadlines.go_on(desk, key_of(pause), actor=LEAD).due_at
    assert timedelta(hours=24, minutes=59) < due_at - clock() <= timedelta(hours=25)
    with pytest.raises(NotPending, match="not paused"):
        deadlines.go_on(desk, key_of(pause), actor=LEAD)


def test_what_is_set_aside_is_out_of_one_inbox_and_no_deadline_moves(desk: Desk, clock: Later, pause: Pause) -> None:
    before = row_of(desk, pause)
    until = deadlines.snooze(desk, key_of(pause), HOUR, actor="ann")
    assert timedelta(minutes=59) < until - clock() <= HOUR
    assert row_of(desk, pause) == before
    assert pause.thread_id not in threads(desk, "ann")
    assert pause.thread_id in threads(desk, "bob")
    assert threads(desk, "ann", hands="aside") == [pause.thread_id]
    opened = open_review(desk, pause.thread_id, pause.pause_key, actor="ann")
    assert opened.aside_until == until
    deadlines.wake(desk, key_of(pause), actor="ann")
    assert pause.thread_id in threads(desk, "ann")
    with pytest.raises(NotPending):
        deadlines.wake(desk, key_of(pause), actor="ann")
    assert [event.action for event in events(desk, pause)[-2:]] == ["snoozed", "woken"]


def test_it_comes_back_by_itself(desk: Desk, clock: Later, pause: Pause) -> None:
    deadlines.snooze(desk, key_of(pause), HOUR, actor="ann")
    clock.forward(hours=1)
    assert pause.thread_id in threads(desk, "ann")
    assert threads(desk, "ann", hands="aside") == []


def test_next_and_previous_pass_over_what_is_set_aside(desk: Desk) -> None:
    three = [paused(desk, "one", desk.settings.home)[1] for _ in range(3)]
    newest, middle, oldest = reversed(three)
    deadlines.snooze(desk, key_of(middle), HOUR, actor="ann")
    for actor, expected in (("ann", oldest), ("bob", middle)):
        opened = open_review(desk, newest.thread_id, newest.pause_key, actor=actor)
        assert opened.next_key == key_of(expected)
    assert open_review(desk, oldest.thread_id, oldest.pause_key, actor="ann").previous_key == key_of(newest)


def test_the_most_urgent_stand_first_whatever_the_page(desk: Desk) -> None:
    home = desk.settings.home
    soon = paused(desk, "one", home, deadline="10m")[1]
    sooner = paused(desk, "one", home, deadline="5m")[1]
    never = paused(desk, "one", home, deadline={"steps": []})[1]
    sweep(desk)
    pages = [inbox(desk, order="urgent", page=page, per_page=2).rows for page in range(1, 9)]
    rows = [row for page in pages for row in page]
    assert [row.thread_id for row in rows[:2]] == [sooner.thread_id, soon.thread_id]
    assert rows[-1].thread_id == never.thread_id
    assert len({row.key for row in rows}) == len(rows) == inbox(desk).total
    assert rows[0].due_words.startswith("goes to a lead in")
    assert rows[0].due_near


def test_a_start_that_decides_by_itself_needs_who_may_decide(desk: Desk) -> None:
    approve = {"steps": [{"after": "1h", "do": "default", "decision": "approve"}]}
    token = Actor("agent", Role.REVIEWER, Proof.LOCAL, scopes=frozenset({"start"}))
    with pytest.raises(NotAllowed, match="decide"):
        starts.start(desk, "email_approval", HELLO, actor=token, deadline=approve)
    starts.start(desk, "email_approval", HELLO, actor=token, deadline="1h")


def test_a_bad_plan_starts_nothing(home: Path) -> None:
    desk = desk_with(home)
    with pytest.raises(InvalidInput, match="deadline"):
        mail(desk, deadline="whenever")
    assert inbox(desk).running == ()
    desk.close()


def threads(desk: Desk, actor: str, hands: str = "") -> list[str]:
    return [row.thread_id for row in inbox(desk, per_page=99, who=actor, hands=hands).rows]
