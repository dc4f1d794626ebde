"""Real processes on one desk: eight deciders at once, and workers that are killed at random moments."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agents import decisions, jobs, starts
from agents.database import reading, writing
from agents.desk import Desk, open_desk
from agents.domain import DecisionStatus, DecisionType, Pause, Said
from agents.effects import in_doubt
from agents.jobs import JobStatus
from agents.settings import load_settings
from tests.desk_process import ROOT, environment
from tests.desks import desk_in, log_of, paused, work
from tests.mail_server import MailServer

YES = Said(DecisionType.RESPOND, message="yes")
APPROVE = Said(DecisionType.APPROVE)


STARTED: list[subprocess.Popen[str]] = []


@pytest.fixture(autouse=True)
def _no_process_outlives_its_test() -> Iterator[None]:
    yield
    for process in STARTED:
        if process.returncode is None:
            process.kill()
            process.communicate()
    STARTED.clear()


def signoff(home: Path, *args: str, **env: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "agents", *args],
        cwd=ROOT,
        env=environment(home, {"PYTHONFAULTHANDLER": "1", **env}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    STARTED.append(process)
    return process


@pytest.mark.slow
def test_eight_processes_decide_one_question_at_once(home: Path) -> None:
    desk = desk_in(home)
    thread_id, pause = paused(desk, "one", home)
    desk.close()
    names = [f"person {number}" for number in range(8)]
    env = {"SIGNOFF_GRAPHS": str(home / "langgraph.json")}
    running = [
        signoff(
            home,
            "decide",
            thread_id,
            pause.pause_key,
            "--decision",
            "respond",
            "--message",
            "yes",
            "--actor",
            name,
            **env,
        )
        for name in names
    ]
    ended = [(process.communicate(timeout=100), process.returncode) for process in running]
    codes = Counter(code for _, code in ended)
    assert codes == {0: 1, 3: 7}, [text for text, _ in ended]
    winner = names[[code for _, code in ended].index(0)]
    assert all(winner in error for (_, error), code in ended if code == 3)
    assert log_of(home) == ["answered yes", "acted yes"]


@pytest.mark.slow
def test_eight_processes_start_on_an_empty_folder_at_once(home: Path) -> None:
    given = json.dumps({"recipient": "ann@example.org", "subject": "Hello", "instructions": "say hello"})
    running = [signoff(home, "start", "email_approval", "--input", given) for _ in range(8)]
    ended = [(process.communicate(timeout=100), process.returncode) for process in running]
    assert [code for _, code in ended] == [0] * 8, [text for text, _ in ended]
    desk = open_desk(load_settings(home=home))
    waiting = desk.readers[0].listing().pauses
    desk.close()
    assert len({pause.thread_id for pause in waiting}) == 8


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_workers_killed_at_random_lose_nothing_and_repeat_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """60 mails and 60 plans are decided while two workers are killed again and again."""
    rng = random.Random(20261122)
    with MailServer(pause=0.15) as server:
        env = {"SIGNOFF_LEASE_SECONDS": "1", "SIGNOFF_MODEL": "offline", "SIGNOFF_SMTP_URL": f"{server.url}?tls=none"}
        monkeypatch.setenv("SIGNOFF_SMTP_URL", env["SIGNOFF_SMTP_URL"])  # what is approved is bound to its way out
        desk = open_desk(load_settings(home=home, lease_seconds=1))
        mails = [_start_mail(desk, number) for number in range(60)]
        plans = [_start_plan(desk, number) for number in range(60)]
        work(desk)
        waiting = {pause.thread_id: pause for pause in desk.readers[0].listing().pauses}
        assert set(waiting) == {*mails, *plans}
        threads = rng.sample(sorted(waiting), len(waiting))
        _decide_under_fire(desk, home, rng, [waiting[thread] for thread in threads], env)
        doubted = _settle_doubts(desk)
        taken_over = _nothing_lost(desk, [*mails, *plans])
        _mails_once(server, mails, doubted)
    _files_once(home / "workspace", len(plans))
    assert taken_over >= 5, "the kills hit work in progress"
    desk.close()


def _start_mail(desk: Desk, number: int) -> str:
    given = {"recipient": f"p{number}@example.org", "subject": f"Note {number}", "instructions": "say the parcel came"}
    return starts.start(desk, "email_approval", given, actor="starter")


def _start_plan(desk: Desk, number: int) -> str:
    folder = desk.settings.workspace_path / f"box{number}"
    folder.mkdir(parents=True)
    for name in ("a", "b", "c"):
        (folder / f"{name}{number}.tmp").write_text(f"{name} {number}")
    return starts.start(desk, "plan_approval", {"task": f"delete box{number}/*.tmp"}, actor="starter")


def _decide_under_fire(desk: Desk, home: Path, rng: random.Random, pauses: list[Pause], env: dict[str, str]) -> None:
    workers: list[subprocess.Popen[str]] = []
    kills = 0
    deadline = time.monotonic() + 400
    while time.monotonic() < deadline and (pauses or _open(desk)):
        while len(workers) < 2:
            workers.append(signoff(home, "worker", "--threads", "2", **env))
        for _ in range(min(len(pauses), rng.randint(3, 8))):
            pause = pauses.pop()
            decisions.decide(desk, pause.thread_id, pause.pause_key, APPROVE, actor="ann", wait_for_undo=False)
        victim = _busy(desk, workers) if kills < 40 else None
        if victim is None:
            time.sleep(0.2)
            continue
        time.sleep(rng.uniform(0, 0.5))
        os.kill(victim.pid, signal.SIGKILL)
        victim.communicate()
        workers.remove(victim)
        kills += 1
    for process in workers:
        process.terminate()
        process.communicate(timeout=60)
    assert kills >= 10
    assert not pauses
    assert not _open(desk), "no work is left undone"


def _busy(desk: Desk, workers: list[subprocess.Popen[str]]) -> subprocess.Popen[str] | None:
    """A worker process that runs a job right now; waits for one, but not for long."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        owners = {int(str(job.owner).split(":")[1]) for job in _open(desk) if job.status is JobStatus.RUNNING}
        found = next((process for process in workers if process.pid in owners), None)
        if found is not None or not _open(desk):
            return found
        time.sleep(0.01)
    return None


