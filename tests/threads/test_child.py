"""A project with its own `agents` package: its graphs run in a process of their own, and everything holds there too."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agents import audit, decisions, starts
from agents.database import reading
from agents.desk import Desk
from agents.domain import DecisionType, Said
from agents.jobs import JobStatus, LeaseLost
from agents.runs.threads import open_thread
from agents.runs.worker import work_once
from tests.desk_process import ROOT, environment
from tests.desks import last_job, work
from tests.threads.projects import GRAPH, desk_on, project

GRAPHS = {
    "asking": "made(ask, act).compile(checkpointer=MemorySaver())",
    "later": "made(ask, later)",
    "leaving": "made(ask, leave)",
    "crashing": "made(ask, crash)",
    "forking": "made(ask, fork)",
    "large": "made(ask, large)",
    "slow": "made(ask, slow, act)",
}
FACTORY = "\n\nasync def factory():\n    return made(ask, act)\n"
YES = Said(DecisionType.RESPOND, value={"a": [1, "ü"]})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    text = "import agents.words\nfrom .words import HELLO\n" + GRAPH
    text += "".join(f"{name} = {made}\n" for name, made in GRAPHS.items())
    files = {"agents/__init__.py": "", "agents/words.py": "HELLO = 'hello'", "agents/mine.py": text + FACTORY}
    project(folder, {name: f"./agents/mine.py:{name}" for name in (*GRAPHS, "factory")}, files)
    return folder


@pytest.fixture(scope="module")
def desk(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = desk_on(tmp_path_factory.mktemp("home"), folder / "langgraph.json", lease_seconds=2)
    yield desk
    desk.close()


def answered(desk: Desk, graph_id: str) -> str:
    """Start a thread and answer its question, without running what follows."""
    thread_id = starts.start(desk, graph_id, {"place": "here"}, actor="ann")
    work(desk)
    (pause,) = desk.pauses(thread_id)
    decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ann", wait_for_undo=False)
    return thread_id


def lines(folder: Path) -> list[str]:
    log = folder / "log.txt"
    return log.read_text().splitlines() if log.exists() else []


def test_its_own_agents_package_is_what_it_imports(desk: Desk, folder: Path) -> None:
    thread_id = answered(desk, "asking")
    work(desk)
    assert last_job(desk, thread_id).error is None
    assert desk.outcome(thread_id) == {"said": {"a": [1, "ü"]}}
    assert lines(folder)[-1] == "acted", "it works in its own folder"
    assert desk.registry.info("asking").apart


def test_asynchronous_nodes_and_factories_work_there_too(desk: Desk) -> None:
    for graph_id, outcome in (
        ("later", {"said": {"a": [1, "ü"]}, "later": True}),
        ("factory", {"said": {"a": [1, "ü"]}}),
    ):
        thread_id = answered(desk, graph_id)
        work(desk)
        assert desk.outcome(thread_id) == outcome


@pytest.mark.parametrize(
    ("graph_id", "sentence"),
    [("leaving", "SystemExit: 3"), pytest.param("crashing", "SIGSEGV", marks=pytest.mark.slow)],
)
def test_a_graph_that_ends_its_process_fails_its_own_run_alone(desk: Desk, graph_id: str, sentence: str) -> None:
    thread_id = answered(desk, graph_id)
    work(desk)
    job = last_job(desk, thread_id)
    assert (job.status, sentence in str(job.error)) == (JobStatus.FAILED, True)
    other = answered(desk, "asking")
    work(desk)
    assert last_job(desk, other).error is None


def test_a_child_that_leaves_a_fork_behind_is_seen_to_have_ended(desk: Desk) -> None:
    thread_id = answered(desk, "forking")
    began = time.monotonic()
    work(desk)
    assert "exit code 9" in str(last_job(desk, thread_id).error)
    assert time.monotonic() - began < 15, "the fork, which sleeps for 20 seconds, does not hold the pipe"


def test_a_very_large_outcome_does_not_go_on_record(desk: Desk) -> None:
    thread_id = answered(desk, "large")
    work(desk)
    with reading(desk.engine) as connection:
        finished = audit.latest(connection, desk.sources[0].source_id, thread_id, "finished")
    assert finished is not None
    assert "too large to keep on record (300,0" in finished.fields["outcome"]["text"]


@pytest.mark.slow
def test_a_killed_child_is_recovered_by_the_worker(desk: Desk, folder: Path) -> None:
    (folder / "log.txt").unlink(missing_ok=True)
    (folder / "wait").touch()
    thread_id = answered(desk, "slow")
    running = threading.Thread(target=work_once, args=(desk, "first"))
    running.start()
    while not lines(folder):
        time.sleep(0.02)
    (folder / "wait").unlink()
    os.kill(int(lines(folder)[0].split()[1]), signal.SIGKILL)
    running.join()
    job = last_job(desk, thread_id)
    assert (job.status, job.note) == (
        JobStatus.WAITING,
        "the graph's process was ended from outside; it is tried again",
    )
    late = time.monotonic() + 10
    while last_job(desk, thread_id).finished_at is None and time.monotonic() < late:
        work(desk)
        time.sleep(0.1)
    assert [line.split()[0] for line in lines(folder)] == ["slow", "slow", "acted"]
    assert desk.outcome(thread_id) == {"said": {"a": [1, "ü"]}}
    assert [each.status.value for each in decisions_of(desk, thread_id)] == ["delivered"]


def decisions_of(desk: Desk, thread_id: str) -> list[decisions.Decision]:
    with reading(desk.engine) as connection:
        return decisions.of_thread(connection, desk.sources[0].source_id, thread_id)


def rows_of(desk: Desk) -> list[Any]:
    """All that the checkpointer holds, wherever SQLite keeps it."""
    with closing(sqlite3.connect(desk.sources[0].path)) as connection:
        return [
            connection.execute(f"SELECT * FROM {table} ORDER BY rowid").fetchall()
            for table in ("checkpoints", "writes")
        ]


@pytest.mark.slow
def test_nothing_is_written_once_the_lease_is_gone(desk: Desk) -> None:
    thread_id = answered(desk, "asking")
    (pause,) = desk.pauses(thread_id)
    held = [True]

    def check() -> None:
        if not held[0]:
            raise LeaseLost("gone")

    lock = desk.settings.home / "test.lock"
    before = rows_of(desk)
    with open_thread(desk.registry, desk.sources[0].path, thread_id, "asking", {}, check, lock) as thread:
        held[0] = False
        with pytest.raises(LeaseLost, match="gone"):
            list(thread.resume({str(pause.interrupt_id): True}))
        held[0] = True
    assert rows_of(desk) == before
    work(desk)
    assert desk.outcome(thread_id) == {"said": {"a": [1, "ü"]}}


def test_a_child_ends_with_its_desk(desk: Desk, folder: Path) -> None:
    (folder / "log.txt").unlink(missing_ok=True)
    thread_id = answered(desk, "slow")
    work(desk)
    assert desk.outcome(thread_id)
    pid = int(lines(folder)[0].split()[1])
    assert Path(f"/proc/{pid}").exists(), "it is kept for the next run"
    desk.registry.close()
    assert not Path(f"/proc/{pid}").exists()


@pytest.mark.slow
def test_a_killed_desk_takes_its_child_along_and_the_thread_goes_on_later(folder: Path, tmp_path: Path) -> None:
    (folder / "log.txt").unlink(missing_ok=True)
    (folder / "wait").touch()
    desk = desk_on(tmp_path / "home", folder / "langgraph.json", lease_seconds=1)
    thread_id = answered(desk, "slow")
    desk.registry.close()
    env = environment(
        tmp_path / "home", {"SIGNOFF_GRAPHS": str(folder / "langgraph.json"), "SIGNOFF_LEASE_SECONDS": "1"}
    )
    worker = subprocess.Popen([sys.executable, "-m", "agents", "worker"], cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
    while not lines(folder):
        time.sleep(0.02)
    worker.kill()
    worker.wait()
    (folder / "wait").unlink()
    pid = int(lines(folder)[0].split()[1])
    late = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < late:
        time.sleep(0.02)
    assert not Path(f"/proc/{pid}").exists()
    while not desk.outcome(thread_id) and time.monotonic() < late:
        work(desk)
        time.sleep(0.1)
    work(desk)
    assert [line.split()[0] for line in lines(folder)] == ["slow", "slow", "acted"]
    assert desk.outcome(thread_id) == {"said": {"a": [1, "ü"]}}
    desk.close()


@pytest.mark.slow
def test_what_belongs_to_another_agents_package_is_found_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with PyPI's openai-agents: the project has no `agents` of its own, but one is installed."""
    site = tmp_path / "site"
    (site / "agents").mkdir(parents=True)
    (site / "agents" / "__init__.py").write_text("class Agent:\n    name = 'installed'\n")
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{site}")
    text = (
        "from agents import Agent\n" + GRAPH + "\n\ndef tell(state):\n    return {'outcome': {'agent': Agent.name}}\n"
    )
    config = project(tmp_path / "mine", {"g": "./g.py:g"}, {"g.py": f"{text}\n\ng = made(tell)\n"})
    desk = desk_on(tmp_path / "home", config)
    thread_id = starts.start(desk, "g", {}, actor="ann")
    work(desk)
    assert desk.outcome(thread_id) == {"agent": "installed"}
    desk.close()
