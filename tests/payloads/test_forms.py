"""Forms: random schemas and values go through the fields unchanged, and hostile schemas do no harm."""

from __future__ import annotations

import json
import random
import time
from datetime import date, datetime
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from agents.domain import UNSET
from agents.errors import InvalidDecision
from agents.payloads.forms import FieldKind, changes, draft_of, form_of, overlaid, read_all, read_form
from agents.payloads.jsonschemas import is_checkable, problem


def made(chance: random.Random, depth: int = 0) -> tuple[dict[str, Any], Any]:
    """A schema, and a value that fits it."""
    if depth < 3 and chance.random() < 0.3:
        return nested(chance, chance.choice(["list", "object", "object", "either"]), depth)
    offered = ["a", "b", 1, 1.5, None, True, {"k": [1]}]
    moment = "2026-01-31T14:30:05" + chance.choice(["", "Z", "+02:00", "-11:30", ".25Z"])
    simple: list[tuple[dict[str, Any], Any]] = [
        ({"type": "string", "minLength": 1, "pattern": "^[a-zü ]+$"}, chance.choice(["a", "ü b", "zz zz"])),
        ({"type": "string", "maxLength": 5000}, "line\nline " * chance.randint(1, 40)),
        ({"type": "integer", "minimum": -5}, chance.choice([-5, 0, 1, 2**60])),
        ({"type": "number"}, chance.choice([0, 1, 1.0, -2.5, 1e300, 0.1])),
        ({"type": "boolean"}, chance.random() < 0.5),
        ({"enum": offered}, chance.choice(offered)),
        ({"const": "fixed"}, "fixed"),
        ({"type": "string", "format": "date"}, date(chance.randint(1, 9999), 2, 28).isoformat()),
        ({"type": "string", "format": "date-time"}, moment),
        ({"type": "string", "format": "time"}, chance.choice(["14:30:00", "00:00:01.25Z"])),
        ({}, chance.choice([None, 1, "x", [1, [2]], {"a": None}, 2.0, False])),
    ]
    return chance.choice(simple)


def nested(chance: random.Random, kind: str, depth: int) -> tuple[dict[str, Any], Any]:
    if kind == "list":
        schema, value = made(chance, depth + 1)
        return {"type": "array", "items": schema}, [value] * chance.randint(0, 3)
    if kind == "either":
        schema, value = made(chance, depth + 1)
        which = [
            {**schema, "title": "One"},
            {"type": "object", "properties": {"only": {"const": 7}}, "required": ["only"]},
        ]
        return {"anyOf": which}, value
    fields = {f"field_{n}": made(chance, depth + 1) for n in range(chance.randint(1, 4))}
    required = [name for name in fields if chance.random() < 0.6]
    given = {name: value for name, (_, value) in fields.items() if name in required or chance.random() < 0.5}
    return {
        "type": "object",
        "properties": {name: each for name, (each, _) in fields.items()},
        "required": required,
    }, given


