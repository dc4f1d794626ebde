"""Stored values as plain JSON, and nothing that a file names is run or imported."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import ipaddress
import json
import pathlib
import sys
import uuid
from typing import Any

import numpy
import ormsgpack
import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.types import Interrupt, Send
from pydantic import BaseModel, SecretStr

from agents.checkpoints.decoding import Ask, Undecodable, asks, plain
from agents.domain import canonical, fingerprint

SERDE = JsonPlusSerializer()


class Colour(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Point:
    x: int
    inner: Any = None


class Model(BaseModel):
    name: str
    secret: SecretStr


def stored(value: Any) -> Any:
    return plain(*SERDE.dumps_typed(value))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ({"a": [1, 2.5, True, None, "x"]}, {"a": [1, 2.5, True, None, "x"]}),
        (datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC), "2026-01-02T00:00:00+00:00"),
        (datetime.date(2026, 1, 2), "2026-01-02"),
        (datetime.time(3, 4), "03:04:00"),
        (datetime.timedelta(days=1, seconds=2), "1 day, 0:00:02"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (decimal.Decimal("1.20"), "1.20"),
        (pathlib.Path("/a/b"), "/a/b"),
        (pathlib.Path("a/b"), "a/b"),
        (Colour.RED, "red"),
        (Point(1, Point(2)), {"x": 1, "inner": {"x": 2, "inner": None}}),
        (Model(name="n", secret=SecretStr("hush")), {"name": "n", "secret": "**********"}),
        ({3, 1, 2}, [1, 2, 3]),
        (collections.deque([1]), [1]),
        (ipaddress.ip_address("::1"), "::1"),
        (numpy.arange(4.0).reshape(2, 2), [[0.0, 1.0], [2.0, 3.0]]),
        (numpy.asfortranarray([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        (HumanMessage("hi"), {"content": "hi", "type": "human"}),
        (Send("node", {"a": 1}), {"node": "node", "arg": {"a": 1}}),
        (float("nan"), "NaN"),
        (-float("inf"), "-Infinity"),
        ({1: "a", None: "b", (1, 2): "c"}, {"1": "a", "null": "b", "[1, 2]": "c"}),
        ({"1": "text", 1: "number"}, {"1": "text", "1 (int)": "number"}),
        (b"text\n", "text\n"),
        ({"b": b"\xff\x00"}, {"b": "base64:/wA="}),
        (ValueError("boo"), "ValueError('boo')"),
    ],
)
def test_plain(value: Any, expected: Any) -> None:
    found = stored(value)
    assert found == expected
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_an_answer_with_tool_calls_keeps_them() -> None:
    call = {"name": "f", "args": {"a": 1}, "id": "1", "type": "tool_call"}
    found = stored([AIMessage("yo", tool_calls=[call])])
    assert found == [{"content": "yo", "type": "ai", "tool_calls": [call]}]


def test_a_set_has_one_fingerprint_whatever_its_order() -> None:
    words = [f"word {number}" for number in range(50)]
    one = ormsgpack.packb(ormsgpack.Ext(0, ormsgpack.packb(("builtins", "set", words))))
    other = ormsgpack.packb(ormsgpack.Ext(0, ormsgpack.packb(("builtins", "set", words[::-1]))))
    assert fingerprint(plain("msgpack", one)) == fingerprint(plain("msgpack", other))


@pytest.mark.parametrize("code", range(8))
def test_a_record_that_names_a_command_is_only_text(code: int, tmp_path: pathlib.Path) -> None:
    flag = tmp_path / "flag"
    record = ("os", "system", f"touch {flag}", "system")
    blob = ormsgpack.packb(ormsgpack.Ext(code, ormsgpack.packb(record)))
    assert isinstance(canonical(plain("msgpack", blob)), bytes)
    assert asks("msgpack", blob)
    constructor = {"lc": 2, "type": "constructor", "id": ["os", "system"], "args": [f"touch {flag}"]}
    assert plain("json", json.dumps(constructor).encode()) == f"touch {flag}"
    assert not flag.exists()


def test_no_module_that_a_file_names_is_imported() -> None:
    assert "this" not in sys.modules
    for code in range(8):
        plain("msgpack", ormsgpack.packb(ormsgpack.Ext(code, ormsgpack.packb(("this", "s", {}, "x")))))
    assert "this" not in sys.modules


@pytest.mark.parametrize("record", [b"", b"\xc1", ormsgpack.packb(7), ormsgpack.packb([]), ormsgpack.packb([1, 2, 3])])
def test_a_damaged_record_inside_a_value_is_a_sentence_or_its_data(record: bytes) -> None:
    for code in (*range(8), 99):
        found = plain("msgpack", ormsgpack.packb({"good": 1, "odd": ormsgpack.Ext(code, record)}))
        assert found["good"] == 1


@pytest.mark.parametrize(
    ("kind", "blob", "says"),
    [
        ("msgpack", b"\xc1", "damaged"),
        ("msgpack", b"", "damaged"),
        ("msgpack", b"\x91" * 3000 + b"\xc0", "damaged or nested too deeply"),
        ("json", b"{", "damaged"),
        ("json", b"[" * 100_000, "nested too deeply"),
        ("pickle", b"x", "pickle"),
        ("msgpack+aes", b"x", "encrypted"),
        (None, b"x", "unknown type"),
    ],
)
def test_what_cannot_be_decoded_says_why(kind: str | None, blob: bytes, says: str) -> None:
    with pytest.raises(Undecodable, match=says):
        plain(kind, blob)


def _deep(levels: int, inside: Any) -> Any:
    for _ in range(levels):
        inside = [inside]
    return inside


def test_deep_nesting_is_cut_but_still_told_apart() -> None:
    one, other = (plain("json", json.dumps(_deep(400, word)).encode()) for word in ("one", "other"))
    assert "nested deeper than 200 levels" in json.dumps(one)
    assert fingerprint(one) != fingerprint(other)


def test_records_nested_in_records_do_not_exhaust_the_stack() -> None:
    blob = b"\xc0"
    for _ in range(5000):
        blob = ormsgpack.packb(ormsgpack.Ext(7, blob))
    assert "nested deeper" in plain("msgpack", blob)


def test_five_megabytes() -> None:
    value = {"rows": [{"number": number, "text": "x" * 60} for number in range(60_000)]}
    kind, blob = SERDE.dumps_typed(value)
    assert len(blob) > 4_500_000
    assert plain(kind, blob) == value


def test_interrupts_with_id_and_schema() -> None:
    schema = {"type": "string"}
    found = asks(
        *SERDE.dumps_typed([Interrupt("one", id="a" * 32), Interrupt({"q": 2}, id="b" * 32, response_schema=schema)])
    )
    assert found == (Ask("a" * 32, "one"), Ask("b" * 32, {"q": 2}, schema))


def test_an_old_interrupt_gets_the_id_that_langgraph_would_give_it() -> None:
    fields = {"value": "old", "resumable": True, "ns": ["node:1234", "inner:5678"], "when": "during"}
    expected = Interrupt("old", ns=fields["ns"]).id  # type: ignore[call-arg]
    blob = ormsgpack.packb([ormsgpack.Ext(2, ormsgpack.packb(("langgraph.types", "Interrupt", fields)))])
    assert asks("msgpack", blob) == (Ask(expected, "old"),)
    constructor = {"lc": 2, "type": "constructor", "id": ["langgraph", "types", "Interrupt"], "kwargs": fields}
    assert asks("json", json.dumps([constructor]).encode()) == (Ask(expected, "old"),)


def test_an_interrupt_without_any_id() -> None:
    blob = ormsgpack.packb([ormsgpack.Ext(2, ormsgpack.packb(("langgraph.types", "Interrupt", {"value": "v"})))])
    assert asks("msgpack", blob) == (Ask("", "v"),)
