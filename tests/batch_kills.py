"""`python -m tests.batch_kills FOLDER KILLS SEED`: batches worked on by processes that are killed at random moments.

This process only forks, so that a child is ready at once; every child opens
the files for itself and is ended by SIGKILL or by itself. Each call of the
model is a line in FOLDER/N/calls, written before the call. Prints one line of
JSON: the kills that hit a run, those of them in the middle of a chunk, how many
items were asked for twice, and everything that was not as it should be.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from pathlib import Path

from agents.adapters.model import ItemRequest
from agents.graphs.batch_work import WINDOW
from tests.batch_threads import BatchThread, FakeWriter, batch_thread, number_of
from tests.plan_kills import finished, forked

ITEMS, EVERY, CONCURRENCY = 150, 50, 4
LATENCY = 0.004
DONE = {(n, 0) for n in range(1, 101)} | {(n, 1) for n in range(51, 151)}
"""The results at the end: the second chunk was done again."""

Call = tuple[int, int]


def opened(folder: Path) -> AbstractContextManager[BatchThread]:
    def act(request: ItemRequest) -> None:
        line = f"{number_of(request)} {len(request.instructions)}\n".encode()
        log = os.open(folder / "calls", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(log, line)
        os.close(log)
        time.sleep(LATENCY * (0.5 + random.random()))

    return batch_thread(folder, FakeWriter(act), concurrency=CONCURRENCY)


def carry_on(folder: Path) -> None:
    """Begin, or go on with what another process began, to the end."""
    with opened(folder) as thread:
        (folder / "ready").touch()
        while True:
            state = thread.app.get_state(thread.config)
            if state.interrupts:
                thread.answer(answer_to(state.interrupts[0].value))
            elif not state.values:
                thread.start(ITEMS, every=EVERY)
            elif state.tasks:  # `next` leaves out a task that has written and was killed before its checkpoint
                thread.go_on()
            else:
                break


def answer_to(asked: Mapping[str, object]) -> str:
    return "Once more" if (asked["last"], asked["revision"]) == (2 * EVERY, 1) else "continue"


def note(folder: Path) -> None:
    """Write down what has a result."""
    with opened(folder) as thread:
        values = thread.app.get_state(thread.config).values
        results = thread.results() if values.get("lot_id") else {}
    (folder / "results").write_text(json.dumps(sorted(results)))


def check(folder: Path) -> None:
    with opened(folder) as thread:
        values = thread.app.get_state(thread.config).values
        assert values["outcome"]["status"] == "done", values["outcome"]
        assert thread.results() == {(n, generation): f"said {generation}" for n, generation in DONE}
        assert len(thread.verdicts()) == 4


def calls(folder: Path) -> list[Call]:
    text = (folder / "calls").read_text() if (folder / "calls").exists() else ""
    return [(int(item), int(generation)) for item, generation in map(str.split, text.splitlines())]


def results(folder: Path) -> set[Call]:
    assert finished(forked(lambda: note(folder)))
    return {(item, generation) for item, generation in json.loads((folder / "results").read_text())}


def killed(folder: Path, *, calls_later: int = 0, seconds: float = 0) -> bool:
    """Let a child make so many calls, or work for so long, then kill it; False when it was through before."""
    (folder / "ready").unlink(missing_ok=True)
    enough = len(calls(folder)) + calls_later
    child = forked(lambda: carry_on(folder))
    while not ((folder / "ready").exists() and len(calls(folder)) >= enough):
        if os.waitpid(child, os.WNOHANG) != (0, 0):
            return False
        time.sleep(0.001)
    time.sleep(seconds)
    with suppress(ProcessLookupError, ChildProcessError):
        os.kill(child, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    return False


def one(home: Path, kills: int, dice: random.Random, found: Counter[str]) -> list[str]:
    """One batch, killed so often, then finished; what was wrong."""
    wrong, lost, before = [], Counter[Call](), 0
    for number in range(kills):
        in_a_chunk = number == 0 or dice.random() < 0.5
        moment = {"calls_later": dice.randint(3, 45)} if in_a_chunk else {"seconds": dice.uniform(0, 0.4)}
        if not killed(home, **moment):
            break
        found["kills"] += 1
        written, made = results(home), calls(home)[before:]
        unwritten = set(made) - written
        before += len(made)
        found["in a chunk"] += bool(unwritten)
        if len(unwritten) > WINDOW * CONCURRENCY:
            wrong.append(f"{home.name}: {len(unwritten)} calls were lost by one kill")
        lost.update(unwritten)
    for act in (carry_on, check):
        if not finished(forked(lambda act=act: act(home))):  # type: ignore[misc]
            wrong.append(f"{home.name}: {act.__name__} failed")
    asked = Counter(calls(home))
    found["asked twice"] += sum(asked.values()) - len(asked)
    # What had a result when the process died was never asked for again; what had none, once per kill.
    for call in sorted({*asked, *DONE}):
        if asked[call] != 1 + lost[call]:
            wrong.append(f"{home.name}: {call} was asked {asked[call]} times, and {lost[call]} of them were lost")
    return wrong


def run(folder: Path, wanted: int, seed: int) -> tuple[Counter[str], list[str]]:
    dice, found, wrong, number = random.Random(seed), Counter[str](), list[str](), 0
    while found["kills"] < wanted and number < 10 * wanted:
        number += 1
        home = folder / str(number)
        home.mkdir(parents=True)
        wrong += one(home, min(dice.randint(2, 6), wanted - found["kills"]), dice, found)
    return found, wrong


if __name__ == "__main__":
    hits, failures = run(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    print(json.dumps({**hits, "wrong": failures}))
