"""The demo on a real desk: what it shows, that it can be decided, and that nothing of it stays."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from langgraph.checkpoint.base.id import uuid6
from sqlalchemy import func, select

from agents import audit, claims, deadlines, decisions, demo, history, jobs, payloads, starts
from agents.__main__ import main
from agents.checkpoints import time_of
from agents.clock import utc_now
from agents.database import reading
from agents.database.schema import metadata
from agents.demo.acts import Scene
from agents.demo.ages import moved_back
from agents.demo.scenes import scenes
from agents.desk import Desk, open_desk
from agents.domain import DecisionType, Kind, Pause, Said
from agents.errors import Busy, InvalidInput, SignoffError
from agents.reviews import all_rows
from agents.runs import due
from agents.settings import load_settings
from tests.desk_process import ROOT, environment
from tests.desks import work

MAIL = {"recipient": "ann@example.org", "subject": "Mine"}
NO_SERVER = "127.0.0.1:9"


def on_desk(home: Path, **settings: Any) -> Desk:
    return open_desk(load_settings(home=home, undo_seconds=0, **settings))


@pytest.fixture
def desk(home: Path) -> Iterator[Desk]:
    opened = on_desk(home)
    yield opened
    opened.close()


def few(folder: str) -> tuple[Scene, ...]:
    """A plan that waits, one that was carried out, and a mail that was sent."""
    return tuple(scene for scene in scenes(folder) if scene.name in ("logs", "exports", "closed"))


def files_of(home: Path) -> set[str]:
    """Files in the workspace and the outbox."""
    return {
        str(path.relative_to(home))
        for folder in ("workspace", "outbox")
        for path in (home / folder).rglob("*")
        if path.is_file()
    }


def rows_left(desk: Desk) -> dict[str, int]:
    """Rows by table, but for the record, the note whose the checkpointer file is, and since when a rule is known."""
    with reading(desk.engine) as connection:
        counts = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
            if table.name not in ("event", "demo_file", "policy_start")
        }
    return {name: number for name, number in counts.items() if number}


def use_all_of_it(desk: Desk) -> None:
    """A claim, a deadline, something set aside: the rows of several people's desk."""
    due.sweep(desk)
    for thread_id in demo.standing(desk).threads:
        for pause in desk.pauses(thread_id):
            key = (pause.source_id, thread_id, pause.pause_key)
            claims.claim(desk, thread_id, pause.pause_key, actor="me")
            deadlines.snooze(desk, key, timedelta(hours=1), actor="me")
    assert {"claim", "deadline", "snooze"} <= set(rows_left(desk))


def whole(desk: Desk) -> bool:
    with reading(desk.engine) as connection:
        return audit.verify(connection) is None and decisions.altered(connection) is None


def any_answer(pause: Pause) -> Said:
    """The first answer that its codec takes as it stands."""
    review = payloads.parse(pause)
    if DecisionType.APPROVE in review.allowed:
        return Said(DecisionType.APPROVE)
    options = pause.value.get("options") or ["logs in demo/logs, older than 30 days"]
    return Said(DecisionType.RESPOND, message=options[0])


def decide_all(desk: Desk) -> int:
    rows, _ = all_rows(desk)
    for row in rows:
        decisions.decide(desk, row.thread_id, row.pause_key, any_answer(row.review.pause), actor="me")
    work(desk)
    return len(rows)


