"""Short real deadlines under several real processes: each step once, also when the desk was killed at the time."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agents import starts
from agents.deadlines import ACTOR, State
from agents.desk import Desk, open_desk
from agents.domain import DecisionStatus, DecisionType
from agents.settings import load_settings
from tests.deadlines.desks import HELLO, actions, events, made_on, row_of
from tests.desk_process import ROOT, DeskProcess, environment

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

TO_LEAD = {"after": "2s", "do": "escalate", "to": "role:lead"}
CHAIN = {"steps": [TO_LEAD, {"after": "2s", "do": "escalate", "to": "grace"}, {"after": "2s", "do": "cancel"}]}
APPROVE = {"steps": [{"after": "2s", "do": "default", "decision": "approve"}]}


@pytest.fixture
def desk(home: Path) -> Iterator[Desk]:
    made = open_desk(load_settings(home=home, model="offline"))
    yield made
    made.close()


@pytest.fixture
def workers(home: Path) -> Iterator[Callable[[int], list[subprocess.Popen[bytes]]]]:
    running: list[subprocess.Popen[bytes]] = []

    def start(number: int) -> list[subprocess.Popen[bytes]]:
        command = [sys.executable, "-m", "agents", "worker", "--threads", "1"]
        env = environment(home, {"SIGNOFF_MODEL": "offline"})
        running.extend(
            subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            for _ in range(number)
        )
        return running

    yield start
    for each in running:
        each.terminate()
    for each in running:
        each.wait(30)


def test_four_processes_do_each_step_of_each_plan_once(
    desk: Desk, workers: Callable[[int], list[subprocess.Popen[bytes]]]
) -> None:
    box = desk.settings.workspace_path / "box"
    box.mkdir(parents=True)
    (box / "a.tmp").write_text("a")
    mails = [starts.start(desk, "email_approval", HELLO, actor="starter", deadline=CHAIN) for _ in range(3)]
    never = starts.start(desk, "email_approval", HELLO, actor="starter", deadline=APPROVE)
    task = {"task": "move box/*.tmp to the trash"}
    plan = starts.start(desk, "plan_approval", task, actor="starter", deadline=APPROVE)
    workers(4)
    wait_for(lambda: all(ended(desk, each) for each in [*mails, plan]) and "escalated" in actions(desk, never))
    time.sleep(2.5)  # were anything done twice, it would be by now
    for each in mails:
        assert actions(desk, each).count("escalated") == 2
        assert actions(desk, each).count("decided") == 1
        assert desk.outcome(each)["status"] == "cancelled"
    assert actions(desk, plan).count("decided") == 1
    assert not list(box.glob("*.tmp"))
    assert actions(desk, never).count("escalated") == 1
    assert len(desk.pauses(never)) == 1
    assert not list(desk.settings.outbox_path.glob("*.eml"))


def test_the_desk_killed_across_the_due_time_does_it_when_it_is_back(desk: Desk, home: Path) -> None:
    late = {"steps": [{"after": "8s", "do": "cancel"}]}
    server = DeskProcess.launch(home, env={"SIGNOFF_MODEL": "offline"})
    try:
        in_time = starts.start(desk, "email_approval", HELLO, actor="starter", deadline=late)
        too_late = starts.start(desk, "email_approval", HELLO, actor="starter", deadline=late | {"grace": "1s"})
        wait_for(lambda: all(waiting(desk, each) for each in (in_time, too_late)))
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        assert not made_on(desk, in_time), "it was killed before the time"
        time.sleep(10)
        server = DeskProcess.launch(home, port=server.port, env={"SIGNOFF_MODEL": "offline"})
        wait_for(lambda: ended(desk, in_time) and "escalated" in actions(desk, too_late))
    finally:
        server.stop()
    (made,) = made_on(desk, in_time)
    assert (made.type, made.actor, made.status) == (DecisionType.REJECT, ACTOR, DecisionStatus.DELIVERED)
    assert "escalated" not in actions(desk, in_time)
    reasons = [event.fields["reason"] for event in events(desk, too_late) if event.action == "escalated"]
    assert "was not running" in reasons[0]


def wait_for(done: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)


def ended(desk: Desk, thread_id: str) -> bool:
    return desk.state(thread_id) is not None and not desk.pauses(thread_id) and desk.outcome(thread_id) is not None


def waiting(desk: Desk, thread_id: str) -> bool:
    pauses = desk.pauses(thread_id)
    row = row_of(desk, pauses[0]) if pauses else None
    return row is not None and row.state is State.WAITING
