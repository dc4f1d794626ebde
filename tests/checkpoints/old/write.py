"""Writes one file of this folder, with the LangGraph of the Python that runs it.

    python -m venv old && old/bin/pip install PACKAGES && old/bin/python write.py NAME.sqlite

The packages of each file:

    0.2.20   langgraph==0.2.20 langgraph-checkpoint==1.0.9 langgraph-checkpoint-sqlite==1.0.3
    0.2.60   langgraph==0.2.60 langgraph-checkpoint==2.0.9 langgraph-checkpoint-sqlite==2.0.1
    0.3.34   langgraph==0.3.34 langgraph-checkpoint==2.0.26 langgraph-checkpoint-sqlite==2.0.6 langgraph-prebuilt==0.1.8
    0.4.10   langgraph==0.4.10 langgraph-checkpoint==2.1.0 langgraph-checkpoint-sqlite==2.0.10 langgraph-prebuilt==0.2.3
    0.6.11   langgraph==0.6.11 langgraph-checkpoint==2.1.2 langgraph-checkpoint-sqlite==2.0.11 langgraph-prebuilt==0.6.5
    1.0.10   langgraph==1.0.10 langgraph-checkpoint==4.0.0 langgraph-checkpoint-sqlite==3.0.3
    1.2.12   langgraph==1.2.12 langgraph-checkpoint==4.3.2 langgraph-checkpoint-sqlite==3.1.0
"""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path
from typing import Any

import graphs
from langgraph.checkpoint.sqlite import SqliteSaver

try:
    from langgraph.types import Command
except ImportError:
    Command = None


def main(path: Path) -> None:
    path.unlink(missing_ok=True)
    for name in ("one", "two", "parallel", "below", "killed", "gated"):
        start(path, name, name)
    start(path, "one", "finished")
    start(path, "two", "two, one answered")
    if Command is not None:
        run(path, "one", "finished", Command(resume="yes"))
        run(path, "two", "two, one answered", Command(resume="first"))
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("VACUUM")
    connection.close()


def start(path: Path, name: str, thread_id: str) -> None:
    run(path, name, thread_id, {"log": ["start"]})


def run(path: Path, name: str, thread_id: str, given: Any) -> None:
    """In a process of its own, since one of the graphs kills its process."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    if name == "killed":
        os.environ["DIE_HERE"] = "1"
    connection = sqlite3.connect(path, check_same_thread=False)
    made = getattr(graphs, name)()
    saver = SqliteSaver(connection)
    if name == "gated":
        graph = made.builder.compile(checkpointer=saver, interrupt_before=["die"])
    else:
        graph = made.compile(checkpointer=saver)
    graph.invoke(given, {"configurable": {"thread_id": thread_id}, "metadata": {"graph_id": name}})
    connection.close()
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
