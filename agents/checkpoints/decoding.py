"""Checkpointer blobs as plain data, without importing anything that they name.

LangGraph stores msgpack with extension records (module, name, arguments). The
hook below keeps the arguments and drops the names, so a hostile file can show
us odd text and nothing more. What comes out is JSON: string keys, finite
numbers, sets in a fixed order (a set's own order would change `seen`).
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

import ormsgpack

from agents.domain import JSON, canonical

MAX_DEPTH = 200
"""Levels of nesting that are shown; deeper data is named by its hash (json itself gives up at about 1,000)."""

_SINGLE, _POSITIONAL, _KEYWORD, _METHOD, _PYDANTIC1, _PYDANTIC2, _ARRAY, _DELTA = range(8)
_SECRETS = frozenset({"SecretStr", "SecretBytes"})
_DTYPE = re.compile(r"[<>|=]?[biufcSUmM]\d+(\[\w+\])?")
_UNORDERED = frozenset({"set", "frozenset"})


class Undecodable(Exception):
    """The message says what kind of value it is, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One interrupt record: its id as stored ('' when there is none), plain value and JSON Schema."""

    id: str
    value: JSON
    schema: dict[str, JSON] | None = None


@dataclass(frozen=True, slots=True)
class _Raw:
    """An interrupt record inside a decoded tree, before it is made plain."""

    fields: dict[str, Any]


class _Unpacker:
    """One unpacking: counts how deep extension records nest inside each other."""

    def __init__(self) -> None:
        self.depth = 0

    def unpack(self, blob: bytes) -> Any:
        return ormsgpack.unpackb(blob, ext_hook=self._hook, option=ormsgpack.OPT_NON_STR_KEYS)

    def _hook(self, code: int, blob: bytes) -> Any:
        if self.depth >= MAX_DEPTH:
            return _too_deep(bytes(blob))
        self.depth += 1
        try:
            return _record(code, self.unpack(blob))
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError) as error:
            return f"(a record of type {code} that cannot be read: {type(error).__name__})"
        finally:
            self.depth -= 1


def plain(kind: str | None, blob: bytes | None) -> JSON:
    """A stored value as plain JSON data. Raises Undecodable."""
    return _plain(_load(kind, blob), 0)


def asks(kind: str | None, blob: bytes | None) -> tuple[Ask, ...]:
    """The interrupts of one `__interrupt__` row; one row may hold several. Raises Undecodable."""
    loaded = _load(kind, blob)
    records = loaded if isinstance(loaded, list | tuple) else [loaded]
    return tuple(_ask(each) for each in records)


def as_bytes(stored: object) -> bytes:
    """A column that should hold bytes; a stranger's may hold anything. Raises Undecodable for a number."""
    if isinstance(stored, str):
        return stored.encode("utf-8", "replace")
    if stored is None or isinstance(stored, bytes):
        return stored or b""
    raise Undecodable(f"a {type(stored).__name__} where bytes should be")


def _load(kind: str | None, blob: bytes | None) -> Any:
    data = as_bytes(blob)
    try:
        match kind:
            case "null":
                return None
            case "bytes" | "bytearray":
                return data
            case "msgpack":
                return _Unpacker().unpack(data)
            case "json":
                return json.loads(data, object_hook=_constructor)
    except (ValueError, RecursionError) as error:
        raise Undecodable(f"damaged or nested too deeply ({kind}: {error})") from error
    if isinstance(kind, str) and "+" in kind:
        raise Undecodable(f"encrypted ({kind[:80]})")
    raise Undecodable(f"stored as {str(kind or 'an unknown type')[:80]}, which Signoff does not open")


def _ask(record: Any) -> Ask:
    fields = record.fields if isinstance(record, _Raw) else record
    if not isinstance(fields, dict) or "value" not in fields:
        return Ask("", _plain(record, 0))
    schema = _plain(fields.get("response_schema"), 0)
    return Ask(_interrupt_id(fields), _plain(fields["value"], 0), schema if isinstance(schema, dict) else None)


def _interrupt_id(fields: dict[Any, Any]) -> str:
    """The stored id; LangGraph before 0.6 stored a namespace and hashes it when it reads it."""
    stored = fields.get("id") or fields.get("interrupt_id")
    namespace = fields.get("ns")
    if isinstance(stored, str) and stored != "placeholder-id":
        return stored
    if isinstance(namespace, list | tuple) and namespace and all(isinstance(part, str) for part in namespace):
        from xxhash import xxh3_128_hexdigest

        return xxh3_128_hexdigest("|".join(namespace).encode())
    return ""


def _record(code: int, parts: Any) -> Any:
    if code == _DELTA:
        return parts
    if code == _ARRAY:
        return _array(*parts)
    module, name, body = parts[0], parts[1], parts[2]
    if code == _SINGLE:
        return _single(module, name, body)
    if code == _POSITIONAL:
        return _positional(module, name, body)
    if code in (_KEYWORD, _PYDANTIC1, _PYDANTIC2):
        return _keyword(module, name, body)
    return body


