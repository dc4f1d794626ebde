"""What a schema says, looked at one part at a time; any part of it may be nonsense."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from agents.domain import JSON, UNSET
from agents.payloads.faults import shown
from agents.payloads.forms import FieldKind
from agents.payloads.wording import label as words_of
from agents.payloads.wording import one_line

LONG = 80
PROSE = ("body", "text", "prompt", "content", "message", "instruction", "comment", "reason", "description", "note")
_ALTERNATIVES = {
    "string": "Text",
    "integer": "Whole number",
    "number": "Number",
    "boolean": "Yes or no",
    "array": "List",
    "object": "Fields",
    "null": "Nothing",
}


def alternatives(schema: Mapping[str, Any]) -> tuple[bool, list[Any]]:
    """May it be null? And the other alternatives, when it is given as alternatives at all."""
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return "null" in kinds, [{**schema, "type": each} for each in kinds if each != "null"]
    found = schema.get("anyOf") or schema.get("oneOf")
    if not isinstance(found, list) or not found or "properties" in schema:
        return False, []
    left = [each for each in found if mapping(each).get("type") != "null"]
    return len(left) < len(found), left


def alike(entries: Sequence[JSON]) -> bool:
    """Entries of one kind, so that one more of them can be drawn."""
    kinds = {
        "number" if isinstance(each, int | float) and not isinstance(each, bool) else type(each).__name__
        for each in entries
    }
    shapes = {tuple(each) for each in entries if isinstance(each, dict)}
    return len(kinds) == 1 and len(shapes) <= 1 and not kinds & {"NoneType", "list"}


def text_kind(name: str, value: JSON, schema: Mapping[str, Any]) -> FieldKind:
    limit = schema.get("maxLength")
    long = isinstance(value, str) and (len(value) > LONG or "\n" in value)
    roomy = isinstance(limit, int) and limit > LONG * 4
    prose = any(part in name.lower() for part in PROSE) and not (isinstance(limit, int) and limit <= LONG)
    return FieldKind.LONGTEXT if long or roomy or prose else FieldKind.TEXT


def label_of(name: str, schema: Any) -> str:
    """The schema's title where it says more than the name does."""
    title = mapping(schema).get("title")
    plain = words_of(name)
    return (
        title if isinstance(title, str) and title.strip() and words_of(title).casefold() != plain.casefold() else plain
    )


def alternative_label(schema: Mapping[str, Any] | None, number: int) -> str:
    found = mapping(schema)
    kind = found.get("type")
    title = found.get("title")
    return str(title) if isinstance(title, str) and title else _ALTERNATIVES.get(str(kind), f"Form {number + 1}")


def help_of(schema: Mapping[str, Any]) -> str:
    """The description, on one line."""
    text = schema.get("description")
    return one_line(text, 300) if isinstance(text, str) else ""


def told(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What stands beside a reference or alternatives and still holds behind them."""
    found = {key: schema[key] for key in ("title", "description", "default") if key in schema}
    return found if found.get("default", UNSET) is not None else {key: found[key] for key in found if key != "default"}


def said(value: JSON) -> str:
    """A value as the words of a choice."""
    if value is None:
        return "nothing (null)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict | list):
        return json.dumps(value)
    return value if isinstance(value, str) and value else shown(value)


def mapping(value: Any) -> Mapping[str, Any]:
    """The value where it is a schema at all, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def leads_somewhere(root: Mapping[str, Any], reference: str) -> bool:
    return pointed(root, reference) is not None


def pointed(root: Mapping[str, Any], reference: str) -> Any:
    """What a local reference ("#/$defs/Line") points to; None for any other."""
    if not reference.startswith("#"):
        return None
    found: Any = root
    for part in reference[1:].split("/")[1:]:
        found = mapping(found).get(unquote(part).replace("~1", "/").replace("~0", "~"))
    return found if isinstance(found, Mapping) else None
