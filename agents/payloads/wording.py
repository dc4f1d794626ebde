"""Payload values as words: one line for a list, a readable block for a card."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from agents.domain import JSON

_DEEP = 16
"""Characters of indentation, of four a level, beyond which data is JSON."""
_TELLING = (
    "question",
    "message",
    "prompt",
    "title",
    "instruction",
    "instructions",
    "text",
    "description",
    "query",
    "content",
    "task",
)


def one_line(text: str, limit: int = 120) -> str:
    """Whitespace collapsed and cut at a word, with an ellipsis."""
    flat = " ".join(text.split())
    if len(flat) <= limit:
        return flat
    return flat[: limit - 1].rsplit(" ", 1)[0].rstrip(",;:.") + "…"


def readable(value: JSON) -> str:
    """A value for people: text as it is, the rest as indented JSON; nothing is left out."""
    if isinstance(value, str):
        return value
    return json.dumps(value, indent=2, ensure_ascii=False)


def outlined(value: JSON, indent: str = "") -> str:
    """A value as lines of words: "Sku: A-1" for a named one, a dash for an entry; text as it is."""
    if isinstance(value, str):
        return value or "(empty)"
    if value is None or value == [] or value == {}:
        return "(nothing)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping) and len(indent) < _DEEP:
        return "\n".join(_line(f"{indent}{label(name)}:", each, indent) for name, each in value.items())
    if isinstance(value, list) and len(indent) < _DEEP:
        return "\n".join(_line(f"{indent}–", each, indent) for each in value)
    return json.dumps(value, ensure_ascii=False)


def _line(start: str, value: JSON, indent: str) -> str:
    if not isinstance(value, Mapping | list) or not value:
        return f"{start} {outlined(value)}"
    if isinstance(value, Mapping) and all(not isinstance(each, Mapping | list) for each in value.values()):
        return f"{start} " + ", ".join(f"{label(name)}: {outlined(each)}" for name, each in value.items())
    return f"{start}\n{outlined(value, indent + '    ')}"


def label(key: str) -> str:
    """A key as a label: "sample_input" -> "Sample input"."""
    words = re.sub(r"[_\-\s]+", " ", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", key)).strip()
    return words[:1].upper() + words[1:] if words else key


def telling(value: JSON) -> str | None:
    """The string that says best what a payload is about; None where there is none."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, list):
        return next((found for found in map(telling, value) if found), None)
    if not isinstance(value, Mapping):
        return None
    return _first_text(_messages(value)) or _first_text(value.values())


def is_message(value: Mapping[str, JSON]) -> bool:
    """Does one of its keys say that its text is what the payload is about?"""
    return _first_text(_messages(value)) is not None


def _messages(value: Mapping[str, JSON]) -> Iterable[JSON]:
    return [value[key] for key in _TELLING if key in value]


def _first_text(values: Iterable[JSON]) -> str | None:
    return next((value.strip() for value in values if isinstance(value, str) and value.strip()), None)
