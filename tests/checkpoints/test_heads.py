"""What comes next, read from a checkpoint's blob, is what LangGraph itself says comes next."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from langgraph.func import entrypoint
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, Send, interrupt

from agents.checkpoints.heads import START as BEGINNING
from agents.checkpoints.heads import Next, next_of
from tests.checkpoints.threads import State, Threads

CONFIG = {"configurable": {"thread_id": "t"}}


def say(name: str) -> Callable[[State], State]:
    return lambda _: {"log": [name]}


def graph_of(*names: str) -> StateGraph[State]:
    graph = StateGraph(State)
    for name in names:
        graph.add_node(name, say(name))  # type: ignore[call-overload]
    return graph


def branching() -> StateGraph[State]:
    graph = graph_of("a", "b", "c").add_edge(START, "a").add_edge("b", "c")
    return graph.add_conditional_edges("a", lambda state: "a" if len(state["log"]) < 3 else "b", ["a", "b"])


def joining() -> StateGraph[State]:
    graph = graph_of("a", "b", "c", "d").add_edge(START, "a").add_edge(START, "b").add_edge("b", "c")
    return graph.add_edge(["a", "c"], "d")


def sending() -> StateGraph[State]:
    graph = graph_of("a", "b", "c").add_edge(START, "a").add_edge("b", "c")
    return graph.add_conditional_edges("a", lambda _: [Send("b", {}), Send("b", {}), Send("c", {})], ["b", "c"])


def deferring() -> StateGraph[State]:
    graph = graph_of("a", "b", "c").add_node("last", say("last"), defer=True)  # type: ignore[call-overload]
    graph.add_edge(START, "a").add_edge(START, "b").add_edge("b", "c").add_edge("a", "last").add_edge("c", "last")
    return graph


def commanding() -> StateGraph[State]:
    graph = graph_of("b", "c").add_node("a", lambda _: Command(goto=["b", "c"]))  # type: ignore[call-overload,arg-type,return-value]
    return graph.add_edge(START, "a")


def head(path: Path) -> Next:
    connection = sqlite3.connect(path)
    row = connection.execute(
        "SELECT type, checkpoint FROM checkpoints WHERE checkpoint_ns = '' ORDER BY checkpoint_id DESC LIMIT 1"
    ).fetchone()
    connection.close()
    return next_of(*row)


@pytest.mark.parametrize("build", [branching, joining, sending, deferring, commanding])
def test_every_step_of_a_graph(threads: Callable[..., Threads], path: Path, build: Callable[[], Any]) -> None:
    run = threads(lambda saver: build().compile(checkpointer=saver, interrupt_before="*"))
    run.start()
    stops = 0
    while expected := run.graph.get_state(CONFIG).next:
        found = head(path)
        assert (set(found.nodes), found.steps) == (set(expected), len(expected))
        assert found.started
        run.run(None)
        assert set(expected) - {"c"} <= {*head(path).ran, *(("b",) if found.sends else ())}
        stops += 1
    assert stops >= 2
    assert head(path).nodes == ()


def test_a_thread_that_was_closed_or_edited(threads: Callable[..., Threads], path: Path) -> None:
    run = threads(lambda saver: branching().compile(checkpointer=saver, interrupt_before="*"))
    run.start()
    run.graph.update_state(CONFIG, {"log": ["x", "y"]}, as_node="a")
    assert head(path).nodes == run.graph.get_state(CONFIG).next == ("b",)
    run.graph.update_state(CONFIG, None, as_node=END)
    assert head(path).nodes == run.graph.get_state(CONFIG).next == ()


def test_the_functional_api_before_its_first_step(threads: Callable[..., Threads], path: Path) -> None:
    def build(saver: Any) -> Any:
        @entrypoint(checkpointer=saver)
        def flow(given: Any) -> Any:
            return interrupt("go?")

        return flow

    run = threads(build)
    run.run("x")
    assert (head(path).nodes, head(path).started) == ((BEGINNING,), False)
    run.answer("yes")
    assert head(path).nodes == ()


@pytest.mark.parametrize(
    ("kind", "blob"), [("msgpack", b"\xc1"), ("msgpack+aes", b"x"), ("json", b"[1"), (None, None), ("json", b"null")]
)
def test_what_cannot_be_read_is_unclear(kind: str | None, blob: bytes | None) -> None:
    assert next_of(kind, blob) == Next(unclear=True)
