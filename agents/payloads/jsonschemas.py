"""Checking a value against a JSON Schema that came with a payload; the schema is a stranger's too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.domain import JSON
from agents.errors import InvalidDecision


def check(value: JSON, schema: Mapping[str, Any], field: str) -> None:
    """Raises InvalidDecision that names the place in the value and what is expected there.

    Nothing that the schema points to is fetched. A schema that is broken checks
    nothing: its graph could not check with it either.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError, best_match
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    try:
        Draft202012Validator.check_schema(dict(schema))
        validator = Draft202012Validator(dict(schema), registry=Registry())
        error = best_match(validator.iter_errors(value))
    except (SchemaError, Unresolvable, RecursionError):
        return
    if error is not None:
        place = ".".join(str(part) for part in error.absolute_path)
        where = f"{place}: " if place else ""
        raise InvalidDecision(
            f"The answer does not fit what the graph expects: {where}{error.message}", field=place or field
        )
