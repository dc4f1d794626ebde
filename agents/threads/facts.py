"""What a graph says of itself, as plain data; the shape of agents.domain.GraphFacts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

DEPTH = 5
"""Graphs inside graphs are followed this far."""


def facts_of(graph: Any, depth: int = DEPTH) -> dict[str, Any]:
    """Of a compiled graph. before, after: node names, or ["*"] for all."""
    names = sorted(name for name in graph.nodes if not name.startswith("__"))
    below = {name: facts_of(inner, depth - 1) for name, inner in _below(graph)} if depth else {}
    return {
        "nodes": names,
        "before": _stops(graph.interrupt_before_nodes),
        "after": _stops(graph.interrupt_after_nodes),
        "follows": _follows(graph, names),
        "below": below,
        "asynchronous": sorted({*_asynchronous(graph), *_below_asynchronous(below)}),
    }


def needs_loop(graph: Any) -> bool:
    """Is there a node, a route or a tool without a synchronous function? Then it runs in an event loop."""
    return bool(facts_of(graph)["asynchronous"])


def _stops(names: Any) -> list[str]:
    return ["*"] if names == "*" else sorted(names or ())


def _below(graph: Any) -> Iterator[tuple[str, Any]]:
    try:
        yield from list(graph.get_subgraphs())
    except Exception:  # noqa: BLE001 - it looks into the sources of functions, which need not be there
        return


def _below_asynchronous(below: dict[str, Any]) -> Iterator[str]:
    for name, inner in below.items():
        yield from (f"{name}.{each}" for each in inner["asynchronous"])


def _follows(graph: Any, names: list[str]) -> dict[str, list[str]]:
    """node -> what may come next; without those that route by a function whose targets nobody wrote down."""
    builder = getattr(graph, "builder", None)
    if builder is None:
        return {name: ["__end__"] for name in names}
    found: dict[str, list[str]] = {}
    for name in ["__start__", *names]:
        targets = {end for start, end in builder.edges if start == name}
        targets |= {end for starts, end in builder.waiting_edges if name in starts}
        ends = [branch.ends for branch in builder.branches.get(name, {}).values()]
        said = getattr(builder.nodes.get(name), "ends", None) or ()
        if any(each is None for each in ends):
            continue
        for each in ends:
            targets |= set(each.values())
        targets |= set(said)
        if targets:
            found[name] = sorted(targets)
    return found


def _asynchronous(graph: Any) -> Iterator[str]:
    for name, node in graph.nodes.items():
        if any(_only_async(part) for part in _parts(node.bound)):
            yield name
    for name, branches in getattr(getattr(graph, "builder", None), "branches", {}).items():
        if any(_only_async(part) for branch in branches.values() for part in _parts(branch.path)):
            yield f"the route after {name}" if not name.startswith("__") else "the first route"


def _parts(runnable: Any) -> Iterator[Any]:
    steps = getattr(runnable, "steps", None)
    for step in steps if isinstance(steps, list) else [runnable]:
        yield step
        yield from getattr(step, "tools_by_name", {}).values()


def _only_async(part: Any) -> bool:
    if getattr(part, "func", part) is not None:
        return False
    return getattr(part, "afunc", None) is not None or getattr(part, "coroutine", None) is not None
