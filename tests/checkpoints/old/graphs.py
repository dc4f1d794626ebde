"""The graphs whose threads lie in the files of this folder; they run on every LangGraph since 0.2.0."""

from __future__ import annotations

import operator
import os
import signal
import time
from typing import Annotated, Any, TypedDict

from langgraph.graph import END, START, StateGraph

try:
    from langgraph.types import interrupt
except ImportError:  # before 0.2.57 a node asked by raising, and nobody could answer it by id
    from langgraph.errors import NodeInterrupt

    def interrupt(value: Any) -> Any:
        raise NodeInterrupt(value)


class State(TypedDict, total=False):
    log: Annotated[list[Any], operator.add]


def ask(state: State) -> Any:
    return {"log": [interrupt({"question": "One?", "options": ["yes", "no"]})]}


def ask_twice(state: State) -> Any:
    first = interrupt("First?")
    return {"log": [first, interrupt("Second?")]}


def left(state: State) -> Any:
    return {"log": [interrupt("Left?")]}


def right(state: State) -> Any:
    return {"log": [interrupt("Right?")]}


def act(state: State) -> Any:
    return {"log": ["acted"]}


def die(state: State) -> Any:
    """Kills its own process where the writer of the files asks for it."""
    if os.environ.get("DIE_HERE"):
        time.sleep(1)  # until the step before is in the file
        os.kill(os.getpid(), signal.SIGKILL)
    return {"log": ["lived"]}


def chain(*nodes: Any) -> StateGraph:
    graph = StateGraph(State)
    names = [START, *(node.__name__ for node in nodes), END]
    for node in nodes:
        graph.add_node(node.__name__, node)
    for number in range(len(names) - 1):
        graph.add_edge(names[number], names[number + 1])
    return graph


def one() -> StateGraph:
    return chain(ask, act)


def two() -> StateGraph:
    return chain(ask_twice, act)


def parallel() -> StateGraph:
    graph = StateGraph(State)
    for node in (left, right):
        graph.add_node(node.__name__, node)
        graph.add_edge(START, node.__name__)
        graph.add_edge(node.__name__, END)
    return graph


def below() -> StateGraph:
    graph = StateGraph(State)
    graph.add_node("inner", chain(ask, act).compile())
    graph.add_edge(START, "inner")
    graph.add_edge("inner", END)
    return graph


def killed() -> StateGraph:
    return chain(act, die)


def gated() -> Any:
    """Compiled with a static breakpoint, as `compile` is all that knows it."""
    return chain(act, die).compile(interrupt_before=["die"])
