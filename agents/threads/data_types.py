"""Types in a thread's rows: which of them decoding would lose, and which may be built when a person trusts them.

Strict decoding turns a type that it does not know into a plain dict, and a
resume would store that dict for good. So the rows are decoded and encoded once
more, and the names that they hold are compared: a blocked type is missing
then, and so is one that is trusted but cannot be built here.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from inspect import isclass
from typing import Any

import ormsgpack

_NAMED = frozenset((0, 1, 2, 3, 4, 5))
"""Codes of the records that carry a module and a name."""


def lost(serde: Any, kind: str | None, blob: bytes | None) -> set[str]:
    """Names of types that this serializer would not give back; empty for a value of plain data."""
    stored = names_in(kind, blob)
    if not stored:
        return set()
    kept = names_in(*serde.dumps_typed(serde.loads_typed((kind, blob))))
    if kind == "json":  # old files name classes by where they were once: only their own names are compared
        missing = Counter(_last(name) for name in stored.elements())
        missing -= Counter(_last(name) for name in kept.elements())
        return {name for name in stored if _last(name) in missing}
    return set(stored - kept)


def names_in(kind: str | None, blob: bytes | None) -> Counter[str]:
    """How often each "module.name" stands in a stored value. Raises ValueError for one that cannot be read."""
    found: Counter[str] = Counter()
    if kind == "msgpack" and blob:
        ormsgpack.unpackb(blob, ext_hook=_collector(found), option=ormsgpack.OPT_NON_STR_KEYS)
    elif kind == "json" and blob:
        json.loads(blob, object_hook=lambda value: _constructor(value, found))
    return found


def buildable(trusted: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those of the trusted names that are a type of data. Imports their modules.

    Never a function, and never a class of another kind: a file may name one
    that does something when it is called.
    """
    return [(module, name) for module, name in trusted if is_data(module, name)]


def is_data(module: str, name: str) -> bool:
    """Is it a dataclass, an enum, a named tuple or a model of pydantic's kind?"""
    if module.partition(".")[0] in sys.stdlib_module_names:
        return False
    try:
        found = getattr(importlib.import_module(module), name)
    except Exception:  # noqa: BLE001 - a stranger's module may raise anything; its type is then not built
        return False
    if not isclass(found):
        return False
    marks = ("model_dump", "__fields__", "_asdict")
    return issubclass(found, Enum) or dataclasses.is_dataclass(found) or any(hasattr(found, mark) for mark in marks)


DAMAGE = "would damage"
"""In every sentence about such a thread."""


def sentence(graph_id: str, names: Sequence[str], trusted: Iterable[tuple[str, str]]) -> str:
    """Why a thread that holds these must not be written to; the end of a sentence."""
    known = {f"{module}.{name}" for module, name in trusted}
    broken = [name for name in names if name in known]
    if broken:
        return (
            f"types that are trusted cannot be built here from what is stored, so that a resume {DAMAGE} them: "
            f"{', '.join(broken)}. Make sure that the graph's project defines them as it did"
        )
    return (
        f"resuming {DAMAGE} types that this desk was not told to trust: {', '.join(names)}. Trust them in its review, "
        f"or with `signoff trust {graph_id} {' '.join(names)}`, if the graph's own project defines them"
    )


def _collector(found: Counter[str]) -> Callable[[int, bytes], Any]:
    def hook(code: int, data: bytes) -> Any:
        parts = ormsgpack.unpackb(data, ext_hook=hook, option=ormsgpack.OPT_NON_STR_KEYS)
        if code in _NAMED and isinstance(parts, list | tuple) and len(parts) > 2:
            found[f"{parts[0]}.{parts[1]}"] += 1
        return None  # also as a key of a mapping it has to be hashable

    return hook


def _constructor(value: dict[str, Any], found: Counter[str]) -> Any:
    names = value.get("id")
    if "lc" in value and value.get("type") == "constructor" and isinstance(names, list) and names:
        found[".".join(str(part) for part in names)] += 1
    return value


def _last(name: str) -> str:
    return name.rpartition(".")[2]
