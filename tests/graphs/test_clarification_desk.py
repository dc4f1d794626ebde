"""Questions before a plan on a real desk: listed once, decided, taken back, tried again, killed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents import decisions, history, reviews, starts
from agents.desk import Desk
from agents.domain import JSON, DecisionType, Kind, Pause, Repair, Said, Situation
from agents.errors import AlreadyDecided, InvalidDecision
from agents.jobs import JobStatus
from tests.desks import desk_in, last_job, work

ANSWERS = ["log files in logs/", "move to the trash", "older than 30 days"]


@pytest.fixture
def desk(home: Path) -> Iterator[Desk]:
    opened = desk_in(home)
    yield opened
    opened.close()


@pytest.fixture
def thread_id(desk: Desk) -> str:
    return started(desk, "plan_approval")


def started(desk: Desk, graph_id: str) -> str:
    """A thread that asks about its vague task."""
    desk.registry.prepare_sample("clarification")
    made = starts.start(desk, graph_id, {"task": "Clean up the old stuff"}, actor="ann")
    work(desk)
    return made


def asked(desk: Desk, thread_id: str) -> Pause:
    (pause,) = desk.pauses(thread_id)
    return pause


def answer(desk: Desk, thread_id: str, answers: JSON, *, wait: bool = False) -> decisions.Decision:
    said = Said(DecisionType.RESPOND, args={"answers": answers})
    return decisions.decide(desk, thread_id, asked(desk, thread_id).pause_key, said, actor="ann", wait_for_undo=wait)


@pytest.mark.parametrize("graph_id", ["plan_approval", "clarification"])
def test_exactly_one_question_is_listed_and_answered_once(desk: Desk, graph_id: str) -> None:
    thread_id = started(desk, graph_id)
    (row,) = reviews.inbox(desk).rows
    assert (row.kind, row.thread_id, row.state) == (Kind.QUESTION, thread_id, "waiting")
    assert row.gist.startswith("Which files do you mean?")
    key = asked(desk, thread_id).pause_key
    made = answer(desk, thread_id, ANSWERS)
    assert made.resume_value == {"answers": ANSWERS}
    with pytest.raises(AlreadyDecided):
        answer(desk, thread_id, ANSWERS)
    work(desk)
    plan = asked(desk, thread_id)
    assert (plan.value["type"], plan.value["task"]) == (
        "plan_approval",
        "delete log files in logs/ older than 30 days",
    )
    assert plan.value["original_task"] == "Clean up the old stuff"
    opened = reviews.open_review(desk, thread_id, key, actor="ann")
    assert opened.next_question is not None
    assert opened.next_question.kind is Kind.PLAN
    review = reviews.open_review(desk, thread_id, plan.pause_key, actor="ann").review
    assert review is not None
    assert review.reversible
    decisions.decide(desk, thread_id, plan.pause_key, Said(DecisionType.APPROVE), actor="ann")
    work(desk)
    assert desk.outcome(thread_id)["status"] == "done"
    assert [each.actor for each in history.story(desk, thread_id).decisions] == ["ann", "ann"]


def test_an_answer_that_was_taken_back_is_asked_for_again(desk: Desk, thread_id: str) -> None:
    made = answer(desk, thread_id, [None, None, None], wait=True)
    work(desk)
    decisions.undo(desk, made.decision_id, actor="ann")
    work(desk)
    assert asked(desk, thread_id).value["type"] == "clarification_needed"
    answer(desk, thread_id, ANSWERS)
    work(desk)
    assert asked(desk, thread_id).value["type"] == "plan_approval"


@pytest.mark.parametrize("graph_id", ["plan_approval", "clarification"])
def test_a_run_that_failed_after_the_answer_is_tried_again_without_asking(desk: Desk, graph_id: str) -> None:
    thread_id = started(desk, graph_id)
    workspace = desk.settings.workspace_path
    workspace.rename(workspace.with_name("away"))
    workspace.write_text("a file stands where the folder was")
    answer(desk, thread_id, ANSWERS)
    work(desk)
    assert last_job(desk, thread_id).status is JobStatus.FAILED
    assert [(pause.situation, pause.repairs) for pause in desk.pauses(thread_id)] == [
        (Situation.FAILED, (Repair.RETRY,))
    ]
    workspace.unlink()
    workspace.with_name("away").rename(workspace)
    starts.retry(desk, thread_id, actor="ann")
    work(desk)
    assert asked(desk, thread_id).value["type"] == "plan_approval"


def test_an_answer_that_is_not_understood_stays_open_and_changes_nothing(desk: Desk, thread_id: str) -> None:
    answer(desk, thread_id, ["log files", "paint them green", "30 days"])
    work(desk)
    assert desk.pauses(thread_id) == ()
    text = desk.outcome(thread_id)["text"]
    assert text.startswith("Found ")
    assert "Nothing was changed. The offline rules do not understand “paint them green”" in text
    assert last_job(desk, thread_id).error is None


def test_without_answers_it_only_looks(desk: Desk, thread_id: str) -> None:
    answer(desk, thread_id, [None, None, None])
    work(desk)
    assert desk.pauses(thread_id) == ()
    outcome = desk.outcome(thread_id)
    assert outcome["text"].startswith("Found ")
    assert "Left open: “Which files do you mean?” “What should happen to them?”" in outcome["text"]


def test_what_the_graph_would_not_take_is_not_accepted(desk: Desk, thread_id: str) -> None:
    for answers in (None, [], ["only one"], ["a", "b", 7], "log files"):
        with pytest.raises(InvalidDecision):
            answer(desk, thread_id, answers)
    assert asked(desk, thread_id).value["problem"] is None


def test_closing_the_thread_closes_its_question(desk: Desk, thread_id: str) -> None:
    pause = asked(desk, thread_id)
    decisions.decide(desk, thread_id, pause.pause_key, Said(DecisionType.IGNORE), actor="ann", wait_for_undo=False)
    work(desk)
    assert desk.pauses(thread_id) == ()
    assert reviews.inbox(desk).rows == ()


@pytest.mark.slow
def test_killed_in_any_step_it_is_gone_on_with_and_asked_once(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.clarification_kills", str(tmp_path)]
    finished = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).resolve().parents[2])
    assert finished.returncode == 0, finished.stderr
    found = json.loads(finished.stdout)
    assert len(found) == 6
    for name, each in found.items():
        calls = ["clarify", "enrich", "plan"]
        calls.insert(calls.index(name.split()[1]), name.split()[1])
        assert each == {
            "codes": [-9, 0],
            "called": calls,
            "asks": "plan_approval",
            "task": "delete log files older than 30 days",
            "decisions": ["delivered"],
            "listed": 1,
        }