def test_the_command_makes_every_kind_at_different_ages_without_a_model_or_a_mail_server(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://{NO_SERVER}/v1")  # would fail, if it was asked
    monkeypatch.setenv("SIGNOFF_SMTP_URL", f"smtp://{NO_SERVER}")
    assert main(["demo"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("1 of ")
    assert said[-1] == "To take them away again: signoff demo --reset"
    with closing(on_desk(home)) as desk:
        rows, notes = all_rows(desk)
        ages = sorted(desk.clock() - row.paused_at for row in rows)
        past = history.decisions_page(desk, per_page=100).decisions
        assert {row.kind for row in rows} == set(Kind)
        assert notes == []
        assert ages[0] < timedelta(minutes=15)
        assert ages[-1] > timedelta(days=5)
        assert len({age // timedelta(minutes=1) for age in ages}) == len(ages)
        assert {each.type for each in past} == {DecisionType(word) for word in ("approve", "edit", "reject", "respond")}
        assert sum(bool(desk.outcome(thread_id)) for thread_id in {each.thread_id for each in past}) >= 4
        assert len(list((home / "outbox").glob("*.eml"))) == 1
        assert whole(desk)
    assert main(["demo"]) == 2
    assert "signoff demo --reset" in capsys.readouterr().err
    assert main(["demo", "--reset"]) == 0
    assert main(["demo", "--reset"]) == 2


def test_an_id_moved_back_holds_the_earlier_time_and_keeps_its_order() -> None:
    ids = [str(uuid6(clock_seq=number)) for number in range(3)]
    moved = [moved_back(each, timedelta(days=9)) for each in ids]
    times = [(time_of(before), time_of(after)) for before, after in zip(ids, moved, strict=True)]
    assert [before and after and before - after for before, after in times] == [timedelta(days=9)] * 3
    assert sorted(moved) == moved
    assert max(moved) < min(ids)


@pytest.mark.slow
def test_the_ordinary_worker_takes_every_answer_and_nothing_stays_after_a_reset(desk: Desk, home: Path) -> None:
    demo.make_demo(desk, actor="me")
    use_all_of_it(desk)
    made = decide_all(desk)
    live = [each for each in history.decisions_page(desk, per_page=100).decisions if each.actor == "me"]
    assert {each.status.value for each in live} == {"delivered"}
    assert len(live) == made
    assert demo.reset_demo(desk, actor="me") == ()
    assert rows_left(desk) == {}
    assert files_of(home) == set()
    assert all_rows(desk) == ([], [])
    with closing(sqlite3.connect(home / "checkpoints.sqlite")) as connection:
        assert connection.execute("SELECT count(*) FROM checkpoints").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM writes").fetchone() == (0,)
    assert whole(desk)
    with reading(desk.engine) as connection:
        actions = [event.action for event in audit.everything(connection) if event.action != "settings"]
    assert (actions[0], actions[-1]) == ("demo_made", "demo_removed")
    assert "decided" in actions
    demo.make_demo(desk, actor="me", cast=few)
    assert len(all_rows(desk)[0]) == 1
    assert whole(desk)


def test_what_is_not_the_demos_stays(desk: Desk, home: Path) -> None:
    demo.make_demo(desk, actor="me", cast=few)
    mine = starts.start(desk, "email_approval", MAIL, actor="me")
    work(desk)
    own, changed = home / "workspace/demo/logs/own.log", home / "workspace/demo/README.txt"
    own.write_text("mine")
    os.utime(own, (0, 0))
    changed.write_text("I wrote this")
    decide_plan = next(row for row in all_rows(desk)[0] if row.thread_id.endswith("-logs"))
    with pytest.raises(SignoffError):
        demo.make_demo(desk, actor="me", cast=few)
    decisions.decide(desk, decide_plan.thread_id, decide_plan.pause_key, Said(DecisionType.APPROVE), actor="me")
    work(desk)
    stayed = demo.reset_demo(desk, actor="me")
    assert len(stayed) == 2
    assert files_of(home) == {"workspace/demo/logs/own.log", "workspace/demo/README.txt"}
    assert [row.thread_id for row in all_rows(desk)[0]] == [mine]
    with pytest.raises(InvalidInput, match=r"threads of its own.*Mine"):
        demo.make_demo(desk, actor="me", cast=few)
    with pytest.raises(InvalidInput, match="no demo"):
        demo.reset_demo(desk, actor="me")


def test_a_file_of_somebody_else_is_left_alone(desk: Desk, home: Path) -> None:
    path = home / "checkpoints.sqlite"
    path.write_bytes(b"anything at all")
    with pytest.raises(InvalidInput, match=r"was not made by the demo.*SIGNOFF_HOME=demo"):
        demo.make_demo(desk, actor="me", cast=few)
    assert path.read_bytes() == b"anything at all"
    assert rows_left(desk) == {}
    assert files_of(home) == set()


def test_a_file_that_somebody_writes_while_the_demo_is_made_is_left_alone(desk: Desk, home: Path) -> None:
    path = home / "checkpoints.sqlite"

    def interfere(done: int, total: int, text: str) -> None:
        if text == "putting it on the desk":
            with closing(sqlite3.connect(path)) as connection, connection:
                connection.execute("CREATE TABLE theirs (value)")
            kept.append(path.read_bytes())

    kept: list[bytes] = []
    with pytest.raises(InvalidInput, match="Somebody else wrote"):
        demo.make_demo(desk, actor="me", progress=interfere, cast=few)
    assert path.read_bytes() == kept[0]
    assert not list(home.glob("checkpoints.sqlite-*"))
    assert not demo.standing(desk).own_file
    assert rows_left(desk) == {}
    assert files_of(home) == set()


def test_the_way_out_names_a_file_that_is_set_too(home: Path) -> None:
    theirs = home / "theirs.sqlite"
    theirs.touch()
    desk = on_desk(home, checkpoints=theirs)
    way = "SIGNOFF_HOME=demo SIGNOFF_CHECKPOINTS=demo/checkpoints.sqlite signoff demo"
    assert str(demo.refusal(desk)).endswith(f"use another folder: {way}")
    desk.close()


def test_a_strangers_thread_in_the_demos_own_file_stops_a_second_demo(desk: Desk, home: Path) -> None:
    demo.make_demo(desk, actor="me", cast=few)
    with closing(sqlite3.connect(home / "checkpoints.sqlite")) as connection, connection:
        connection.execute("INSERT INTO checkpoints (thread_id, checkpoint_id) VALUES ('theirs', '1')")
    demo.reset_demo(desk, actor="me")
    with closing(sqlite3.connect(home / "checkpoints.sqlite")) as connection:
        assert connection.execute("SELECT thread_id FROM checkpoints").fetchall() == [("theirs",)]
    with pytest.raises(InvalidInput, match="did not make"):
        demo.make_demo(desk, actor="me", cast=few)


def test_two_at_once_make_one_demo(home: Path) -> None:
    together = Barrier(2)

    def press() -> str:
        with closing(on_desk(home)) as desk:
            together.wait()
            try:
                return f"made {len(demo.make_demo(desk, actor='me', cast=few))}"
            except (Busy, InvalidInput) as error:
                return str(error)

    with ThreadPoolExecutor(2) as pool:
        said = sorted(each.result() for each in [pool.submit(press), pool.submit(press)])
    assert sum(each.startswith("made") for each in said) == 1
    assert any("right now" in each or "shows a demo already" in each for each in said)
    with closing(on_desk(home)) as desk:
        assert demo.standing(desk).whole


def test_it_is_not_taken_away_while_a_thread_of_it_runs(desk: Desk) -> None:
    demo.make_demo(desk, actor="me", cast=few)
    row = next(row for row in all_rows(desk)[0] if row.thread_id.endswith("-logs"))
    decisions.decide(desk, row.thread_id, row.pause_key, Said(DecisionType.APPROVE), actor="me")
    held = jobs.claim(desk.engine, owner="worker", now=utc_now(), lease=timedelta(seconds=60))
    assert held is not None
    with pytest.raises(Busy, match=r"Delete all log files.*is running"):
        demo.reset_demo(desk, actor="me")
    assert demo.standing(desk).whole
    assert len(all_rows(desk)[0]) == 1


def test_a_demo_that_fails_half_way_leaves_nothing(desk: Desk, home: Path) -> None:
    def stop(done: int, total: int, text: str) -> None:
        if done == 2:
            raise SignoffError("the disk is full")

    with pytest.raises(SignoffError, match="disk is full"):
        demo.make_demo(desk, actor="me", progress=stop, cast=few)
    assert rows_left(desk) == {}
    assert files_of(home) == set()
    assert not (home / "demo-stage").exists()


def test_a_workspace_that_is_set_and_missing_is_named(home: Path) -> None:
    with closing(on_desk(home, workspace=home / "not mounted")) as desk:
        with pytest.raises(SignoffError, match="not mounted does not exist"):
            demo.make_demo(desk, actor="me", cast=few)
        assert rows_left(desk) == {}


def test_the_workspaces_own_folder_called_demo_is_left_alone(desk: Desk, home: Path) -> None:
    own = home / "workspace/demo/logs/mine.log"
    own.parent.mkdir(parents=True)
    own.write_text("mine")
    os.utime(own, (0, 0))
    demo.make_demo(desk, actor="me", cast=few)
    decide_all(desk)
    assert own.exists()
    demo.reset_demo(desk, actor="me")
    assert files_of(home) == {"workspace/demo/logs/mine.log"}


def test_a_home_that_cannot_be_written_is_named(desk: Desk, home: Path) -> None:
    (home / "demo.lock").mkdir()
    with pytest.raises(Busy, match=re.escape(str(home))):
        demo.make_demo(desk, actor="me", cast=few)
    assert rows_left(desk) == {}


@pytest.mark.slow
def test_killed_anywhere_the_next_one_finishes(home: Path) -> None:
    """SIGKILL after a line of its progress, and a little later each time; then an ordinary one."""
    for line in (1, 3, 8, 0, 0, 0):
        process = subprocess.Popen(
            [sys.executable, "-m", "agents", "demo"],
            cwd=ROOT,
            env=environment(home),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        for said in process.stdout:
            if said.startswith(f"{line} of ") or "putting it on the desk" in said:
                break
        time.sleep(0.01 * (line % 4))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        with closing(on_desk(home)) as desk:
            if demo.standing(desk).whole:
                demo.reset_demo(desk, actor="me")
    with closing(on_desk(home)) as desk:
        demo.make_demo(desk, actor="me")
        assert demo.standing(desk).whole
        assert whole(desk)
        with closing(sqlite3.connect(home / "checkpoints.sqlite")) as connection:
            found = {thread_id for (thread_id,) in connection.execute("SELECT DISTINCT thread_id FROM checkpoints")}
        assert found == set(demo.standing(desk).threads)
        demo.reset_demo(desk, actor="me")
        assert rows_left(desk) == {}
        assert files_of(home) == set()
