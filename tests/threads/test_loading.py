"""Graphs from anybody's langgraph.json: every form of them, and a sentence for each that does not load."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from agents import starts
from agents.errors import SettingsError
from agents.registry import Registry, load_registry
from agents.settings import load_settings
from tests.desks import work
from tests.threads.projects import GRAPH, desk_on, project

FORMS = """
from contextlib import asynccontextmanager, contextmanager
from langgraph.func import entrypoint


def plain(state):
    return {"outcome": {"ran": True}}


builder = made(plain)
compiled = builder.compile(checkpointer=MemorySaver()).with_config({"recursion_limit": 77})
OPEN = []


def factory():
    return builder


def with_config(config):
    assert config["configurable"] == {}
    return builder.compile()


def with_default(config=None, *, more=1):
    return builder if config else None


async def asynchronous(config):
    return builder


@contextmanager
def entered():
    OPEN.append("entered")
    yield builder
    OPEN.append("left")


@asynccontextmanager
async def entered_later(config):
    OPEN.append("entered")
    yield builder
    OPEN.append("left")


@entrypoint(checkpointer=MemorySaver())
def functional(given):
    return {"outcome": {"ran": True}}


class Holder:
    inner = builder


number = 7


def nothing():
    return None


def greedy(one, two):
    return builder


def raising():
    raise RuntimeError("no key")