@pytest.mark.parametrize("seed", range(10))
def test_what_a_form_is_filled_with_is_what_it_says(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(12):
        schema, value = made(chance)
        empty = form_of(schema)
        if not has_loose_alternatives(schema):
            typed = json.loads(json.dumps(draft_of(empty, value)))
            assert repr(read_form(empty, typed)) == repr(value), (schema, value)
        filled = form_of(schema, value)
        untouched = json.loads(json.dumps(draft_of(filled)))
        assert repr(read_form(filled, untouched)) == repr(value), (schema, value)
        assert changes(draft_of(filled), untouched) is UNSET
        assert overlaid(draft_of(empty), changes(draft_of(empty), draft_of(filled))) == draft_of(filled)


def has_loose_alternatives(schema: Any) -> bool:
    """Alternatives that only the value itself tells apart: nobody knows which one a text of it would be."""
    return "anyOf" in json.dumps(schema)


@pytest.mark.parametrize("seed", range(10))
def test_arguments_without_a_schema_keep_their_types(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(20):
        args = {f"a{n}": made(chance)[1] for n in range(4)}
        form = form_of(None, args)
        assert repr(read_form(form, json.loads(json.dumps(draft_of(form))))) == repr(args)


class Line(BaseModel):
    sku: str = Field(pattern="^[A-Z]+-[0-9]+$")
    amount: int = Field(1, ge=1)


class Card(BaseModel):
    by: Literal["card"]
    number: str


class Bill(BaseModel):
    by: Literal["bill"]
    days: int


class Tree(BaseModel):
    name: str
    below: list[Tree] = []


class Order(BaseModel):
    customer: str
    copies: int
    ratio: float
    gift: bool
    how: Literal["fast", "slow"]
    due: date
    at: datetime
    lines: list[Line]
    pay: Card | Bill = Field(discriminator="by")
    note: str | None = None
    discount: float | None = Field(None, description="In percent")
    tags: set[Literal["a", "b"]] = set()
    weights: dict[str, float] = {}
    tree: Tree | None = None


SCHEMA = Order.model_json_schema()
FULL: dict[str, Any] = {
    "customer": "Ada",
    "copies": 2,
    "ratio": 1.0,
    "gift": False,
    "how": "slow",
    "due": "2026-01-31",
    "at": "2026-01-31T14:30:00Z",
    "lines": [{"sku": "A-1", "amount": 2}, {"sku": "B-2"}],
    "pay": {"by": "bill", "days": 30},
    "tree": {"name": "root", "below": [{"name": "leaf"}]},
}


def test_a_pydantic_model_becomes_fields() -> None:
    form = form_of(SCHEMA)
    kinds = {
        each.name: (each.item or each).kind if each.kind is FieldKind.OPTIONAL else each.kind for each in form.fields
    }
    assert kinds == {
        "customer": FieldKind.TEXT,
        "copies": FieldKind.INTEGER,
        "ratio": FieldKind.NUMBER,
        "gift": FieldKind.BOOLEAN,
        "how": FieldKind.CHOICE,
        "due": FieldKind.DATE,
        "at": FieldKind.DATETIME,
        "lines": FieldKind.LIST,
        "pay": FieldKind.ONEOF,
        "note": FieldKind.LONGTEXT,
        "discount": FieldKind.NUMBER,
        "tags": FieldKind.LIST,
        "weights": FieldKind.JSON,
        "tree": FieldKind.OBJECT,
    }
    assert [each.name for each in form.fields if not each.required] == ["note", "discount", "tags", "weights", "tree"]
    assert next(each.help for each in form.fields if each.name == "discount") == "In percent"
    assert read_form(form, draft_of(form, FULL)) == FULL
    Order.model_validate(read_form(form, draft_of(form, FULL)))


def test_every_field_that_will_not_do_is_named_in_words() -> None:
    form = form_of(SCHEMA)
    _, faults = read_all(form, draft_of(form))
    assert faults["copies"] == "Copies: fill it in first."
    assert faults["gift"] == "Gift: choose yes or no."
    raw = draft_of(form, FULL)
    raw["copies"], raw["ratio"] = "2.5", "much"
    raw["lines"][1]["raw"]["sku"] = "b2"
    raw["lines"][0]["raw"]["amount"] = {"given": True, "raw": 0}
    raw["at"] = {"date": "2026-01-31", "time": "25:00", "zone": "Z"}
    _, faults = read_all(form, raw)
    assert list(faults.values()) == [
        "Copies: write a whole number.",
        "Ratio: write a number, such as 3 or 2.5.",
        "At: write the time as 14:30 or 14:30:00.",
        "Lines, entry 1, amount: must be at least 1.",
        "Lines, entry 2, sku: does not have the form that is expected (^[A-Z]+-[0-9]+$).",
    ]
    with pytest.raises(InvalidDecision) as refused:
        read_form(form, raw)
    assert refused.value.field == "copies"


def test_only_what_was_touched_changes() -> None:
    args = {"n": "7", "f": 1.0, "i": 1, "deep": {"unknown": [1, {"x": None}], "t": "a"}, "none": None, "tags": ["x"]}
    form = form_of({"type": "object", "properties": {"n": {"type": "integer"}, "f": {"type": "number"}}}, args)
    raw = draft_of(form)
    raw["n"]["raw"] = "2"
    assert repr(read_form(form, raw)) == repr({**args, "n": 2})
    plain = form_of(None, args)
    raw = draft_of(plain)
    raw["i"], raw["f"], raw["deep"]["t"] = "2", "2", "b"
    raw["tags"] = [*raw["tags"], {"of": -1, "raw": "y"}]
    read = read_form(plain, raw)
    assert repr(read) == repr({**args, "i": 2, "f": 2.0, "deep": {**args["deep"], "t": "b"}, "tags": ["x", "y"]})


def test_entries_that_go_leave_the_others_as_they_were() -> None:
    lines = [{"sku": "A-1", "odd": 1.0}, {"sku": "B-2", "odd": [1]}]
    form = form_of({"type": "array", "items": Line.model_json_schema()}, lines)
    raw = draft_of(form)
    assert read_form(form, raw[1:]) == lines[1:]
    assert read_form(form, [{"of": -1, "raw": draft_of(form.item, {"sku": "C-3"})}, raw[0]]) == [
        {"sku": "C-3"},
        lines[0],
    ]  # type: ignore[arg-type]


def test_a_recursive_schema_ends_in_json() -> None:
    form = form_of(Tree.model_json_schema())
    below = form.fields[1].item
    assert below is not None
    assert (below.kind, below.item and below.item.kind) == (FieldKind.LIST, FieldKind.JSON)
    value = {"name": "a", "below": [{"name": "b", "below": [{"name": "c"}]}]}
    assert read_form(form, draft_of(form, value)) == value


def doubling(keyword: str) -> dict[str, Any]:
    """Small, and twice as much work with every level."""
    levels: dict[str, Any] = {f"a{n}": {keyword: [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(40)}
    return {"$defs": {**levels, "a40": {"type": "integer"}}, "$ref": "#/$defs/a0"}


HOSTILE: dict[str, Any] = {
    "remote": {"$ref": "http://127.0.0.1:9/schema.json"},
    "file": {"$ref": "file:///etc/passwd"},
    "itself": {"$ref": "#"},
    "nowhere": {"$ref": "#/$defs/no"},
    "backtracking": {"type": "string", "pattern": "^(a+)+$"},
    "broken pattern": {"type": "string", "pattern": "("},
    "names": {"type": "object", "patternProperties": {"^(a+)+$": {}}, "additionalProperties": False},
    "large": {"type": "object", "properties": {f"p{n}": {"type": "string", "title": "x" * 200} for n in range(25_000)}},
    "many choices": {"enum": [str(n) for n in range(100_000)]},
    "nonsense": {"type": 5, "properties": 5, "required": 5, "enum": 5, "anyOf": 5, "items": 5},
    "nonsense inside": {"type": "object", "properties": {"a": 5, "b": {"anyOf": [5]}}, "required": [5]},
    "only null": {"type": ["null"]},
    "not a number": {"type": "integer", "multipleOf": 0, "minimum": "x"},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_schema_neither_hangs_nor_fetches_nor_crashes(name: str) -> None:
    schema = HOSTILE[name]
    started = time.monotonic()
    for value in (UNSET, None, 1, "a" * 40 + "!", [1], {"a" * 40 + "!": 1}):
        form = form_of(schema, value)
        read_all(form, draft_of(form))
        problem(None if value is UNSET else value, schema)
    assert time.monotonic() - started < 10


def test_deep_nesting_is_no_reason_to_fall_over() -> None:
    deep: Any = {"type": "integer"}
    for _ in range(3000):
        deep = {"type": "array", "items": deep}
    form = form_of(deep)
    assert form.kind is FieldKind.LIST
    assert problem([[1]], deep) is None


@pytest.mark.slow
@pytest.mark.parametrize(("keyword", "value"), [("allOf", 1), ("anyOf", "x"), ("oneOf", 1)])
def test_a_check_that_would_take_for_ever_is_given_up_once(keyword: str, value: Any) -> None:
    schema = doubling(keyword)
    started = time.monotonic()
    form_of(schema, value)
    assert is_checkable(schema)
    assert problem(value, schema) is None
    assert not is_checkable(schema)
    assert problem(value, schema) is None
    assert time.monotonic() - started < 15


@pytest.mark.slow
def test_a_pattern_that_looks_back_is_matched_elsewhere_and_in_time() -> None:
    strict = {"type": "string", "pattern": r"^(?=.*[A-Z]).*$"}
    assert problem("abc", strict) is not None
    assert problem("aBc", strict) is None
    started = time.monotonic()
    assert problem("a" * 40 + "!", {"type": "string", "pattern": r"^(a+)+(?=b)$"}) is None
    assert time.monotonic() - started < 10


def test_megabytes_are_one_field_that_stays_as_it_is() -> None:
    args = {"text": "x" * 3_000_000, "rows": [{"n": n} for n in range(30_000)]}
    form = form_of(None, args)
    assert (form.kind, draft_of(form)) == (FieldKind.JSON, None)
    assert read_form(form, None) is args
    one = form_of(None, {"text": "x" * 3_000_000, "n": 1})
    raw = draft_of(one)
    raw["n"] = 2
    assert changes(draft_of(one), raw) == {"n": 2}
    assert read_form(one, raw) == {"text": "x" * 3_000_000, "n": 2}


@pytest.mark.parametrize(
    ("schema", "value", "said"),
    [
        ({"type": "integer"}, "x", "The answer must be a whole number, not “x”."),
        ({"properties": {"a": {"type": ["string", "null"]}}}, {"a": 1}, "A: must be text or empty (null), not 1."),
        ({"required": ["order_id"]}, {}, "Order id: is missing, and the workflow needs it."),
        ({"properties": {"c": {"enum": ["a", 1]}}}, {"c": "b"}, "C: must be one of “a”, 1."),
        ({"items": {"type": "number", "exclusiveMaximum": 5}}, [1, 5], "Entry 2: must be less than 5."),
        ({"type": "string", "format": "date"}, "31.1.2026", "The answer must be a date, such as 2026-01-31."),
        ({"type": "string", "format": "date-time"}, "2026-01-31T14:30:00+02:00", None),
        ({"type": "string", "format": "email"}, "nobody", "The answer must be an e-mail address."),
        ({"properties": {}, "additionalProperties": False}, {"typo": 1}, "Typo: is not expected here."),
        ({"minItems": 2}, [1], "The answer needs at least 2 entries."),
        ({"uniqueItems": True}, [1, 1], "The answer has the same entry twice."),
        ({"type": "string", "minLength": 1}, "", "The answer must not be empty."),
        (
            {"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"type": "string"}]},
            [1],
            "Entry 1: must be text, not 1.",
        ),
    ],
)
def test_a_fault_says_what_would_do(schema: Any, value: Any, said: str | None) -> None:
    found = problem(value, schema)
    assert (found and found[1]) == said
