"""A checkpointer file made to do harm: every column and every value that a stranger may fill in.

`build` writes real paused threads and then puts bad things into their rows, so
that each is one that the listing takes for paused.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import ormsgpack
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.types import interrupt

from agents.checkpoints.decoding import asks

MARKUP = (
    "<script>alert(1)</script><img src=x onerror=alert(2)><iframe src='http://evil.example/f'></iframe>"
    " ![i](http://evil.example/i.png) [l](javascript:alert(3)) <b>bold</b> **strong** # head :red[x] $x^2$"
    " <style>body{display:none}</style><a href='http://evil.example/'>a</a> </div></details> ann@evil.example"
)
ODD = "nul\x00 bell\x07 esc\x1b[2J rtl\u202egnp.exe\u202c zero\u200bwidth\ufeff line\u2028sep tag\U000e0041 zalgo\u0301\u0301"
FORMULA = "=cmd|' /C calc'!A0"
FORMULAS = (FORMULA, "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1")
THREADS = {
    "slashes": "../../etc/passwd/x",
    "quotes": 'it\'s "quoted" `x`; DROP TABLE writes;--',
    "newlines": "first\nsecond\r\nthird\ttab",
    "markup": MARKUP,
    "odd": ODD,
    "query": "a&pause=b#c?d=%00%2e+e",
    "long": "L" * 10_000,
    "formula": FORMULA,
    "blank": " ",
    "dots": "..",
}


class State(MessagesState, total=False):
    ask: Any
    extra: Any
    answer: Any


def tell(state: State) -> dict[str, Any]:
    call = {"name": MARKUP, "args": {MARKUP: MARKUP, "big": "y" * 5000}, "id": MARKUP}
    said = [AIMessage(MARKUP, tool_calls=[call]), ToolMessage(ODD, tool_call_id=MARKUP, status="error")]
    return {"messages": said, "extra": {MARKUP: [MARKUP, ODD, FORMULA]}}


def ask(state: State) -> dict[str, Any]:
    return {"answer": interrupt(state["ask"])}


def payloads() -> dict[str, Any]:
    """By the name of its thread: what it asks."""
    return {**small(), **large()}


def small() -> dict[str, Any]:
    actions = [{"name": MARKUP, "args": {MARKUP: MARKUP, "n": 1}, "description": MARKUP}]
    configs = [{"action_name": MARKUP, "allowed_decisions": ["approve", "edit", "reject", "respond"]}]
    flags = {"allow_ignore": True, "allow_respond": True, "allow_edit": True, "allow_accept": True}
    return {
        "markup-text": MARKUP,
        "markup-options": {"question": MARKUP, "options": [MARKUP, ODD, "yes"]},
        "markup-tool": {"action_requests": actions, "review_configs": configs},
        "markup-call": {
            "type": "tool_approval",
            "tool_call_id": MARKUP,
            "name": MARKUP,
            "args": {MARKUP: MARKUP},
            "description": MARKUP,
        },
        "markup-inbox": {
            "action_request": {"action": MARKUP, "args": {MARKUP: MARKUP}},
            "config": flags,
            "description": MARKUP,
        },
        "markup-mail": {"message": MARKUP, "to": MARKUP, "subject": MARKUP, "body": MARKUP, "instructions": MARKUP},
        "markup-plan": {"question": MARKUP, "plan": [MARKUP, ODD], "options": ["approve", "reject", "modify"]},
        "markup-questions": {"type": "clarification_needed", "original_task": MARKUP, "questions": [MARKUP, ODD]},
        "markup-sample": {
            "type": "quality_check",
            "message": MARKUP,
            "sample_input": MARKUP,
            "sample_output": MARKUP,
            "question": MARKUP,
        },
        "odd-text": {ODD: ODD, "question": ODD},
        "formula-cells": {"question": FORMULA, "cells": list(FORMULAS)},
        "numbers": {"huge": 10**18, "tiny": 5e-324, "nan": float("nan"), "inf": float("inf"), "no": -0.0},
    }


def large() -> dict[str, Any]:
    return {
        "five-megabytes": {"question": "Is this all right?", "rows": ["x" * 1000] * 5000},
        "five-megabytes-text": "z" * 5_000_000,
        "many-keys": {f"key {number}": number for number in range(100_000)},
        "many-options": {"question": "Which?", "options": [f"option {number}" for number in range(20_000)]},
        "wide-call": {
            "action_requests": [{"name": "f", "args": {f"a{n}": "v" for n in range(3000)}}],
            "review_configs": [{"action_name": "f", "allowed_decisions": ["approve", "edit"]}],
        },
        "many-calls": {
            "action_requests": [{"name": f"f{n}", "args": {"a": n}} for n in range(100)],
            "review_configs": [{"action_name": f"f{n}", "allowed_decisions": ["approve"]} for n in range(100)],
        },
    }


def schemas() -> dict[str, Any]:
    """JSON Schemas that a stranger may send along with a question."""
    field = {"type": "string", "title": MARKUP, "description": MARKUP, "enum": [MARKUP, ODD], "default": MARKUP}
    deep: Any = {"type": "string"}
    for _ in range(60):
        deep = {"type": "object", "properties": {"x": deep}, "required": ["x"]}
    return {
        "schema-markup": {"type": "object", "title": MARKUP, "properties": {MARKUP: field}, "required": [MARKUP]},
        "schema-loop": {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
        "schema-abroad": {"$ref": "http://evil.example/schema.json"},
        "schema-slow": {"type": "object", "properties": {"x": {"type": "string", "pattern": "^(a+)+$"}}},
        "schema-deep": deep,
        "schema-wide": {"type": "object", "properties": {f"p{n}": {"type": "string"} for n in range(2000)}},
        "schema-odd": {"type": ["nothing", 7], "properties": "none", "enum": {}, "required": 3},
    }


def records(flag: Path) -> dict[str, Any]:
    """Questions whose extension records would touch the flag, if anything in them ran."""
    command = f"touch {flag}"
    pickled = b"cos\nsystem\n(V" + command.encode() + b"\ntR."
    made = {f"runs-{code}": ("os", "system", command, "system") for code in range(8)}
    made |= {f"runs-args-{code}": ("os", "system", [command]) for code in (1, 2)}
    made |= {f"runs-kwargs-{code}": ("subprocess", "run", {"args": command, "shell": True}, "x") for code in (2, 4, 5)}
    made |= {
        "runs-pickle": ("pickle", "loads", pickled),
        "runs-eval": ("builtins", "eval", f"open({str(flag)!r}, 'w')"),
    }
    ext = {name: ormsgpack.Ext(_code(name), ormsgpack.packb(record)) for name, record in made.items()}
    return {name: {"question": "Run me?", "value": each} for name, each in ext.items()}


def _code(name: str) -> int:
    last = name.rpartition("-")[2]
    return int(last) if last.isdigit() else 0


def interrupt_row(value: Any, schema: Any = None, interrupt_id: str = "0123456789abcdef" * 2) -> bytes:
    fields = {"value": value, "id": interrupt_id}
    if schema is not None:
        fields["response_schema"] = schema
    return ormsgpack.packb([ormsgpack.Ext(2, ormsgpack.packb(("langgraph.types", "Interrupt", fields)))])


def _nested(levels: int) -> bytes:
    blob = b"\xc0"
    for _ in range(levels):
        blob = ormsgpack.packb(ormsgpack.Ext(7, blob))
    return blob


def blobs() -> dict[str, tuple[str | None, Any]]:
    """(type, value) of interrupt rows that are no msgpack, or hardly."""
    lc = {"lc": 2, "type": "constructor", "id": ["os", "system"], "args": ["touch /tmp/never"]}
    return {
        "deep-lists": ("msgpack", b"\x91" * 10_000 + b"\xc0"),
        "deep-records": ("msgpack", _nested(10_000)),
        "deep-json": ("json", b"[" * 10_000 + b"]" * 10_000),
        "json-constructor": ("json", json.dumps([{"value": lc, "id": "a" * 32}]).encode()),
        "json-surrogate": ("json", b'[{"value": {"\\ud800": "\\udfff half"}, "id": "' + b"b" * 32 + b'"}]'),
        "json-huge": ("json", b'[{"value": {"n": ' + b"9" * 5000 + b', "f": 1e999}, "id": "' + b"c" * 32 + b'"}]'),
        "not-utf8": ("msgpack", b"\x91\xa4\xff\xfe\xfd\xfc"),
        "cut-off": ("msgpack", interrupt_row({"q": "?"})[:-5]),
        "empty": ("msgpack", b""),
        "null-type": (None, b"x"),
        "null-value": ("msgpack", None),
        "text-value": ("msgpack", "text where bytes should be"),
        "number-value": ("msgpack", 10**12),
        "float-value": ("json", 1.5),
        "pickle-type": ("pickle", b"cos\nsystem\n(Vtouch /tmp/never\ntR."),
        "markup-type": (MARKUP, b"x"),
        "bytes-type": (b"\xff\xfe", b"x"),
    }


METADATA: Mapping[str, Any] = {
    "metadata-markup": json.dumps({"title": MARKUP, "graph_id": MARKUP, "step": MARKUP, "source": MARKUP}).encode(),
    "metadata-odd": json.dumps({"title": ODD, "graph_id": ODD}).encode(),
    "metadata-formula": json.dumps({"title": FORMULA, "graph_id": FORMULA}).encode(),
    "metadata-no-json": b"\xff\xfenot json",
    "metadata-null": None,
    "metadata-number": 10**12,
    "metadata-list": b"[1, 2]",
    "metadata-deep": b"[" * 10_000,
    "metadata-wrong": json.dumps(
        {"title": ["a"], "graph_id": {"b": 1}, "step": "x", "source": 7, "writes": [1]}
    ).encode(),
    "metadata-long": json.dumps({"title": "T" * 1_000_000, "graph_id": "G" * 100_000}).encode(),
}
STATES: Mapping[str, tuple[Any, Any]] = {
    "state-damaged": ("msgpack", b"\xc1\xc1"),
    "state-null": (None, None),
    "state-number": ("msgpack", 10**12),
    "state-text": ("msgpack", "text"),
    "state-list": ("msgpack", ormsgpack.packb([1, 2])),
    "state-deep": ("msgpack", b"\x91" * 10_000 + b"\xc0"),
    "state-wrong": (
        "msgpack",
        ormsgpack.packb(
            {"channel_values": 7, "channel_versions": "x", "versions_seen": [1], "updated_channels": {"a": 1}}
        ),
    ),
    "state-odd": (
        "msgpack",
        ormsgpack.packb(
            {
                "channel_values": {
                    MARKUP: MARKUP,
                    "": None,
                    "messages": [{"role": MARKUP, "content": [{"type": MARKUP}]}],
                },
                "channel_versions": {MARKUP: 1, "branch:to:" + MARKUP: 2},
                "versions_seen": {MARKUP: {MARKUP: 1}, "x": 5},
                "__pregel_tasks": [1],
            },
            option=ormsgpack.OPT_NON_STR_KEYS,
        ),
    ),
}


TABLES = """
CREATE TABLE checkpoints (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint, metadata,
                          PRIMARY KEY (thread_id, checkpoint_ns, checkpoint_id));
