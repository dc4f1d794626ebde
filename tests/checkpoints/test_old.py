"""Files that older versions of LangGraph wrote: what waits in them is seen, and what can be answered is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver

from agents import decisions, repairs
from agents.checkpoints import Reader, Source
from agents.desk import Desk, open_desk
from agents.domain import DecisionType, GraphFacts, Pause, PauseStatus, Repair, Said, Situation
from agents.errors import InvalidDecision, NotPending
from agents.settings import load_settings
from tests.checkpoints.old import graphs
from tests.desks import work

FOLDER = Path(__file__).with_name("old")
VERSIONS = sorted(path.stem for path in FOLDER.glob("*.sqlite"))
BEFORE_IDS = {"0.2.20", "0.2.60"}
"""Their questions are found, and today's LangGraph finds no task to which an answer could go."""
GRAPHS = ("one", "two", "parallel", "below", "killed", "gated")
LATER = datetime(2100, 1, 1, tzinfo=UTC)
EDGES = {"ask": ("act",), "ask_twice": ("act",), "act": ("die",), "die": ("__end__",)}
ASKED = {
    ("one", '{"options": ["yes", "no"], "question": "One?"}'),
    ("two", '"First?"'),
    ("two, one answered", '"Second?"'),
    ("parallel", '"Left?"'),
    ("parallel", '"Right?"'),
    ("below", '{"options": ["yes", "no"], "question": "One?"}'),
}


class Known:
    """What is known of the graphs, as their threads were named after them."""

    version = 1

    def of(self, source_id: str, thread_id: str, graph_id: str | None, nodes: frozenset[str]) -> GraphFacts | None:
        follows = EDGES if thread_id in ("killed", "gated") else {"act": ("__end__",)}
        before = frozenset({"die"}) if thread_id == "gated" else frozenset()
        return GraphFacts(thread_id, nodes=frozenset(EDGES), before=before, follows=follows)


def listed(path: Path) -> tuple[Pause, ...]:
    with Reader(Source("old", path), facts=Known(), clock=lambda: LATER) as reader:
        found = reader.listing()
    assert found.note is None
    return found.pauses


@pytest.mark.parametrize("version", VERSIONS)
def test_all_that_waits_is_listed_and_nothing_else(version: str) -> None:
    found = listed(FOLDER / f"{version}.sqlite")
    asked = {(pause.thread_id, json.dumps(pause.value, sort_keys=True)) for pause in found if pause.value}
    first = {("gated", '{"before": ["die"]}')}
    if version == "0.2.20":  # its nodes asked by raising, so that no answer was ever taken there
        again = {("finished", '{"options": ["yes", "no"], "question": "One?"}'), ("two, one answered", '"First?"')}
        assert asked == ASKED - {("two, one answered", '"Second?"')} | first | again
    else:
        assert asked == ASKED | first
    other = {pause.thread_id: pause for pause in found if pause.thread_id in ("killed", "gated")}
    assert (other["gated"].status, other["gated"].nodes) == (PauseStatus.BREAKPOINT, ("die",))
    assert (other["killed"].situation, other["killed"].nodes) == (Situation.HALTED, ("die",))


@pytest.mark.parametrize("version", VERSIONS)
def test_only_what_can_be_answered_by_id_has_one(version: str) -> None:
    found = [pause for pause in listed(FOLDER / f"{version}.sqlite") if pause.thread_id not in ("killed", "gated")]
    if version in BEFORE_IDS:
        assert {(pause.interrupt_id, pause.situation) for pause in found} == {(None, Situation.NO_ID)}
        assert {pause.repairs for pause in found} == {(Repair.ASK_AGAIN,)}
        assert all("old version of LangGraph" in (pause.note or "") for pause in found)
    else:
        assert all(pause.interrupt_id and pause.status is PauseStatus.QUESTION for pause in found)
        assert len({pause.interrupt_id for pause in found}) == len(found) == len(ASKED)