def _open(desk: Desk) -> list[Any]:
    with reading(desk.engine) as connection:
        return jobs.open_jobs(connection)


def _settle_doubts(desk: Desk) -> set[str]:
    """What may or may not have happened is listed, and a person who looks can settle it."""
    doubted = set()
    for pause in desk.readers[0].listing().pauses:
        assert pause.value["type"] == "in_doubt", pause
        doubted.add(pause.thread_id)
    with reading(desk.engine) as connection:
        assert {effect.thread_id for effect in in_doubt(connection)} == doubted
    for pause in desk.readers[0].listing().pauses:
        said = Said(DecisionType.RESPOND, message="mark as done")
        decisions.decide(desk, pause.thread_id, pause.pause_key, said, actor="ann", wait_for_undo=False)
    work(desk)
    with reading(desk.engine) as connection:
        assert in_doubt(connection) == []
    return doubted


def _nothing_lost(desk: Desk, threads: list[str]) -> int:
    """Every decision was delivered and its thread ended; returns how many runs were taken over from a dead worker."""
    source_id = desk.sources[0].source_id
    taken_over = 0
    for thread_id in threads:
        with reading(desk.engine) as connection:
            made = decisions.of_thread(connection, source_id, thread_id)
            work_done = jobs.of_thread(connection, source_id, thread_id)
        assert {each.status for each in made} == {DecisionStatus.DELIVERED}
        assert work_done[-1].status is JobStatus.DONE, work_done[-1]
        assert desk.outcome(thread_id)["status"] == "done"
        taken_over += any(job.attempts > 1 for job in work_done)
    return taken_over


def _mails_once(server: MailServer, threads: list[str], doubted: set[str]) -> None:
    """Nobody got two; who got none is among those that a person was asked about."""
    sent = Counter(recipient for mail in server.mails for recipient in mail.recipients)
    assert set(sent.values()) == {1}
    for number, thread_id in enumerate(threads):
        assert sent[f"p{number}@example.org"] == 1 or thread_id in doubted


