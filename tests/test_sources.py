"""Several checkpointer files in one inbox: each thread is its file's, also where two files have the same thread id."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver

from agents import decisions, history, reviews, starts
from agents.__main__ import main
from agents.checkpoints import Source, names_of
from agents.database import reading
from agents.desk import Desk, open_desk
from agents.domain import DecisionType, Said
from agents.effects import EffectStatus
from agents.errors import InvalidInput, SettingsError
from agents.jobs import of_thread
from agents.settings import load_settings, paths_in
from tests import asking_graphs
from tests.desks import settings_for, work

YES = Said(DecisionType.RESPOND, "yes")
EMAIL = {"recipient": "ann@example.org", "subject": "Friday", "instructions": "Say that Friday is fine."}


def asked_in(path: Path, thread_id: str, question: str) -> None:
    """A thread that asks, as a program of somebody's own leaves it."""
    with closing(sqlite3.connect(path, check_same_thread=False)) as connection:
        graph = asking_graphs.one().compile(checkpointer=SqliteSaver(connection))
        given = {"log": str(path.with_suffix(".log")), "question": question}
        graph.invoke(given, {"configurable": {"thread_id": thread_id}, "metadata": {"graph_id": "one"}})


@pytest.fixture
def files(home: Path) -> tuple[Path, Path]:
    """Two files that both hold thread "same"; the second also "other"."""
    first, second = home / "first.sqlite", home.parent / "elsewhere" / "second.db"
    second.parent.mkdir()
    asked_in(first, "same", "First?")
    asked_in(second, "same", "Second?")
    asked_in(second, "other", "Other?")
    return first, second


@pytest.fixture
def desk(home: Path, files: tuple[Path, Path]) -> Iterator[Desk]:
    desk = open_desk(settings_for(home, checkpoints=files))
    yield desk
    desk.close()


def logged(path: Path) -> list[str]:
    log = path.with_suffix(".log")
    return log.read_text(encoding="utf-8").splitlines() if log.exists() else []


