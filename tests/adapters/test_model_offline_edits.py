"""A reviewer's instructions about a plan, followed by the offline rules."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest

from agents.adapters.model import PlanDraft, PlanRequest, StepDraft
from agents.adapters.model.offline import OfflineWriter
from agents.adapters.model.offline.narrower import narrower_than
from agents.adapters.model.offline.operations import changed
from agents.adapters.model.offline.places import World
from agents.errors import ModelError

TODAY = date(2026, 11, 22)
LISTING = ["app/server.log", "app/old/debug.log", "cache/a.tmp", "debug.log", "data/empty.csv", "docs/report.pdf"]
LOGS = [StepDraft(op="delete", pattern="**/*.log", older_than_days=30, why="The task says: “delete logs”.")]
LOG = {"op": "delete", "pattern": "**/*.log", "older_than_days": 30}
THREE = [
    StepDraft(op="delete", pattern="**/*.tmp"),
    StepDraft(op="move", pattern="**/*.pdf", destination="papers"),
    StepDraft(op="archive", pattern="**/*.csv", destination="data.zip"),
]
TMP = {"op": "delete", "pattern": "**/*.tmp"}
PDF = {"op": "move", "pattern": "**/*.pdf", "destination": "papers"}
CSV = {"op": "archive", "pattern": "**/*.csv", "destination": "data.zip"}
NOTE = [StepDraft(op="write", path="todo.txt", content="call Bob")]


def change(previous: list[StepDraft], instruction: str) -> PlanDraft:
    request = PlanRequest(task="delete logs", today=TODAY, listing=LISTING, previous=previous, instruction=instruction)
    return OfflineWriter().plan(request)


def steps(previous: list[StepDraft], instruction: str) -> list[dict[str, Any]]:
    plan = change(previous, instruction)
    return [step.model_dump(exclude_defaults=True, exclude={"why"}) for step in plan.steps]


ONE: list[tuple[str, dict[str, Any]]] = [
    ("only in app/", {**LOG, "pattern": "app/**/*.log"}),
    ("Please only delete files in app/.", {**LOG, "pattern": "app/**/*.log"}),
    ("only the app folder", {**LOG, "pattern": "app/**/*.log"}),
    ("just in app/old", {**LOG, "pattern": "app/old/**/*.log"}),
    ("limit it to app/", {**LOG, "pattern": "app/**/*.log"}),
    ("older than 60 days instead", {**LOG, "older_than_days": 60}),
    ("60 days", {**LOG, "older_than_days": 60}),
    ("make it 90 days", {**LOG, "older_than_days": 90}),
    ("use 2 weeks", {**LOG, "older_than_days": 14}),
    ("change 30 days to 10 days", {**LOG, "older_than_days": 10}),
    ("only those older than a year", {**LOG, "older_than_days": 365}),
    ("only in app/ and older than 60 days", {**LOG, "pattern": "app/**/*.log", "older_than_days": 60}),
    ("only larger than 1 MB", {**LOG, "larger_than_bytes": 1_000_000}),
    ("keep the last 45 days", {**LOG, "older_than_days": 45}),
    ("keep the last 7 days", LOG),
    ("delete log files older than 45 days", {**LOG, "older_than_days": 45}),
    ("except debug.log", {**LOG, "exclude": ["**/debug.log"]}),
    ("keep debug.log", {**LOG, "exclude": ["**/debug.log"]}),
    ("leave the app folder alone", {**LOG, "exclude": ["app/**/*"]}),
    ("not in app/", {**LOG, "exclude": ["app/**/*"]}),
    ("don't touch server.log", {**LOG, "exclude": ["**/server.log"]}),
    ("delete csv files instead", {"op": "delete", "pattern": "**/*.csv"}),
    ("don't delete, archive them to old.zip", {**LOG, "op": "archive", "destination": "old.zip"}),
    ("Don't delete them, move them to old/", {**LOG, "op": "move", "destination": "old"}),
    ("instead of deleting, archive them into x.zip", {**LOG, "op": "archive", "destination": "x.zip"}),
    ("archive them instead", {**LOG, "op": "archive", "destination": "log-2026-11-22.zip"}),
    ("move them to old instead of deleting them", {**LOG, "op": "move", "destination": "old"}),
    ("just list them", {**LOG, "op": "find"}),
    ("start over: find all csv files", {"op": "find", "pattern": "**/*.csv"}),
]


@pytest.mark.parametrize(("instruction", "expected"), ONE)
def test_a_plan_of_one_step_is_changed(instruction: str, expected: dict[str, Any]) -> None:
    assert steps(LOGS, instruction) == [expected]


MORE: list[tuple[list[StepDraft], str, list[dict[str, Any]]]] = [
    (LOGS, "also delete *.bak", [LOG, {"op": "delete", "pattern": "**/*.bak"}]),
    (LOGS, "delete *.bak too", [LOG, {"op": "delete", "pattern": "**/*.bak"}]),
    (LOGS, "also *.bak", [LOG, {**LOG, "pattern": "**/*.bak"}]),
    (LOGS, "then write done.txt saying 'done, all'", [LOG, {"op": "write", "path": "done.txt", "content": "done, all"}]),
    (
        LOGS,
        "only in app/; also delete *.bak",
        [{**LOG, "pattern": "app/**/*.log"}, {"op": "delete", "pattern": "**/*.bak"}],
    ),
    (THREE, "skip the second step", [TMP, CSV]),
    (THREE, "remove step 2 and 3", [TMP]),
    (THREE, "only step one", [TMP]),
    (THREE, "skip the last step", [TMP, PDF]),
    (THREE, "without the archive step", [TMP, PDF]),
    (THREE, "don't delete anything", [PDF, CSV]),
    (THREE, "put them in old/ instead", [TMP, {**PDF, "destination": "old"}, CSV]),
    (THREE, "call the archive all.zip", [TMP, PDF, {**CSV, "destination": "all.zip"}]),
    (THREE, "no archive step, and keep the last 3 days", [{**TMP, "older_than_days": 3}, {**PDF, "older_than_days": 3}]),
    (THREE, "only in cache", [{**TMP, "pattern": "cache/**/*.tmp"}, {**PDF, "pattern": "cache/**/*.pdf"}, {**CSV, "pattern": "cache/**/*.csv"}]),
    ([StepDraft(op="find", pattern="**/*.csv")], "also delete them", [{"op": "find", "pattern": "**/*.csv"}, {"op": "delete", "pattern": "**/*.csv"}]),
    (NOTE, "change the text to 'call Ann'", [{"op": "write", "path": "todo.txt", "content": "call Ann"}]),
    ([StepDraft(op="delete", pattern="app/*.log"), THREE[0]], "only in cache/", [{**TMP, "pattern": "cache/**/*.tmp"}]),
]  # fmt: skip


@pytest.mark.parametrize(("previous", "instruction", "expected"), MORE)
def test_a_plan_of_several_steps_is_changed(
    previous: list[StepDraft], instruction: str, expected: list[dict[str, Any]]
) -> None:
    assert steps(previous, instruction) == expected


REFUSED: list[tuple[list[StepDraft], str, str]] = [
    (LOGS, "", "The instruction is empty"),
    (LOGS, "be nice", "do not understand “be nice”"),
    (LOGS, "approve", "do not understand “approve”"),
    (LOGS, "skip the second step", "There is no step 2: the plan has 1"),
    (THREE, "skip the write step", "no write step"),
    (LOGS, "skip step 1", "Nothing would be left of the plan"),
    (LOGS, "don't delete anything", "Nothing would be left of the plan"),
    (LOGS, "move them instead", "where to move the files"),
    (LOGS, "only in app/ because Bob says so", "do not understand"),
    (LOGS, "also copy *.bak to x/", "do not understand"),
    ([StepDraft(op="delete", pattern="app/x.log")], "only in cache/", "Nothing would be left of the plan"),
]


@pytest.mark.parametrize(("previous", "instruction", "sentence"), REFUSED)
def test_what_cannot_be_followed_is_refused_with_a_sentence(
    previous: list[StepDraft], instruction: str, sentence: str
) -> None:
    with pytest.raises(ModelError) as caught:
        change(previous, instruction)
    assert sentence in str(caught.value)


def test_the_summary_and_the_reasons_say_what_was_asked() -> None:
    plan = change(LOGS, "only in app/")
    assert plan.summary == "Changed as asked: “only in app/”."
    assert plan.steps[0].why == "The task says: “delete logs”. You said: “only in app/”."
    again = change(plan.steps, "older than 60 days")
    assert again.steps[0].why == "The task says: “delete logs”. You said: “older than 60 days”."
    assert (again.steps[0].pattern, again.steps[0].older_than_days) == ("app/**/*.log", 60)


def test_an_instruction_that_changes_nothing_says_so() -> None:
    assert "leaves them alone already" in change(LOGS, "keep the last 7 days").summary


def test_what_a_reviewer_left_out_stays_left_out() -> None:
    previous = [LOGS[0].model_copy(update={"exclude": ["debug.log"]})]
    assert steps(previous, "except server.log")[0]["exclude"] == ["debug.log", "**/server.log"]
    assert steps(previous, "60 days")[0]["exclude"] == ["debug.log"]


def test_an_instruction_without_a_plan_follows_the_task() -> None:
    request = PlanRequest(task="delete logs older than 5 days", today=TODAY, instruction="only in app/")
    (step,) = OfflineWriter().plan(request).steps
    assert (step.pattern, step.older_than_days) == ("app/**/*.log", 5)


EVERYTHING = [StepDraft(op="delete", pattern="**/*")]
ALL_LOGS = [StepDraft(op="delete", pattern="**/*.log")]
NARROWER: list[tuple[list[StepDraft], str, list[dict[str, Any]]]] = [
    (ALL_LOGS, "only those starting with a", [{"op": "delete", "pattern": "**/a*.log"}]),
    (ALL_LOGS, "only files in app and data", [{"op": "delete", "pattern": f"{each}/**/*.log"} for each in ("app", "data")]),
    (EVERYTHING, "only pdf and csv files", [{"op": "delete", "pattern": "**/*.{csv,pdf}"}]),
    (EVERYTHING, "restrict to log files in app older than 3 days", [{"op": "delete", "pattern": "app/**/*.log", "older_than_days": 3}]),
    (LOGS, "only those older than 10 days", [LOG]),
    (LOGS, "only 10 days", [LOG]),
    (ALL_LOGS, "use archive instead", [{"op": "archive", "pattern": "**/*.log", "destination": "log-2026-11-22.zip"}]),
    (THREE, "only files ending in .tmp", [TMP]),
    (EVERYTHING, "keep logs", [{"op": "delete", "pattern": "**/*", "exclude": ["**/*.log", "**/*.log.*", "**/logs/**/*", "**/logs", "**/logs.*"]}]),
]  # fmt: skip


@pytest.mark.parametrize(("previous", "instruction", "expected"), NARROWER)
def test_only_keeps_what_both_the_plan_and_the_instruction_say(
    previous: list[StepDraft], instruction: str, expected: list[dict[str, Any]]
) -> None:
    assert steps(previous, instruction) == expected


ZIP = [StepDraft(op="archive", pattern="**/*.log", destination="x.zip")]
NO_WAY: list[tuple[list[StepDraft], str, str]] = [
    (ALL_LOGS, "only csv files", "Nothing would be left of the plan"),
    (ALL_LOGS, "use csv files", "Nothing would be left of the plan"),
    ([StepDraft(op="delete", pattern="*.log")], "only in app/", "Nothing would be left of the plan"),
    (LOGS, "only those newer than 10 days", "No file is both older than 30 and newer than 10 days"),
    (EVERYTHING, "only cache", "“cache” is a folder and a kind of file"),
    (ZIP, "keep the originals", "an archive moves them to the trash"),
    (ZIP, "but keep the original files", "an archive moves them to the trash"),
    (LOGS, "remove the age limit", "would take more files"),
    (LOGS, "without the size condition", "would take more files"),
    (LOGS, "remove debug.log", "Say “keep debug.log” to leave it out of the plan, or “also delete debug.log”"),
]


@pytest.mark.parametrize(("previous", "instruction", "sentence"), NO_WAY)
def test_an_instruction_that_would_take_other_files_is_refused(
    previous: list[StepDraft], instruction: str, sentence: str
) -> None:
    with pytest.raises(ModelError) as caught:
        change(previous, instruction)
    assert sentence in str(caught.value)


def test_a_step_that_would_take_more_is_never_called_narrower() -> None:
    world = World.of(TODAY, LISTING)
    wider = [{"pattern": "**/*"}, {"older_than_days": 10}, {"older_than_days": None}]
    for fields in wider:
        with pytest.raises(ModelError, match="would take other files than before"):
            narrower_than(LOGS, changed(LOGS[0], **fields), world)
    assert narrower_than(LOGS, changed(LOGS[0], pattern="app/*.log"), world).pattern == "app/*.log"
    less_left_out = [changed(LOGS[0], exclude=["**/debug.log"])]
    with pytest.raises(ModelError, match=r"for example app/old/debug\.log"):
        narrower_than(less_left_out, LOGS[0], world)


WORDS = """
only in app/ also delete *.bak skip step 2 the second keep debug.log older than 60 days instead don't archive them to old.zip and but ;
except not , make it larger 1 MB move use 'x y' cache without last 7 write . just list
"""


@pytest.mark.slow
def test_any_instruction_ends_in_a_plan_or_a_sentence() -> None:
    choose = random.Random(3)
    words, followed = WORDS.split(), 0
    for _ in range(3000):
        instruction = " ".join(choose.choices(words, k=choose.randint(1, 8)))
        try:
            first = change(THREE, instruction)
        except ModelError:
            continue
        assert first == change(THREE, instruction)
        followed += 1
    assert followed > 50
