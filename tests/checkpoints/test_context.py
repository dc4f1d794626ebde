"""What led to a pause, read from real threads without their graphs."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.types import Send, interrupt

from agents.checkpoints.context import LedHere, Passage, led_here, whole, whole_message
from tests.checkpoints.threads import Threads, functional

CALL = {"name": "send_email", "args": {"to": "ann@example.org", "subject": "Hello there", "n": 3}, "id": "1"}


class State(MessagesState, total=False):
    draft: str
    rows: list[Any]
    notes: list[str]


def plan(state: State) -> dict[str, Any]:
    blocks = [{"type": "text", "text": "I call it."}, {"type": "image_url", "image_url": {"url": "x"}}]
    return {"messages": [AIMessage(blocks, tool_calls=[CALL])], "draft": "one", "notes": ["a"]}  # type: ignore[arg-type]


def tools(state: State) -> dict[str, Any]:
    failed = ToolMessage("no such address", tool_call_id="1", status="error")
    return {"messages": [failed], "draft": "two", "notes": ["a", "b"]}


def each(state: dict[str, Any]) -> dict[str, Any]:
    return {"draft": "three"} if state["n"] == 0 else {}


def ask(state: State) -> dict[str, Any]:
    return {"draft": interrupt({"question": "go?"})}


def rich(saver: SqliteSaver) -> Any:
    below = StateGraph(State).add_node("look", lambda state: {"draft": "in"}).add_node("ask", ask)
    below.add_edge(START, "look").add_edge("look", "ask")
    graph = StateGraph(State).add_node(plan).add_node(tools).add_node("each", each).add_node(ask)  # type: ignore[call-overload]
    graph.add_node("below", below.compile())
    graph.add_conditional_edges("tools", lambda _: [Send("each", {"n": n}) for n in range(2)], ["each"])
    graph.add_edge(START, "plan").add_edge("plan", "tools").add_edge("each", "ask").add_edge("ask", "below")
    return graph.add_edge("below", END).compile(checkpointer=saver)


def read(path: Path, thread_id: str = "t", **options: Any) -> LedHere:
    with closing(sqlite3.connect(path)) as connection:
        return led_here(connection, thread_id, **options)


def changed(passage: Passage) -> dict[str, tuple[str | None, str | None]]:
    return {
        change.name: (change.before and change.before.text, change.after and change.after.text)
        for change in passage.changes
    }


def test_a_conversation_with_its_calls_and_their_results(threads: Callable[..., Threads], path: Path) -> None:
    threads(rich).run({"messages": [HumanMessage("hi", name="Ann")]})
    (told,) = read(path).transcripts
    person, agent, tool = told.messages
    assert (person.role, person.name, person.text.text) == ("person", "Ann", "hi")
    assert (agent.role, agent.text.text) == ("agent", "I call it.\n(image url)")
    (call,) = agent.calls
    assert call.name == "send_email"
    assert [(name, value.text) for name, value in call.arguments] == [
        ("to", "ann@example.org"),
        ("subject", "Hello there"),
        ("n", "3"),
    ]
    assert (tool.role, tool.name, tool.status, tool.text.text) == ("tool", "send_email", "error", "no such address")


def test_each_step_tells_what_ran_and_only_what_changed(threads: Callable[..., Threads], path: Path) -> None:
    made = threads(rich)
    made.run({"messages": [HumanMessage("hi")]})
    made.answer("yes")
    led = read(path)
    steps = [(step.place, step.source, step.nodes, changed(step)) for step in led.passages]
    assert steps == [
        ("", "input", (), {"messages": (None, None)}),
        ("", "loop", ("plan",), {"draft": (None, "one"), "messages": (None, None), "notes": (None, '["a"]')}),
        ("", "loop", ("tools",), {"draft": ("one", "two"), "messages": (None, None), "notes": (None, '["b"]')}),
        ("", "loop", ("each",), {"draft": ("two", "three")}),
        ("", "loop", ("ask",), {"draft": ("three", "yes")}),
        ("below", "input", (), {"draft": (None, "yes"), "messages": (None, None), "notes": (None, '["a", "b"]')}),
        ("below", "loop", ("look",), {"draft": ("yes", "in")}),
    ]
    added = {change.name: change.added for change in led.passages[2].changes}
    assert added == {"draft": 0, "messages": 1, "notes": 1}
    assert [answer.text for answer in led.passages[4].answers] == ["yes"]
    assert not led.earlier
    assert read(path, steps=2).earlier
    assert [step.nodes for step in read(path, steps=2).passages if not step.place] == [("each",), ("ask",)]


def test_a_task_of_the_functional_api_has_no_steps_to_tell_of(threads: Callable[..., Threads], path: Path) -> None:
    threads(functional).run("start")
    assert read(path) == LedHere()
    assert read(path, "nobody") == LedHere()


@pytest.mark.slow
def test_five_megabytes_cost_little_and_are_there_on_request(threads: Callable[..., Threads], path: Path) -> None:
    rows = [{"number": number, "text": "x" * 60} for number in range(60_000)]

    def fill(state: State) -> dict[str, Any]:
        return {"rows": rows, "messages": [HumanMessage("y" * 5_000_000)]}

    def touch(state: State) -> dict[str, Any]:
        return {"draft": "d"}

    def build(saver: SqliteSaver) -> Any:
        graph = StateGraph(State).add_node(fill).add_node(touch).add_node(ask)
        graph.add_edge(START, "fill").add_edge("fill", "touch").add_edge("touch", "ask")
        return graph.compile(checkpointer=saver)

    threads(build).run({"messages": []})
    began = time.monotonic()
    led = read(path)
    assert time.monotonic() - began < 2
    filled, touched = led.passages[-2:]
    (change,) = (each for each in filled.changes if each.name == "rows")
    assert change.after is not None
    assert (change.after.cut, change.after.size, len(change.after.text) < 2000) == (True, 60_000, True)
    assert changed(touched) == {"draft": (None, "d")}
    (told,) = led.transcripts
    assert (told.messages[-1].text.cut, told.messages[-1].text.size) == (True, 5_000_000)
    with closing(sqlite3.connect(path)) as connection:
        assert whole_message(connection, "t", "", told.checkpoint_id, "messages", 0) == "y" * 5_000_000
        assert len(whole(connection, "t", "", filled.checkpoint_id, "rows")) > 5_000_000
        assert whole(connection, "t", "", filled.checkpoint_id, "gone") == ""
    poor = read(path, most=1000)
    assert [step.unread for step in poor.passages][-2:] == [True, True]
    assert [transcript.messages[-1].text.size for transcript in poor.transcripts] == [5_000_000]


def test_a_fork_is_told_without_the_branch_that_it_left(threads: Callable[..., Threads], path: Path) -> None:
    made = threads(rich)
    made.run({"messages": [HumanMessage("hi")]})
    config = {"configurable": {"thread_id": "t"}}
    second = list(made.graph.get_state_history(config))[2].config
    made.graph.update_state(second, {"draft": "forked"}, as_node="plan")
    led = read(path)
    assert led.passages[-1].source == "update"
    assert changed(led.passages[-1])["draft"][1] == "forked"
    assert "three" not in str(led.passages)


def test_messages_as_plain_dicts_and_in_the_form_of_openai(threads: Callable[..., Threads], path: Path) -> None:
    function = {"name": "look_up", "arguments": '{"id": 7}'}
    said = [
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "c", "type": "function", "function": function}]},
        {"role": "tool", "tool_call_id": "c", "content": "found"},
    ]

    def talk(state: State) -> dict[str, Any]:
        return {"rows": said}

    def build(saver: SqliteSaver) -> Any:
        graph = StateGraph(State).add_node(talk).add_node(ask).add_edge(START, "talk").add_edge("talk", "ask")
        return graph.compile(checkpointer=saver)

    threads(build).run({"messages": []})
    (told,) = read(path).transcripts
    assert [(each.role, each.name, each.text.text) for each in told.messages] == [
        ("person", None, "hello"),
        ("agent", None, ""),
        ("tool", "look_up", "found"),
    ]
    assert [(call.name, call.arguments[0][1].text) for call in told.messages[1].calls] == [("look_up", "7")]
