"""Which graph a thread belongs to: as it says itself, as a person said, or as its nodes tell.

A thread of somebody's own never becomes one of a built-in graph: those name
theirs, and a stranger's graph may well have a node called "plan".
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Engine, delete, insert, select
from sqlalchemy.exc import SQLAlchemyError

from agents.audit import Question, append
from agents.clock import to_text
from agents.database import reading, thread_graph
from agents.domain import GraphFacts
from agents.errors import Busy
from agents.registry import Registry

EVERY_OTHER = ""
"""In place of a thread's id: all threads of the file that name no graph."""
FRESH_SECONDS = 1.0


class How(StrEnum):
    """Why a thread is taken for one of a graph."""

    NAMED = "named"
    CHOSEN = "chosen"
    CHOSEN_FOR_ALL = "chosen for all"
    ONLY_ONE = "only one"


@dataclass(frozen=True, slots=True)
class Thread:
    """What a thread tells of its graph. named: the graph_id of its metadata. nodes: all that its checkpoint names."""

    source_id: str
    thread_id: str
    named: str | None
    nodes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Fit:
    """A graph that a thread may belong to; `why_not` is a sentence where it cannot. sure: its nodes are known."""

    graph_id: str
    why_not: str | None
    sure: bool = True


class Belonging:
    """Answers from what is loaded by now and from what people chose; waits for no graph.

    fresh: seconds for which what people chose is not read again.
    """

    def __init__(self, engine: Engine, registry: Registry, *, fresh: float = FRESH_SECONDS) -> None:
        self._engine = engine
        self._registry = registry
        self._fresh = fresh
        self._chosen: Mapping[tuple[str, str], str] = {}
        self._read_at = float("-inf")
        self._changes = 0

    @property
    def version(self) -> int:
        """Rises when more is known: a graph was loaded, or somebody chose."""
        self._choices()
        return self._registry.version + self._changes

    def of(self, source_id: str, thread_id: str, graph_id: str | None, nodes: frozenset[str]) -> GraphFacts | None:
        found = self.graph_of(Thread(source_id, thread_id, graph_id, nodes))
        return self._registry.facts(found[0]) if found else None

    def graph_of(self, thread: Thread) -> tuple[str, How] | None:
        """The thread's graph and why; None while nobody can tell."""
        if thread.named is not None and thread.named in self._registry.ids():
            return thread.named, How.NAMED
        chosen = self._choices()
        own = chosen.get((thread.source_id, thread.thread_id))
        if own in self._registry.own_ids():
            return str(own), How.CHOSEN
        if thread.named is not None:
            return None  # it says that it is another's: its steps' names are no proof against its own word
        fits = [each.graph_id for each in self.fits(thread) if each.why_not is None and each.sure]
        for_all = chosen.get((thread.source_id, EVERY_OTHER))
        if for_all in fits:
            return str(for_all), How.CHOSEN_FOR_ALL
        known = all(self._registry.facts(graph_id) is not None for graph_id in self._registry.own_ids())
        return (fits[0], How.ONLY_ONE) if len(fits) == 1 and known else None

    def fits(self, thread: Thread) -> tuple[Fit, ...]:
        """Every graph of a langgraph.json, and why this thread cannot be one of its."""
        return tuple(self._fit(graph_id, thread) for graph_id in self._registry.own_ids())

    def _fit(self, graph_id: str, thread: Thread) -> Fit:
        facts = self._registry.facts(graph_id)
        if facts is None:
            return Fit(graph_id, None, sure=False)
        if facts.error is not None:
            return Fit(graph_id, None, sure=False)
        missing = sorted(thread.nodes - facts.nodes)
        if not thread.nodes:
            return Fit(graph_id, None, sure=False)
        if missing:
            names = ", ".join(f"“{name}”" for name in missing[:3])
            return Fit(graph_id, f"No step {names}, which this thread has.")
        return Fit(graph_id, None)

    def _choices(self) -> Mapping[tuple[str, str], str]:
        """What people chose, in this process or in another."""
        if time.monotonic() - self._read_at < self._fresh:
            return self._chosen
        try:
            with reading(self._engine) as connection:
                found = chosen_graphs(connection)
        except (Busy, SQLAlchemyError):  # what was read before still stands
            return self._chosen
        if found != self._chosen:
            self._chosen, self._changes = found, self._changes + 1
        self._read_at = time.monotonic()
        return self._chosen


def chosen_graphs(connection: Connection) -> dict[tuple[str, str], str]:
    """(source_id, thread_id) -> graph_id, for every choice of a person."""
    columns = (thread_graph.c.source_id, thread_graph.c.thread_id, thread_graph.c.graph_id)
    return {(source_id, thread_id): graph_id for source_id, thread_id, graph_id in connection.execute(select(*columns))}


def remember(
    connection: Connection, thread: Thread, graph_id: str, *, actor: str, now: datetime, for_all: bool = False
) -> None:
    """Keep a person's choice, instead of an earlier one, and put it on record. for_all: of the file's other threads too."""
    own = (thread.source_id, thread.thread_id)
    for source_id, thread_id in (own, (thread.source_id, EVERY_OTHER)) if for_all else (own,):
        where = (thread_graph.c.source_id == source_id, thread_graph.c.thread_id == thread_id)
        connection.execute(delete(thread_graph).where(*where))
        connection.execute(
            insert(thread_graph).values(
                source_id=source_id, thread_id=thread_id, graph_id=graph_id, chosen_by=actor, chosen_at=to_text(now)
            )
        )
    about = Question(thread.source_id, thread.thread_id)
    append(connection, at=now, actor=actor, action="graph_chosen", about=about, graph_id=graph_id, for_all=for_all)
