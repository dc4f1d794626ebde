"""One thread of one graph, open for running: the only place that writes to the agents' file."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple
from langgraph.checkpoint.serde.event_hooks import SerdeEvent, register_serde_event_listener
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END

from agents.domain import JSON
from agents.errors import GraphUnavailable, SignoffError
from agents.registry import Registry

BUSY_SECONDS = 30.0

try:  # an internal key: with it a stale or unknown id raises before anything is written
    from langgraph._internal._constants import CONFIG_KEY_STRICT_RESUME
except ImportError:  # pragma: no cover - older or newer langgraph; our own check of the ids remains
    CONFIG_KEY_STRICT_RESUME = ""

_LEADS_TO = "branch:to:"
_SYSTEM_METADATA = {"source", "step", "parents", "run_id", "thread_id", "checkpoint_ns", "checkpoint_id", "writes"}


class CheckpointerTrouble(SignoffError):
    """The checkpointer file itself could not be read or written; not an error of the graph's own."""


@contextmanager
def _told_apart() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise CheckpointerTrouble(str(error)) from error


class FencedSaver(SqliteSaver):
    """Writes only while the lease is held: a worker that was frozen past it must not add a newer head.

    Raises CheckpointerTrouble for the file's own errors: a node that uses a
    database of its own may raise sqlite3 errors too.
    """

    def __init__(self, connection: sqlite3.Connection, check_lease: Callable[[], None]) -> None:
        super().__init__(connection)
        self._check_lease = check_lease

    def put(self, *args: Any, **kwargs: Any) -> RunnableConfig:
        self._check_lease()
        with _told_apart():
            return super().put(*args, **kwargs)

    def put_writes(self, *args: Any, **kwargs: Any) -> None:
        self._check_lease()
        with _told_apart():
            super().put_writes(*args, **kwargs)

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        with _told_apart():
            return super().get_tuple(config)


class OpenThread:
    """A compiled graph on one thread. Built by `open_thread`."""

    def __init__(self, graph: Any, thread_id: str, graph_id: str, metadata: Mapping[str, JSON]) -> None:
        self.graph = graph
        self.graph_id = graph_id
        self._config: dict[str, Any] = {
            "configurable": {"thread_id": thread_id},
            "metadata": {**metadata, "graph_id": graph_id},
        }
        if CONFIG_KEY_STRICT_RESUME:
            self._config["configurable"][CONFIG_KEY_STRICT_RESUME] = True

    def stream(self, given: Any) -> Iterator[tuple[str, Any]]:
        """Run until the graph pauses or ends; yields ("updates" | "custom", chunk), the latter from its subgraphs too."""
        # "sync": with "async" a kill can lose the last checkpoints and look finished
        modes = ["updates", "custom"]
        run = self.graph.stream(given, self._config, stream_mode=modes, durability="sync", subgraphs=True)
        with closing(run):
            for below, mode, chunk in run:
                if mode == "custom" or not below:
                    yield mode, chunk

    def exists(self) -> bool:
        return self._head() is not None

    def unfinished(self) -> bool:
        """Is there a step to run, or one that ran and was never closed by its checkpoint?"""
        # `next` leaves out tasks that have written; killed before the next checkpoint, they still have to go on
        return bool(self.graph.get_state(self._config).tasks)

    def at_breakpoint(self) -> bool:
        """Does a next step stand behind a static breakpoint? Its rows look like those of a run that was killed there."""
        before, after = self.graph.interrupt_before_nodes, self.graph.interrupt_after_nodes
        if after:
            return True  # the rows do not tell which node ended last, so a person has to
        return before == "*" or any(task.name in before for task in self.graph.get_state(self._config).tasks)

    def outcome(self) -> JSON:
        """The state's `outcome`, where the graph has one."""
        values = self.graph.get_state(self._config).values
        return values.get("outcome") if isinstance(values, dict) else None

    def running_siblings(self) -> int:
        """Tasks of the head's step that have written nothing: their graph runs elsewhere.

        None are counted once a task of the step failed: then that run is over.
        """
        head = self._head()
        if head is None:
            return 0
        writes = head.pending_writes or []
        if any(channel == "__error__" for _, channel, _ in writes):
            return 0
        written = {task_id for task_id, _, _ in writes}
        return sum(task.id not in written for task in self.graph.get_state(self._config).tasks)

    def refused_types(self) -> tuple[str, ...]:
        """Types in the head that strict decoding would turn into plain dicts, for good, if we resumed."""
        refused: set[str] = set()
        here = threading.get_ident()
        if self._head() is None:
            return ()

        def listen(event: SerdeEvent) -> None:
            if threading.get_ident() == here and event["kind"] == "msgpack_blocked":
                refused.add(f"{event['module']}.{event['name']}")

        unregister = register_serde_event_listener(listen)
        try:
            self._head()
            for namespace in self._namespaces_below():
                self.graph.checkpointer.get_tuple(_in_namespace(self._config, namespace))
        finally:
            unregister()
        return tuple(sorted(refused))

    def _namespaces_below(self) -> list[str]:
        """Where the subgraphs of the head's tasks keep their state."""
        tasks = [task.id for task in self.graph.get_state(self._config).tasks]
        rows = self.graph.checkpointer.conn.execute(
            "SELECT DISTINCT checkpoint_ns FROM checkpoints WHERE thread_id = ? AND checkpoint_ns > ''",
            (self._config["configurable"]["thread_id"],),
        )
        return [namespace for (namespace,) in rows if any(task in namespace for task in tasks)]

    def close(self) -> None:
        """End the thread without an answer: nothing waits and nothing runs next."""
        self.graph.update_state(self._config, None, as_node=END)

    def _head(self) -> Any:
        return self.graph.checkpointer.get_tuple(self._config)


@contextmanager
def open_thread(
    registry: Registry,
    path: Path,
    thread_id: str,
    graph_id: str | None,
    metadata: Mapping[str, JSON],
    check_lease: Callable[[], None],
    lock: Path,
) -> Iterator[OpenThread]:
    """Open the checkpointer for writing and compile the thread's graph on it.

    graph_id None: the graph named in the thread's metadata, else the only one
    whose nodes fit. check_lease: called before every write; raises when the
    thread is no longer ours. lock: a file of Signoff's own, held while the
    file is set up. Raises GraphUnavailable, UnknownGraph or CheckpointerTrouble.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False)) as connection:
        saver = FencedSaver(connection, check_lease)
        _set_up(saver, lock)
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


def _set_up(saver: SqliteSaver, lock: Path) -> None:
    # The change to WAL does not wait for other processes; several that start at once need a lock of ours.
    with FileLock(lock, timeout=BUSY_SECONDS), _told_apart():
        saver.setup()


def _refuse_async(graph: Any, graph_id: str) -> None:
    """A node without a synchronous function raises half way and leaves a bad row behind."""
    names = [name for name, node in graph.nodes.items() if getattr(node.bound, "func", graph) is None]
    if names:
        raise GraphUnavailable(
            f"Graph {graph_id} has async-only nodes ({', '.join(sorted(names))}), which Signoff cannot run. "
            "Give them a synchronous function as well. Nothing was sent."
        )


def _in_namespace(config: Mapping[str, Any], namespace: str) -> RunnableConfig:
    return {"configurable": {"thread_id": config["configurable"]["thread_id"], "checkpoint_ns": namespace}}


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
