"""Threads that got stuck on real graphs: recognised, told in a sentence, and brought to their end by what is offered."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from langgraph.types import Command

from agents import decisions, jobs, repairs, starts
from agents.__main__ import main
from agents.clock import utc_now
from agents.database import decision, job, reading, writing
from agents.desk import Desk, open_desk
from agents.domain import DecisionStatus, DecisionType, Pause, PauseStatus, Repair, Said, Situation
from agents.errors import AlreadyDecided, InvalidDecision, InvalidInput, NotPending, QuestionChanged, RunFailed
from agents.history import story
from agents.jobs import JobStatus
from agents.reviews import inbox
from agents.settings import load_settings
from tests import stuck_graphs
from tests.desks import last_job, log_of, work

ASK_AGAIN, CONTINUE, RETRY = Repair.ASK_AGAIN, Repair.CONTINUE, Repair.RETRY
LATER = timedelta(minutes=20)


def answer(desk: Desk, text: str, thread_id: str = "t", key: str | None = None) -> None:
    pause = waiting(desk, thread_id) if key is None else None
    said = Said(DecisionType.RESPOND, message=text)
    decisions.decide(desk, thread_id, key or pause.pause_key, said, actor="ann", wait_for_undo=False)  # type: ignore[union-attr]
    work(desk)


def waiting(desk: Desk, thread_id: str = "t") -> Pause:
    (pause,) = desk.pauses(thread_id)
    return pause


def mend(desk: Desk, action: Repair, thread_id: str = "t") -> None:
    """Order what is offered first, and do it."""
    pause = waiting(desk, thread_id)
    assert pause.repairs[0] is action
    repairs.repair(desk, thread_id, pause.pause_key, action, actor="ann", seen=pause.seen)
    work(desk)


def said(desk: Desk, thread_id: str = "t") -> Any:
    return desk.reader().values(thread_id)["said"]


def path_of(desk: Desk) -> Path:
    return desk.sources[0].path


def desk_at(home: Path, later: timedelta = timedelta(0)) -> Desk:
    """A desk whose clock is so much later than the threads were written."""
    config, source = home / "langgraph.json", Path(stuck_graphs.__file__)
    config.write_text(json.dumps({"graphs": {name: f"{source}:{name}" for name in stuck_graphs.GRAPHS}}))

    def clock() -> datetime:
        return utc_now() + later

    return open_desk(load_settings(home=home, graphs=config, undo_seconds=0), clock)


@pytest.fixture
def desk(home: Path) -> Iterator[Desk]:
    made = desk_at(home)
    yield made
    made.close()


@pytest.fixture
def log(home: Path) -> str:
    return str(home / "log.txt")


def start(desk: Desk, graph_id: str, log: str) -> Pause:
    starts.start(desk, graph_id, {"log": log}, actor="ann", thread_id="t")
    work(desk)
    return waiting(desk)


def test_poisoned_by_an_answer(desk: Desk, home: Path, log: str) -> None:
    first = start(desk, "asking", log)
    answer(desk, "bad")
    stuck = waiting(desk)
    assert (stuck.status, stuck.situation, stuck.repairs) == (PauseStatus.STUCK, Situation.POISONED, (ASK_AGAIN, RETRY))
    assert "“ask” failed: ValueError('that is no answer')" in (stuck.note or "")
    assert [row.status for row in inbox(desk).rows] == [PauseStatus.STUCK]
    mend(desk, ASK_AGAIN)
    assert waiting(desk).interrupt_id not in (None, first.interrupt_id)
    answer(desk, "fine")
    assert said(desk) == ["prepared", "fine", "acted"]
    assert log_of(home) == ["prepare", "act"]
    assert "ordered that the question is asked again" in [entry.what for entry in story(desk, "t").entries]


@pytest.mark.parametrize("graph_id", ["asking_below", "asking_beside", "asking_each", "asking_in_a_function"])
def test_poisoned_in_every_kind_of_task(desk: Desk, home: Path, log: str, graph_id: str) -> None:
    start(desk, graph_id, log)
    answer(desk, "bad")
    assert waiting(desk).situation is Situation.POISONED
    mend(desk, ASK_AGAIN)
    answer(desk, "fine")
    assert desk.pauses("t") == ()
    assert log_of(home)[-1] == "act"
    assert log_of(home).count("act") == 1


def test_an_answer_that_met_a_passing_trouble_is_tried_again(desk: Desk, home: Path, log: str) -> None:
    start(desk, "asking", log)
    answer(desk, "later")
    Path(log + ".mended").touch()
    mend(desk, RETRY)
    assert said(desk) == ["prepared", "later", "acted"]


def test_a_later_step_that_failed_is_tried_again(desk: Desk, home: Path, log: str) -> None:
    stuck = start(desk, "failing", log)
    assert (stuck.situation, stuck.repairs, stuck.shown_from) == (Situation.FAILED, (RETRY,), None)
    assert "“act_once_mended” failed: RuntimeError('the printer is on fire')" in (stuck.note or "")
    mend(desk, RETRY)
    assert last_job(desk, "t").status is JobStatus.FAILED
    with pytest.raises(QuestionChanged):
        repairs.repair(desk, "t", stuck.pause_key, RETRY, actor="bob", seen=stuck.seen)
    Path(log + ".mended").touch()
    mend(desk, RETRY)
    assert said(desk) == ["prepared", "acted"]
    assert inbox(desk).failed == ()
    assert desk.pauses("t") == ()


KILLED = {
    "hanging": (Situation.HALTED, ["prepared", "hung on", "acted"]),
    "side_by_side": (Situation.ABANDONED, ["hung on", "prepared", "acted"]),
}


@pytest.mark.slow
def test_killed_processes(home: Path, log: str) -> None:
    with closing(desk_at(home)) as now:
        kill_runs(path_of(now), log)
        stuck = {name: waiting(now, name) for name in KILLED}
        assert {name: each.situation for name, each in stuck.items()} == {
            name: each[0] for name, each in KILLED.items()
        }
        assert {each.status for each in stuck.values()} == {PauseStatus.STUCK}
        assert inbox(now).rows == ()
        with pytest.raises(NotPending, match="may be going on elsewhere"):
            repairs.repair(now, "hanging", stuck["hanging"].pause_key, CONTINUE, actor="ann")
    with closing(desk_at(home, LATER)) as desk:
        assert {row.thread_id for row in inbox(desk).rows} == set(KILLED)
        for name, (_, done) in KILLED.items():
            mend(desk, CONTINUE, name)
            assert said(desk, name) == done
            assert Path(f"{log}.{name}").read_text() == "prepare\nact\n"
        assert inbox(desk).rows == ()


def kill_runs(path: Path, log: str) -> None:
    """SIGKILL a process of its own in the middle of a node of each."""
    root = Path(__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": str(root), "LANGGRAPH_STRICT_MSGPACK": "true"}
    command = [sys.executable, "-m", "tests.stuck_graphs", str(path), log, *KILLED]
    process = subprocess.Popen(command, env=environment)
    until = time.monotonic() + 30
    while not (all(Path(f"{log}.{name}.begun").exists() for name in KILLED) and wrote(path)):
        assert time.monotonic() < until
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    assert process.wait(10) == -signal.SIGKILL


def wrote(path: Path) -> bool:
    """What `prepare` did is in the file."""
    with closing(sqlite3.connect(path)) as connection, suppress(sqlite3.OperationalError):
        kept = "SELECT count(*) FROM writes WHERE channel = 'said' AND task_path LIKE '%, prepare'"
        steps = "SELECT count(*) FROM checkpoints WHERE thread_id = 'hanging'"
        return connection.execute(kept).fetchone()[0] == 2 and connection.execute(steps).fetchone()[0] == 3
    return False


def test_a_value_left_behind_is_got_rid_of(desk: Desk, home: Path, log: str) -> None:
    stuck_graphs.outside(path_of(desk), "several", {"log": log})
    stuck_graphs.outside(path_of(desk), "several", Command(resume="A"))
    pause = waiting(desk)
    assert (pause.value, pause.situation, pause.repairs) == ("second?", Situation.LEFT_BEHIND, (ASK_AGAIN,))
    with pytest.raises(InvalidDecision, match="Repair it"):
        answer(desk, "B")
    mend(desk, ASK_AGAIN)
    for text in ("1", "2", "3"):
        answer(desk, text)
    assert said(desk) == ["prepared", "1", "2", "3", "acted"]


def test_a_subgraph_that_keeps_nothing(desk: Desk, home: Path, log: str) -> None:
    stuck_graphs.outside(path_of(desk), "keeping_nothing", {"log": log}, durability="async")
    pause = waiting(desk)
    assert (pause.interrupt_id, pause.situation) == (None, Situation.UNREACHABLE)
    assert "checkpointer=False" in (pause.note or "")
    mend(desk, ASK_AGAIN)
    answer(desk, "now it arrives")
    assert said(desk)[-2:] == ["now it arrives", "acted"]
    assert log_of(home) == ["prepare", "act"]


def test_a_subgraph_that_keeps_nothing_asks_well_when_started_here(desk: Desk, home: Path, log: str) -> None:
    assert start(desk, "keeping_nothing", log).situation is None
    answer(desk, "yes")
    assert said(desk)[-2:] == ["yes", "acted"]


def test_each_of_two_tools_gets_its_own_answer(desk: Desk) -> None:
    for number in range(2):
        thread_id = f"t{number}"
        stuck_graphs.outside(path_of(desk), "two_tools", {"messages": []}, thread_id)
        assert waiting(desk, thread_id).situation is Situation.TWO_TOOLS
        mend(desk, ASK_AGAIN, thread_id)
        for name in ("pay", "post"):
            pause = waiting(desk, thread_id)
            assert (pause.value["question"], pause.situation) == (f"{name}?", None)
            answer(desk, f"yes, {name}", thread_id)
        found = [each["content"] for each in desk.reader().values(thread_id)["messages"][-2:]]
        assert found == ["paid 7: yes, pay", "posted 7: yes, post"]


@pytest.mark.parametrize("graph_id", ["asking", "asking_on"])
def test_a_step_hidden_by_a_clock_that_was_behind(
    desk: Desk, log: str, monkeypatch: pytest.MonkeyPatch, graph_id: str
) -> None:
    pause = start(desk, graph_id, log)
    with monkeypatch.context() as patch:
        real = time.time_ns
        patch.setattr("langgraph.checkpoint.base.id._last_v6_timestamp", None)
        patch.setattr(time, "time_ns", lambda: real() - 3_600_000_000_000)
        stuck_graphs.outside(path_of(desk), graph_id, Command(resume={pause.interrupt_id: "one"}))
    stuck = waiting(desk)
    assert (stuck.status, stuck.situation) == (PauseStatus.STUCK, Situation.CLOCK_SKEW)
    mend(desk, CONTINUE)
    if graph_id == "asking_on":
        assert waiting(desk).value == "first?"
        assert said(desk) == ["prepared", "one"]
    else:
        assert desk.pauses("t") == ()
        assert said(desk) == ["prepared", "one", "acted"]


def test_a_head_of_a_clock_that_was_ahead_is_waited_for(
    desk: Desk, home: Path, log: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step that is written now would be hidden just the same."""
    with monkeypatch.context() as patch:
        real = time.time_ns
        patch.setattr("langgraph.checkpoint.base.id._last_v6_timestamp", None)
        patch.setattr(time, "time_ns", lambda: real() + 600_000_000_000)
        pause = start(desk, "asking", log)
    stuck_graphs.outside(path_of(desk), "asking", Command(resume={pause.interrupt_id: "one"}))
    stuck = waiting(desk)
    assert stuck.situation is Situation.CLOCK_SKEW
    repairs.repair(desk, "t", stuck.pause_key, CONTINUE, actor="ann")
    work(desk)
    assert (last_job(desk, "t").status, last_job(desk, "t").note) == (
        JobStatus.WAITING,
        "waits until this machine's clock has passed the thread's last step",
    )
    assert log_of(home) == ["prepare", "act"]


