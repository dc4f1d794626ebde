"""Tasks in plain English to steps, by the offline rules."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from agents.adapters.model import PlanDraft, PlanRequest
from agents.adapters.model.offline import OfflineWriter
from agents.adapters.workspace import Draft
from agents.adapters.workspace.dryrun import dry_run
from agents.errors import ModelError

TODAY = date(2026, 11, 22)
MB = 1_000_000
LISTING = [
    "app/server.log",
    "app/old/debug.log",
    "cache/a.tmp",
    "cache/deep/c.tmp",
    "debug.log",
    "docs/invoice-2024-01.pdf",
    "docs/invoice-7.pdf",
    "docs/report.pdf",
    "data/empty.csv",
    "notes/a.txt",
    "pic.JPG",
    "reports/q1.csv",
    "reports/q2.xlsx",
]


def plan(task: str, listing: list[str] | None = None) -> PlanDraft:
    return OfflineWriter().plan(PlanRequest(task=task, today=TODAY, listing=LISTING if listing is None else listing))


def steps(task: str, listing: list[str] | None = None) -> list[dict[str, Any]]:
    return [step.model_dump(exclude_defaults=True, exclude={"why"}) for step in plan(task, listing).steps]


def refusal(task: str) -> str:
    with pytest.raises(ModelError) as caught:
        plan(task)
    return str(caught.value)


LOGS = {"op": "delete", "pattern": "**/*.log"}


def word(*words: str) -> list[str]:
    """What a word in a name is not: a part of another word."""
    return [f"**/{glob}" for each in words for glob in (f"*[a-z]{each}*", f"*{each}[a-rt-z]*", f"*{each}s[a-z]*")]


ONE_STEP: list[tuple[str, dict[str, Any]]] = [
    ("delete all log files older than 30 days", {**LOGS, "older_than_days": 30}),
    ("Please delete all log files older than 30 days, thanks!", {**LOGS, "older_than_days": 30}),
    ("delete all the log files in the workspace that are older than 30 days", {**LOGS, "older_than_days": 30}),
    ("I want you to remove logs older than two weeks", {**LOGS, "older_than_days": 14}),
    ("delete old log files older than 3 months", {**LOGS, "older_than_days": 90}),
    ("erase *.log files not modified in the last 6 months", {**LOGS, "older_than_days": 180}),
    ("delete all *.log files which were last modified more than a year ago", {**LOGS, "older_than_days": 365}),
    ("delete log files older than last week", {**LOGS, "older_than_days": 7}),
    ("delete logs but keep the last 7 days", {**LOGS, "older_than_days": 7}),
    ("delete logs except those from the last 12 hours", {**LOGS, "older_than_days": 0.5}),
    ("delete log files between 1 KB and 2 MB", {**LOGS, "larger_than_bytes": 1000, "smaller_than_bytes": 2 * MB}),
    ("move log files to the trash", LOGS),
    ("delete .log files in app but not in subfolders", {**LOGS, "pattern": "app/*.log"}),
    ("delete log files directly in app", {**LOGS, "pattern": "app/*.log"}),
    ("delete log files from app", {**LOGS, "pattern": "app/**/*.log"}),
    (
        "remove *.tmp files larger than 10 MB in cache/",
        {"op": "delete", "pattern": "cache/**/*.tmp", "larger_than_bytes": 10 * MB},
    ),
    ("remove temporary files from the cache directory", {"op": "delete", "pattern": "cache/**/*.{tmp,temp}"}),
    ("delete every file in cache/ older than 3 months", {"op": "delete", "pattern": "cache/**/*", "older_than_days": 90}),
    ("delete the cache folder", {"op": "delete", "pattern": "cache/**/*"}),
    ("delete debug.log", {"op": "delete", "pattern": "debug.log"}),
    ("delete server.log", {"op": "delete", "pattern": "app/server.log"}),
    ("delete other.log", {"op": "delete", "pattern": "**/other.log"}),
    ("delete log archives", {"op": "delete", "pattern": "**/*log*.{zip,tar,gz,tgz,7z,rar}", "exclude": word("log")}),
    ("delete everything", {"op": "delete", "pattern": "**/*"}),
    ("delete all files", {"op": "delete", "pattern": "**/*"}),
    ("delete *", {"op": "delete", "pattern": "*"}),
    ("delete files modified before 2025-01-01", {"op": "delete", "pattern": "**/*", "older_than_days": 691}),
    ("delete ../secret/*.log", {"op": "delete", "pattern": "../secret/*.log"}),
    ("delete /etc/passwd", {"op": "delete", "pattern": "/etc/passwd"}),
    ("find files bigger than 5MB", {"op": "find", "pattern": "**/*", "larger_than_bytes": 5 * MB}),
    ("find files of at least 2 MiB", {"op": "find", "pattern": "**/*", "larger_than_bytes": 2 * 1024 * 1024}),
    ("find large files over 1.5 GB", {"op": "find", "pattern": "**/*", "larger_than_bytes": 1500 * MB}),
    ("what files are larger than 5 MB?", {"op": "find", "pattern": "**/*", "larger_than_bytes": 5 * MB}),
    ("which log files are older than a week", {"op": "find", "pattern": "**/*.log", "older_than_days": 7}),
    ("how many csv files are there", {"op": "find", "pattern": "**/*.csv"}),
    ("find files changed in the last 24 hours", {"op": "find", "pattern": "**/*", "newer_than_days": 1}),
    ("find files from last week", {"op": "find", "pattern": "**/*", "newer_than_days": 7}),
    ("find pdf files since March 2025", {"op": "find", "pattern": "**/*.pdf", "newer_than_days": 631}),
    ("find files named report*", {"op": "find", "pattern": "**/report*"}),
    ("find files ending in .tmp", {"op": "find", "pattern": "**/*.tmp"}),
    ("find files starting with inv", {"op": "find", "pattern": "**/inv*"}),
    ("find files with 'voice' in the name", {"op": "find", "pattern": "**/*voice*"}),
    ("find screenshots", {"op": "find", "pattern": "**/*screenshot*", "exclude": word("screenshot")}),
    ("find .jpg files", {"op": "find", "pattern": "**/*.{jpg,JPG}"}),
    ("find *.jpg files", {"op": "find", "pattern": "**/*.jpg"}),
    ("list files", {"op": "find", "pattern": "**/*"}),
    ("delete all log-files", LOGS),
    ("DELETE ALL LOG FILES", LOGS),
    ("find jpg files", {"op": "find", "pattern": "**/*.{jpg,JPG,jpeg}"}),
    (
        "move the pdf invoices from 2024 to archive/invoices",
        {
            "op": "move",
            "pattern": "**/*{invoice*2024,2024*invoice}*.pdf",
            "destination": "archive/invoices",
            "exclude": word("invoice"),
        },
    ),
    (
        "move the pdf reports from 2024 to archive/invoices/",
        {
            "op": "move",
            "pattern": "**/*report*.pdf",
            "destination": "archive/invoices",
            "newer_than_days": 1056,
            "older_than_days": 691,
            "exclude": word("report"),
        },
    ),
    (
        "archive reports older than 1 year into old-reports.zip",
        {
            "op": "archive",
            "pattern": "{reports/**/*,**/*report*}",
            "older_than_days": 365,
            "destination": "old-reports.zip",
            "exclude": word("report"),
        },
    ),
    ("zip the logs", {"op": "archive", "pattern": "**/*.log", "destination": "log-2026-11-22.zip"}),
    ("zip the logs into backups/logs", {"op": "archive", "pattern": "**/*.log", "destination": "backups/logs.zip"}),
    ("write a note notes/todo.txt saying 'call Bob'", {"op": "write", "path": "notes/todo.txt", "content": "call Bob"}),
    ("create a file notes/x.md with the text: Hello there", {"op": "write", "path": "notes/x.md", "content": "Hello there"}),
    ("write 'hi; and then delete everything' to hello.txt", {"op": "write", "path": "hello.txt", "content": "hi; and then delete everything"}),
    ("write notes/todo.txt saying 'call Bob'", {"op": "write", "path": "notes/todo.txt", "content": "call Bob"}),
    ("write a note saying: hi there", {"op": "write", "path": "note.txt", "content": "hi there"}),
    ("write a note: hi there", {"op": "write", "path": "note.txt", "content": "hi there"}),
    ("archive logs to x.zip except debug.log", {"op": "archive", "pattern": "**/*.log", "destination": "x.zip", "exclude": ["**/debug.log"]}),
    ("write a note saying “buy milk”", {"op": "write", "path": "note.txt", "content": "buy milk"}),
    ("create a summary file called s.txt with the text “All done”", {"op": "write", "path": "s.txt", "content": "All done"}),
    ("create an empty file a.txt", {"op": "write", "path": "a.txt", "content": ""}),
]  # fmt: skip


@pytest.mark.parametrize(("task", "expected"), ONE_STEP)
def test_a_task_of_one_step(task: str, expected: dict[str, Any]) -> None:
    assert steps(task) == [expected]


SEVERAL: list[tuple[str, list[dict[str, Any]]]] = [
    (
        "list all csv files then delete the empty ones",
        [{"op": "find", "pattern": "**/*.csv"}, {"op": "delete", "pattern": "**/*.csv", "smaller_than_bytes": 1}],
    ),
    (
        "Find all the log files. Delete those older than 30 days.",
        [{"op": "find", "pattern": "**/*.log"}, {**LOGS, "older_than_days": 30}],
    ),
    (
        "delete tmp files; move txt files to texts and archive the csv files to all.zip",
        [
            {"op": "delete", "pattern": "**/*.tmp"},
            {"op": "move", "pattern": "**/*.txt", "destination": "texts"},
            {"op": "archive", "pattern": "**/*.csv", "destination": "all.zip"},
        ],
    ),
    (
        "delete logs older than 30 days and tmp files older than 7 days",
        [{**LOGS, "older_than_days": 30}, {"op": "delete", "pattern": "**/*.tmp", "older_than_days": 7}],
    ),
    (
        "delete logs older than 30 days or larger than 1 MB",
        [{**LOGS, "older_than_days": 30}, {**LOGS, "larger_than_bytes": MB}],
    ),
    (
        "delete log files in app and docs",
        [{**LOGS, "pattern": "app/**/*.log"}, {**LOGS, "pattern": "docs/**/*.log"}],
    ),
    ("delete *.tmp and *.old.txt files", [{"op": "delete", "pattern": "**/*.tmp"}, {"op": "delete", "pattern": "**/*.old.txt"}]),
    ("delete png, gif and csv files", [{"op": "delete", "pattern": "**/*.{png,gif,csv}"}]),
    (
        "delete the pdf and csv reports",
        [{"op": "delete", "pattern": f"**/*report*.{each}", "exclude": word("report")} for each in ("pdf", "csv")],
    ),
    (
        "1. delete logs\n2. write done.txt saying 'all done'",
        [LOGS, {"op": "write", "path": "done.txt", "content": "all done"}],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("task", "expected"), SEVERAL)
def test_a_task_of_several_steps(task: str, expected: list[dict[str, Any]]) -> None:
    assert steps(task) == expected


EXCEPT: list[tuple[str, list[str]]] = [
    ("delete all log files except debug.log", ["**/debug.log"]),
    ("delete all logs but not server.log and debug.log", ["**/server.log", "**/debug.log"]),
    ("delete logs except app/server.log", ["app/server.log"]),
    ("delete logs except those in app/", ["app/**/*"]),
    ("delete logs except from app", ["app/**/*"]),
    ("delete logs, leave debug.log alone", ["**/debug.log"]),
    ("delete logs except files named s*", ["**/s*"]),
    ("Delete all logs. Keep anything from app.", ["app/**/*"]),
    ("Delete all logs. Don't delete server.log", ["**/server.log"]),
]


@pytest.mark.parametrize(("task", "left"), EXCEPT)
def test_an_exception_is_left_out_wherever_it_is(task: str, left: list[str]) -> None:
    assert steps(task) == [{**LOGS, "exclude": left}]


def test_a_kind_can_be_left_out() -> None:
    (step,) = steps("delete all files except pdf files")
    assert step == {"op": "delete", "pattern": "**/*", "exclude": ["**/*.pdf"]}
    assert "Left out: pdfs (3 files of those seen)." in plan("delete all files except pdfs").summary


def test_an_exception_that_nothing_fits_is_told() -> None:
    assert "Nothing that fits “audit.log” was seen" in plan("delete all logs except audit.log").summary


def test_the_dry_run_takes_what_the_rules_say_and_leaves_the_exceptions(tmp_path: Path) -> None:
    paths = ["a.log", "x/b.log", "x/keep.log", "keep.log", "x/y/c.LOG", "docs/old.txt", "docs/[1].log"]
    for path in paths:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("text")
    drafts = [
        Draft.of(step.model_dump()) for step in plan("delete all logs except keep.log and “[1].log”", paths).steps
    ]
    found = dry_run(tmp_path, drafts, datetime.now(UTC))
    assert [file.path for step in found.steps for file in step.files] == ["a.log", "x/b.log", "x/y/c.LOG"]
    assert found.refused == ()


REFUSED: list[tuple[str, str]] = [
    ("", "The task is empty"),
    ("   \n", "The task is empty"),
    ("please", "asks for nothing"),
    ("find duplicates", "which files are duplicates"),
    ("delete files", "does not say which files"),
    ("delete", "does not say which files"),
    ("delete old log files", "how old"),
    ("find the biggest files", "how large"),
    ("delete unused files", "which files those are"),
    ("delete log files that nobody needs", "do not understand “log files that nobody needs”"),
    ("delete files created by Bob", "do not understand"),
    ("delete all non-log files", "do not understand"),
    ("delete the 10 largest files", "do not understand"),
    ("find files containing secret", "do not understand"),
    ("delete nothing", "do not understand"),
    ("don't delete anything", "do not understand"),
    ("copy all pdfs to backup/", "cannot do “copy all pdfs to backup/”"),
    ("rename a.txt to b.txt", "cannot do"),
    ("book me a flight", "cannot do"),
    ("make me happy", "does not say what to write where"),
    ("colourless green ideas", "do not understand “colourless green ideas”"),
    ("move the logs", "where to move the files"),
    ("zip the logs into logs.tar.gz", "archives are .zip files"),
    ("create a folder new", "A folder is made when"),
    ("delete logs older than 30 days and newer than 60 days and older than 90 days", "No file is both"),
    ("delete files from the 31st February 2024", "not a date"),
    ("delete it", "do not understand"),
]


@pytest.mark.parametrize(("task", "sentence"), REFUSED)
def test_what_is_not_understood_is_refused_with_a_sentence(task: str, sentence: str) -> None:
    assert sentence in refusal(task)


def test_a_refusal_gives_examples_that_are_understood() -> None:
    text = refusal("colourless green ideas")
    examples = [piece.split("”")[0] for piece in text.split("“")[2:]]
    assert len(examples) >= 4
    for example in examples:
        assert plan(example).steps


def test_rotated_logs_are_logs_where_there_are_some() -> None:
    assert steps("delete logs", ["a.log", "a.log.1"])[0]["pattern"] == "**/*.{log,log.*}"


def test_a_name_with_wildcards_in_it_is_escaped() -> None:
    assert steps("delete “a[1].txt”", ["b/a[1].txt"])[0]["pattern"] == "b/a[[]1].txt"


def test_a_pattern_that_fits_nothing_here_is_told() -> None:
    assert "No file here fits **/*.mkv." in plan("find mkv files").summary
    assert "No file here" not in plan("find mkv files", []).summary


def test_the_reason_of_a_step_is_what_was_said() -> None:
    plan_ = plan("please delete tmp files and then zip the logs")
    assert [step.why for step in plan_.steps] == [
        "The task says: “delete tmp files”.",
        "The task says: “zip the logs”.",
    ]
    assert plan_.summary.startswith("Read as: delete tmp files; then zip the logs.")


def test_a_free_name_is_found_for_a_note() -> None:
    assert steps("write a note saying 'x'", ["note.txt", "note-2.txt"])[0]["path"] == "note-3.txt"


def test_the_label_says_that_no_model_is_at_work() -> None:
    assert (OfflineWriter().label, OfflineWriter().offline) == ("Offline rules (no language model)", True)


WORDS = """
delete remove find move archive zip write all the log files pdf old reports older than 30 days larger 5 MB in app/ cache and then
except to from 2024 last week *.tmp ** { } [ ' “ ” , ; . but keep ones them not or which is are 1,5 ../x ~ ü
"""


def test_any_words_end_in_a_plan_or_a_sentence_and_always_in_the_same() -> None:
    choose = random.Random(7)
    words, understood = WORDS.split(), 0
    for _ in range(4000):
        task = " ".join(choose.choices(words, k=choose.randint(1, 14)))
        try:
            first: PlanDraft | str = plan(task)
            understood += 1
        except ModelError as error:
            first = str(error)
        try:
            again: PlanDraft | str = plan(task)
        except ModelError as error:
            again = str(error)
        assert first == again
    assert understood > 20


def test_words_that_only_narrow_never_widen() -> None:
    """With one more noun before "files" a task means fewer files, or is refused; never all of them."""
    choose = random.Random(11)
    for _ in range(500):
        noun = "".join(choose.choices("abcdefghijklmnopqrstuvwxyz", k=7))
        try:
            patterns = [step.pattern for step in plan(f"delete all {noun} files").steps]
        except ModelError:
            continue
        assert all(pattern and noun.rstrip("s")[:5] in pattern for pattern in patterns)


def test_a_very_long_task_is_answered_quickly() -> None:
    with pytest.raises(ModelError):
        plan("delete " + "very " * 4000 + "old files")
    with pytest.raises(ModelError, match="at most 20"):
        plan("; ".join(["delete logs"] * 30))


@pytest.mark.parametrize("task", ["delete a\x07.log", "delete " + "x" * 2000, "write 'y' to " + "x" * 2000])
def test_text_that_no_step_can_hold_is_refused(task: str) -> None:
    assert "cannot use this text" in refusal(task) or "do not understand" in refusal(task)
