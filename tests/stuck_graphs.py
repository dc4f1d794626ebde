"""Graphs whose runs get stuck in every way; each node leaves a line in the state's log file. Also a process to be killed."""

from __future__ import annotations

import operator
import random
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, TypedDict

from langchain_core.messages import AIMessage
from langchain_core.tools import tool
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.func import entrypoint
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode
from langgraph.types import Send, interrupt


class State(TypedDict, total=False):
    log: str
    said: Annotated[list[Any], operator.add]


def note(state: State, line: str) -> None:
    with Path(state["log"]).open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def chain(*nodes: Callable[[State], State], **stops: Any) -> Any:
    graph = StateGraph(State)
    before = START
    for node in nodes:
        graph.add_node(node.__name__, node)
        graph.add_edge(before, node.__name__)
        before = node.__name__
    return graph.compile(**stops)


def prepare(state: State) -> State:
    note(state, "prepare")
    return {"said": ["prepared"]}


def ask(state: State) -> State:
    answer = interrupt("What now?")
    if answer == "bad":
        raise ValueError("that is no answer")
    if answer == "later" and not Path(state["log"] + ".mended").exists():
        raise ConnectionError("the service does not answer")
    return {"said": [answer]}


def act(state: State) -> State:
    note(state, "act")
    return {"said": ["acted"]}


def act_once_mended(state: State) -> State:
    if not Path(state["log"] + ".mended").exists():
        raise RuntimeError("the printer is on fire")
    return act(state)


def hang(state: State) -> State:
    """Its first run never ends."""
    begun = Path(state["log"] + ".begun")
    if not begun.exists():
        begun.touch()
        time.sleep(60)
    return {"said": ["hung on"]}


def thrice(state: State) -> State:
    return {"said": [interrupt("first?"), interrupt("second?"), interrupt("third?")]}


def asking() -> Any:
    return chain(prepare, ask, act)


def asking_below() -> Any:
    inner = StateGraph(State).add_node("ask", ask).add_edge(START, "ask").compile()
    graph = StateGraph(State).add_node("prepare", prepare).add_node("below", inner).add_node("act", act)
    return graph.add_edge(START, "prepare").add_edge("prepare", "below").add_edge("below", "act").compile()


def asking_beside() -> Any:
    graph = StateGraph(State).add_node("ask", ask).add_node("prepare", prepare).add_node("act", act)
    return graph.add_edge(START, "ask").add_edge(START, "prepare").add_edge(["ask", "prepare"], "act").compile()


def asking_each() -> Any:
    graph = StateGraph(State).add_node("prepare", prepare).add_node("ask", ask).add_node("act", act)
    graph.add_conditional_edges("prepare", lambda state: [Send("ask", state)], ["ask"])
    return graph.add_edge(START, "prepare").add_edge("ask", "act").compile()


@entrypoint()
def asking_in_a_function(state: State) -> Any:
    answer = ask(state)["said"][0]
    note(state, "act")
    return answer


def failing() -> Any:
    return chain(prepare, act_once_mended)


def hanging() -> Any:
    return chain(prepare, hang, act)


def side_by_side() -> Any:
    """`prepare` ends while `hang` goes on: what it did is in the file, its step is not."""
    graph = StateGraph(State).add_node("hang", hang).add_node("prepare", prepare).add_node("act", act)  # type: ignore[call-overload]
    graph.add_edge(START, "hang").add_edge(START, "prepare").add_edge(["hang", "prepare"], "act")
    return graph.compile()


def several() -> Any:
    return chain(prepare, thrice, act)


def asking_on() -> Any:
    return chain(prepare, ask, thrice)


def keeping_nothing() -> Any:
    below = StateGraph(State).add_node("ask", ask).add_edge(START, "ask").compile(checkpointer=False)
    graph = StateGraph(State).add_node("prepare", prepare).add_node("below", below).add_node("act", act)
    return graph.add_edge(START, "prepare").add_edge("prepare", "below").add_edge("below", "act").compile()


def between(state: State) -> State:
    note(state, "between")
    return {}


def stopping() -> Any:
    """Stops after `prepare` and before `act`."""
    return chain(prepare, between, act, interrupt_before=["act"], interrupt_after=["prepare"])


def stopping_below() -> Any:
    inner = StateGraph(State).add_node("prepare", prepare).add_node("act", act)
    inner.add_edge(START, "prepare").add_edge("prepare", "act")
    below = inner.compile(interrupt_before=["act"])
    return StateGraph(State).add_node("below", below).add_edge(START, "below").compile()


@tool
def pay(amount: int) -> str:
    """Pay."""
    time.sleep(random.random() / 100)
    return f"paid {amount}: {interrupt({'question': 'pay?', 'amount': amount})}"


@tool
def post(amount: int) -> str:
    """Post."""
    time.sleep(random.random() / 100)
    return f"posted {amount}: {interrupt({'question': 'post?', 'amount': amount})}"


def call_two(state: MessagesState) -> dict[str, Any]:
    calls = [{"name": name, "args": {"amount": 7}, "id": name} for name in ("pay", "post")]
    return {"messages": [AIMessage("", tool_calls=calls)]}


def two_tools() -> Any:
    graph = StateGraph(MessagesState).add_node("model", call_two).add_node("tools", ToolNode([pay, post]))
    return graph.add_edge(START, "model").add_edge("model", "tools").compile()


GRAPHS = (
    "asking",
    "asking_below",
    "asking_beside",
    "asking_each",
    "asking_in_a_function",
    "failing",
    "hanging",
    "side_by_side",
    "several",
    "asking_on",
    "keeping_nothing",
    "stopping",
    "stopping_below",
    "two_tools",
)


def outside(path: Path, graph_id: str, given: Any, thread_id: str = "t", durability: Any = "sync") -> None:
    """Run a thread where Signoff does not see it, as the program that it belongs to would."""
    with closing(sqlite3.connect(path, check_same_thread=False)) as connection:
        graph = globals()[graph_id]()
        graph.checkpointer = SqliteSaver(connection)
        config = {"configurable": {"thread_id": thread_id}, "metadata": {"graph_id": graph_id}}
        graph.invoke(given, config, durability=durability)


def run_all(path: Path, log: str, graph_ids: Sequence[str]) -> None:
    """A thread of each graph, named like it and with a log of its own, side by side."""
    for name in graph_ids[1:]:
        threading.Thread(target=outside, args=(path, name, {"log": f"{log}.{name}"}, name), daemon=True).start()
    outside(path, graph_ids[0], {"log": f"{log}.{graph_ids[0]}"}, graph_ids[0])


if __name__ == "__main__":
    run_all(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
