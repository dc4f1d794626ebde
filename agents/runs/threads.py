"""Opens a thread for running: the only place that writes to the agents' file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeAlias

from agents.domain import JSON
from agents.errors import GraphUnavailable
from agents.registry import Registry
from agents.threads.parent import RemoteThread
from agents.threads.saver import BUSY_SECONDS, FencedSaver
from agents.threads.thread import OpenThread as LocalThread
from agents.threads.trouble import CheckpointerTrouble, GraphKilled, GraphNotLoaded

__all__ = ["CheckpointerTrouble", "GraphKilled", "LocalThread", "OpenThread", "open_thread"]

_SYSTEM_METADATA = {"source", "step", "parents", "run_id", "thread_id", "checkpoint_ns", "checkpoint_id", "writes"}


OpenThread: TypeAlias = LocalThread | RemoteThread
"""A thread that is open here, or in the child process of its graph."""


@contextmanager
def open_thread(
    registry: Registry,
    path: Path,
    thread_id: str,
    graph_id: str | None,
    metadata: Mapping[str, JSON],
    check_lease: Callable[[], None],
    lock: Path,
    allowed: Callable[[str], Sequence[tuple[str, str]]] = lambda _: (),
    source_id: str | None = None,
) -> Generator[OpenThread]:
    """Open the checkpointer for writing and compile the thread's graph on it.

    graph_id None: the graph named in the thread's metadata. check_lease: called before every write; raises when the
    thread is no longer ours. lock: a file of Signoff's own, held while the
    file is set up. allowed: by graph, (module, name) of the types that a person
    trusts its threads with. source_id: of the file. Raises GraphUnavailable, UnknownGraph or CheckpointerTrouble.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False)) as connection:
        saver = FencedSaver(connection, check_lease)
        saver.set_up(lock)
        head = saver.get_tuple({"configurable": {"thread_id": thread_id, "checkpoint_ns": ""}})
        known: dict[str, JSON] = dict(head.metadata) if head else {}
        chosen = graph_id or _named(registry, known)
        if chosen is None:
            raise GraphUnavailable(
                f"Nobody has said yet which graph thread {thread_id} belongs to. Name the graph in langgraph.json "
                f"(SIGNOFF_GRAPHS) and choose it in the review, or with `signoff graph {thread_id} GRAPH`."
            )
        kept = {
            name: value for name, value in known.items() if name not in _SYSTEM_METADATA and not name.startswith("_")
        }
        apart = registry.apart(chosen)
        if apart is None:
            saver = FencedSaver(connection, check_lease, allowed(chosen))
            with registry.compiled(chosen, saver, source_id) as graph:
                yield LocalThread(graph, thread_id, chosen, {**kept, **metadata})
            return
    # the child opens the file for itself
    place, children = apart
    try:
        with children.opened(place, path, thread_id, {**kept, **metadata}, check_lease, allowed(chosen)) as thread:
            yield thread
    except GraphNotLoaded as error:
        raise GraphUnavailable(str(error)) from error


def _named(registry: Registry, metadata: Mapping[str, JSON]) -> str | None:
    named = metadata.get("graph_id")
    return named if isinstance(named, str) and named in registry.ids() else None
