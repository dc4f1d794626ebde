"""What LangGraph's own files cannot keep: a run that is given it fails, and its thread is stuck."""

from __future__ import annotations

from agents.domain import JSON, is_text
from agents.errors import InvalidDecision
from agents.payloads.faults import place_words

SMALLEST, LARGEST = -(2**63), 2**64 - 1
DEEPEST = 150
"""Levels of nesting. Files take more; the desk shows 200 and the answer stands inside other data."""


def storable(value: JSON) -> JSON:
    """The value itself. Raises InvalidDecision that names the place of what cannot be stored."""
    stack: list[tuple[tuple[str | int, ...], JSON]] = [((), value)]
    while stack:
        path, each = stack.pop()
        problem = _problem(path, each)
        if problem:
            place = place_words(path)
            raise InvalidDecision(f"{place or 'The answer'}: {problem}.", field=".".join(map(str, path)) or "value")
        if isinstance(each, dict):
            stack.extend(((*path, str(name)), below) for name, below in each.items())
        elif isinstance(each, list):
            stack.extend(((*path, number), below) for number, below in enumerate(each))
    return value


def _problem(path: tuple[str | int, ...], value: JSON) -> str:
    if len(path) > DEEPEST:
        return f"it is nested deeper than {DEEPEST} levels, which LangGraph's files do not keep"
    if isinstance(value, int) and not isinstance(value, bool) and not SMALLEST <= value <= LARGEST:
        return "a whole number of more than 64 bits is not kept by LangGraph's files; send it as text"
    if isinstance(value, float) and value - value != 0:
        return "it is not a number that JSON knows"
    if isinstance(value, dict) and not all(isinstance(name, str) and is_text(name) for name in value):
        return "it has a name that no file can keep"
    return (
        "" if not isinstance(value, str) or is_text(value) else "it holds half of a character, which no file can keep"
    )