def test_closing_what_is_stuck_ends_it(desk: Desk, home: Path, log: str) -> None:
    stuck = start(desk, "failing", log)
    closing_it = Said(DecisionType.IGNORE, message="no longer needed")
    decisions.decide(desk, "t", stuck.pause_key, closing_it, actor="ann", seen=stuck.seen)
    work(desk)
    assert desk.pauses("t") == ()
    assert inbox(desk).rows == ()
    assert "closed the thread without an answer" in [entry.what for entry in story(desk, "t").entries]


def test_what_is_not_offered_is_refused(desk: Desk, log: str) -> None:
    stuck = start(desk, "failing", log)
    with pytest.raises(InvalidInput, match="Offered: retry"):
        repairs.repair(desk, "t", stuck.pause_key, ASK_AGAIN, actor="ann")
    with pytest.raises(NotPending, match="does not stand there any more"):
        repairs.repair(desk, "t", "stuck.gone", RETRY, actor="ann")
    assert len(jobs_of(desk)) == 1


def jobs_of(desk: Desk) -> list[jobs.Job]:
    with reading(desk.engine) as connection:
        return jobs.of_thread(connection, desk.sources[0].source_id, "t")


def test_the_command_says_what_is_offered_and_does_it(
    desk: Desk, home: Path, log: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIGNOFF_GRAPHS", str(home / "langgraph.json"))
    start(desk, "failing", log)
    assert main(["show", "t"]) == 0
    assert "repair t --action retry" in capsys.readouterr().out
    assert main(["repair", "t", "--action", "retry"]) == RunFailed.exit_code
    assert "the printer is on fire" in capsys.readouterr().err
    Path(log + ".mended").touch()
    assert main(["repair", "t", "--action", "ask_again"]) == InvalidInput.exit_code
    assert main(["repair", "t", "--action", "retry", "--message", "mended"]) == 0
    assert log_of(home) == ["prepare", "act"]
    assert main(["repair", "t", "--action", "retry"]) == NotPending.exit_code
    assert "needs no repair" in capsys.readouterr().err
    assert "ordered that the failed step is tried again: “mended”" in [each.what for each in story(desk, "t").entries]


def test_two_tabs_at_once_order_it_once(desk: Desk, home: Path, log: str) -> None:
    stuck = start(desk, "failing", log)
    Path(log + ".mended").touch()

    def click(name: str) -> bool:
        try:
            repairs.repair(desk, "t", stuck.pause_key, RETRY, actor=name, seen=stuck.seen)
        except NotPending:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(click, [f"tab {number}" for number in range(8)])) == 1
    work(desk)
    assert log_of(home) == ["prepare", "act"]
    with pytest.raises(NotPending):
        repairs.repair(desk, "t", stuck.pause_key, RETRY, actor="late", seen=stuck.seen)


