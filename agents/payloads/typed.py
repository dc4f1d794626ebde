"""Edited values with the types that the graph sent, also where a command or a form brought them as text."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from agents.domain import JSON
from agents.errors import InvalidDecision
from agents.payloads.faults import TYPES, place_words, shown

_KINDS = {bool: "boolean", int: "number", float: "number", list: "array", dict: "object"}


def typed(
    before: Mapping[str, JSON], after: Mapping[str, JSON], schema: Mapping[str, Any] | None = None
) -> dict[str, JSON]:
    """ "2" becomes 2 where a number was, or where the schema wants one; nothing else changes.

    Raises InvalidDecision that names the argument.
    """
    properties = (schema or {}).get("properties")
    wanted = properties if isinstance(properties, Mapping) else {}
    return {name: _value(before.get(name), each, wanted.get(name), (name,)) for name, each in after.items()}


def _value(before: JSON, after: JSON, schema: Any, path: tuple[str | int, ...]) -> JSON:
    if isinstance(before, dict) and isinstance(after, dict):
        return {name: _value(before.get(name), each, None, (*path, name)) for name, each in after.items()}
    if isinstance(before, list) and isinstance(after, list):
        old = [*before, *[before[-1] if before else None] * len(after)]
        return [_value(old[number], each, None, (*path, number)) for number, each in enumerate(after)]
    kind = _kind(before, schema)
    if not isinstance(after, str) or kind is None:
        return after
    meant = _meant(after)
    if _is(meant, kind):
        return float(meant) if isinstance(before, float) and isinstance(meant, int) else meant
    like = f", like {shown(before)}" if before is not None and not isinstance(before, str) else ""
    raise InvalidDecision(f"{place_words(path)}: must be {TYPES[kind]}{like}.", field=".".join(map(str, path)))


def _kind(before: JSON, schema: Any) -> str | None:
    """What must come out of a text; None where the text itself will do."""
    wanted = schema.get("type") if isinstance(schema, Mapping) else None
    if isinstance(wanted, str):
        return wanted if wanted in TYPES and wanted not in ("string", "null") else None
    if isinstance(schema, Mapping) and schema:
        return None  # alternatives, an enum: the check that follows decides
    return _KINDS.get(type(before))


def _meant(text: str) -> JSON:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _is(value: JSON, kind: str) -> bool:
    if kind in ("number", "integer"):
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return _KINDS.get(type(value)) == kind
