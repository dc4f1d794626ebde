"""One small graph for each way in which a LangGraph thread can wait, break off or end; every answer that a node hears is noted."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from typing import Any

from langchain_core.messages import AIMessage
from langchain_core.tools import tool
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.func import entrypoint, task
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode
from langgraph.types import Command, Send, interrupt
from pydantic import BaseModel

from tests.checkpoints.threads import State, chain

Build = Callable[[BaseCheckpointSaver[Any]], Any]
HEARD: list[tuple[Any, Any]] = []
"""(question, answer) of every interrupt() that returned in this process."""

KILL: dict[str, int] = {}
"""Where this process kills itself, and how many times it passes there first."""


def passes(place: str) -> None:
    """A place where a run may die: "node", "answered", "writes", "put" (before) or "step" (after a checkpoint)."""
    if place in KILL:
        KILL[place] -= 1
        if KILL[place] < 0:
            os.kill(os.getpid(), signal.SIGKILL)


def asked(question: Any, **options: Any) -> Any:
    passes("node")
    answer = interrupt(question, **options)
    HEARD.append((question, answer))
    passes("answered")
    if answer == "bad":
        raise ValueError("no good")
    return answer


def one(state: State) -> State:
    return {"log": [asked({"question": f"one? {len(state['log'])}"})]}


def two(state: State) -> State:
    return {"log": [asked("first?"), asked("second?")]}


def act(state: State) -> State:
    passes("node")
    if "fail" in state["log"]:
        raise OSError("the network is down")
    return {"log": ["acted"]}


def work(state: State) -> State:
    passes("node")
    return {"log": ["worked"]}


class Amount(BaseModel):
    amount: int


def typed(state: State) -> State:
    return {"log": [repr(asked("how much?", response_schema=Amount))]}


def side(name: str, question: str | None) -> Callable[[State], State]:
    def node(state: State) -> State:
        if question is None:
            return act(state)
        return {"log": [asked(f"{question} {len(state['log'])}")]}

    node.__name__ = name
    return node


def beside(*nodes: Callable[[State], State]) -> StateGraph[State]:
    """All in one step, then one that waits for all."""
    graph = StateGraph(State).add_node(work)
    for node in nodes:
        graph.add_node(node.__name__, node).add_edge(START, node.__name__)  # type: ignore[call-overload]
    return graph.add_edge([node.__name__ for node in nodes], "work")


def fan_out() -> StateGraph[State]:
    def each(state: dict[str, Any]) -> State:
        return {"log": [asked({"item": state["item"]})]}

    graph = StateGraph(State).add_node("each", each).add_node(work)  # type: ignore[call-overload]
    graph.add_conditional_edges(START, lambda _: [Send("each", {"item": n}) for n in range(3)], ["each"])
    return graph.add_edge("each", "work")


def below(inner: StateGraph[State], **options: Any) -> StateGraph[State]:
    return chain(work).add_node("inner", inner.compile(**options)).add_edge("work", "inner")


def deep(*nodes: Callable[[State], State]) -> StateGraph[State]:
    return below(below(chain(*nodes)))


def by_hand(state: State) -> State:
    """A subgraph that a node calls."""
    found = chain(one, act).compile().invoke({"log": ["called"]})
    return {"log": found["log"]}


def loops() -> StateGraph[State]:
    def ask(state: State) -> Any:
        said = asked(f"again? {len(state['log'])}")
        return Command(goto="ask" if len(state["log"]) < 3 else "act", update={"log": [said]})

    return StateGraph(State).add_node(ask, destinations=("ask", "act")).add_node(act).add_edge(START, "ask")


def handled() -> StateGraph[State]:
    """The step fails, and its error handler asks what to do."""

    def breaks(state: State) -> State:
        raise OSError("the printer is on fire")

    def helps(state: State) -> State:
        return {"log": [asked("it failed, and now?")]}

    return StateGraph(State).add_node(breaks, error_handler=helps).add_node(work).add_edge(START, "breaks")


def broken() -> StateGraph[State]:
    def fails(state: State) -> State:
        raise ValueError("always")

    return chain(work, fails, act)


@tool
def send(to: str) -> str:
    """Sends something."""
    return str(asked({"send": to}))


@tool
def look(at: str) -> str:
    """Looks something up."""
    return f"seen {at}"


def tools() -> Any:
    def model(state: Any) -> Any:
        passes("node")
        if len(state["messages"]) > 1:
            return {"messages": [AIMessage("done")]}
        calls = [
            {"name": "look", "args": {"at": "map"}, "id": "1"},
            {"name": "send", "args": {"to": "ann"}, "id": "2"},
        ]
        return {"messages": [AIMessage("", tool_calls=calls)]}

    graph = StateGraph(MessagesState).add_node(model).add_node("tools", ToolNode([send, look]))
    return graph.add_edge(START, "model").add_edge("model", "tools")


def functional(saver: BaseCheckpointSaver[Any]) -> Any:
    @task
    def ask(text: str) -> Any:
        return asked(text)

    @task
    def sum_up(texts: list[Any]) -> str:
        passes("node")
        return " ".join(map(str, texts))

    @entrypoint(checkpointer=saver)
    def flow(given: Any) -> Any:
        told = [each.result() for each in [ask("A?"), ask("B?")]]
        told.append(asked("own?"))
        return sum_up(told).result()

    return flow


def compiled(made: Callable[[], Any], **options: Any) -> Build:
    return lambda saver: made().compile(checkpointer=saver, **options)


KINDS: Mapping[str, Build] = {
    "one question": compiled(lambda: chain(work, one, act)),
    "two questions of a node": compiled(lambda: chain(two, act)),
    "two steps that ask": compiled(lambda: chain(one, two)),
    "parallel": compiled(lambda: beside(side("left", "left?"), side("right", "right?"))),
    "one of two parallel steps asks": compiled(lambda: beside(side("left", "left?"), side("right", None))),
    "Send": compiled(fan_out),
    "a subgraph": compiled(lambda: below(chain(one, act))),
    "a subgraph that keeps its state": compiled(lambda: below(chain(two, act), checkpointer=True)),
    "a subgraph that keeps nothing": compiled(lambda: below(chain(one, act), checkpointer=False)),
    "a subgraph in a subgraph": compiled(lambda: deep(two, act)),
    "several ask below one step": compiled(lambda: below(beside(side("left", "left?"), side("right", "right?")))),
    "a subgraph that a node calls": compiled(lambda: chain(by_hand, act)),
    "a tool": compiled(tools),
    "the functional API": functional,
    "an error handler": compiled(handled),
    "a loop": compiled(loops),
    "a schema": compiled(lambda: chain(typed, act)),
    "breakpoint before": compiled(lambda: chain(work, act), interrupt_before=["act"]),
    "breakpoint after": compiled(lambda: chain(work, act), interrupt_after=["work"]),
    "breakpoint before every step": compiled(lambda: chain(work, one, act), interrupt_before="*"),
    "breakpoint before a step that asks": compiled(lambda: chain(work, one, act), interrupt_before=["one"]),
    "breakpoint in a subgraph": compiled(lambda: below(chain(work, act), interrupt_before=["act"])),
    "a step that fails": compiled(broken),
    "nothing is asked": compiled(lambda: chain(work, act)),
}
STOPPING = frozenset(name for name in KINDS if name.startswith("breakpoint"))


def given_to(kind: str) -> Any:
    if kind == "a tool":
        return {"messages": [("user", "go")]}
    return "go" if kind == "the functional API" else {"log": ["start"]}