CREATE TABLE writes (thread_id, checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type, value,
                     PRIMARY KEY (thread_id, checkpoint_ns, checkpoint_id, task_id, idx));
"""
"""LangGraph's, without a type or a constraint that would keep anything out."""


def build(path: Path, flag: Path, *, with_large: bool = True) -> list[str]:
    """Write the file; the thread_id of every thread in it. flag: what appears when something of it was run."""
    asked = {name: {"ask": payload} for name, payload in (payloads() if with_large else small()).items()}
    plain = [
        *THREADS.values(),
        *schemas(),
        *records(flag),
        *blobs(),
        *METADATA,
        *STATES,
        "id-absurd",
        "id-late",
        "orphan",
    ]
    asked |= {name: {"ask": {"question": "Go on?", "options": ["yes", "no"]}} for name in plain}
    with closing(sqlite3.connect(path, check_same_thread=False)) as connection:
        connection.executescript(TABLES)
        graph = StateGraph(State).add_node(tell).add_node(ask)
        compiled = graph.add_edge(START, "tell").add_edge("tell", "ask").compile(checkpointer=SqliteSaver(connection))
        for name, given in asked.items():
            config = {"configurable": {"thread_id": name}}
            compiled.invoke({"messages": [HumanMessage(MARKUP)], **given}, config, durability="sync")
        _spoil(connection, flag)
        connection.commit()
    return list(asked)


