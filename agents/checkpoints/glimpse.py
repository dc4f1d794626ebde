"""Stored values cut to what a person reads first, at a cost that does not grow with their size.

A checkpoint holds the whole state. It is unpacked without its extension
records; only those that come under somebody's eyes are decoded, and a value is
walked no further than it is shown.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

import ormsgpack

from agents.checkpoints.decoding import Undecodable, plain
from agents.domain import JSON

CHARACTERS = 700
"""Of one value; the rest on request."""
_SMALL = 100_000
"""Bytes of an extension record that is decoded as a whole."""
_LEVELS = 20


@dataclass(frozen=True, slots=True)
class Packed:
    """An extension record that nobody has looked at yet."""

    code: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Glimpse:
    """The beginning of a value as text. size: characters of a text, entries of a list or mapping, else 0."""

    text: str
    cut: bool = False
    size: int = 0
    data: bool = False
    """Not a text: JSON."""


@dataclass(slots=True)
class _Budget:
    left: int
    cut: bool = False


def shallow(kind: str | None, blob: bytes | None) -> Any:
    """A stored value with its extension records left packed. Raises Undecodable."""
    if kind != "msgpack" or not isinstance(blob, bytes):
        return plain(kind, blob)
    try:
        return ormsgpack.unpackb(blob, ext_hook=_packed, option=ormsgpack.OPT_NON_STR_KEYS)
    except (ValueError, TypeError, RecursionError) as error:
        raise Undecodable(f"damaged or nested too deeply ({kind}: {error})") from error


def unpacked(value: Any) -> Any:
    """A packed record as plain data; of a large one only the outermost level, its names dropped. Others as they are."""
    if not isinstance(value, Packed):
        return value
    if len(value.data) <= _SMALL:
        return plain("msgpack", ormsgpack.packb(ormsgpack.Ext(value.code, value.data)))
    try:
        parts = ormsgpack.unpackb(value.data, ext_hook=_packed, option=ormsgpack.OPT_NON_STR_KEYS)
    except (ValueError, TypeError, RecursionError):
        return f"(a record of type {value.code} that cannot be read)"
    return parts[2] if isinstance(parts, list | tuple) and len(parts) > 2 else parts


def type_of(value: Any) -> tuple[str, str]:
    """The module and name that a packed record gives itself; ("", "") for anything else."""
    if not isinstance(value, Packed):
        return "", ""
    try:
        parts = ormsgpack.unpackb(value.data, ext_hook=_packed, option=ormsgpack.OPT_NON_STR_KEYS)
    except (ValueError, TypeError, RecursionError):
        return "", ""
    named = isinstance(parts, list | tuple) and len(parts) > 2
    return (str(parts[0]), str(parts[1])) if named else ("", "")


def glimpse(value: Any, characters: int = CHARACTERS) -> Glimpse:
    """The beginning of a shallow or plain value."""
    opened = unpacked(value)
    budget = _Budget(characters)
    sketch = _sketch(opened, budget, 0)
    size = len(opened) if isinstance(opened, str | list | tuple | dict) else 0
    if isinstance(sketch, str):
        return Glimpse(sketch, budget.cut, size)
    text = json.dumps(sketch, ensure_ascii=False)
    return Glimpse(text, budget.cut, size, data=isinstance(sketch, list | dict))


def _packed(code: int, data: bytes) -> Packed:
    return Packed(code, bytes(data))


def _sketch(value: Any, budget: _Budget, level: int) -> JSON:
    value = unpacked(value)
    budget.left -= 2
    if value is None or isinstance(value, bool | int):
        return value if not isinstance(value, int) or abs(value) < 10**40 else str(value)[: max(1, budget.left)]
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        value = f"({len(value):,} bytes)"
    if isinstance(value, str):
        return _text(value, budget)
    if level >= _LEVELS:
        budget.cut = True
        return "…"
    if isinstance(value, dict):
        return _mapping(value, budget, level)
    return _list(list(value) if isinstance(value, tuple | set | frozenset) else value, budget, level)


def _text(value: str, budget: _Budget) -> str:
    most = max(0, budget.left)
    shown = value[:most].encode("utf-8", "replace").decode()
    budget.left -= len(shown)
    if len(value) <= most:
        return shown
    budget.cut = True
    return f"{shown}…"


def _mapping(value: dict[Any, Any], budget: _Budget, level: int) -> dict[str, JSON]:
    made: dict[str, JSON] = {}
    for key, each in value.items():
        if budget.left <= 0:
            budget.cut = True
            made["…"] = f"{len(value) - len(made):,} more"
            break
        made[_text(str(unpacked(key)), budget)] = _sketch(each, budget, level + 1)
    return made


def _list(value: Any, budget: _Budget, level: int) -> JSON:
    if not isinstance(value, list):
        return _text(str(value), budget)
    made: list[JSON] = []
    for each in value:
        if budget.left <= 0:
            budget.cut = True
            made.append(f"… {len(value) - len(made):,} more")
            break
        made.append(_sketch(each, budget, level + 1))
    return made
