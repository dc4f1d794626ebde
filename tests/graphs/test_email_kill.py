"""kill -9 around the send: a real process, real files, a real SMTP server. Nothing lost, nothing twice."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from agents.effects import EffectStatus
from tests.email_threads import email_thread, mailer_for
from tests.mail_server import MailServer

ROOT = Path(__file__).resolve().parents[2]


def start_thread(folder: Path, where: str) -> None:
    with email_thread(folder, mailer_for(folder, where)) as thread:
        thread.start()


def approving_process(folder: Path, where: str) -> subprocess.Popen[str]:
    """A process that approves the waiting mail; it has said "ready" when this returns."""
    command = [sys.executable, "-m", "tests.email_threads", str(folder), where]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait(10)
    assert process.stdout is not None
    process.stdout.close()


def go_on(folder: Path, where: str) -> Any:
    """What the next process makes of it."""
    process = approving_process(folder, where)
    assert process.stdout is not None
    with process.stdout as output:
        result = json.loads(output.read())
    assert process.wait(10) == 0
    return result


@pytest.mark.slow
@pytest.mark.parametrize(("step", "arrived"), [("hold_rcpt", 0), ("hold_data", 1)])
def test_killed_while_the_server_has_it_goes_to_a_person(tmp_path: Path, step: str, arrived: int) -> None:
    with MailServer() as server:
        where = f"{server.url}?tls=none"
        hold = threading.Event()
        setattr(server, step, hold)
        start_thread(tmp_path, where)
        process = approving_process(tmp_path, where)
        assert server.holding.wait(20)
        kill(process)
        hold.set()
        assert go_on(tmp_path, where)["type"] == "in_doubt"
        assert len(server.mails) == arrived  # nothing was sent by itself
        with email_thread(tmp_path, mailer_for(tmp_path, where)) as thread:
            assert [effect.status for effect in thread.effects] == [EffectStatus.IN_DOUBT]
            assert thread.answer("mark as done" if arrived else "do it again")["status"] == "done"
        assert len(server.mails) == 1


@pytest.mark.slow
def test_killed_while_the_server_has_it_and_gone_on_without_a_server(tmp_path: Path) -> None:
    with MailServer() as server:
        where = f"{server.url}?tls=none"
        server.hold_data = threading.Event()
        start_thread(tmp_path, where)
        process = approving_process(tmp_path, where)
        assert server.holding.wait(20)
        kill(process)
        server.hold_data.set()
        assert go_on(tmp_path, "outbox")["type"] == "in_doubt"
        assert not (tmp_path / "outbox").exists()
        assert len(server.mails) == 1


def kill_at_random(folder: Path, rounds: int, seed: int) -> None:
    """Approve, kill after 0 to 80 ms, go on until the end: one file for each approval."""
    dice = random.Random(seed)
    for number in range(rounds):
        home = folder / str(number)
        start_thread(home, "outbox")
        process = approving_process(home, "outbox")
        time.sleep(dice.uniform(0, 0.08))
        kill(process)
        with email_thread(home, mailer_for(home, "outbox")) as thread:
            question = thread.now()
            if question is None:
                outcome = thread.run(None)
            else:
                outcome = question if "status" in question else thread.answer("send")
            assert outcome["status"] == "done", f"round {number}"
            assert [effect.status for effect in thread.effects] == [EffectStatus.DONE]
        assert len(list((home / "outbox").glob("*.eml"))) == 1, f"round {number}"


@pytest.mark.slow
def test_the_outbox_needs_no_person_after_a_kill(tmp_path: Path) -> None:
    kill_at_random(tmp_path, rounds=3, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_outbox_needs_no_person_after_many_kills(tmp_path: Path) -> None:
    kill_at_random(tmp_path, rounds=30, seed=2)
