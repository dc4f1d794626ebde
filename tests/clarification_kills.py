"""`python -m tests.clarification_kills FOLDER`: a clarified thread is killed in each of its steps, then gone on with.

This process only forks; a child opens the desk for itself and is ended by
SIGKILL out of its own writer, where a fake stands for the model. Prints one
line of JSON: per step what the next worker made of the thread.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from agents import decisions, starts
from agents.adapters.model import Clarification, ClarifyRequest, PlanDraft, PlanRequest
from agents.adapters.model.offline import OfflineWriter
from agents.clock import utc_now
from agents.database import reading
from agents.desk import Desk, open_desk
from agents.domain import DecisionType, Said
from agents.graphs import clarification, plan_approval
from agents.runs.worker import work_once
from agents.settings import load_settings

THREAD = "thread-1"
TASK = "clean up the folder"
ANSWERS = ["log files", "trash", "older than 30 days"]
GRAPHS = ("flat", "nested")
STEPS = ("clarify", "enrich", "plan")


@dataclass(frozen=True)
class Fatal(OfflineWriter):
    """The offline rules, except that a step ends its process by SIGKILL once; every call is noted in a file."""

    notes: Path
    fatal: str

    def clarify(self, request: ClarifyRequest) -> Clarification:
        self._called("clarify")
        return super().clarify(request)

    def enrich(self, task: str, answers: Sequence[tuple[str, str | None]]) -> str:
        self._called("enrich")
        return super().enrich(task, answers)

    def plan(self, request: PlanRequest) -> PlanDraft:
        self._called("plan")
        return super().plan(request)

    def _called(self, step: str) -> None:
        before = self.notes.read_text().split() if self.notes.exists() else []
        self.notes.write_text(" ".join([*before, step]))
        if step == self.fatal and step not in before:
            os.kill(os.getpid(), signal.SIGKILL)


def _build(build: Callable[..., Any]) -> Any:
    """The graph of the settings with another writer."""

    def made(**parts: Any) -> Any:
        home = load_settings().home
        writer = Fatal(home / "called.txt", (home / "fatal.txt").read_text())
        return build(**{**parts, "writer": writer})

    return plan_approval.with_settings(made)


def flat() -> Any:
    return _build(plan_approval.build)


def nested() -> Any:
    return _build(clarification.build)


def desk_of(home: Path, late: timedelta) -> Desk:
    os.environ["SIGNOFF_HOME"] = str(home)
    config = home / "langgraph.json"
    config.write_text(json.dumps({"graphs": {name: f"{Path(__file__)}:{name}" for name in GRAPHS}}))
    return open_desk(load_settings(graphs=config), lambda: utc_now() + late)


def go_on(home: Path, graph_id: str, late: timedelta) -> None:
    """Start it, answer its question, work; whatever of it is still to be done."""
    desk = desk_of(home, late)
    if starts.started(desk, desk.sources[0].source_id, THREAD) is None:
        starts.start(desk, graph_id, {"task": TASK}, actor="ann", thread_id=THREAD)
    _work(desk)
    pauses = desk.pauses(THREAD)
    if pauses and pauses[0].value["type"] == "clarification_needed" and pauses[0].interrupt_id:
        said = Said(DecisionType.RESPOND, args={"answers": ANSWERS})
        decisions.decide(desk, THREAD, pauses[0].pause_key, said, actor="ann", wait_for_undo=False)
        _work(desk)
    desk.close()


def _work(desk: Desk) -> None:
    while work_once(desk, f"worker {os.getpid()}"):
        pass


def forked(act: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        act()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def run(folder: Path, graph_id: str, step: str) -> dict[str, Any]:
    home = folder / f"{graph_id}-{step}"
    home.mkdir(parents=True)
    (home / "fatal.txt").write_text(step)
    codes = [forked(lambda late=late: go_on(home, graph_id, timedelta(hours=late))) for late in (0, 1)]  # type: ignore[misc]
    desk = desk_of(home, timedelta(hours=2))
    (pause,) = desk.pauses(THREAD)
    with reading(desk.engine) as connection:
        made = decisions.of_thread(connection, desk.sources[0].source_id, THREAD)
    found = {
        "codes": codes,
        "called": (home / "called.txt").read_text().split(),
        "asks": pause.value["type"],
        "task": pause.value["task"],
        "decisions": [each.status.value for each in made],
        "listed": len(desk.reader().listing().pauses),
    }
    desk.close()
    return found


if __name__ == "__main__":
    pairs = [(graph_id, step) for graph_id in GRAPHS for step in STEPS]
    print(json.dumps({" ".join(pair): run(Path(sys.argv[1]), *pair) for pair in pairs}))
