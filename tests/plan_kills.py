"""`python -m tests.plan_kills FOLDER KILLS SEED`: plans carried out by processes that are killed at random moments.

This process only forks, so that a child is ready at once; every child opens
the files for itself and is ended by SIGKILL or by itself. Prints one line of
JSON: the kills that hit a run, and everything that was not as it should be.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agents.effects import EffectStatus
from tests.plan_threads import THREAD, FakeWriter, plan_thread
from tests.workspaces import contents, make

FILES = {f"logs/{n % 7}/{n}.log": (f"content {n}", 40) for n in range(400)} | {"keep.txt": ("k", 90)}
PLANS = (
    (
        {"op": "delete", "pattern": "logs/0/*.log"},
        {"op": "move", "pattern": "logs/{1,2}/*.log", "destination": "old"},
        {"op": "archive", "pattern": "logs/{3,4}/*.log", "destination": "packed.zip"},
        {"op": "write", "path": "keep.txt", "content": "new"},
        {"op": "delete", "pattern": "logs/**"},
    ),
)


def forked(act: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        try:
            act()
        except BaseException:  # noqa: BLE001 - the parent is told by the exit code
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return child


def finished(child: int) -> bool:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def begin(folder: Path) -> None:
    make(folder / "ws", FILES)
    with plan_thread(folder, FakeWriter(plans=PLANS)) as thread:
        (folder / "question.json").write_text(json.dumps(thread.start()))


def carry_out(folder: Path) -> None:
    """Approve, or go on with what another process began."""
    with plan_thread(folder) as thread:
        state = thread.app.get_state(thread.config)
        if state.interrupts:
            (folder / "ready").touch()
            thread.answer({"type": "approve"})
        elif state.tasks:  # `next` leaves out a task that has written and was killed before its checkpoint
            (folder / "ready").touch()
            thread.go_on()


def check(folder: Path) -> None:
    question: dict[str, Any] = json.loads((folder / "question.json").read_text())
    wanted = sum(len(step["files"]) for step in question["steps"])
    moved = {file["to"] for file in question["steps"][1]["files"]}
    with plan_thread(folder) as thread:
        outcome = thread.app.get_state(thread.config).values["outcome"]
        assert (outcome["status"], outcome["details"]["files"]) == ("done", wanted), outcome
        left = contents(folder / "ws")
        assert set(left) == moved | {"keep.txt", "packed.zip"}, left
        assert left["keep.txt"] == "new"
        assert [effect.status for effect in thread.effects] == [EffectStatus.DONE] * 5, thread.effects
        report = thread.workspace.restore(THREAD)
    assert report.left == (), report.left
    assert contents(folder / "ws") == dict(sorted((path, text) for path, (text, _age) in FILES.items()))


def killed(folder: Path, seconds: float) -> bool:
    """Let a child work for a while, then kill it; False when it was through before."""
    (folder / "ready").unlink(missing_ok=True)
    child = forked(lambda: carry_out(folder))
    while not (folder / "ready").exists() and os.waitpid(child, os.WNOHANG) == (0, 0):
        time.sleep(0.001)
    time.sleep(seconds)
    try:
        os.kill(child, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    except (ProcessLookupError, ChildProcessError):
        return False


def run(folder: Path, wanted: int, seed: int) -> tuple[int, list[str]]:
    dice = random.Random(seed)
    kills, wrong, number = 0, [], 0
    while kills < wanted and number < 10 * wanted:
        number += 1
        home = folder / str(number)
        home.mkdir(parents=True)
        if not finished(forked(lambda home=home: begin(home))):  # type: ignore[misc]
            wrong.append(f"{number}: could not begin")
        for _ in range(dice.randint(1, 4)):
            kills += killed(home, dice.uniform(0, 0.15))
        for act in (carry_out, check):
            if not finished(forked(lambda act=act, home=home: act(home))):  # type: ignore[misc]
                wrong.append(f"{number}: {act.__name__} failed")
    return kills, wrong


if __name__ == "__main__":
    hits, failures = run(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    print(json.dumps({"kills": hits, "wrong": failures}))
