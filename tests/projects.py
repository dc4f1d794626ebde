"""A project of its own beside the desk: its types are named by its file, as its own runs name them."""

from __future__ import annotations

import importlib
import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from langgraph.checkpoint.sqlite import SqliteSaver

from tests import typed_graphs

MODULE = "project_of_orders"
"""A name of its own: the folder of these tests may stand on the path, with a typed_graphs.py in it."""
TYPES = tuple(f"{MODULE}.{name}" for name in ("Colour", "Line", "Order", "Place"))


def project_in(home: Path) -> Path:
    """Write it; its langgraph.json."""
    source = Path(typed_graphs.__file__).read_text(encoding="utf-8")
    (home / f"{MODULE}.py").write_text(source, encoding="utf-8")
    config = home / "langgraph.json"
    config.write_text(json.dumps({"graphs": {name: f"./{MODULE}.py:{name}" for name in ("orders", "questions")}}))
    return config


def run_project(home: Path, checkpoints: Path, graph_id: str, thread_id: str = "t") -> None:
    """A run of the project's own, without the desk, until it asks."""
    sys.path.insert(0, str(home))
    try:
        module = importlib.import_module(MODULE)
        with closing(sqlite3.connect(checkpoints, check_same_thread=False)) as connection:
            graph = getattr(module, graph_id).compile(checkpointer=SqliteSaver(connection))
            config = {"configurable": {"thread_id": thread_id}, "metadata": {"graph_id": graph_id}}
            graph.invoke({}, config, durability="sync")
    finally:
        sys.path.remove(str(home))
        sys.modules.pop(MODULE, None)  # the next project has a module of the same name