def signoff(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_one_inbox_shows_all_files(desk: Desk) -> None:
    rows = reviews.inbox(desk).rows
    first, second = (source.source_id for source in desk.sources)
    assert {(row.source_id, row.thread_id) for row in rows} == {(first, "same"), (second, "same"), (second, "other")}
    assert desk.source_names() == {first: "first.sqlite", second: "second.db"}


def test_the_file_of_a_thread_is_found_or_has_to_be_named(desk: Desk) -> None:
    first, second = (source.source_id for source in desk.sources)
    assert desk.source_of("other") == second
    assert desk.source_of("same", second) == second
    assert desk.source_of("nobody knows") == first, "new threads go into the first file"
    with pytest.raises(InvalidInput, match="link: first, second-"):
        desk.source_of("same")
    with pytest.raises(InvalidInput, match="called 'third'"):
        desk.source_of("same", "third")


def test_an_answer_reaches_the_thread_of_its_file_only(desk: Desk, files: tuple[Path, Path]) -> None:
    first, second = (source.source_id for source in desk.sources)
    (pause,) = desk.pauses("same", second)
    opened = reviews.open_review(desk, "same", pause.pause_key, actor="me", source_id=second)
    assert opened.review is not None
    assert opened.review.pause.value["question"] == "Second?"
    made = decisions.decide(desk, "same", pause.pause_key, YES, actor="me", source_id=second, wait_for_undo=False)
    assert made.source_id == second
    work(desk)
    assert (logged(files[0]), logged(files[1])[:2]) == ([], ["answered yes", "acted yes"])
    assert [pause.value["question"] for pause in desk.pauses("same", first)] == ["First?"]
    told = history.story(desk, "same", second)
    assert (told.outcome["text"], told.graph_id) == ("Did yes.", "one"), "it names its graph when it has ended, too"
    assert history.story(desk, "same", first).decisions == ()


def test_undo_and_a_second_answer_stay_with_their_file(desk: Desk, files: tuple[Path, Path]) -> None:
    first, second = (source.source_id for source in desk.sources)
    for source_id in (first, second):
        (pause,) = desk.pauses("same", source_id)
        decisions.decide(desk, "same", pause.pause_key, YES, actor="me", source_id=source_id, wait_for_undo=False)
    (taken,) = history.story(desk, "same", first).decisions
    decisions.undo(desk, taken.decision_id, actor="me")
    work(desk)
    assert (logged(files[0]), logged(files[1])) == ([], ["answered yes", "acted yes"])


def test_new_threads_go_into_the_first_file(desk: Desk, files: tuple[Path, Path]) -> None:
    thread_id = starts.start(desk, "one", {"log": str(files[0].with_suffix(".log"))}, actor="me")
    work(desk)
    first, second = (source.source_id for source in desk.sources)
    assert (len(desk.pauses(thread_id, first)), len(desk.pauses(thread_id, second))) == (1, 0)
    with reading(desk.engine) as connection:
        assert [job.source_id for job in of_thread(connection, first, thread_id)] == [first]


def test_a_failed_run_is_tried_again_in_its_file(home: Path, desk: Desk, files: tuple[Path, Path]) -> None:
    second = desk.sources[1].source_id
    (pause,) = desk.pauses("other", second)
    decisions.decide(desk, "other", pause.pause_key, YES, actor="me", wait_for_undo=False)
    files[1].with_suffix(".log").mkdir()  # the graph cannot write its log
    work(desk)
    assert history.story(desk, "other").failed is not None
    files[1].with_suffix(".log").rmdir()
    starts.retry(desk, "other", actor="me")
    work(desk)
    assert history.story(desk, "other", second).failed is None
    with pytest.raises(InvalidInput, match="--source"):
        starts.retry(desk, "same", actor="me")


def test_two_mails_of_one_thread_id_are_two(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a built-in graph did is kept under its file, so that neither is taken for the other's second try."""
    files, thread_id = (home / "one.sqlite", home / "two.sqlite"), "same"
    for path in files:
        single = open_desk(load_settings(home=home, checkpoints=path))
        starts.start(single, "email_approval", {**EMAIL, "subject": path.stem}, actor="me", thread_id=thread_id)
        work(single)
        single.close()
    monkeypatch.setenv("SIGNOFF_CHECKPOINTS", os.pathsep.join(map(str, files)))
    desk = open_desk(load_settings(home=home))
    for source in desk.sources:
        (pause,) = desk.pauses(thread_id, source.source_id)
        said = Said(DecisionType.APPROVE)
        decisions.decide(
            desk, thread_id, pause.pause_key, said, actor="me", source_id=source.source_id, wait_for_undo=False
        )
    work(desk)
    effects = [history.story(desk, thread_id, source.source_id).effects for source in desk.sources]
    desk.close()
    assert [[each.status for each in found] for found in effects] == [[EffectStatus.DONE], [EffectStatus.DONE]]
    assert len(list((home / "outbox").glob("*.eml"))) == 2


def test_a_file_that_cannot_be_read_does_not_hide_the_others(home: Path, files: tuple[Path, Path]) -> None:
    broken = home / "broken.sqlite"
    broken.write_text("this is no database, but it is long enough to be looked at as one" * 20)
    desk = open_desk(settings_for(home, checkpoints=(broken, *files)))
    try:
        found = reviews.inbox(desk)
        assert {row.thread_id for row in found.rows} == {"same", "other"}
        assert [str(broken) in note for note in found.notes] == [True]
        assert desk.source_of("other") == desk.sources[2].source_id
    finally:
        desk.close()


def test_commands_name_the_file_where_they_must(
    home: Path, files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings_for(home)
    monkeypatch.setenv("SIGNOFF_CHECKPOINTS", json.dumps([str(path) for path in files]))
    monkeypatch.setenv("SIGNOFF_GRAPHS", str(home / "langgraph.json"))
    found = json.loads(signoff(capsys, "list", "--json")[1])
    assert len(found) == 3
    second = next(row["source_id"] for row in found if row["thread_id"] == "other")
    assert f"in {second}" in signoff(capsys, "list", "--source", second)[1]
    assert signoff(capsys, "list", "--source", "nothing")[0] == 2
    for command in (["show", "same"], ["retry", "same"], ["results", "same"], ["restore", "same"]):
        code, _, err = signoff(capsys, *command)
        assert (code, f"link: first, {second}" in err) == (2, True), command
    pause = next(row["pause_key"] for row in found if row["source_id"] == second and row["thread_id"] == "same")
    said = ["--decision", "respond", "--message", "yes"]
    assert signoff(capsys, "decide", "same", pause, *said)[0] == 2
    code, out, err = signoff(capsys, "decide", "same", pause, *said, "--source", second)
    assert (code, err, out.splitlines()[-1]) == (0, "", "Did yes.")
    assert "Second?" not in signoff(capsys, "show", "same", "--source", "first")[1]
    checks = {check["name"]: check for check in json.loads(signoff(capsys, "doctor", "--json")[1])}
    assert checks["checkpoints first"]["ok"]
    assert checks[f"checkpoints {second}"]["ok"]


def test_what_waits_can_be_read_without_signoffs_own_database(
    home: Path, files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = home / "own.sqlite"
    own.write_text("no database at all" * 100)
    monkeypatch.setenv("SIGNOFF_CHECKPOINTS", os.pathsep.join(map(str, files)))
    monkeypatch.setenv("SIGNOFF_DATABASE", str(own))
    code, out, err = signoff(capsys, "list", "--json")
    assert (code, len(json.loads(out)), "not known" in err) == (0, 3, True)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("one.sqlite", ["one.sqlite"]),
        (os.pathsep.join(["a b.sqlite", "", "c.db"]), ["a b.sqlite", "c.db"]),
        ('["a:b.sqlite", "c.db"]', ["a:b.sqlite", "c.db"]),
        ("odd [1] 'name' #ü%20.sqlite", ["odd [1] 'name' #ü%20.sqlite"]),
        ("[copy].sqlite", ["[copy].sqlite"]),
    ],
)
def test_one_path_or_several(text: str, names: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNOFF_CHECKPOINTS", text)
    assert load_settings().checkpoints_paths == tuple(map(Path, names))


def test_the_name_of_a_file_is_that_file_whatever_is_in_it(tmp_path: Path) -> None:
    odd = tmp_path / f'["x{os.pathsep}y"]'
    odd.touch()
    assert paths_in(str(odd)) == (odd,)


@pytest.mark.parametrize("text", ["[]", '["a.sqlite"', '["a.sqlite", 3]', '["a.sqlite", ""]', os.pathsep, "a\0b"])
def test_what_is_no_list_of_files_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="SIGNOFF_CHECKPOINTS: expected"):
        load_settings(checkpoints=text)


def linked(path: Path) -> Path:
    other = path.with_name("link.sqlite")
    other.symlink_to(path)
    return other


def hard(path: Path) -> Path:
    other = path.with_name("hard.sqlite")
    os.link(path, other)
    return other


@pytest.mark.parametrize("again", [lambda path: path, linked, hard, lambda path: path.parent / "x" / ".." / path.name])
def test_a_file_named_twice_is_refused(home: Path, again: Any) -> None:
    path = home / "agents.sqlite"
    path.touch()
    (home / "x").mkdir()
    with pytest.raises(SettingsError, match="twice"):
        open_desk(load_settings(home=home, checkpoints=(path, again(path))))


def test_two_files_that_would_have_one_name_are_refused(home: Path) -> None:
    with pytest.raises(SettingsError, match="both be called agents"):
        open_desk(load_settings(home=home, checkpoints=(home / "agents", home / "agents.sqlite")))


def test_signoffs_own_database_is_none_of_the_files(home: Path) -> None:
    with pytest.raises(SettingsError, match="same file"):
        open_desk(load_settings(home=home, checkpoints=(home / "a.sqlite", home / "signoff.sqlite")))


def test_names_are_as_long_as_they_must_be(tmp_path: Path) -> None:
    paths = [tmp_path / "a" / "x.db", tmp_path / "b" / "x.db", tmp_path / "b" / "y.db"]
    names = names_of([Source(str(number), path) for number, path in enumerate(paths)])
    assert list(names.values()) == ["a/x.db", "b/x.db", "y.db"]
