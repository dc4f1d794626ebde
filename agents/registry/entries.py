"""The built-in graphs, and how a graph is described to the pages."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from agents.domain import JSON

BUILT_IN = {
    "plan_approval": "agents.graphs.plan_approval",
    "email_approval": "agents.graphs.email_approval",
    "clarification": "agents.graphs.clarification",
    "batch_sampling": "agents.graphs.batch_sampling",
    "demo_request": "agents.graphs.demo_request",
}


@dataclass(frozen=True, slots=True)
class GraphInfo:
    """A graph as the Start page and `doctor` show it. `error`: why it does not load. `hidden`: nothing to start by hand.

    apart: it runs in a process of its own.
    """

    graph_id: str
    title: str
    built_in: bool
    location: str
    input_schema: Mapping[str, Any] | None = None
    sample: Mapping[str, JSON] | None = None
    error: str | None = None
    hidden: bool = False
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One of Signoff's own graphs; `load` imports it and returns its module and its variable."""

    graph_id: str
    location: str
    built_in: bool
    load: Callable[[], tuple[ModuleType, Any]]


def built_in(graph_id: str, module: str) -> Entry:
    def load() -> tuple[ModuleType, Any]:
        loaded = importlib.import_module(module)
        return loaded, loaded.graph

    return Entry(graph_id, f"built in ({module})", True, load)


def words(graph_id: str) -> str:
    return graph_id.replace("_", " ").replace("-", " ").strip().capitalize()
