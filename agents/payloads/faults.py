"""What is wrong with a value, in words that name the field and say what would do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from agents.payloads.wording import label, one_line

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

SHOWN = 8
"""Allowed values that are listed."""
TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "yes or no (true or false)",
    "array": "a list",
    "object": "an object with named values",
    "null": "empty (null)",
}
BOUNDS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
    "multipleOf": "a multiple of",
}
FORMATS = {
    "date": "a date, such as 2026-01-31",
    "date-time": "a date and time, such as 2026-01-31T14:30:00Z",
    "time": "a time, such as 14:30:00",
    "email": "an e-mail address",
    "uuid": "an id, such as 6fa459ea-ee8a-3ca4-894e-db77e160355e",
    "ipv4": "an IPv4 address",
    "ipv6": "an IPv6 address",
    "uri": "a web address",
}


def place_words(path: Sequence[str | int]) -> str:
    """Where in a value, for people: "Lines, entry 2, price"; "" for the whole."""
    words = [f"entry {part + 1}" if isinstance(part, int) else label(part) for part in path]
    lowered = ", ".join(word[:1].lower() + word[1:] for word in words)
    return one_line(lowered[:1].upper() + lowered[1:], 160)


def sentence(path: Sequence[str | int], what: str) -> str:
    """ "Amount: must be at least 1." """
    place = place_words(path)
    return f"{place}: {what}." if place else f"The answer {what}."


def fault(error: ValidationError) -> tuple[tuple[str | int, ...], str]:
    """The path of what is wrong, and the sentence. A missing field is named itself, not the object around it."""
    path = tuple(error.absolute_path)
    wanted: Any = error.validator_value
    value: Any = error.instance
    if error.validator == "required" and isinstance(value, dict):
        missing = next((name for name in wanted if name not in value), "a field")
        return (*path, missing), sentence((*path, missing), "is missing, and the workflow needs it")
    return path, sentence(path, _what(str(error.validator), wanted, value))


def _what(keyword: str, wanted: Any, value: Any) -> str:
    if keyword in BOUNDS:
        return f"must be {BOUNDS[keyword]} {shown(wanted)}"
    match keyword:
        case "type":
            return f"must be {_types(wanted)}, not {shown(value)}"
        case "enum":
            return f"must be one of {_listed(wanted)}"
        case "const":
            return f"must be {shown(wanted)}"
        case "format":
            return f"must be {FORMATS.get(wanted, f'of the form {wanted}')}"
        case "pattern":
            return f"does not have the form that is expected ({one_line(str(wanted), 60)})"
    return _size(keyword, wanted, value)


def _size(keyword: str, wanted: Any, value: Any) -> str:
    match keyword:
        case "minLength":
            return "must not be empty" if wanted == 1 else f"must have at least {wanted} characters"
        case "maxLength":
            return f"must have at most {wanted} characters, not {len(value)}"
        case "minItems":
            return f"needs at least {wanted} {_entries(wanted)}"
        case "maxItems":
            return f"takes at most {wanted} {_entries(wanted)}"
        case "uniqueItems":
            return "has the same entry twice"
        case "additionalProperties" | "unevaluatedProperties":
            return "is not expected here"
        case "anyOf" | "oneOf":
            return f"fits none of the forms that the workflow takes: {shown(value)}"
    return f"does not fit what the workflow expects ({keyword})"


def shown(value: Any) -> str:
    """A value inside a sentence, cut."""
    if isinstance(value, str):
        return f"“{one_line(value, 60)}”"
    if isinstance(value, dict | list):
        return "a list" if isinstance(value, list) else "an object"
    return json.dumps(value, ensure_ascii=False, default=str)


def _types(wanted: Any) -> str:
    names = wanted if isinstance(wanted, list) else [wanted]
    return " or ".join(TYPES.get(str(name), str(name)) for name in names)


def _listed(wanted: Any) -> str:
    names = [shown(each) for each in wanted[:SHOWN]]
    return ", ".join(names) + (f" and {len(wanted) - SHOWN} more" if len(wanted) > SHOWN else "")


def _entries(count: Any) -> str:
    return "entry" if count == 1 else "entries"