def test_a_worker_killed_in_a_repair_is_followed_by_one_that_ends_it(desk: Desk, home: Path, log: str) -> None:
    """The fork was written, and the worker died before the question was."""
    start(desk, "asking", log)
    answer(desk, "bad")
    pause = waiting(desk)
    job_id = repairs.repair(desk, "t", pause.pause_key, ASK_AGAIN, actor="ann")
    work(desk)
    asked = waiting(desk)
    with closing(sqlite3.connect(path_of(desk))) as connection, connection:
        connection.execute("DELETE FROM writes WHERE checkpoint_id = ?", (asked.checkpoint_id,))
    taken_over(desk, job_id)
    work(desk)
    assert waiting(desk).interrupt_id == asked.interrupt_id
    answer(desk, "fine")
    assert said(desk) == ["prepared", "fine", "acted"]


def taken_over(desk: Desk, job_id: str) -> None:
    """As a worker that died leaves its order: running, its lease long over."""
    with writing(desk.engine) as connection:
        gone = {"status": "running", "owner": "dead", "lease_until": 1.0, "attempts": 1, "finished_at": None}
        connection.execute(job.update().where(job.c.job_id == job_id).values(**gone))


APPROVE = Said(DecisionType.APPROVE)


def approve(desk: Desk) -> None:
    pause = waiting(desk)
    decisions.decide(desk, "t", pause.pause_key, APPROVE, actor="ann", seen=pause.seen)