@pytest.fixture
def desk(home: Path, request: pytest.FixtureRequest) -> Iterator[Desk]:
    """A desk over a copy of an old file, with the graphs that its threads were run on."""
    path = home / "old.sqlite"
    shutil.copy(FOLDER / f"{request.param}.sqlite", path)
    config = home / "langgraph.json"
    config.write_text(json.dumps({"graphs": {name: f"{FOLDER / 'graphs.py'}:{name}" for name in GRAPHS}}))
    desk = open_desk(load_settings(home=home, graphs=config, checkpoints=path))
    yield desk
    desk.close()


def answered(desk: Desk, thread_id: str) -> None:
    for pause in desk.pauses(thread_id):
        said = Said(DecisionType.RESPOND, value="yes")
        decisions.decide(desk, thread_id, pause.pause_key, said, actor="me", seen=pause.seen, wait_for_undo=False)
    work(desk)


@pytest.mark.parametrize(
    "desk",
    [
        pytest.param(each, marks=() if each in ("0.4.10", "1.2.12") else pytest.mark.slow)
        for each in VERSIONS
        if each not in BEFORE_IDS
    ],
    indirect=True,
)
def test_an_old_file_is_answered_through_the_desk(desk: Desk) -> None:
    for thread_id in ("one", "two", "parallel", "below"):
        answered(desk, thread_id)
    log = {name: desk.reader().values(name)["log"] for name in ("one", "two", "parallel", "below")}
    assert log["one"] == ["start", "yes", "acted"]
    assert log["parallel"] == ["start", "yes", "yes"]
    assert log["below"] == ["start", "start", "yes", "acted"]
    (second,) = desk.pauses("two")
    assert (log["two"], second.value) == (["start"], "Second?"), "the first answer did not go to the second question"
    answered(desk, "two")
    assert desk.reader().values("two")["log"] == ["start", "yes", "yes", "acted"]


@pytest.mark.parametrize("desk", sorted(BEFORE_IDS), indirect=True)
def test_what_cannot_be_answered_says_why_and_nothing_is_sent(desk: Desk) -> None:
    before = desk.sources[0].path.read_bytes()
    for thread_id in ("one", "two", "parallel", "below"):
        pause = desk.pauses(thread_id)[0]
        assert "old version of LangGraph" in (pause.note or "")
        with pytest.raises((InvalidDecision, NotPending), match="stuck"):
            decisions.decide(desk, thread_id, pause.pause_key, Said(DecisionType.RESPOND, value="yes"), actor="me")
    assert work(desk) == 0
    assert desk.sources[0].path.read_bytes() == before


@pytest.mark.parametrize("desk", sorted(BEFORE_IDS), indirect=True)
def test_what_cannot_be_answered_is_asked_again_and_then_answered(desk: Desk) -> None:
    for thread_id in ("one", "below"):
        pause = desk.pauses(thread_id)[0]
        repairs.repair(desk, thread_id, pause.pause_key, Repair.ASK_AGAIN, actor="me", seen=pause.seen)
        work(desk)
        (again,) = desk.pauses(thread_id)
        assert (again.status, again.value) == (PauseStatus.QUESTION, pause.value)
        answered(desk, thread_id)
        assert desk.reader().values(thread_id)["log"][-2:] == ["yes", "acted"]


def test_todays_langgraph_would_take_such_an_answer_and_ask_once_more(tmp_path: Path) -> None:
    """Why Signoff keeps it back: strict or not, the answer is gone and nobody is told."""
    from langgraph.types import Command

    path = tmp_path / "old.sqlite"
    shutil.copy(FOLDER / "0.2.60.sqlite", path)
    with SqliteSaver.from_conn_string(str(path)) as saver:
        head = saver.get_tuple(_config("one"))
        assert head is not None
        (stored,) = [value for _, channel, value in head.pending_writes or () if channel == "__interrupt__"]
        graph = graphs.one().compile(checkpointer=saver)
        config = _config("one")
        config["configurable"]["__pregel_strict_resume"] = True
        result = graph.invoke(Command(resume={stored.id: "yes"}), config)
        assert result["log"] == ["start"]
        assert result["__interrupt__"][0].id != stored.id


def _config(thread_id: str) -> dict[str, dict[str, object]]:
    return {"configurable": {"thread_id": thread_id, "checkpoint_ns": ""}}
