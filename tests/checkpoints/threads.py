"""Graphs that ask in every way that LangGraph knows, and a driver for their threads."""

from __future__ import annotations

import operator
from collections.abc import Callable
from itertools import pairwise
from typing import Annotated, Any, TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.func import entrypoint, task
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, Send, interrupt


class State(TypedDict, total=False):
    log: Annotated[list[Any], operator.add]


class Threads:
    """Runs threads of one graph and tells what LangGraph itself thinks of them."""

    def __init__(self, build: Callable[[SqliteSaver], Any], saver: SqliteSaver) -> None:
        self.graph = build(saver)

    def start(self, thread_id: str = "t", **metadata: Any) -> None:
        self.run({"log": ["start"]}, thread_id, **metadata)

    def answer(self, value: Any, thread_id: str = "t", *, number: int = 0) -> None:
        interrupt_id = sorted(self.pending(thread_id))[number]
        self.run(Command(resume={interrupt_id: value}), thread_id)

    def run(self, given: Any, thread_id: str = "t", **metadata: Any) -> None:
        config = {"configurable": {"thread_id": thread_id}, "metadata": metadata}
        self.graph.invoke(given, config, durability="sync")

    def pending(self, thread_id: str = "t") -> dict[str, Any]:
        """interrupt id -> value of every question that get_state tells of, and whose task has not finished.

        Before LangGraph 1.2.20 it also tells of those that were answered while a sibling still asks.
        """
        tasks = self.graph.get_state({"configurable": {"thread_id": thread_id}}).tasks
        return {each.id: each.value for task in tasks if not task.result for each in task.interrupts}


def of(*nodes: Callable[[State], Any]) -> Callable[[SqliteSaver], Any]:
    """The nodes one after the other."""
    return lambda saver: chain(*nodes).compile(checkpointer=saver)


def chain(*nodes: Callable[[State], Any]) -> StateGraph[State]:
    graph = StateGraph(State)
    names = [START, *(node.__name__ for node in nodes), END]
    for node in nodes:
        graph.add_node(node.__name__, node)  # type: ignore[call-overload]
    for before, after in pairwise(names):
        graph.add_edge(before, after)
    return graph


def one(state: State) -> State:
    answer = interrupt({"question": "one?"})
    if answer == "bad":
        raise ValueError("no good")
    return {"log": [answer]}


def two(state: State) -> State:
    first = interrupt("first?")
    second = interrupt("second?")
    if second == "bad":
        raise ValueError("no good")
    return {"log": [first, second]}


def late(state: State) -> State:
    if "fail" in state["log"]:
        raise ValueError("too late")
    return {"log": ["late"]}


flaky_now: set[str] = set()


def flaky(state: State) -> State:
    """Raises before its second question while "t" is in flaky_now: the answer to that one is not stored."""
    interrupt("first?")
    if flaky_now:
        raise OSError("the network is down")
    return {"log": [interrupt("second?")]}


def parallel(saver: SqliteSaver) -> Any:
    def left(state: State) -> State:
        return {"log": [interrupt("left?")]}

    def right(state: State) -> State:
        return {"log": [interrupt(f"right? {len(state['log'])}")]}

    graph = StateGraph(State).add_node(left).add_node(right)
    return graph.add_edge(START, "left").add_edge(START, "right").compile(checkpointer=saver)


def fan_out(saver: SqliteSaver) -> Any:
    def each(state: dict[str, Any]) -> State:
        return {"log": [interrupt({"item": state["item"]})]}

    graph = StateGraph(State).add_node("each", each)  # type: ignore[call-overload]
    graph.add_conditional_edges(START, lambda _: [Send("each", {"item": n}) for n in range(3)], ["each"])
    return graph.compile(checkpointer=saver)


def nested(*nodes: Callable[[State], Any]) -> Callable[[SqliteSaver], Any]:
    """The nodes in a subgraph of a subgraph."""

    def build(saver: SqliteSaver) -> Any:
        inner = StateGraph(State).add_node("inner", chain(*nodes).compile()).add_edge(START, "inner").compile()
        return StateGraph(State).add_node("outer", inner).add_edge(START, "outer").compile(checkpointer=saver)

    return build


def several_below(saver: SqliteSaver) -> Any:
    """Two nodes of one subgraph ask in the same step: one root row with two interrupts."""

    def left(state: State) -> State:
        return {"log": [interrupt("left below?")]}

    def right(state: State) -> State:
        return {"log": [interrupt("right below?")]}

    below = StateGraph(State).add_node(left).add_node(right).add_edge(START, "left").add_edge(START, "right").compile()
    return StateGraph(State).add_node("below", below).add_edge(START, "below").compile(checkpointer=saver)


def functional(saver: SqliteSaver) -> Any:
    @task
    def ask(text: str) -> Any:
        return interrupt(text)

    @entrypoint(checkpointer=saver)
    def flow(given: Any) -> list[Any]:
        asked = [ask("A?"), ask("B?")]
        found = [each.result() for each in asked]
        return [*found, interrupt("own?")]

    return flow