"""


def registry_of(folder: Path, graphs: dict[str, Any], files: dict[str, str], **config: Any) -> Registry:
    return load_registry(load_settings(home=folder / "home", graphs=project(folder, graphs, files, **config)))


@pytest.mark.parametrize(
    "variable",
    [
        "builder",
        "compiled",
        "factory",
        "with_config",
        "with_default",
        "asynchronous",
        "entered",
        "entered_later",
        "functional",
        "Holder.inner",
    ],
)
def test_every_form_runs_on_our_checkpointer(tmp_path: Path, variable: str) -> None:
    registry = registry_of(tmp_path, {"g": {"path": f"./forms.py:{variable}"}}, {"forms.py": GRAPH + FORMS})
    assert registry.info("g").error is None
    saver = InMemorySaver()
    with registry.compiled("g", saver) as graph:
        found = graph.invoke({"place": "x"}, {"configurable": {"thread_id": "t"}})
    assert found["outcome"] == {"ran": True}
    assert list(saver.list({"configurable": {"thread_id": "t"}}))


def test_a_graphs_own_configuration_is_kept(tmp_path: Path) -> None:
    registry = registry_of(tmp_path, {"g": "./forms.py:compiled"}, {"forms.py": GRAPH + FORMS})
    with registry.compiled("g", InMemorySaver()) as graph:
        assert graph.config["recursion_limit"] == 77


@pytest.mark.parametrize(
    ("spec", "text", "sentence"),
    [
        ("./a.py:graph", "import no_such_thing.at_all", "it imports no_such_thing, which is not installed"),
        ("./a.py:graph", "from json import nothing_here", "cannot import name 'nothing_here'"),
        ("./a.py:graph", "def (:\n", "line 1"),
        ("./a.py:grap", GRAPH + FORMS, "it has no “grap”. It has: act"),
        ("./b.py:graph", "", "there is no file"),
        ("./a.py:number", GRAPH + FORMS, "it is a int, not a graph"),
        ("./a.py:nothing", GRAPH + FORMS, "its factory returned a NoneType"),
        ("./a.py:greedy", GRAPH + FORMS, "its factory wants one, two"),
        ("./a.py:raising", GRAPH + FORMS, "RuntimeError: no key"),
        ("./a.py:graph", "import sys; sys.exit(1)", "SystemExit: 1"),
        ("nowhere.module:graph", "", "it imports nowhere, which is not installed"),
    ],
)
def test_what_does_not_load_says_why(tmp_path: Path, spec: str, text: str, sentence: str) -> None:
    error = registry_of(tmp_path, {"mine": spec}, {"a.py": text}).info("mine").error
    assert error is not None
    assert error.startswith("Graph mine (")
    assert sentence in error


def test_a_mended_graph_loads_at_the_next_try(tmp_path: Path) -> None:
    files = {"mended.py": "from mended_part import nodes", "mended_part.py": "nodes = ("}
    registry = registry_of(tmp_path, {"g": "./mended.py:graph"}, files)
    assert "mended_part.py, line 1" in str(registry.info("g").error)
    (tmp_path / "mended_part.py").write_text("nodes = 1")
    (tmp_path / "mended.py").write_text(GRAPH + "\nfrom mended_part import nodes\ngraph = made(act)\n")
    before = registry.version
    assert registry.try_again("g").error is None
    assert registry.version > before


def test_a_package_in_src_is_imported_by_its_own_name(tmp_path: Path) -> None:
    files = {
        "src/their_bot/__init__.py": "",
        "src/their_bot/words.py": "HELLO = 'hi'",
        "src/their_bot/graph.py": "from .words import HELLO\nfrom their_bot.words import HELLO as SAME\n"
        + GRAPH
        + "graph = made(act)\nNAME = __name__\n",
    }
    graphs = {"file": "./src/their_bot/graph.py:graph", "module": "their_bot.graph:graph"}
    registry = registry_of(tmp_path, graphs, files)
    assert [registry.info(name).error for name in graphs] == [None, None]
    import sys

    assert sys.modules["their_bot.graph"].NAME == "their_bot.graph", "types keep the names that checkpoints know"


def test_what_a_graph_says_of_itself_is_kept_for_the_next_process(tmp_path: Path) -> None:
    files = {"kept_graph.py": GRAPH + "graph = made(ask, act).compile(interrupt_before=['act'])\n"}
    (tmp_path / "home").mkdir()
    first = registry_of(tmp_path, {"g": "./kept_graph.py:graph"}, files)
    assert first.facts("g") is None
    first.load_facts()
    second = load_registry(load_settings(home=tmp_path / "home", graphs=tmp_path / "langgraph.json"))
    known = second.facts("g")
    assert known is not None
    assert (known.nodes, known.before, known.follows["ask"]) == ({"ask", "act"}, {"act"}, ("act",))
    (tmp_path / "kept_graph.py").write_text("# changed")
    third = load_registry(load_settings(home=tmp_path / "home", graphs=tmp_path / "langgraph.json"))
    assert third.facts("g") is None


def test_the_input_is_described_without_the_fields_of_langgraph(tmp_path: Path) -> None:
    text = GRAPH + "from langgraph.graph import MessagesState\nclass S(MessagesState):\n    count: int\n"
    text += "g = StateGraph(S)\ng.add_node('a', lambda s: {})\ng.add_edge(START, 'a')\n"
    schema = registry_of(tmp_path, {"g": "./talks.py:g"}, {"talks.py": text}).info("g").input_schema
    assert schema is not None
    assert list(schema["properties"]) == ["messages", "count"]
    assert schema["properties"]["messages"]["items"]["properties"].keys() == {"role", "content"}
    assert "required" not in schema


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"signoff": {"process": "else"}}, 'must be "own" or "shared"'),
        ({"signoff": {"python": "no/python"}}, "there is no"),
    ],
)
def test_a_wrong_word_in_langgraph_json_is_named(tmp_path: Path, config: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        registry_of(tmp_path, {"g": "./a.py:g"}, {}, **config)


@pytest.mark.slow
def test_an_environment_of_its_own_does_not_reach_ours(tmp_path: Path) -> None:
    import os

    text = (
        GRAPH + "\ndef tell(state):\n    return {}\n\nassert os.environ['THEIR_KEY'] == 'secret'\ngraph = made(tell)\n"
    )
    (tmp_path / ".env").write_text("THEIR_KEY=secret\n")
    registry = registry_of(tmp_path, {"g": "./keyed.py:graph"}, {"keyed.py": text}, env=".env")
    info = registry.info("g")
    assert (info.error, info.apart) == (None, True)
    assert "THEIR_KEY" not in os.environ
    registry.close()


@pytest.mark.slow
def test_a_projects_own_python_runs_its_graphs(tmp_path: Path) -> None:
    import sysconfig
    import venv

    venv.create(tmp_path / "theirs")
    text = (
        GRAPH + "\nimport sys\ndef tell(state):\n    return {'outcome': {'prefix': sys.prefix}}\n\ngraph = made(tell)\n"
    )
    python = {"python": "theirs/bin/python"}
    registry = registry_of(tmp_path, {"g": "./prefixed.py:graph"}, {"prefixed.py": text}, signoff=python)
    bare = str(registry.info("g").error)
    assert "theirs/bin/python, has no " in bare
    assert "Install langgraph and langgraph-checkpoint-sqlite there." in bare
    (site,) = (tmp_path / "theirs" / "lib").glob("python*/site-packages")
    (site / "packages.pth").write_text(sysconfig.get_path("purelib"))
    assert registry.try_again("g").error is None
    registry.close()
    desk = desk_on(tmp_path / "home", tmp_path / "langgraph.json")
    thread_id = starts.start(desk, "g", {}, actor="ann")
    work(desk)
    assert desk.outcome(thread_id) == {"prefix": str(tmp_path / "theirs")}
    desk.close()
