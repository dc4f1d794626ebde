"""Which graph a thread belongs to, and what is said where nobody can tell or the graph does not load."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

from agents import choosing, decisions, history
from agents.__main__ import main
from agents.belonging import Belonging, Thread
from agents.choosing import How
from agents.database import reading
from agents.desk import Desk
from agents.domain import DecisionType, Said
from agents.errors import GraphUnavailable, InvalidInput, UnknownGraph, UnknownReview
from tests.desks import work
from tests.threads.projects import desk_on, project

TEXT = """
from typing import TypedDict
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

class State(TypedDict, total=False):
    outcome: dict

def NODE(state):
    return {"outcome": {"by": NAME, "said": interrupt({"question": "Well?"})}}

graph = StateGraph(State)
graph.add_node("NODE", NODE)
graph.add_edge(START, "NODE")
"""
YES = Said(DecisionType.RESPOND, value="yes")


def text_of(node: str, name: str) -> str:
    return TEXT.replace("NODE", node).replace("NAME", repr(name))


Made = Callable[..., Desk]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    desks: list[Desk] = []

    def make(**graphs: str) -> Desk:
        """A desk on graphs by name, each one node's name, or the whole text of a file that does not load."""
        files = {
            f"{tmp_path.name}_{name}.py": text_of(node, name) if node.isidentifier() else node
            for name, node in graphs.items()
        }
        config = project(tmp_path, {name: f"./{tmp_path.name}_{name}.py:graph" for name in graphs}, files)
        desks.append(desk_on(tmp_path / "home", config, undo_seconds=0))
        return desks[-1]

    yield make
    for desk in desks:
        desk.close()


def ask(desk: Desk, thread_id: str, node: str = "ask", **metadata: Any) -> None:
    """A thread that another program ran until it asked."""

    def asking(state: dict[str, Any]) -> dict[str, Any]:
        return {"outcome": {"said": interrupt({"question": "Well?"})}}

    builder = StateGraph(dict)
    builder.add_node(node, asking)
    builder.add_edge(START, node)
    path = desk.sources[0].path
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, check_same_thread=False)) as connection:
        config: Any = {"configurable": {"thread_id": thread_id}, "metadata": metadata}
        builder.compile(checkpointer=SqliteSaver(connection)).invoke({}, config)


def test_the_only_graph_with_its_steps_is_taken(made: Made) -> None:
    desk = made(first="ask", second="other")
    ask(desk, "t")
    assert choosing.belongs(desk, "t") is None, "nothing is loaded yet"
    assert choosing.problem(desk, "t") is None
    desk.registry.load_facts()
    assert choosing.belongs(desk, "t") == ("first", How.ONLY_ONE)
    assert desk.pauses("t")[0].graph_id == "first"
    assert [(fit.graph_id, fit.why_not) for fit in choosing.fits(desk, "t")] == [
        ("first", None),
        ("second", "No step “ask”, which this thread has."),
    ]


def test_what_a_thread_says_itself_comes_first(made: Made) -> None:
    desk = made(first="ask", second="ask")
    ask(desk, "t", graph_id="second")
    assert choosing.belongs(desk, "t") == ("second", How.NAMED)
    with pytest.raises(InvalidInput, match="says itself that it belongs to graph second"):
        choosing.choose(desk, "t", "first", actor="ann")


@pytest.mark.parametrize("node", ["clarify", "compose", "plan", "take", "demo_ask"])
def test_a_strangers_thread_never_becomes_one_of_a_built_in_graph(made: Made, node: str) -> None:
    desk = made(own="ask")
    desk.registry.load_own()
    ask(desk, "t", node)
    assert choosing.belongs(desk, "t") is None
    with pytest.raises(InvalidInput, match="one of Signoff's own graphs"):
        choosing.choose(desk, "t", "plan_approval", actor="ann")


def test_a_person_chooses_once_and_may_choose_again(made: Made) -> None:
    desk = made(first="ask", second="ask", third="other")
    desk.registry.load_own()
    ask(desk, "t")
    ask(desk, "u")
    (pause,) = desk.pauses("t")
    assert pause.graph_id is None
    with pytest.raises(GraphUnavailable, match="can be read, but not resumed: nobody has said yet"):
        decisions.decide(desk, "t", pause.pause_key, YES, actor="ann")
    choosing.choose(desk, "t", "first", actor="ann")
    assert choosing.belongs(desk, "t") == ("first", How.CHOSEN)
    assert choosing.belongs(desk, "u") is None
    choosing.choose(desk, "t", "second", actor="bob")
    assert choosing.belongs(desk, "t") == ("second", How.CHOSEN)
    decisions.decide(desk, "t", pause.pause_key, YES, actor="ann")
    work(desk)
    assert desk.outcome("t") == {"by": "second", "said": "yes"}
    told = [(entry.who, entry.what) for entry in history.story(desk, "t").entries][:2]
    assert told == [
        ("ann", "said that this thread belongs to graph first"),
        ("bob", "said that this thread belongs to graph second"),
    ]


