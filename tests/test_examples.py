"""Every graph of docs/examples/ goes through the desk: started, listed, decided in each way, its end as promised."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agents import decisions, starts
from agents.__main__ import main
from agents.desk import Desk, open_desk
from agents.domain import DecisionType, Said
from agents.reviews import inbox
from agents.settings import load_settings
from tests.desk_process import ROOT, environment
from tests.desks import last_job, work
from tests.examples import BY_ID, CONFIG, EXAMPLES, FOLDER, Answer, Example, Way
from tests.test_docs import blocks

WAYS = [
    pytest.param(each, way, id=f"{each.graph_id}-{number}", marks=() if number == 1 else pytest.mark.slow)
    for each in EXAMPLES
    for number, way in enumerate(each.ways, start=1)
]
PAGE = (FOLDER.parent / "bring-your-own-graph.md").read_text(encoding="utf-8")
KEY_OF_THE_FIRST = "$(.venv/bin/signoff list | sed -n 's/^ *refund-1005 *//p')"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk for all examples; each test starts a thread of its own."""
    opened = open_desk(load_settings(home=tmp_path_factory.mktemp("home"), graphs=CONFIG))
    yield opened
    opened.close()


def paused(desk: Desk, graph_id: str, given: Any) -> str:
    """Start the example on its sample and run it until it asks."""
    thread_id = starts.start(desk, graph_id, given, actor="ann")
    work(desk)
    assert last_job(desk, thread_id).error is None
    return thread_id


def text_of(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def decide(desk: Desk, thread_id: str, answer: Answer) -> Any:
    """Give one answer to the question that it is for; the value that goes to its node."""
    pause = next(each for each in desk.pauses(thread_id) if answer.to in text_of(each.value))
    made = decisions.decide(
        desk, thread_id, pause.pause_key, answer.said, actor="ann", seen=pause.seen, wait_for_undo=False
    )
    return made.resume_value


def test_every_graph_of_the_langgraph_json_is_tried_here() -> None:
    assert {*json.loads(CONFIG.read_text(encoding="utf-8"))["graphs"]} == {*BY_ID}


@pytest.mark.parametrize(("example", "way"), WAYS)
def test_an_example_gets_its_answer(desk: Desk, example: Example, way: Way) -> None:
    thread_id = paused(desk, example.graph_id, example.input)
    waiting = [row for row in inbox(desk, graphs=[example.graph_id]).rows if row.thread_id == thread_id]
    assert len(waiting) == len(way.answers)
    tried = {answer.said.type for each in example.ways for answer in each.answers}
    assert {*waiting[0].review.allowed} - {DecisionType.IGNORE} <= tried
    assert [decide(desk, thread_id, answer) for answer in way.answers] == [each.receives for each in way.answers]
    work(desk)
    assert last_job(desk, thread_id).error is None
    if way.asks is not None:
        (again,) = desk.pauses(thread_id)
        assert way.asks in text_of(again.value)
        return
    assert desk.pauses(thread_id) == ()
    found = desk.reader().values(thread_id)
    assert {name: found.get(name) for name in way.state} == way.state
    assert [part for part in way.says if part not in found["messages"][-1]["content"]] == []


@pytest.mark.parametrize("graph_id", ["two_at_once", "functional", "tool_that_asks", "with_subgraph", "agent_per_call"])
def test_closing_an_example_sends_nothing(desk: Desk, graph_id: str) -> None:
    thread_id = paused(desk, graph_id, BY_ID[graph_id].input)
    before = desk.reader().values(thread_id)
    first = desk.pauses(thread_id)[0]
    ignore = Said(DecisionType.IGNORE)
    decisions.decide(desk, thread_id, first.pause_key, ignore, actor="ann", seen=first.seen, wait_for_undo=False)
    work(desk)
    assert last_job(desk, thread_id).error is None
    assert desk.pauses(thread_id) == ()
    assert desk.reader().values(thread_id) == before


@pytest.mark.slow
def test_the_commands_of_the_examples_start_them(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIGNOFF_HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.setenv("SIGNOFF_GRAPHS", str(CONFIG))
    for example in EXAMPLES:
        assert main(shlex.split(example.command)[1:]) == 0, example.command
    capsys.readouterr()
    assert main(["list", "--json"]) == 0
    assert {row["graph_id"] for row in json.loads(capsys.readouterr().out)} == {*BY_ID}


def test_the_page_has_every_example_and_only_code_of_theirs() -> None:
    assert {*re.findall(r"<!-- example: (\w+) -->", PAGE)} == {*BY_ID}
    files = [unindented(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.py")]
    shown = [part for info, text in blocks(PAGE) if info == "python" for part in text.split("\n\n\n")]
    assert [code for code in shown if not any(unindented(code) in file for file in files)] == []


def unindented(code: str) -> str:
    return "\n".join(line.strip() for line in code.strip().splitlines())


@pytest.mark.slow
def test_the_commands_of_the_page_lead_to_a_decision(tmp_path: Path) -> None:
    """The page's first section as a newcomer types it, without the installation and the browser."""
    section = PAGE.split("\n## ")[1]
    install, *typed, serve, start = [line for info, text in blocks(section) for line in text.splitlines()]
    assert f"{install} && {serve}" in (ROOT / "README.md").read_text(encoding="utf-8")
    (tmp_path / "docs").symlink_to(FOLDER.parent)
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name, module in (("python", ""), ("signoff", "-m agents")):
        (programs / name).write_text(f'#!/bin/sh\nexec {sys.executable} {module} "$@"\n')
        (programs / name).chmod(0o755)
    script = "\n".join(["set -e", *typed, start]).replace("PAUSE_KEY", KEY_OF_THE_FIRST)
    env = {**environment(tmp_path / "home"), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Refund of order 1005" in done.stdout
    assert "Do you approve this refund?" in done.stdout
    assert "--value JSON" in done.stdout
    assert "Accepted: respond by" in done.stdout
    assert "Waiting: Approve or reject: Do you approve this refund?" in done.stdout
