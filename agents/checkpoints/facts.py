"""What listing may ask about graphs: plain data, from somebody who has loaded them, without waiting for it."""

from __future__ import annotations

from typing import Protocol

from agents.domain import GraphFacts


class Facts(Protocol):
    """What is known of the graphs that threads belong to.

    version rises when more is known, so that a reader looks again. `of` never
    waits and never raises; None while nothing is known. graph_id: as the thread
    names it, None when it does not. nodes: the names that its checkpoint tells of.
    """

    @property
    def version(self) -> int: ...

    def of(self, source_id: str, thread_id: str, graph_id: str | None, nodes: frozenset[str]) -> GraphFacts | None: ...
