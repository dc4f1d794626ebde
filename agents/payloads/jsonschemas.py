"""Checking a value against a JSON Schema that came with a payload; the schema is a stranger's too.

It is never trusted to end: references are not fetched, patterns go to a matcher
that cannot hang, and a check that takes too long is given up. A schema that is
broken checks nothing: its graph could not check with it either.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache, lru_cache
from itertools import islice
from typing import Any
from uuid import UUID

from agents.domain import JSON, canonical
from agents.errors import InvalidDecision
from agents.payloads.faults import fault
from agents.payloads.patterns import matches

SECONDS = 2.0
"""What one check may take."""
LARGEST = 200_000
"""Characters of a schema, as JSON, that are read at all."""
ERRORS = 100
_UNIQUE_PLAINLY = 200
REMEMBERED = 100
_given_up: set[str] = set()
_late: ContextVar[float] = ContextVar("late")


class _TooMuch(Exception):
    """The check took longer than it may."""


def check(value: JSON, schema: Mapping[str, Any], field: str) -> None:
    """Raises InvalidDecision that names the field in words; its `field` is the dotted path, or `field` for the whole."""
    found = problem(value, schema)
    if found is not None:
        path, said = found
        raise InvalidDecision(said, field=".".join(map(str, path)) or field)


def problem(
    value: JSON, schema: Mapping[str, Any], seconds: float = SECONDS
) -> tuple[tuple[str | int, ...], str] | None:
    """What is wrong with the value: its path and a sentence. None when it fits, or where nobody can tell in time."""
    text = _text(schema)
    validator = None if text in _given_up else _prepared(text)
    if validator is None:
        return None
    from jsonschema.exceptions import best_match

    late = _late.set(time.monotonic() + seconds)
    try:
        error = best_match(islice(validator.iter_errors(value), ERRORS))
    except _TooMuch:
        _give_up(text)
        return None
    except (RecursionError, ArithmeticError, ValueError, TypeError, LookupError):
        return None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # where the stack ends in the resolver's Rust half
            raise
        return None
    finally:
        _late.reset(late)
    return fault(error) if error is not None else None


def is_checkable(schema: Mapping[str, Any]) -> bool:
    """Can values be checked with it at all?"""
    text = _text(schema)
    return text not in _given_up and _prepared(text) is not None


def _give_up(text: str) -> None:
    """A schema that took too long once is not tried again: a page checks several times whenever it is drawn."""
    if len(_given_up) < REMEMBERED:
        _given_up.add(text)


def _text(schema: Mapping[str, Any]) -> str:
    try:
        return json.dumps(schema)
    except (RecursionError, ValueError, TypeError):
        return ""


@lru_cache(maxsize=64)
def _prepared(text: str) -> Any:
    if not text or len(text) > LARGEST:
        return None
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError
    from jsonschema.validators import validator_for
    from referencing import Registry

    schema = json.loads(text)
    kind = validator_for(schema, default=Draft202012Validator)
    try:
        kind.check_schema(schema)
    except (SchemaError, RecursionError):
        return None
    except Exception:  # noqa: BLE001 - a stranger's schema: what cannot be read checks nothing, and the card says so
        return None
    return _bounded(kind)(schema, registry=Registry(), format_checker=_formats())


@cache
def _bounded(kind: Any) -> Any:
    """The validator of a draft with every keyword held to the time, and those replaced that fetch or may hang."""
    from jsonschema import validators

    extend: Any = validators.extend
    own = {
        "$ref": _reference(kind.VALIDATORS.get("$ref")),
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional,
        "unevaluatedProperties": _nothing,
        "uniqueItems": _unique(kind.VALIDATORS.get("uniqueItems")),
    }
    keywords = {name: own.get(name, rule) for name, rule in kind.VALIDATORS.items()}
    return extend(kind, {name: _timed(rule) for name, rule in keywords.items()})


def _timed(rule: Any) -> Any:
    def timed(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if time.monotonic() > _late.get():
            raise _TooMuch
        yield from rule(validator, wanted, instance, schema) or ()

    return timed


def _reference(rule: Any) -> Any:
    def reference(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:
        from referencing.exceptions import Unresolvable

        try:
            yield from rule(validator, wanted, instance, schema) or ()
        except Unresolvable:
            return  # it lies elsewhere, and nothing is fetched

    return reference


def _unique(rule: Any) -> Any:
    def unique(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if not isinstance(instance, list) or len(instance) <= _UNIQUE_PLAINLY:
            yield from rule(validator, wanted, instance, schema) or ()
        elif wanted and len({canonical(each) for each in instance}) < len(instance):
            yield _error("has the same entry twice")

    return unique


def _pattern(_validator: Any, wanted: Any, instance: Any, _schema: Any) -> Iterator[Any]:
    if isinstance(instance, str) and isinstance(wanted, str) and not matches(wanted, instance):
        yield _error("does not match")


def _pattern_properties(validator: Any, wanted: Any, instance: Any, _schema: Any) -> Iterator[Any]:
    if not isinstance(instance, dict):
        return
    for pattern, rule in wanted.items():
        for name, each in instance.items():
            if matches(pattern, name):
                yield from validator.descend(each, rule, path=name, schema_path=pattern)


def _additional(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:
    if not isinstance(instance, dict):
        return
    patterns = list(schema.get("patternProperties", {}))
    for name, each in instance.items():
        if name in schema.get("properties", {}) or any(matches(pattern, name) for pattern in patterns):
            continue
        if wanted is False:
            error = _error("is not expected")
            error.path.append(name)
            yield error
        else:
            yield from validator.descend(each, wanted, path=name)


def _nothing(*_: Any) -> Iterator[Any]:
    """Looks at other keywords' patterns with Python's own matcher, so it is left to the graph."""
    return iter(())


def _error(text: str) -> Any:
    from jsonschema.exceptions import ValidationError

    return ValidationError(text)


@cache
def _formats() -> Any:
    """The formats that are checked; others are only a hint."""
    from jsonschema import FormatChecker

    checker = FormatChecker(formats=("email", "ipv4", "ipv6"))
    for name, holds in (("date", _is_date), ("date-time", _is_moment), ("time", _is_time), ("uuid", _is_uuid)):
        checker.checks(name)(_on_text(holds))
    return checker


def _on_text(holds: Callable[[str], bool]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or holds(value)


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _is_moment(text: str) -> bool:
    try:
        return re.match(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d", text) is not None and bool(datetime.fromisoformat(text))
    except ValueError:
        return False


def _is_time(text: str) -> bool:
    return re.fullmatch(r"\d\d:\d\d(:\d\d(\.\d+)?)?", re.sub(r"(Z|[+-]\d\d:\d\d)$", "", text)) is not None and (
        _is_moment(f"2026-01-31T{text[:15]}") or _is_moment(f"2026-01-31T{text}")
    )


def _is_uuid(text: str) -> bool:
    try:
        return len(text) == 36 and bool(UUID(text))
    except ValueError:
        return False