def _files_once(workspace: Path, plans: int) -> None:
    left = [path for path in workspace.rglob("*.tmp") if ".trash" not in path.parts]
    trashed = Counter(path.name for path in workspace.rglob("*.tmp") if ".trash" in path.parts)
    assert left == []
    assert len(trashed) == plans * 3
    assert set(trashed.values()) == {1}


def test_a_worker_told_to_stop_finishes_what_it_runs(home: Path) -> None:
    desk = desk_in(home)
    thread_id, pause = paused(desk, "one", home, slow=1.5)
    env = {"SIGNOFF_GRAPHS": str(home / "langgraph.json")}
    process = signoff(home, "worker", **env)
    decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ann", wait_for_undo=False)
    _wait_for((home / "log.txt.acting").exists)
    _stops(process)
    assert log_of(home) == ["answered yes", "acted yes"]
    assert desk.pauses(thread_id) == ()
    with reading(desk.engine) as connection:
        assert jobs.open_jobs(connection) == []
    desk.close()


def test_a_worker_killed_in_the_act_is_followed_by_another(home: Path) -> None:
    desk = desk_in(home, lease_seconds=1)
    thread_id, pause = paused(desk, "one", home, slow=1.0)
    env = {"SIGNOFF_GRAPHS": str(home / "langgraph.json"), "SIGNOFF_LEASE_SECONDS": "1"}
    process = signoff(home, "worker", **env)
    decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ann", wait_for_undo=False)
    _wait_for((home / "log.txt.acting").exists)
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 30
    while _open(desk) and time.monotonic() < deadline:
        work(desk)
        time.sleep(0.1)
    assert log_of(home) == ["answered yes", "acted yes"], "the answer is not asked for or sent again"
    with reading(desk.engine) as connection:
        made = decisions.of_thread(connection, pause.source_id, thread_id)
    assert [each.status for each in made] == [DecisionStatus.DELIVERED]
    desk.close()


@pytest.mark.slow
def test_a_worker_frozen_past_its_lease_writes_nothing_when_it_wakes(home: Path) -> None:
    desk = desk_in(home, lease_seconds=1)
    thread_id, pause = paused(desk, "one", home, slow=1.5)
    env = {"SIGNOFF_GRAPHS": str(home / "langgraph.json"), "SIGNOFF_LEASE_SECONDS": "1"}
    process = signoff(home, "worker", "--threads", "1", **env)
    decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ann", wait_for_undo=False)
    _wait_for((home / "log.txt.acting").exists)
    _freeze(desk, process)
    _wait_for(lambda: work(desk) > 0)
    assert log_of(home) == ["answered yes", "acted yes"]
    before = desk.readers[0].history(thread_id)
    os.kill(process.pid, signal.SIGCONT)
    _wait_for(lambda: log_of(home) == ["answered yes", "acted yes", "acted yes"])
    time.sleep(1.0)
    assert desk.readers[0].history(thread_id) == before, "the thread's head is the heir's"
    _stops(process)
    desk.close()


def _stops(process: subprocess.Popen[str]) -> None:
    """Told to, it ends well; one that does not says where each of its threads is."""
    process.terminate()
    try:
        process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)  # faulthandler answers it
        raise AssertionError(process.communicate(timeout=30)[1]) from None
    assert process.returncode == 0


def _freeze(desk: Desk, process: subprocess.Popen[str]) -> None:
    """Stop a worker between two of its writes: asleep inside one it would hold the file's lock, and nobody could follow."""
    with closing(sqlite3.connect(desk.sources[0].path, isolation_level=None, timeout=30)) as checkpoints:
        checkpoints.execute("BEGIN IMMEDIATE")
        with writing(desk.engine):
            os.kill(process.pid, signal.SIGSTOP)
            os.waitpid(process.pid, os.WUNTRACED)
        checkpoints.execute("ROLLBACK")


def _wait_for(done: Callable[[], bool], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
