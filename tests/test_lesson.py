"""The lesson's own graph goes through the desk unchanged: it pauses twice, first at its breakpoint, which has no id, then with its question."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver

from agents import decisions, history, payloads, starts
from agents.__main__ import main
from agents.desk import Desk, open_desk
from agents.domain import DecisionType, Kind, Pause, PauseStatus, Said
from agents.settings import load_settings
from tests import lesson_graphs
from tests.desks import work

ANSWERS = {
    ("plan", Kind.PLAN): ((Said(DecisionType.APPROVE), "approve"), (Said(DecisionType.REJECT), "reject")),
    ("email", Kind.EMAIL): (
        (Said(DecisionType.APPROVE), "send"),
        (Said(DecisionType.REJECT), "cancel"),
        (Said(DecisionType.RESPOND, "Shorter, please."), "Shorter, please."),
    ),
    ("clarification", Kind.QUESTION): ((Said(DecisionType.RESPOND, "logs, 30 days"), "logs, 30 days"),),
    ("sample", Kind.SAMPLE): (
        (Said(DecisionType.APPROVE), "continue"),
        (Said(DecisionType.RESPOND, "It is software."), "It is software."),
    ),
}


@pytest.fixture
def desk(home: Path) -> Iterator[Desk]:
    config = home / "langgraph.json"
    config.write_text(json.dumps({"graphs": {"lesson": f"{lesson_graphs.__file__}:app"}}))
    desk = open_desk(load_settings(home=home, graphs=config))
    yield desk
    desk.close()


def decided(desk: Desk, thread_id: str, said: Said) -> None:
    (pause,) = desk.pauses(thread_id)
    decisions.decide(desk, thread_id, pause.pause_key, said, actor="me", seen=pause.seen, wait_for_undo=False)
    work(desk)


def only(desk: Desk, thread_id: str) -> Pause:
    (pause,) = desk.pauses(thread_id)
    return pause


def test_it_pauses_twice_and_gets_what_it_expects(desk: Desk) -> None:
    for (kind, expected), answers in ANSWERS.items():
        for said, received in answers:
            thread_id = starts.start(desk, "lesson", {"kind": kind}, actor="me")
            work(desk)
            first = only(desk, thread_id)
            assert (first.status, first.interrupt_id, first.nodes) == (PauseStatus.BREAKPOINT, None, ("human_review",))
            assert payloads.parse(first).allowed[0] is DecisionType.APPROVE
            decided(desk, thread_id, Said(DecisionType.APPROVE))
            second = only(desk, thread_id)
            assert (second.status, payloads.parse(second).kind) == (PauseStatus.QUESTION, expected)
            assert second.value == lesson_graphs.QUESTIONS[kind]
            decided(desk, thread_id, said)
            assert desk.pauses(thread_id) == ()
            values = desk.reader().values(thread_id)
            assert (values["answer"], values["log"]) == (received, ["prepared", "reviewed", "finished"])
            made = history.story(desk, thread_id).decisions
            assert [each.type for each in made] == [DecisionType.APPROVE, said.type]


def test_a_thread_that_the_lessons_own_program_paused_goes_on_here(home: Path, desk: Desk) -> None:
    """Its program was pointed at a file once, and ran without naming its graph."""
    with closing(sqlite3.connect(home / "checkpoints.sqlite", check_same_thread=False)) as connection:
        graph = lesson_graphs.build().compile(checkpointer=SqliteSaver(connection), interrupt_before=["human_review"])
        graph.invoke({"kind": "plan"}, {"configurable": {"thread_id": "theirs"}})
    desk.registry.load_facts()
    assert only(desk, "theirs").status is PauseStatus.BREAKPOINT
    decided(desk, "theirs", Said(DecisionType.APPROVE))
    decided(desk, "theirs", Said(DecisionType.APPROVE))
    assert desk.reader().values("theirs")["result"] == "did it with 'approve'"


def test_it_can_be_closed_at_its_breakpoint(desk: Desk) -> None:
    thread_id = starts.start(desk, "lesson", {"kind": "email"}, actor="me")
    work(desk)
    decided(desk, thread_id, Said(DecisionType.IGNORE, "not needed"))
    assert desk.pauses(thread_id) == ()
    assert desk.reader().values(thread_id)["log"] == ["prepared"]


@pytest.mark.slow
def test_it_goes_through_the_commands(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = home / "langgraph.json"
    config.write_text(json.dumps({"graphs": {"lesson": f"{lesson_graphs.__file__}:app"}}))
    monkeypatch.setenv("SIGNOFF_GRAPHS", str(config))
    assert main(["start", "lesson", "--input", '{"kind": "plan"}', "--thread-id", "mine"]) == 0
    for answer in ("approve", "approve"):
        capsys.readouterr()
        assert main(["list", "--json"]) == 0
        (row,) = json.loads(capsys.readouterr().out)
        assert main(["decide", "mine", row["pause_key"], "--decision", answer]) == 0
    assert main(["list", "--json"]) == 0
    assert capsys.readouterr().out.endswith("[]\n")
