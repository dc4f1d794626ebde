"""Opens a thread for running: the only place that writes to the agents' file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from agents.domain import JSON
from agents.errors import GraphUnavailable
from agents.registry import Registry
from agents.threads.saver import BUSY_SECONDS, FencedSaver
from agents.threads.thread import OpenThread
from agents.threads.trouble import CheckpointerTrouble

__all__ = ["CheckpointerTrouble", "OpenThread", "open_thread"]

_LEADS_TO = "branch:to:"
_SYSTEM_METADATA = {"source", "step", "parents", "run_id", "thread_id", "checkpoint_ns", "checkpoint_id", "writes"}


@contextmanager
def open_thread(
    registry: Registry,
    path: Path,
    thread_id: str,
    graph_id: str | None,
    metadata: Mapping[str, JSON],
    check_lease: Callable[[], None],
    lock: Path,
    allowed: Sequence[tuple[str, str]] = (),
) -> Iterator[OpenThread]:
    """Open the checkpointer for writing and compile the thread's graph on it.

    graph_id None: the graph named in the thread's metadata, else the only one
    whose nodes fit. check_lease: called before every write; raises when the
    thread is no longer ours. lock: a file of Signoff's own, held while the
    file is set up. allowed: (module, name) of types that a person trusts this
    thread's graph with. Raises GraphUnavailable, UnknownGraph or CheckpointerTrouble.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False)) as connection:
        saver = FencedSaver(connection, check_lease, allowed)
        saver.set_up(lock)
        head = saver.get_tuple({"configurable": {"thread_id": thread_id, "checkpoint_ns": ""}})
        known: dict[str, JSON] = dict(head.metadata) if head else {}
        chosen = graph_id or _graph_of(registry, known, head.checkpoint if head else None)
        if chosen is None:
            raise GraphUnavailable(
                f"Signoff does not know which graph thread {thread_id} belongs to. "
                "Name the graph in langgraph.json (SIGNOFF_GRAPHS) and put graph_id into the run's metadata."
            )
        kept = {
            name: value for name, value in known.items() if name not in _SYSTEM_METADATA and not name.startswith("_")
        }
        graph = registry.compile(chosen, saver)
        _refuse_async(graph, chosen)
        yield OpenThread(graph, thread_id, chosen, {**kept, **metadata})


def _refuse_async(graph: Any, graph_id: str) -> None:
    """A node without a synchronous function raises half way and leaves a bad row behind."""
    names = [name for name, node in graph.nodes.items() if getattr(node.bound, "func", graph) is None]
    if names:
        raise GraphUnavailable(
            f"Graph {graph_id} has async-only nodes ({', '.join(sorted(names))}), which Signoff cannot run. "
            "Give them a synchronous function as well. Nothing was sent."
        )


def _graph_of(registry: Registry, metadata: Mapping[str, JSON], checkpoint: Any) -> str | None:
    named = metadata.get("graph_id")
    if isinstance(named, str) and named in registry.ids():
        return named
    return registry.match(_nodes_of(checkpoint)) if checkpoint else None


def _nodes_of(checkpoint: Any) -> frozenset[str]:
    """The nodes that a checkpoint tells of: those that ran, and those that its steps lead to."""
    ran = (name for name in checkpoint["versions_seen"] if not name.startswith("__"))
    led = (name.removeprefix(_LEADS_TO) for name in checkpoint["channel_versions"] if name.startswith(_LEADS_TO))
    return frozenset((*ran, *led))
