"""Which tasks the offline rules ask about, and what they make of the answers."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import pytest

from agents.adapters.model import ClarifyRequest, PlanRequest
from agents.adapters.model.offline import OfflineWriter
from agents.adapters.model.offline.questions import HINTS, Ask, clarify
from agents.errors import ModelError

TODAY = date(2026, 11, 22)
LISTING = ["logs/a.log", "logs/b/c.log", "reports/x.csv", "README.txt", "cache/a.tmp", "debug.log"]
WRITER = OfflineWriter()
WHICH, WHAT, WHERE, AGE, KEEP = Ask.WHICH, Ask.WHAT, Ask.WHERE, Ask.AGE, Ask.KEEP


def asked(task: str) -> list[str]:
    found = WRITER.clarify(ClarifyRequest(task=task, today=TODAY, listing=LISTING))
    assert all(each.hint for each in found.questions)
    return [each.text for each in found.questions]


def enriched(task: str, *answers: str | None) -> str:
    """The answers in the order of the questions; those that are missing stay open."""
    questions = asked(task)
    return WRITER.enrich(task, list(itertools.zip_longest(questions, answers))[: len(questions)])


def steps(task: str) -> list[dict[str, Any]]:
    plan = WRITER.plan(PlanRequest(task=task, today=TODAY, listing=LISTING))
    return [step.model_dump(exclude_defaults=True, exclude={"why"}) for step in plan.steps]


CLEAR = [
    "delete all log files older than 30 days",
    "delete everything",
    "move the csv files to old/",
    "archive my reports",
    "find the logs, then delete them",
    "clean up log files older than 30 days",
    "write notes/todo.txt saying 'call Bob'",
    "delete README",
    "rename a.log to b.log",  # nothing that anybody answers would make it possible
    "email the reports to Bob",
]


@pytest.mark.parametrize("task", CLEAR)
def test_a_clear_task_has_no_questions(task: str) -> None:
    assert asked(task) == []
    assert WRITER.enrich(task, []) == task


VAGUE: list[tuple[str, list[str]]] = [
    ("clean up the folder", [WHICH, WHAT, AGE]),
    ("Please tidy my files!", [WHICH, WHAT, AGE]),
    ("clean up", [WHICH, WHAT, AGE]),
    ("make some space", [WHICH, WHAT, AGE]),
    ("lösche alte Dateien", [WHICH, WHAT, AGE]),
    ("clean up the logs folder", [WHAT, AGE]),
    ("organize everything", [WHAT, AGE]),
    ("tidy up log files older than 30 days", [WHAT, KEEP]),
    ("delete the old stuff", [WHICH, AGE]),
    ("delete junk in cache/", [WHICH, AGE]),
    ("move the old stuff to the trash", [WHICH, AGE]),
    ("delete the old logs", [AGE, KEEP]),
    ("delete large files", [Ask.LARGE, KEEP]),
    ("delete tiny csv files", [Ask.SMALL, KEEP]),
    ("delete big old files", [Ask.LIMITS, KEEP]),
    ("move the reports", [WHERE, KEEP]),
    ("write a note", [Ask.TEXT, Ask.FILE]),
    ("write hello to notes.txt", [Ask.TEXT, Ask.FILE]),
    ("logs older than 30 days", [WHAT, KEEP]),
    ("*.log", [WHAT, AGE]),
    ("my disk is full", [WHICH, WHAT, AGE]),
    ("delete important files", [WHICH, AGE]),
    ("delete either the logs or the tmp files", [WHICH, AGE]),
    ("delete the logs but not the important ones", [AGE, Ask.SPARE]),
    ("delete logs older than 30 days except the relevant ones", [WHICH, Ask.SPARE]),
    ("clean up the mess except what matters", [WHICH, WHAT, Ask.SPARE]),
    (
        "delete the old logs and move csv files to x/",
        ["About “delete the old logs”: how old should they be?", "About “delete the old logs”: should anything be left alone?"],
    ),
    (
        "delete old logs and move the big csv files to x/",
        ["What exactly should “delete old logs” do?", "What exactly should “move the big csv files to x/” do?"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("task", "questions"), VAGUE)
def test_a_vague_task_has_two_or_three(task: str, questions: list[str]) -> None:
    assert asked(task) == questions
    assert 2 <= len(questions) <= 3


ANSWERED: list[tuple[str, tuple[str | None, ...], str]] = [
    ("clean up the folder", ("log files in logs/", "move to the trash", "older than 30 days"), "delete log files in logs/ older than 30 days"),
    ("clean up the folder", ("logs", "delete them", "30"), "delete logs older than 30 days"),
    ("clean up the folder", ("logs/", "archive", "over 2 weeks"), "archive all files in logs/ older than 2 weeks"),
    ("clean up the folder", ("files in logs", "zip them into x.zip", "a month"), "archive all files in logs older than a month into x.zip"),
    ("clean up the folder", ("*.tmp", "throw them away", "any age"), "delete *.tmp"),
    ("clean up the folder", ("old logs", "trash", "doesn't matter"), "delete logs"),
    ("clean up the folder", ("log files except debug.log", "move them to old/", "30 days"), "move log files older than 30 days except debug.log to old/"),
    ("clean up the folder", ("delete the log files", None, "30 days"), "delete the log files older than 30 days"),
    ("clean up the folder", ("log files older than 10 days", "the trash", None), "delete log files older than 10 days"),
    ("clean up the folder", ("log files", "delete those older than 2 weeks", None), "delete log files older than 2 weeks"),
    ("clean up the folder", ("log files", "just list them", None), "find log files"),
    ("clean up the logs folder", ("old/", "30 days"), "move the logs folder older than 30 days to old/"),
    ("delete the old stuff in cache/ except a.tmp", ("tmp files", "1 year"), "delete tmp files in cache/ older than 1 year except a.tmp"),
    ("delete the old stuff in cache/", ("files in logs/", "1 year"), "delete all files in logs/ older than 1 year"),
    ("delete the stuff from logs", ("log files", "any"), "delete log files from logs"),
    ("delete the old logs", ("30 days", "keep debug.log"), "delete the logs older than 30 days except debug.log"),
    ("delete the old logs", ("30 days", "no"), "delete the logs older than 30 days"),
    ("delete large files", ("10 MB", None), "delete files larger than 10 MB"),
    ("delete big old files", ("30 days and larger than 1 MB", None), "delete files older than 30 days and larger than 1 MB"),
    ("logs older than 30 days", ("delete", "keep debug.log"), "delete logs older than 30 days except debug.log"),
    ("delete the logs but not the important ones", ("any age", "debug.log"), "delete the logs except debug.log"),
    ("delete everything except what matters", ("30 days", "nothing"), "delete everything older than 30 days"),
    ("move the reports", ("to old/", "x.csv"), "move the reports except x.csv to old/"),
    ("write a note", ("call Bob", "notes/x.txt"), "write notes/x.txt saying “call Bob”"),
    ("write a note", ("say “hi”\nto Bob", None), 'write a note saying “say "hi" to Bob”'),
    ("delete the old logs and move csv files to x/", ("30 days", "no"), "delete the logs older than 30 days. move csv files to x/"),
    ("find the old logs and delete them", ("30 days", None), "find the logs older than 30 days. delete them"),
    ("delete old logs and move the big csv files to x/", ("delete logs older than 9 days", "move csv files to x/"), "delete logs older than 9 days. move csv files to x/"),
]  # fmt: skip


@pytest.mark.parametrize(("task", "answers", "sentence"), ANSWERED)
def test_answers_make_a_sentence_that_can_be_planned(task: str, answers: tuple[str | None, ...], sentence: str) -> None:
    assert enriched(task, *answers) == sentence
    assert steps(sentence)
    assert clarify(ClarifyRequest(task=sentence, today=TODAY, listing=LISTING)).questions == []


@pytest.mark.parametrize(("task", "questions"), VAGUE)
def test_the_hints_are_answers_that_are_understood(task: str, questions: list[str]) -> None:
    first = WRITER.clarify(ClarifyRequest(task=task, today=TODAY, listing=LISTING)).questions
    hints = [each.hint.split(", or ")[0].split(", move to old/")[0] for each in first]
    assert all(step["op"] != "find" for step in steps(enriched(task, *hints)))


@pytest.mark.parametrize("task", [task for task, _ in VAGUE])
def test_what_is_left_open_is_never_guessed(task: str) -> None:
    """Only "leave alone" and the name of a new file can stay open in a plan that changes something."""
    questions = asked(task)
    essential = [not question.lower().endswith((str(KEEP).lower(), str(Ask.FILE).lower())) for question in questions]
    hints = {**{each.lower(): hint.split(", ")[0] for each, hint in HINTS.items()}, KEEP.lower(): "no"}
    filled = [
        hints.get(question.rpartition("”: ")[2].lower(), "delete logs older than 9 days") for question in questions
    ]
    for given in itertools.product([True, False], repeat=len(questions)):
        pairs = [(q, a if there else None) for q, a, there in zip(questions, filled, given, strict=True)]
        missing = any(need and not there for need, there in zip(essential, given, strict=True))
        ops = {step["op"] for step in steps(WRITER.enrich(task, pairs))}
        assert (ops == {"find"}) is missing, pairs


@pytest.mark.parametrize("answer", ["I don't know", "not sure.", "?", "-", ""])
def test_not_knowing_leaves_it_open(answer: str) -> None:
    assert enriched("clean up the folder", "log files", answer, "30 days") == "find all files"
    assert enriched("delete the old logs", answer) == "find the logs"


@pytest.mark.parametrize(
    ("answers", "words"),
    [(("logs", "rename them", "30 days"), "“rename them” as an answer to “What should happen"), (("logs", "delete the csv ones", "1 day"), "“delete the csv ones”"), (("logs", "trash", "summer"), "“summer” as an answer to “How old")],
)  # fmt: skip
def test_an_answer_that_is_not_understood_is_named(answers: tuple[str, ...], words: str) -> None:
    with pytest.raises(ModelError) as caught:
        enriched("clean up the folder", *answers)
    assert words in str(caught.value)
    assert "say for example" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("delete log files older than 30 days", "delete log files older than 30 days"),
        ("log files, trash, 30 days", "delete log files older than 30 days"),
        ("files in logs; delete; older than 2 weeks; keep debug.log", "delete all files in logs older than 2 weeks except debug.log"),
        ("log files\nmove to old/", "find log files"),
        ("I don't know", "find all files"),
    ],
)  # fmt: skip
def test_one_text_answers_all_questions(text: str, sentence: str) -> None:
    questions = " ".join(asked("clean up the folder"))
    assert WRITER.enrich("clean up the folder", [(questions, text)]) == sentence


def test_a_long_clause_is_named_by_its_beginning() -> None:
    task = f"delete the old logs in {'x' * 900}/ and move csv files to y/"
    assert all(len(question) < 300 for question in asked(task))
    assert enriched(task, "30 days") == f"delete the logs in {'x' * 900}/ older than 30 days. move csv files to y/"