def _single(module: str, name: str, body: Any) -> Any:
    if name in _SECRETS:
        return "**********"
    if name in _UNORDERED and isinstance(body, list | tuple):
        return sorted((_plain(each, 0) for each in body), key=canonical)
    if (module, name) == ("uuid", "UUID") and isinstance(body, str) and len(body) == 32:
        return "-".join((body[:8], body[8:12], body[12:16], body[16:20], body[20:]))
    return body


def _positional(module: str, name: str, body: Any) -> Any:
    if module.startswith("pathlib") and isinstance(body, list | tuple):
        return _path([str(part) for part in body])
    match module, name:
        case "re", "compile":
            return body[0]
        case "datetime", "timedelta":
            return str(timedelta(*body))
        case "datetime", "date":
            return date(*body).isoformat()
        case "datetime", "timezone":
            return str(body[1]) if len(body) > 1 else f"UTC offset {body[0]}"
        case "langgraph.types", "Send":
            return {"node": body[0], "arg": body[1]}
    return body


def _path(parts: list[str]) -> str:
    if parts and parts[0] in ("/", "//"):
        return parts[0] + "/".join(parts[1:])
    return "/".join(parts) or "."


def _keyword(module: str, name: str, body: Any) -> Any:
    if not isinstance(body, dict):
        return body
    if name == "Interrupt" and module.startswith("langgraph."):
        return _Raw(body)
    if (module, name) == ("datetime", "time"):
        return time(body["hour"], body["minute"], body["second"], body["microsecond"]).isoformat()
    if module.startswith("langchain_core.") and "content" in body:
        return {key: value for key, value in body.items() if value not in (None, {}, []) or key == "content"}
    return body


def _array(dtype: str, shape: Any, order: str, buffer: bytes) -> Any:
    if not _DTYPE.fullmatch(dtype):
        raise ValueError(dtype)
    import numpy  # only where a payload holds an array; a fixed name, never one from the file

    return (
        numpy.frombuffer(buffer, dtype=numpy.dtype(dtype)).reshape(shape, order="F" if order == "F" else "C").tolist()
    )


def _constructor(value: dict[str, Any]) -> Any:
    """LangChain's JSON form of an object, written by LangGraph before msgpack."""
    names = value.get("id")
    if value.get("type") != "constructor" or "lc" not in value or not isinstance(names, list) or not names:
        return value
    arguments, keywords = value.get("args") or [], value.get("kwargs") or {}
    module = ".".join(str(part) for part in names[:-1])
    if keywords:
        return _keyword(module, str(names[-1]), keywords)
    body = arguments[0] if isinstance(arguments, list) and len(arguments) == 1 else arguments
    return _single(module, str(names[-1]), body)


def _plain(value: Any, depth: int) -> JSON:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, float):
        return value if math.isfinite(value) else _not_finite(value)
    if depth >= MAX_DEPTH:
        return _too_deep(_flattened(value))
    if isinstance(value, _Raw):
        value = value.fields
    if isinstance(value, dict):
        return _mapping(value, depth)
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each, depth + 1) for each in value]
    if isinstance(value, bytes | bytearray | memoryview):
        return _bytes(bytes(value))
    return str(value)


def _mapping(value: dict[Any, Any], depth: int) -> dict[str, JSON]:
    made: dict[str, JSON] = {}
    for key, each in value.items():
        name = key if isinstance(key, str) and key.isascii() else _key(key)
        if name in made:
            name = f"{name} ({type(key).__name__})"
        made[name] = _plain(each, depth + 1)
    return made


def _key(key: Any) -> str:
    shown = _plain(key, 0)
    return shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False)


def _bytes(value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return "base64:" + base64.b64encode(value).decode()
    return (
        text
        if text.isprintable() or all(c.isprintable() or c in "\r\n\t" for c in text)
        else ("base64:" + base64.b64encode(value).decode())
    )


def _not_finite(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _flattened(value: Any) -> bytes:
    """Bytes that differ when the hidden data differs, so that `seen` still changes with it. Does not recurse."""
    stack, told = [value], []
    while stack:
        each = stack.pop()
        if isinstance(each, _Raw):
            each = each.fields
        if isinstance(each, dict):
            told.append(f"dict {len(each)}")
            stack.extend(part for pair in each.items() for part in pair)
        elif isinstance(each, list | tuple):
            told.append(f"list {len(each)}")
            stack.extend(each)
        else:
            told.append(repr(each))
    return "\n".join(told).encode("utf-8", "replace")


def _too_deep(data: bytes) -> str:
    return f"(nested deeper than {MAX_DEPTH} levels; SHA-256 {hashlib.sha256(data).hexdigest()[:16]})"