def stopped(desk: Desk, graph_id: str, log: str) -> Pause:
    """A thread of this graph at its first breakpoint; a desk that reads loads the graphs, once."""
    desk.registry.load_facts()
    return start(desk, graph_id, log)


def test_breakpoints_are_continued_one_by_one(desk: Desk, home: Path, log: str) -> None:
    first = stopped(desk, "stopping", log)
    assert (first.status, first.value, first.nodes) == (PauseStatus.BREAKPOINT, {"after": ["prepare"]}, ("between",))
    (row,) = inbox(desk).rows
    assert (row.status, row.gist) == (PauseStatus.BREAKPOINT, "Paused after “prepare”.")
    approve(desk)
    with pytest.raises(AlreadyDecided, match="ann"):
        decisions.decide(desk, "t", first.pause_key, APPROVE, actor="bob")
    work(desk)
    assert log_of(home) == ["prepare", "between"]
    assert waiting(desk).value == {"before": ["act"]}
    approve(desk)
    work(desk)
    assert log_of(home) == ["prepare", "between", "act"]
    assert desk.pauses("t") == ()
    assert [each.status for each in story(desk, "t").decisions] == [DecisionStatus.DELIVERED] * 2


def test_a_breakpoint_of_a_subgraph(desk: Desk, home: Path, log: str) -> None:
    assert stopped(desk, "stopping_below", log).value == {"before": ["act"]}
    approve(desk)
    work(desk)
    assert log_of(home) == ["prepare", "act"]


