"""One thread of one graph, open for running: what may be done with it, plain data in and out."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import closing
from typing import Any

from langgraph.graph import END
from langgraph.types import Command

from .below import keep_below
from .data_types import lost
from .facts import needs_loop
from .loop import each_of

try:  # an internal key: with it a stale or unknown id raises before anything is written
    from langgraph._internal._constants import CONFIG_KEY_STRICT_RESUME
except ImportError:  # pragma: no cover - older or newer langgraph; our own check of the ids remains
    CONFIG_KEY_STRICT_RESUME = ""


ONE_BY_ONE = "signoff_one_by_one"
"""In the metadata of a thread whose tools ask in turn, so that each answer finds its own tool."""


LONGEST_OUTCOME = 200_000
"""Characters of JSON; it goes on record for good and over a pipe."""


class OpenThread:
    """A compiled graph on one thread, in the process that calls it."""

    def __init__(self, graph: Any, thread_id: str, graph_id: str, metadata: Mapping[str, Any]) -> None:
        keep_below(graph)
        self.graph = graph
        self.graph_id = graph_id
        self._config: dict[str, Any] = {
            "configurable": {"thread_id": thread_id},
            "metadata": {**metadata, "graph_id": graph_id},
        }
        if CONFIG_KEY_STRICT_RESUME:
            self._config["configurable"][CONFIG_KEY_STRICT_RESUME] = True
        if metadata.get(ONE_BY_ONE):
            self._config["max_concurrency"] = 1

    def start(self, given: Any) -> Generator[tuple[str, str]]:
        """A new run with this input; yields ("step", node) and ("progress", text) until the graph pauses or ends."""
        return self._told(given)

    def resume(self, answers: Mapping[str, Any]) -> Generator[tuple[str, str]]:
        """Answers by interrupt id. Yields as `start` does."""
        return self._told(Command(resume=dict(answers)))

    def go_on(self) -> Generator[tuple[str, str]]:
        """Finish a run that ended before its time. Yields as `start` does."""
        return self._told(None)

    def again(self, checkpoint_id: str, one_by_one: bool = False) -> Generator[tuple[str, str]]:
        """Go on from this checkpoint as if nothing had come after it: its steps run again, and ask again with new ids.

        one_by_one: from now on nothing of this thread runs side by side. Yields as `start` does.
        """
        config = {**self._config, "configurable": {**self._config["configurable"], "checkpoint_id": checkpoint_id}}
        if one_by_one:
            config |= {"max_concurrency": 1, "metadata": {**self._config["metadata"], ONE_BY_ONE: True}}
        return self._told(None, config)

    def _told(self, given: Any, config: Mapping[str, Any] | None = None) -> Generator[tuple[str, str]]:
        with closing(self.stream(given, config)) as run:
            for mode, chunk in run:
                yield from _lines(mode, chunk)

    def stream(self, given: Any, config: Mapping[str, Any] | None = None) -> Generator[tuple[str, Any]]:
        """Run until the graph pauses or ends; yields ("updates" | "custom", chunk), the latter from its subgraphs too."""
        # "sync": with "async" a kill can lose the last checkpoints and look finished
        config = config or self._config
        asked: dict[str, Any] = {"stream_mode": ["updates", "custom"], "durability": "sync", "subgraphs": True}
        if config.get("max_concurrency") == 1:
            asked["stream_mode"] = ["updates"]  # what else it streams is waited for in the one place that there is
            asked["subgraphs"] = False
        if needs_loop(self.graph):
            run = each_of(self.graph.astream(given, config, **asked))
        else:
            run = self.graph.stream(given, config, **asked)
        with closing(run):
            for chunk in run:
                below, mode, told = chunk if asked["subgraphs"] else ((), *chunk)
                if mode == "custom" or not below:
                    yield mode, told

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

    def outcome(self) -> Any:
        """The state's `outcome` as plain data, where the graph has one; a sentence instead of what is very large."""
        values = self.graph.get_state(self._config).values
        found = values.get("outcome") if isinstance(values, dict) else None
        text = json.dumps(found, default=str, skipkeys=True)
        if len(text) > LONGEST_OUTCOME:
            return {
                "text": f"The outcome is too large to keep on record ({len(text):,} characters). The thread's state has it."
            }
        return json.loads(text)

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
        """Types in the head that decoding here would turn into plain data, for good, if we resumed."""
        saver = self.graph.checkpointer
        spaces = ["", *self._namespaces_below()] if self._head() is not None else []
        found = [lost(saver.serde, kind, blob) for space in spaces for kind, blob in self._stored(space)]
        return tuple(sorted(set().union(*found)))

    def _stored(self, namespace: str) -> list[tuple[str, bytes]]:
        """What a run would store again: the newest state, what its tasks wrote, and the answers they have. No questions."""
        key = (self._config["configurable"]["thread_id"], namespace)
        query = (
            "SELECT type, checkpoint, checkpoint_id FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = ? "
            "ORDER BY checkpoint_id DESC LIMIT 1"
        )
        connection = self.graph.checkpointer.conn
        heads = connection.execute(query, key).fetchall()
        written = (
            "SELECT type, value FROM writes WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ? "
            "AND (idx >= 0 OR idx = -4) AND channel NOT IN ('__interrupt__', '__error__')"  # the first savers had no slots
        )
        rows = [row for _, _, head in heads for row in connection.execute(written, (*key, head)).fetchall()]
        return [(kind, blob) for kind, blob in [*(head[:2] for head in heads), *rows] if kind and blob]

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


def _lines(mode: str, chunk: Any) -> Generator[tuple[str, str]]:
    if not isinstance(chunk, dict):
        return
    if mode == "custom":
        if "progress" in chunk:
            yield "progress", str(chunk["progress"])
        return
    for name in chunk:
        if not str(name).startswith("__"):
            yield "step", str(name)
