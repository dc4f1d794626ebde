"""Real paused threads for the codecs: read from the file as the desk reads them, resumed with what a codec made."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt

from agents import payloads
from agents.checkpoints import Reader, Source
from agents.domain import Pause, Said

CONFIG: Any = {"configurable": {"thread_id": "1"}}


class State(TypedDict, total=False):
    got: Any


def pauses(path: Path) -> tuple[Pause, ...]:
    """What waits in the file's one thread."""
    with Reader(Source("source", path)) as reader:
        found = reader.thread("1")
    assert found is not None
    return found.pauses


def resume(graph: Any, path: Path, said: Sequence[Said]) -> Any:
    """Answer every question in order, through its codec, in one resume; the graph's result."""
    waiting = pauses(path)
    assert len(waiting) == len(said)
    values = {pause.interrupt_id: payloads.encode(pause, each) for pause, each in zip(waiting, said, strict=True)}
    return graph.invoke(Command(resume=values), CONFIG, durability="sync")


def received(path: Path, payload: Any, said: Said, schema: Any = None) -> Any:
    """What `interrupt(payload)` returns in its node when the question is answered like this."""
    got: list[Any] = []

    def ask(_state: State) -> State:
        got.append(interrupt(payload, response_schema=schema))
        return {}

    with closing(sqlite3.connect(path, check_same_thread=False)) as connection:
        builder = StateGraph(State).add_node("ask", ask).add_edge(START, "ask")
        graph = builder.compile(checkpointer=SqliteSaver(connection))
        graph.invoke({}, CONFIG, durability="sync")
        resume(graph, path, [said])
        assert not graph.get_state(CONFIG).next
    (value,) = got
    return value
