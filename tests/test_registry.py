"""Graphs from a langgraph.json: found, loaded late, and named when something is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.errors import GraphUnavailable, InvalidInput, SettingsError, UnknownGraph
from agents.registry import Registry, load_registry
from agents.settings import load_settings

VISIBLE = ("plan_approval", "email_approval", "clarification", "batch_sampling")
GRAPH = """
from typing import TypedDict
from langgraph.checkpoint.memory import MemorySaver
from langgraph.graph import END, START, StateGraph

class State(TypedDict):
    x: int

def build():
    graph = StateGraph(State)
    graph.add_node("NODE", lambda state: {"x": state["x"] + 1})
    graph.add_edge(START, "NODE")
    graph.add_edge("NODE", END)
    return graph

builder = build()
compiled = build().compile(checkpointer=MemorySaver())

def with_config(config):
    return build()
"""


def registry_of(folder: Path, graphs: dict[str, str]) -> Registry:
    (folder / "langgraph.json").write_text(json.dumps({"dependencies": ["."], "graphs": graphs}))
    return load_registry(load_settings(home=folder, graphs=folder / "langgraph.json"))


@pytest.mark.parametrize("variable", ["builder", "compiled", "build", "with_config"])
def test_every_form_of_a_graph_gets_our_checkpointer(tmp_path: Path, variable: str) -> None:
    from langgraph.checkpoint.memory import InMemorySaver

    (tmp_path / "mine.py").write_text(GRAPH)
    saver = InMemorySaver()
    with registry_of(tmp_path, {"mine": f"./mine.py:{variable}"}).compiled("mine", saver) as graph:
        graph.invoke({"x": 1}, {"configurable": {"thread_id": "t"}})
    assert list(saver.list({"configurable": {"thread_id": "t"}}))


def test_a_graph_that_does_not_load_hides_only_itself(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("import no_such_module_at_all")
    (tmp_path / "good.py").write_text(GRAPH)
    registry = registry_of(tmp_path, {"bad": "./bad.py:graph", "good": "./good.py:builder"})
    found = {info.graph_id: info.error for info in registry.graphs()}
    assert "no_such_module_at_all" in str(found["bad"])
    assert found["good"] is None
    with pytest.raises(GraphUnavailable, match=r"bad\.py"), registry.compiled("bad", None):
        pass


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "is not a langgraph.json"),
        ("[]", "is not a langgraph.json"),
        ("[" * 100_000, "is not a langgraph.json"),
        ('{"graphs": {"a": "no variable"}}', "file.py:variable"),
        ('{"graphs": {"a": ["./x.py:g"]}}', "file.py:variable"),
        ('{"graphs": {"": "./x.py:g"}}', "file.py:variable"),
        (r'{"graphs": {"a": "./x\u0000.py:g"}}', "null character"),
        ('{"graphs": {}, "dependencies": "."}', "a list such as"),
        ('{"graphs": {}, "env": 5}', "a file such as"),
        ('{"graphs": {}, "env": {"A=B": "1"}}', "'A=B' cannot be the name"),
        ('{"graphs": {}, "signoff": "own"}', "an object such as"),
        ('{"graphs": {"email_approval": "./x.py:g"}}', "is taken"),
    ],
)
def test_a_bad_langgraph_json_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "langgraph.json").write_text(text)
    with pytest.raises(SettingsError, match=sentence):
        load_registry(load_settings(home=tmp_path, graphs=tmp_path / "langgraph.json"))


def test_a_missing_langgraph_json_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="SIGNOFF_GRAPHS"):
        load_registry(load_settings(home=tmp_path, graphs=tmp_path / "none.json"))


def test_the_projects_own_langgraph_json_names_the_built_in_graphs(tmp_path: Path) -> None:
    own = Path(__file__).resolve().parent.parent / "langgraph.json"
    registry = load_registry(load_settings(home=tmp_path, graphs=own))
    assert set(registry.ids()) == {*VISIBLE, "demo_request"}
    assert all(info.error is None and info.input_schema for info in registry.graphs())
    assert [info.graph_id for info in registry.graphs() if not info.sample] == ["demo_request"]
    assert [info.graph_id for info in registry.graphs() if info.hidden] == ["demo_request"]


def test_an_unknown_graph_names_the_known_ones(tmp_path: Path) -> None:
    registry = load_registry(load_settings(home=tmp_path))
    with pytest.raises(UnknownGraph, match="email_approval"), registry.compiled("nothing", None):
        pass


def test_bad_input_names_its_field(tmp_path: Path) -> None:
    registry = load_registry(load_settings(home=tmp_path))
    with pytest.raises(InvalidInput, match="subject"):
        registry.check_input("email_approval", {"recipient": "ann@example.org"})
