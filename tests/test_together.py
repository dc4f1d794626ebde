"""Deciding several reversible reviews in one act: real plans on real files, two people at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest

from agents import audit, decisions, history, starts
from agents.database import reading
from agents.decisions import TOGETHER_MOST, Choice, Fate, decide_together
from agents.desk import Desk
from agents.domain import DecisionType, Pause, Said
from agents.errors import InvalidDecision
from agents.payloads.plan_overlaps import overlaps, touched
from agents.payloads.plan_proposal import read_proposal
from agents.reviews import inbox, rows_of
from tests.desks import desk_in, log_of, paused, work

APPROVE, REJECT = DecisionType.APPROVE, DecisionType.REJECT
OLD = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
MAIL = {"recipient": "ann@x.org", "subject": "Lunch", "instructions": "Thank her for the lunch on Monday."}


@pytest.fixture
def desk(home: Path) -> Iterator[Desk]:
    made = desk_in(home, undo_seconds=0)
    for path in ("a/one.log", "b/two.log", "c/three.log"):
        file = made.settings.workspace_path / path
        file.parent.mkdir(parents=True)
        file.write_text(path)
        os.utime(file, (OLD, OLD))
    yield made
    made.close()


def asks(desk: Desk, *tasks: str) -> list[Choice]:
    """A waiting plan per task, as its reviewer sees it."""
    threads = [starts.start(desk, "plan_approval", {"task": task}, actor="starter") for task in tasks]
    work(desk)
    return [seen(desk.pauses(thread)[0]) for thread in threads]


def seen(pause: Pause) -> Choice:
    return Choice(pause.source_id, pause.thread_id, pause.pause_key, pause.seen)


def logs(desk: Desk) -> list[str]:
    root = desk.settings.workspace_path
    return sorted(str(each.relative_to(root)) for each in root.glob("?/*.log"))


def decided_events(desk: Desk) -> list[audit.Event]:
    with reading(desk.engine) as connection:
        return [event for event in audit.everything(connection) if event.action == "decided"]


@pytest.fixture
def three(desk: Desk) -> list[Choice]:
    return asks(desk, "Delete all log files in a", "Delete all log files in b", "Delete all log files in c")


def test_three_plans_are_carried_out_and_each_is_a_decision_of_its_own(desk: Desk, three: list[Choice]) -> None:
    results = decide_together(desk, three, APPROVE, actor="ann")
    assert [result.fate for result in results] == [Fate.ACCEPTED] * 3
    assert len({result.decision.decision_id for result in results if result.decision}) == 3
    work(desk)
    assert logs(desk) == []
    assert [event.fields["together_with"] for event in decided_events(desk)] == [2, 2, 2]
    told = [entry.what for entry in history.story(desk, three[0].thread_id).entries]
    assert "approved together with 2 others" in told
    with reading(desk.engine) as connection:
        assert audit.verify(connection) is None
        assert decisions.altered(connection) is None


def test_a_second_click_decides_nothing_twice(desk: Desk, three: list[Choice]) -> None:
    first = decide_together(desk, [*three, three[0]], REJECT, actor="ann", message="Not now")
    again = decide_together(desk, three, REJECT, actor="ann", message="Not now")
    assert again == first
    work(desk)
    assert decide_together(desk, three, REJECT, actor="ann")[0].fate is Fate.ACCEPTED, "after delivery too"
    assert [event.fields["message"] for event in decided_events(desk)] == ["Not now"] * 3
    assert len(logs(desk)) == 3


def test_what_somebody_else_decided_or_changed_does_not_stop_the_others(desk: Desk, three: list[Choice]) -> None:
    decisions.decide(desk, three[0].thread_id, three[0].pause_key, Said(REJECT), actor="bob")
    old = Choice("checkpoints", three[1].thread_id, three[1].pause_key, "0" * 64)
    never = Choice("checkpoints", three[1].thread_id, "f" * 32 + ".0", "0" * 64)
    results = decide_together(desk, [three[0], old, never, three[2]], APPROVE, actor="ann")
    assert [result.fate for result in results] == [Fate.ALREADY, Fate.CHANGED, Fate.GONE, Fate.ACCEPTED]
    assert results[0].decision is not None
    assert results[0].decision.actor == "bob"
    assert "bob rejected this" in results[0].sentence
    work(desk)
    assert logs(desk) == ["a/one.log", "b/two.log"]


def test_two_people_at_once_share_the_plans_between_them(desk: Desk, three: list[Choice]) -> None:
    ready = Barrier(2)

    def click(name: str, choices: list[Choice], type_: DecisionType) -> list[Fate]:
        ready.wait()
        return [result.fate for result in decide_together(desk, choices, type_, actor=name)]

    with ThreadPoolExecutor(2) as pool:
        ann = pool.submit(click, "ann", three, APPROVE)
        bob = pool.submit(click, "bob", three[::-1], REJECT)
    pairs = list(zip(ann.result(), bob.result()[::-1], strict=True))
    assert all(sorted(pair) == [Fate.ACCEPTED, Fate.ALREADY] for pair in pairs)
    assert len(decided_events(desk)) == 3
    work(desk)
    assert len(logs(desk)) == sum(fate is Fate.ALREADY for fate in ann.result())


def test_anything_irreversible_refuses_the_whole_act(desk: Desk, three: list[Choice]) -> None:
    thread = starts.start(desk, "email_approval", MAIL, actor="starter")
    work(desk)
    mail = seen(desk.pauses(thread)[0])
    for type_ in (APPROVE, REJECT):
        with pytest.raises(InvalidDecision, match="nothing says that it can be undone"):
            decide_together(desk, [*three, mail], type_, actor="ann")
    with pytest.raises(InvalidDecision, match="cannot be decided together"):
        decisions.decide(desk, thread, mail.pause_key, Said(APPROVE), actor="ann", together_with=1)
    assert inbox(desk).waiting == 4
    assert decided_events(desk) == []


def test_a_stranger_that_calls_itself_reversible_is_not(desk: Desk, home: Path) -> None:
    _, pause = paused(desk, "one", home, question="Delete it? It is reversible.")
    with pytest.raises(InvalidDecision, match="cannot be decided together"):
        decide_together(desk, [seen(pause)], APPROVE, actor="ann")
    assert log_of(home) == []


def test_only_a_plain_yes_or_no(desk: Desk, three: list[Choice]) -> None:
    for type_ in (DecisionType.EDIT, DecisionType.RESPOND, DecisionType.IGNORE):
        with pytest.raises(InvalidDecision, match="approved or rejected"):
            decide_together(desk, three, type_, actor="ann", message="Do it otherwise")
    assert inbox(desk).waiting == 3


def test_plans_on_the_same_file_are_not_approved_together(desk: Desk) -> None:
    choices = asks(desk, "Delete all log files in a", "Delete **/*.log older than 30 days", "Delete all log files in b")
    with pytest.raises(InvalidDecision, match=r"the same 2 files: a/one\.log, b/two\.log"):
        decide_together(desk, choices, APPROVE, actor="ann")
    assert decided_events(desk) == []
    apart = decide_together(desk, [choices[0], choices[2]], APPROVE, actor="ann")
    assert [each.fate for each in apart] == [Fate.ACCEPTED] * 2
    assert decide_together(desk, choices[1:2], REJECT, actor="ann")[0].fate is Fate.ACCEPTED


def test_none_and_too_many_are_refused(desk: Desk) -> None:
    many = [Choice("checkpoints", f"thread-{number}", "x.0", "") for number in range(TOGETHER_MOST + 1)]
    for choices in ([], many):
        with pytest.raises(InvalidDecision, match="Choose 1 to 50"):
            decide_together(desk, choices, APPROVE, actor="ann")


def test_overlaps_count_targets_and_leave_out_what_is_only_found(desk: Desk) -> None:
    (plan,) = asks(desk, "Delete all log files in a")
    row = rows_of(desk, [plan.key])[plan.key]
    real = row.review.proposal
    assert touched(real) == {"a/one.log"}
    moving = read_proposal(
        {
            "workspace": real.workspace,
            "steps": [
                {"op": "move", "files": [{"path": "z.log", "size": 1, "mtime_ns": 1, "to": "a/one.log"}]},
                {"op": "find", "files": [{"path": "b/two.log", "size": 1, "mtime_ns": 1}]},
            ],
        },
        editable=True,
    )
    assert touched(moving) == {"z.log", "a/one.log"}
    assert overlaps([real, moving]) == [("a/one.log", (0, 1))]
    elsewhere = read_proposal(
        {"workspace": "/other", "steps": [dict(step) for step in moving.raw_steps]}, editable=True
    )
    assert overlaps([real, elsewhere]) == []