def _id(connection: sqlite3.Connection, thread_id: str) -> str:
    """The id that LangGraph gave the thread's question: with another one it is not taken for an answerable one."""
    query = "SELECT type, value FROM writes WHERE thread_id = ? AND idx = -3"
    return asks(*connection.execute(query, (thread_id,)).fetchone())[0].id


def _spoil(connection: sqlite3.Connection, flag: Path) -> None:
    question = "UPDATE writes SET type = ?, value = ? WHERE thread_id = ? AND idx = -3"
    for name, value in records(flag).items():
        connection.execute(question, ("msgpack", interrupt_row(value, None, _id(connection, name)), name))
    for name, schema in schemas().items():
        row = interrupt_row({"question": "Which?"}, schema, _id(connection, name))
        connection.execute(question, ("msgpack", row, name))
    for name, (kind, value) in blobs().items():
        connection.execute(question, (kind, value, name))
    head = "checkpoint_id = (SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = ?1)"
    for name, metadata in METADATA.items():
        connection.execute(f"UPDATE checkpoints SET metadata = ?2 WHERE thread_id = ?1 AND {head}", (name, metadata))
    for name, (kind, value) in STATES.items():
        spoilt = f"UPDATE checkpoints SET type = ?2, checkpoint = ?3 WHERE thread_id = ?1 AND {head}"
        connection.execute(spoilt, (name, kind, value))
    for name, new in (("id-absurd", MARKUP), ("id-late", "ffffffff-ffff-6fff-bfff-ffffffffffff")):
        (old,) = connection.execute(
            "SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = ?", (name,)
        ).fetchone()
        for table in ("checkpoints", "writes"):
            changed = f"UPDATE {table} SET checkpoint_id = ? WHERE thread_id = ? AND checkpoint_id = ?"
            connection.execute(changed, (new, name, old))
    connection.execute("UPDATE checkpoints SET parent_checkpoint_id = checkpoint_id WHERE thread_id = 'orphan'")
    connection.execute("UPDATE writes SET channel = NULL, task_path = NULL WHERE thread_id = 'orphan' AND idx >= 0")
