"""Plan approval from start to effect: real checkpointer, real journal, real files."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from agents.effects import EffectStatus
from agents.errors import ModelError, SignoffError
from agents.graphs import plan_approval
from agents.settings import load_settings
from tests.plan_threads import LOGS, THREAD, FakeWriter, PlanThread, plan_thread
from tests.workspaces import contents, make, put

FILES = {"a.log": ("aaa", 40), "sub/b.log": ("bb", 50), "new.log": ("n", 1), "keep.txt": ("keep", 99)}
OLD = {"a.log", "sub/b.log"}
TWO_STEPS = (LOGS, {"op": "move", "pattern": "keep.txt", "destination": "notes/"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make(tmp_path / "ws", FILES)
    return tmp_path


@pytest.fixture
def thread(folder: Path) -> Iterator[PlanThread]:
    with plan_thread(folder) as running:
        yield running


def files(question: dict[str, Any], step: int = 0) -> list[str]:
    return [file["path"] for file in question["steps"][step]["files"]]


def untouched(folder: Path) -> bool:
    return set(contents(folder / "ws")) == set(FILES) and not (folder / "ws/.trash").exists()


def test_it_asks_before_anything_is_touched(thread: PlanThread, folder: Path) -> None:
    question = thread.start()
    step = question["steps"][0]
    shown = {key: value for key, value in question.items() if key not in {"steps", "plan_id", "workspace_id"}}
    assert shown == {
        "type": "plan_approval",
        "question": "Approve this plan?",
        "options": ["approve", "reject", "modify"],
        "task": "delete old logs",
        "original_task": None,
        "clarified": [],
        "plan": ["Move 2 files (5 bytes) matching **/*.log, older than 30 days, to the trash"],
        "summary": "Plan 1",
        "totals": {"files": 2, "bytes": 5},
        "workspace": str(folder / "ws"),
        "reversible": True,
        "revision": 1,
        "instruction": None,
        "previous": None,
        "model": {"label": "a fake", "offline": True},
        "refused": [],
        "notes": [],
        "problem": None,
    }
    assert {file["path"]: file["size"] for file in step["files"]} == {"a.log": 3, "sub/b.log": 2}
    assert step["newest"]["path"] == "a.log"
    assert step["sentence"] == question["plan"][0]
    assert json.loads(json.dumps(question)) == question
    assert untouched(folder)
    assert thread.effects == []
    assert thread.writer.requests[0].listing == sorted(FILES)


@pytest.mark.parametrize("answer", [{"type": "approve"}, "approve", " Approve "])
def test_approve_does_it_and_says_so(thread: PlanThread, folder: Path, answer: object) -> None:
    question = thread.start()
    outcome = thread.answer(answer)
    assert set(contents(folder / "ws")) == {"new.log", "keep.txt"}
    assert (outcome["status"], outcome["text"]) == ("done", "Moved 2 files (5 bytes) to the trash.")
    assert outcome["details"]["restorable"] is True
    assert thread.told == ["Moved 1 of 2 files to the trash", "Moved 2 of 2 files to the trash"]
    (effect,) = thread.effects
    assert effect.key == f"{THREAD}:{question['plan_id']}:1"
    assert (effect.kind, effect.status, effect.request["op"]) == ("file", EffectStatus.DONE, "delete")
    assert effect.result["done"] == 2
    assert (folder / "ws" / effect.request["trash"] / "files/a.log").read_text() == "aaa"
    assert set(thread.workspace.restore(THREAD).restored) == OLD
    assert set(contents(folder / "ws")) == set(FILES)


def test_what_changed_between_approval_and_execution_is_left_alone(thread: PlanThread, folder: Path) -> None:
    thread.start()
    put(folder / "ws", "a.log", "changed", 40)
    put(folder / "ws", "appeared.log", "x", 40)
    outcome = thread.answer("approve")
    assert outcome["status"] == "partly"
    assert outcome["text"] == (
        "Moved 1 file (2 bytes) to the trash. a.log was left alone: it changed since it was approved."
    )
    assert set(contents(folder / "ws")) == {"a.log", "appeared.log", "new.log", "keep.txt"}


@pytest.mark.parametrize("answer", [{"type": "reject", "message": "Too early"}, {"type": "reject"}, "reject"])
def test_reject_changes_nothing_and_says_so(thread: PlanThread, folder: Path, answer: object) -> None:
    thread.start()
    outcome = thread.answer(answer)
    assert outcome["status"] == "rejected"
    assert outcome["text"].startswith("The plan was rejected. Nothing was changed; its 2 files stay as they are.")
    assert ("Too early" in outcome["text"]) is ("Too early" in str(answer))
    assert untouched(folder)
    assert thread.effects == []


@pytest.mark.parametrize("answer", [{"type": "respond", "message": "only csv"}, "modify: only csv", "only csv"])
def test_an_instruction_makes_a_new_plan(folder: Path, answer: object) -> None:
    writer = FakeWriter(plans=((LOGS,), ({"op": "delete", "pattern": "keep.txt"},)))
    with plan_thread(folder, writer) as thread:
        first = thread.start()
        second = thread.answer(answer)
        assert (second["revision"], second["instruction"]) == (2, "only csv")
        assert second["previous"] == first["plan"]
        assert files(second) == ["keep.txt"]
        assert second["plan_id"] != first["plan_id"]
        asked = writer.requests[-1]
        assert asked.instruction == "only csv"
        assert [step.pattern for step in asked.previous or []] == ["**/*.log"]
        assert untouched(folder)
        assert thread.answer("approve")["status"] == "done"
    assert set(contents(folder / "ws")) == set(FILES) - {"keep.txt"}


def test_an_edit_that_removes_files_runs_as_edited(thread: PlanThread, folder: Path) -> None:
    question = thread.start()
    step = {**question["steps"][0], "files": ["sub/b.log"]}
    outcome = thread.answer({"type": "edit", "steps": [step]})
    assert outcome["text"] == "Moved 1 file (2 bytes) to the trash."
    assert set(contents(folder / "ws")) == set(FILES) - {"sub/b.log"}
    assert len(thread.writer.requests) == 1


def test_an_edit_that_removes_a_step_runs_as_edited(folder: Path) -> None:
    with plan_thread(folder, FakeWriter(plans=(TWO_STEPS,))) as thread:
        question = thread.start()
        outcome = thread.answer({"type": "edit", "steps": [question["steps"][1]]})
        assert outcome["text"] == "Moved 1 file (4 bytes)."
        (effect,) = thread.effects
        assert effect.key.endswith(":2")
    assert set(contents(folder / "ws")) == (set(FILES) - {"keep.txt"}) | {"notes/keep.txt"}


@pytest.mark.parametrize(
    "change",
    [
        {"pattern": "*.txt", "older_than_days": None},
        {"older_than_days": 0.5},
        {"op": "move", "destination": "old"},
        {"op": "find"},
    ],
)
def test_any_other_edit_is_looked_at_again(thread: PlanThread, folder: Path, change: dict[str, Any]) -> None:
    question = thread.start()
    step = {key: value for key, value in question["steps"][0].items() if key in {*LOGS, "older_than_days"}} | change
    again = thread.answer({"type": "edit", "steps": [step]})
    if change == {"op": "find"}:
        assert again["text"] == "Found 2 files (5 bytes)."  # reads only: nothing to ask
    else:
        assert (again["revision"], again["previous"], again["instruction"]) == (2, question["plan"], None)
        assert len(thread.writer.requests) == 1
        assert thread.answer("approve")["status"] == "done"


def test_files_left_out_stay_out_when_another_step_is_edited(folder: Path) -> None:
    with plan_thread(folder, FakeWriter(plans=(TWO_STEPS,))) as thread:
        one, two = thread.start()["steps"]
        again = thread.answer({"type": "edit", "steps": [{**one, "files": ["a.log"]}, {**two, "destination": "other"}]})
        assert files(again) == ["a.log"]
        assert again["steps"][0]["exclude"] == ["sub/b.log"]
        assert thread.answer("approve")["status"] == "done"
    assert {"sub/b.log", "other/keep.txt"} <= set(contents(folder / "ws"))


BAD_ANSWERS: list[Any] = [
    "", "  ", "modify", "modify:", 7, None, True, [], {}, {"type": "send"}, {"type": "approve", "steps": []},
    {"type": "respond"}, {"type": "respond", "message": 3}, {"type": "edit"}, {"type": "edit", "steps": []},
    {"type": "edit", "steps": ["x"]}, {"type": "edit", "steps": [{"op": "format"}]},
    {"type": "edit", "steps": [{"op": "delete"}]}, {"type": "edit", "steps": [{**LOGS, "rm": 1}]},
    {"type": "edit", "steps": [{**LOGS, "files": []}]}, {"type": "edit", "steps": [{**LOGS, "files": ["/etc/passwd"]}]},
    {"type": "edit", "steps": [{**LOGS, "older_than_days": -1}]}, {"type": "ignore"}, [{"type": "approve"}],
]  # fmt: skip


@pytest.mark.parametrize("answer", [bad for bad in BAD_ANSWERS if bad not in (None, {})], ids=str)
def test_a_bad_answer_is_asked_again_and_never_bricks_the_thread(
    thread: PlanThread, folder: Path, answer: object
) -> None:
    question = thread.start()
    again = thread.answer(answer)
    assert again["problem"].startswith("That answer could not be used. ")
    assert {**again, "problem": None} == question
    assert untouched(folder)
    assert thread.answer("approve")["status"] == "done"


def test_no_answer_whatever_raises_in_the_asking_node(thread: PlanThread) -> None:
    proposal = thread.start()
    for bad in BAD_ANSWERS:
        heard = plan_approval.hear({"proposal": proposal}, bad)
        assert heard["next"] == "review", bad


def test_reads_only_runs_without_asking(folder: Path) -> None:
    with plan_thread(folder, FakeWriter(plans=(({"op": "find", "pattern": "**/*.log"},),))) as thread:
        outcome = thread.start("find the logs")
        assert (outcome["status"], outcome["text"]) == ("done", "Found 3 files (6 bytes).")
        assert [file["path"] for file in outcome["details"]["steps"][0]["files"]] == ["a.log", "new.log", "sub/b.log"]
        assert thread.effects == []
    assert untouched(folder)


def test_a_mixed_plan_asks_once(folder: Path) -> None:
    plan = ({"op": "find", "pattern": "**/*.txt"}, LOGS)
    with plan_thread(folder, FakeWriter(plans=(plan,))) as thread:
        question = thread.start()
        assert question["totals"] == {"files": 2, "bytes": 5}
        assert thread.answer("approve")["text"] == "Found 1 file (4 bytes); Moved 2 files (5 bytes) to the trash."


def test_what_is_unsafe_is_refused_and_never_done(folder: Path) -> None:
    put(folder, "outside.log", "o", 90)
    plan = ({"op": "delete", "pattern": "../*.log"}, {"op": "find", "pattern": "*.txt"})
    with plan_thread(folder, FakeWriter(plans=(plan,))) as thread:
        question = thread.start()  # a find alone would not ask; something refused does
        assert [(refused["path"], "“..”" in refused["why"]) for refused in question["refused"]] == [("../*.log", True)]
        assert [step["op"] for step in question["steps"]] == ["find"]
        outcome = thread.answer("approve")
        assert outcome["text"] == "Found 1 file (4 bytes). What had been refused was not done."
    assert (folder / "outside.log").exists()


def test_a_plan_that_matches_nothing_says_so_and_can_be_changed(folder: Path) -> None:
    nothing = {"op": "delete", "pattern": "*.nothing"}
    with plan_thread(folder, FakeWriter(plans=((nothing,), (LOGS,), (nothing,)))) as thread:
        question = thread.start()
        assert "matches no files" in question["notes"][0]
        assert files(thread.answer("the logs, please")) == ["a.log", "sub/b.log"]
        thread.answer("again")
        outcome = thread.answer("approve")
        assert (outcome["status"], outcome["text"]) == ("done", "Nothing was changed: the plan matched no files.")


@pytest.mark.parametrize("task", ["", "  \n"])
def test_an_empty_task(thread: PlanThread, folder: Path, task: str) -> None:
    with pytest.raises(ValidationError) as caught:
        plan_approval.INPUT.model_validate({"task": task})
    assert caught.value.errors()[0]["msg"] == "Value error, Say what should happen to the files."
    outcome = thread.start(task)
    assert outcome["status"] == "failed"
    assert "The task is empty" in outcome["text"]
    assert thread.writer.requests == []


def test_the_input_takes_nothing_else() -> None:
    with pytest.raises(ValidationError):
        plan_approval.INPUT.model_validate({"task": "x", "path": "/"})
    assert plan_approval.title_of({"task": "one\n two  " + "x" * 100}) == "one two " + "x" * 71 + "…"


def test_a_first_plan_that_fails_keeps_the_thread(thread: PlanThread, folder: Path) -> None:
    thread.writer.failing = True
    with pytest.raises(ModelError):
        thread.start()
    thread.writer.failing = False
    assert thread.go_on()["revision"] == 1
    assert untouched(folder)


def test_an_instruction_that_gives_no_plan_keeps_the_one_under_review(thread: PlanThread, folder: Path) -> None:
    first = thread.start()
    thread.writer.failing = True
    again = thread.answer("be nice")
    assert again["problem"] == "No new plan for “be nice”. The model said nothing."
    assert {**again, "problem": None} == first
    thread.writer.failing = False
    assert thread.answer("something else")["instruction"] == "something else"
    assert thread.answer("approve")["status"] == "done"


def test_a_missing_workspace_keeps_the_thread(thread: PlanThread, folder: Path) -> None:
    (folder / "ws").rename(folder / "away")
    with pytest.raises(SignoffError, match="does not exist"):
        thread.start()
    (folder / "away").rename(folder / "ws")
    assert set(files(thread.go_on())) == OLD


def test_a_workspace_that_goes_missing_after_approval_keeps_the_thread(thread: PlanThread, folder: Path) -> None:
    thread.start()
    (folder / "ws").rename(folder / "away")
    with pytest.raises(SignoffError, match="does not exist"):
        thread.answer("approve")
    (folder / "away").rename(folder / "ws")
    assert thread.go_on()["status"] == "done"
    assert set(contents(folder / "ws")) == {"new.log", "keep.txt"}


def interrupted(thread: PlanThread, folder: Path) -> None:
    """Approved, begun, killed; then somebody emptied the trash."""
    question = thread.start()
    key = f"{THREAD}:{question['plan_id']}:1"
    thread.journal.begin(key, "file", thread_id=THREAD, request={"op": "delete"})
    (folder / "ws/a.log").unlink()


def test_what_is_in_doubt_goes_to_a_person(thread: PlanThread, folder: Path) -> None:
    interrupted(thread, folder)
    question = thread.answer("approve")
    assert (question["type"], question["options"]) == ("in_doubt", ["mark as done", "do it again"])
    assert [file["path"] for file in question["files"]] == ["a.log"]
    assert "neither in its place nor in the trash" in question["why"]
    (effect,) = thread.effects
    assert (effect.status, effect.key) == (EffectStatus.IN_DOUBT, question["effect_key"])
    again = thread.answer("perhaps")
    assert "could not be used" in again["problem"]
    outcome = thread.answer("mark as done")
    assert (outcome["status"], outcome["text"]) == ("done", "Moved 2 files (5 bytes) to the trash.")
    assert thread.effects[0].status is EffectStatus.DONE


def test_doing_what_is_in_doubt_again(thread: PlanThread, folder: Path) -> None:
    interrupted(thread, folder)
    thread.answer("approve")
    outcome = thread.answer("do it again")
    assert outcome["status"] == "partly"
    assert "a.log was left alone: it is gone since it was approved." in outcome["text"]
    assert set(contents(folder / "ws")) == {"new.log", "keep.txt"}


def test_a_finished_thread_with_a_new_task_starts_afresh(folder: Path) -> None:
    writer = FakeWriter(plans=((LOGS,), ({"op": "delete", "pattern": "keep.txt"},)))
    with plan_thread(folder, writer) as thread:
        thread.start()
        thread.answer("approve")
        put(folder / "ws", "a.log", "aaa", 40)
        second = thread.start("another task")
        assert (second["revision"], second["previous"], second["instruction"]) == (1, None, None)
        assert writer.requests[-1].previous is None
        assert thread.answer("approve")["status"] == "done"
        assert len(thread.effects) == 2
        assert len(thread.workspace.restore(THREAD).restored) == 2


def test_names_that_are_not_utf8_go_through(folder: Path) -> None:
    name = os.fsencode(folder) + b"/ws/caf\xe9.log"
    with open(name, "wb") as file:
        file.write(b"x")
    os.utime(name, (1, 1))
    with plan_thread(folder) as thread:
        question = thread.start()
        assert "caf\\xe9.log" in files(question)
        assert "caf\\xe9.log" in thread.writer.requests[0].listing
        assert (
            thread.answer({"type": "edit", "steps": [{**question["steps"][0], "files": ["caf\\xe9.log"]}]})["status"]
            == "done"
        )
    assert not os.path.exists(name)
    assert (folder / "ws/a.log").exists()


def test_ten_thousand_files(folder: Path) -> None:
    shutil.rmtree(folder / "ws")
    make(folder / "ws", {f"logs/{n % 100}/{n}.log": ("x", 40) for n in range(10_000)})
    with plan_thread(folder) as thread:
        assert thread.start()["totals"]["files"] == 10_000
        outcome = thread.answer({"type": "approve"})
        assert outcome["text"] == "Moved 10,000 files (10.0 kB) to the trash."
        assert len(thread.effects) == 1
        assert len(thread.told) <= 21
    assert contents(folder / "ws") == {}
    assert (folder / "checkpoints.sqlite").stat().st_size < 20_000_000


def test_the_graph_of_the_settings_on_its_sample(home: Path) -> None:
    from langgraph.checkpoint.memory import InMemorySaver

    plan_approval.prepare_sample(load_settings())
    app = plan_approval.graph().compile(checkpointer=InMemorySaver())
    config: Any = {"configurable": {"thread_id": "sample"}}
    result = app.invoke(plan_approval.SAMPLE, config)
    (asked,) = result["__interrupt__"]
    assert asked.value["totals"]["files"] >= 3
    assert asked.value["refused"] == []
    assert asked.value["model"]["offline"] is True
    assert (home / "workspace/README.txt").exists()
