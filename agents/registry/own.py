"""One graph of somebody's own: in this process, or in a child process where it would meet our modules."""

from __future__ import annotations

import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from agents.domain import GraphFacts
from agents.registry.kept import Kept
from agents.threads.facts import facts_of
from agents.threads.hiding import OURS
from agents.threads.inputs import input_schema
from agents.threads.loading import Place, compiled, load
from agents.threads.parent import Children
from agents.threads.trouble import GraphDied, GraphNotLoaded, GraphRaised


@dataclass(frozen=True, slots=True)
class Told:
    """What a graph says of itself; facts.error when it does not load."""

    facts: GraphFacts
    input_schema: Mapping[str, Any] | None = None


class OwnGraph:
    """Loaded once; `forget` makes the next call try again."""

    def __init__(self, place: Place, children: Children, kept: Kept, *, apart: bool) -> None:
        self.place = place
        self._kept = kept
        self._lock = threading.RLock()
        self._variable: Any = None
        self._told: Told | None = None
        self._children = children
        self._apart = apart

    def told_before(self) -> GraphFacts | None:
        """What it said when it was last loaded, by another process even; None when its files changed since."""
        found = self._kept.of(self.place)
        return facts_from(self.place.graph_id, found["facts"]) if found else None

    def told(self) -> Told:
        """Waits until it is loaded; never raises."""
        with self._lock:
            if self._told is None:
                try:
                    self._told = self._ask()
                except (GraphNotLoaded, GraphDied, GraphRaised) as error:
                    self._kept.keep(self.place, None)
                    self._told = Told(GraphFacts(self.place.graph_id, error=str(error)))
            return self._told

    def apart(self) -> Children | None:
        """Its child processes; None when it runs in this one. Waits until it is loaded."""
        self.told()
        return self._children if self._apart else None

    @contextmanager
    def compiled(self, checkpointer: Any) -> Generator[Any]:
        """In this process. Raises GraphNotLoaded."""
        with compiled(self.place, self._loaded(), checkpointer) as graph:
            yield graph

    def forget(self) -> None:
        with self._lock:
            self._told, self._variable = None, None
            self._children.close()

    def close(self) -> None:
        self._children.close()

    def _ask(self) -> Told:
        found = self._asked()
        self._kept.keep(self.place, {"facts": found["facts"]})
        return Told(facts_from(self.place.graph_id, found["facts"]), found["input_schema"])

    def _asked(self) -> Mapping[str, Any]:
        if not self._apart:
            try:
                with self.compiled(None) as graph:
                    return {"facts": facts_of(graph), "input_schema": input_schema(graph)}
            except GraphNotLoaded as error:
                if (error.missing or "").partition(".")[0] not in OURS:
                    raise
                self._apart = True  # it means another `agents` than ours
        return self._children.told(self.place)

    def _loaded(self) -> Any:
        with self._lock:
            if self._variable is None:
                self._variable = load(self.place, first=False)
            return self._variable


def facts_from(graph_id: str, found: Mapping[str, Any]) -> GraphFacts:
    """GraphFacts from the plain data of agents.threads.facts."""
    return GraphFacts(
        graph_id,
        nodes=frozenset(found["nodes"]),
        before=frozenset(found["before"]),
        after=frozenset(found["after"]),
        follows={name: tuple(targets) for name, targets in found["follows"].items()},
        below={name: facts_from(name, inner) for name, inner in found["below"].items()},
    )