def test_a_choice_for_all_holds_where_the_steps_fit(made: Made) -> None:
    desk = made(first="ask", second="ask", third="other")
    desk.registry.load_own()
    for thread_id, node in (("t", "ask"), ("u", "ask"), ("v", "else")):
        ask(desk, thread_id, node)
    choosing.choose(desk, "t", "second", actor="ann", for_all=True)
    assert choosing.belongs(desk, "u") == ("second", How.CHOSEN_FOR_ALL)
    assert choosing.belongs(desk, "v") is None
    with pytest.raises(InvalidInput, match="No step “else”"):
        choosing.choose(desk, "v", "second", actor="ann")
    choosing.choose(desk, "v", "second", actor="ann", anyway=True)
    assert choosing.belongs(desk, "v") == ("second", How.CHOSEN)
    with reading(desk.engine) as connection:
        from agents import audit

        assert audit.verify(connection) is None


def test_a_choice_of_another_process_is_seen(made: Made) -> None:
    desk = made(first="ask", second="ask")
    desk.registry.load_own()
    ask(desk, "t")
    facts = Belonging(desk.engine, desk.registry, fresh=0)
    thread = Thread(desk.sources[0].source_id, "t", None, frozenset({"ask"}))
    assert facts.graph_of(thread) is None
    choosing.choose(desk, "t", "first", actor="ann")
    assert facts.version == desk.registry.version + 1
    assert facts.graph_of(thread) == ("first", How.CHOSEN)


def test_a_graph_that_does_not_load_hides_no_thread_and_says_why(made: Made, tmp_path: Path) -> None:
    desk = made(broken="import no_such_library")
    ask(desk, "t", graph_id="broken")
    desk.registry.load_own()
    (pause,) = desk.pauses("t")
    assert pause.value == {"question": "Well?"}
    with pytest.raises(GraphUnavailable, match="imports no_such_library, which is not installed"):
        decisions.decide(desk, "t", pause.pause_key, YES, actor="ann")
    (tmp_path / f"{tmp_path.name}_broken.py").write_text(text_of("ask", "mended"))
    assert desk.registry.try_again("broken").error is None
    decisions.decide(desk, "t", pause.pause_key, YES, actor="ann")
    work(desk)
    assert desk.outcome("t") == {"by": "mended", "said": "yes"}


def test_one_that_is_not_known_here_is_named(made: Made) -> None:
    desk = made(first="ask")
    desk.registry.load_own()
    ask(desk, "t", "else", graph_id="elsewhere")
    ask(desk, "u", "ask", graph_id="elsewhere")
    ask(desk, "v", "ask")
    assert choosing.belongs(desk, "u") is None, "it has the steps of the only graph, and says that it is another's"
    choosing.choose(desk, "v", "first", actor="ann", for_all=True)
    assert choosing.belongs(desk, "u") is None
    assert "“elsewhere”" in str(choosing.problem(desk, "u"))
    assert "it belongs to graph “elsewhere”, which is not known here" in str(choosing.problem(desk, "t"))
    with pytest.raises(UnknownGraph, match="Known graphs"):
        choosing.choose(desk, "t", "nothing", actor="ann")
    with pytest.raises(UnknownReview, match="is not in"):
        choosing.choose(desk, "no-thread", "first", actor="ann")


def test_the_command_shows_and_chooses(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = made(first="ask", second="ask")
    ask(desk, "t")
    monkeypatch.setenv("SIGNOFF_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SIGNOFF_GRAPHS", str(tmp_path / "langgraph.json"))
    assert main(["graph", "t"]) == 1
    said = capsys.readouterr().out
    assert "first: It has all the thread's steps." in said
    assert "nobody has said yet which graph it belongs to" in said
    assert main(["graph", "t", "second", "--all", "--actor", "ann"]) == 0
    assert "belongs to graph second: a person chose it." in capsys.readouterr().out
    assert main(["show", "t"]) == 0
    assert "graph second" in capsys.readouterr().out
    assert main(["graph", "t", "third"]) == 2
