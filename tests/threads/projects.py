"""Projects of strangers, written into a folder: real files, as they would be found on somebody's disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from agents.clock import Clock, utc_now
from agents.desk import Desk, open_desk
from agents.settings import load_settings

GRAPH = """
import asyncio, os, sys, time
from pathlib import Path
from typing import TypedDict

from langgraph.checkpoint.memory import MemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt


class State(TypedDict, total=False):
    place: str
    outcome: dict


def note(text):
    with open("log.txt", "a") as log:
        log.write(text + "\\n")


def ask(state):
    print('{"raised": "this is only a print"}', flush=True)
    os.write(1, b"and so is this\\n")
    return {"outcome": {"said": interrupt({"question": "Go on?"})}}


def act(state):
    note("acted")
    return {}


async def later(state):
    await asyncio.sleep(0)
    return {"outcome": {**state["outcome"], "later": True}}


def leave(state):
    sys.exit(3)


def crash(state):
    os.kill(os.getpid(), 11)


def fork(state):
    if os.fork() == 0:
        time.sleep(20)
        os._exit(0)
    os._exit(9)


def large(state):
    return {"outcome": {"text": "x" * 300_000}}


def slow(state):
    note(f"slow {os.getpid()}")
    if Path("wait").exists():
        time.sleep(60)
    return {}


def made(*nodes):
    graph, last = StateGraph(State), START
    for node in nodes:
        graph.add_node(node.__name__, node)
        graph.add_edge(last, node.__name__)
        last = node.__name__
    graph.add_edge(last, END)
    return graph
"""


def project(folder: Path, graphs: dict[str, Any], files: dict[str, str], **config: Any) -> Path:
    """Write the files and a langgraph.json that names the graphs; its path."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    path = folder / "langgraph.json"
    path.write_text(json.dumps({"dependencies": ["."], "graphs": graphs, **config}))
    return path


def desk_on(home: Path, config: Path, clock: Clock = utc_now, **settings: Any) -> Desk:
    return open_desk(load_settings(home=home, graphs=config, **settings), clock)
