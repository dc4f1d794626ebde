"""Subgraphs that keep nothing (`checkpointer=False`): on a thread of ours they keep their steps like any other.

What such a subgraph asks has another id each time, so that no answer finds it;
and with durability="sync" LangGraph 1.2 raises in it, question or not.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

DEPTH = 5


def keep_below(graph: Any, depth: int = DEPTH) -> None:
    """Let the subgraphs of a compiled graph inherit its checkpointer; also those that a node's own function calls."""
    for node in graph.nodes.values():
        for inner in _inside(node.bound):
            if inner.checkpointer is False:
                inner.checkpointer = None
            if depth:
                keep_below(inner, depth - 1)


def _inside(bound: Any) -> Iterator[Any]:
    """The graphs that a node is, or that its function names."""
    if _is_graph(bound):
        yield bound
    for function in (getattr(bound, "func", None), getattr(bound, "afunc", None)):
        if inspect.isfunction(function):
            yield from filter(_is_graph, _named(function))


def _named(function: Any) -> Iterator[Any]:
    try:
        found = inspect.getclosurevars(function)
    except (TypeError, ValueError):  # a cell that is still empty
        return
    yield from found.nonlocals.values()
    yield from found.globals.values()


def _is_graph(found: Any) -> bool:
    return not inspect.isclass(found) and hasattr(found, "get_state") and hasattr(found, "checkpointer")