def test_a_breakpoint_is_closed(desk: Desk, home: Path, log: str) -> None:
    pause = stopped(desk, "stopping", log)
    decisions.decide(desk, "t", pause.pause_key, Said(DecisionType.IGNORE), actor="ann")
    work(desk)
    assert desk.pauses("t") == ()
    assert log_of(home) == ["prepare"]


def test_a_second_worker_does_not_step_over_the_next_breakpoint(desk: Desk, home: Path, log: str) -> None:
    """The first one continued, reached the next breakpoint, and died before it could say so."""
    stopped(desk, "stopping", log)
    approve(desk)
    work(desk)
    (taken,) = story(desk, "t").decisions
    with writing(desk.engine) as connection:
        again = decision.update().where(decision.c.decision_id == taken.decision_id)
        connection.execute(again.values(status="accepted", settled_at=None))
    taken_over(desk, str(taken.job_id))
    work(desk)
    assert log_of(home) == ["prepare", "between"]
    assert waiting(desk).value == {"before": ["act"]}
    assert story(desk, "t").decisions[0].status is DecisionStatus.DELIVERED


def test_a_continue_that_was_taken_back_is_not_done(home: Path, log: str) -> None:
    with closing(desk_at(home)) as desk:
        pause = stopped(desk, "stopping", log)
        made = decisions.decide(desk, "t", pause.pause_key, APPROVE, actor="ann")
        decisions.undo(desk, made.decision_id, actor="ann")
        assert work(desk) == 0
        assert waiting(desk).pause_key == pause.pause_key


def test_what_runs_elsewhere_by_now_is_left_alone(desk: Desk, home: Path, log: str) -> None:
    stopped(desk, "stopping", log)
    approve(desk)
    stuck_graphs.outside(path_of(desk), "stopping", None)
    work(desk)
    assert log_of(home) == ["prepare", "between"]
    (left,) = story(desk, "t").decisions
    assert (left.status, left.reason) == (DecisionStatus.SUPERSEDED, "the thread moved on before it was continued")
