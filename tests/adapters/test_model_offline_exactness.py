"""The offline rules take what the words say and nothing else."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from agents.adapters.model import PlanRequest
from agents.adapters.model.offline import OfflineWriter
from agents.adapters.workspace import Draft, Workspace
from agents.errors import ModelError
from tests.workspaces import NOW, make

TODAY = date(2026, 11, 22)
LISTING = ["app/app.log", "data/a.csv", "logs/x.txt", "docs/contract.pdf", "important.log", "alphabet.txt"]


def steps(task: str, listing: list[str] | None = None) -> list[dict[str, Any]]:
    plan = OfflineWriter().plan(PlanRequest(task=task, today=TODAY, listing=LISTING if listing is None else listing))
    return [step.model_dump(exclude_defaults=True, exclude={"why", "op"}) for step in plan.steps]


ONE: list[tuple[str, dict[str, Any]]] = [
    ("delete log files named app.log", {"pattern": "**/app.log"}),
    ("delete csv files called a.csv", {"pattern": "**/a.csv"}),
    ("delete log files that start with a", {"pattern": "**/a*.log"}),
    ("delete files starting with a and ending with .csv", {"pattern": "**/a*.csv"}),
    ("delete pdf files named contract", {"pattern": "**/contract.pdf"}),
    ("delete pdfs matching *draft*", {"pattern": "**/*draft*.pdf"}),
    (
        'delete all txt files that contain "report" in the name and are older than 30 days',
        {"pattern": "**/*report*.txt", "older_than_days": 30},
    ),
    ("delete “my file.txt”", {"pattern": "**/my file.txt"}),
    ("delete the file named 'a*.txt'", {"pattern": "**/a[*].txt"}),
    ("delete alpha", {"pattern": "**/{alpha,alpha.*}", "exclude": ["**/alpha.*.*"]}),
    ("delete all files directly in app", {"pattern": "app/*"}),
    ("delete files larger than 1,000,000 bytes", {"pattern": "**/*", "larger_than_bytes": 1_000_000}),
    ("delete files older than 1,5 days", {"pattern": "**/*", "older_than_days": 1.5}),
]


@pytest.mark.parametrize(("task", "expected"), ONE)
def test_all_that_is_said_of_the_files_holds(task: str, expected: dict[str, Any]) -> None:
    assert steps(task) == [expected]


def test_a_file_that_is_there_by_a_name_with_a_star_is_meant_and_not_its_pattern() -> None:
    assert steps("delete files named 'a*.txt'", ["a*.txt", "ab.txt"]) == [{"pattern": "**/a[*].txt"}]
    assert steps("delete files named 'a*.txt'", ["ab.txt"]) == [{"pattern": "**/a*.txt"}]


@pytest.mark.parametrize("joint", ["and", "or"])
def test_each_kind_stays_in_its_own_folder(joint: str) -> None:
    assert steps(f"delete log files in app {joint} csv files in data older than 30 days") == [
        {"pattern": "app/**/*.log", "older_than_days": 30},
        {"pattern": "data/**/*.csv", "older_than_days": 30},
    ]


def test_an_exception_holds_for_every_part() -> None:
    assert [each["exclude"] for each in steps("delete logs older than 3 days or larger than 1 MB except app.log")] == [
        ["**/app.log"],
        ["**/app.log"],
    ]


REFUSED = [
    ("delete files older than 1,000 days", "“1,000” can be read as two numbers"),
    ("delete files larger than 1.000 bytes", "“1.000” can be read as two numbers"),
    ("delete log files in app and csv files", "can be read in two ways"),
    ("delete log files older than 3 days and csv files", "can be read in two ways"),
    ("delete log files older than 3 days in app and csv files in data", "can be read in two ways"),
    ("delete log files starting with a and csv files in data", "can be read in two ways"),
    ("delete files starting with a or ending with b", "can be read in two ways"),
    ("delete files starting with a or b", "can be read in two ways"),
    ("delete logs older than 30 days in app or larger than 1 MB", "can be read in two ways"),
    ("delete log files and everything in app", "can be read in two ways"),
    ("delete csv files named app.log", "No file name fits all of"),
    ("delete reports and reporter.txt", "Name these files in two sentences"),
    ("archive logs to x.zip but keep the originals", "The originals cannot be kept"),
    ("archive log files in app and csv files in data to x.zip", "Name an archive for each"),
]


@pytest.mark.parametrize(("task", "sentence"), REFUSED)
def test_what_is_in_doubt_is_refused(task: str, sentence: str) -> None:
    with pytest.raises(ModelError) as caught:
        steps(task, [*LISTING, "reporter.txt"])
    assert sentence in str(caught.value)


def deleted(workspace: Workspace, task: str, listing: list[str] | None = None) -> set[str]:
    seen = workspace.listing() if listing is None else listing
    plan = OfflineWriter().plan(PlanRequest(task=task, today=TODAY, listing=seen))
    found = workspace.dry_run([Draft.of(step.model_dump()) for step in plan.steps], NOW)
    assert found.refused == ()
    return {file.path for step in found.steps for file in step.files}


EXCEPT = [
    ("delete everything except logs", {"a.txt", "tmp/c.txt", "x.tmp"}),
    ("delete everything, keep logs", {"a.txt", "tmp/c.txt", "x.tmp"}),
    ("delete everything except log files", {"a.txt", "tmp/c.txt", "x.tmp", "logs/b.txt"}),
    ("delete everything except tmp", {"a.txt", "important.log", "f301x.LOG", "logs/b.txt", "old.log.1"}),
]


@pytest.mark.parametrize("seen", [True, False])
@pytest.mark.parametrize(("task", "gone"), EXCEPT)
def test_an_exception_is_read_widely_whatever_the_rules_saw(
    tmp_path: Path, task: str, gone: set[str], seen: bool
) -> None:
    names = ["a.txt", "tmp/c.txt", "x.tmp", "important.log", "f301x.LOG", "logs/b.txt", "old.log.1"]
    workspace = make(tmp_path / "ws", dict.fromkeys(names, ("x", 9)))
    assert deleted(workspace, task, None if seen else []) == gone


def test_words_are_whole_words_and_names_whole_names(tmp_path: Path) -> None:
    names = ["alpha.txt", "alpha.txt.bak", "alphabet.txt", "report-1.txt", "My reports.txt", "reporter.txt"]
    workspace = make(tmp_path / "ws", dict.fromkeys([*names, "my file.txt", "my file.txt.bak"], ("x", 9)))
    assert deleted(workspace, "delete alpha") == {"alpha.txt"}
    assert deleted(workspace, "delete alpha.txt") == {"alpha.txt"}
    assert deleted(workspace, "delete all reports") == {"report-1.txt", "My reports.txt"}
    assert deleted(workspace, "delete “my file.txt”") == {"my file.txt"}


# A small oracle of its own: what is said, as a list of tests that every deleted file has to pass.


@dataclass
class Said:
    words: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    name: tuple[str, str] | None = None
    folders: list[str] = field(default_factory=list)
    older: int | None = None
    larger: int | None = None
    left: tuple[str, str] | None = None

    @property
    def task(self) -> str:
        kinds = " and ".join(self.kinds)
        parts = ["delete", f"{kinds} files" if kinds else "all files"]
        parts += [f"{self.name[0]} {self.name[1]}"] if self.name else []
        parts += [f"in {' and '.join(self.folders)}"] if self.folders else []
        parts += [f"older than {self.older} days"] if self.older is not None else []
        parts += (
            [f"{'and ' if self.older is not None else ''}larger than {self.larger} bytes"]
            if self.larger is not None
            else []
        )
        parts += [f"except {self.left[1]}"] if self.left else []
        return " ".join(parts)

    def fits(self, path: str, size: int, age: int) -> bool:
        name = path.rsplit("/", 1)[-1]
        return (
            (not self.kinds or any(re.search(rf"\.{kind}(\.\d+)?$", name, re.I) is not None for kind in self.kinds))
            and (self.name is None or _named(name, *self.name))
            and (not self.folders or any(path.startswith(f"{folder}/") for folder in self.folders))
            and (self.older is None or age > self.older)
            and (self.larger is None or size > self.larger)
            and (self.left is None or not _left(path, name, *self.left))
        )


def _named(name: str, how: str, text: str) -> bool:
    if how == "starting with":
        return name.startswith(text)
    if how == "ending with":
        return name.endswith(text)
    return text in (name, name.rsplit(".", 1)[0])


def _left(path: str, name: str, how: str, text: str) -> bool:
    if how == "folder":
        return path.startswith(f"{text.split()[-1].strip('/')}/")
    if how == "kind":
        return name.lower().endswith(f".{text.split()[0]}")
    return name == text


def test_every_file_that_a_plan_takes_fulfils_every_word_of_the_task(tmp_path: Path) -> None:
    choose = random.Random(17)
    files: dict[str, tuple[str, float]] = {}
    for folder in ("", "app/", "data/", "app/old/", "logs/"):
        for stem in ("app", "apple", "b", "report"):
            for ending in ("log", "LOG", "csv", "txt", "log.1", "csv.bak"):
                files[f"{folder}{stem}.{ending}"] = ("x" * choose.choice((1, 50, 400)), choose.choice((1, 20, 90)))
    workspace = make(tmp_path / "ws", files)
    understood = taken = 0
    for _ in range(150):
        said = Said(
            kinds=choose.sample(["log", "csv", "txt"], choose.choice((0, 1, 1, 2))),
            name=choose.choice(
                (None, ("starting with", "a"), ("ending with", ".csv"), ("named", "app"), ("called", "b.log"))
            ),
            folders=choose.sample(["app", "data", "logs"], choose.choice((0, 1, 2))),
            older=choose.choice((None, 10, 30)),
            larger=choose.choice((None, 40, 100)),
            left=choose.choice(
                (None, ("folder", "app/"), ("folder", "in data"), ("kind", "csv files"), ("name", "app.log"))
            ),
        )
        try:
            gone = deleted(workspace, said.task, choose.choice((None, [])))
        except ModelError:
            continue
        understood += 1
        taken += bool(gone)
        fits = {path for path, (text, age) in files.items() if said.fits(path, len(text), int(age))}
        assert gone <= fits, said.task
    assert understood > 80
    assert taken > 40
