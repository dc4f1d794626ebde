"""From what a langgraph.json names to a graph on our saver; LangGraph itself is only touched by its methods."""

from __future__ import annotations

import inspect
from typing import Any


def made(variable: Any) -> Any:
    """A graph from what a langgraph.json may name: a builder, a compiled graph, or a factory of either."""
    if hasattr(variable, "compile") or hasattr(variable, "get_state") or not callable(variable):
        return variable
    takes_config = len(inspect.signature(variable).parameters) > 0
    return variable({}) if takes_config else variable()


def with_checkpointer(graph: Any, checkpointer: Any) -> Any:
    """The graph, compiled with this checkpointer whatever it was compiled with before."""
    if hasattr(graph, "compile"):
        return graph.compile(checkpointer=checkpointer)
    builder = getattr(graph, "builder", None)
    if builder is None:  # the functional API
        return graph.copy(update={"checkpointer": checkpointer})
    return builder.compile(
        checkpointer=checkpointer,
        store=graph.store,
        interrupt_before=graph.interrupt_before_nodes or None,
        interrupt_after=graph.interrupt_after_nodes or None,
        name=graph.name,
    )
