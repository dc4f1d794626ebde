"""From a model's text to a validated draft, and the JSON Schema that asks for it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

Draft = TypeVar("Draft", bound=BaseModel)
T = TypeVar("T")

# OpenAI's strict mode refuses these; pydantic checks them afterwards in any case.
_NOT_ON_THE_WIRE = frozenset(
    {"title", "default", "description", "maxLength", "minLength", "minimum", "maximum", "minItems", "maxItems"}
)

_DEEPEST = 200


class UnusableAnswer(Exception):
    """The text is no draft; the message says why, for the model to correct."""


@dataclass(frozen=True, slots=True)
class Form(Generic[T]):
    """What a model is asked to fill in: a JSON object.

    schema: its JSON Schema, in the subset that strict servers accept. read:
    from the text of an answer to what is wanted; raises UnusableAnswer.
    """

    name: str
    schema: dict[str, Any]
    read: Callable[[str], T]


def draft_form(kind: type[Draft]) -> Form[Draft]:
    return Form(kind.__name__, wire_schema(kind), partial(read_draft, kind))


def read_draft(kind: type[Draft], text: str) -> Draft:
    """The draft in a model's answer, also when it is wrapped in prose or a code fence.

    Raises UnusableAnswer with every problem in plain words.
    """
    try:
        return kind.model_validate(read_object(text))
    except ValidationError as error:
        raise UnusableAnswer("; ".join(problems(error))) from None


def read_object(text: str) -> dict[str, Any]:
    """The JSON object in a model's answer. Raises UnusableAnswer where there is none."""
    if not text.strip():
        raise UnusableAnswer("the answer is empty")
    found = _object_in(text)
    if found is None:
        raise UnusableAnswer("it holds no complete JSON object")
    return found


def wire_schema(kind: type[BaseModel]) -> dict[str, Any]:
    """The draft's JSON Schema in the subset that strict servers accept.

    Definitions are inlined, every field is required and nothing else allowed.
    """
    full = kind.model_json_schema()
    strict = _strict(full, full.get("$defs", {}))
    assert isinstance(strict, dict)
    return strict


def _strict(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_strict(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _strict(definitions[node["$ref"].rsplit("/", 1)[1]], definitions)
    kept = {key: value for key, value in node.items() if key not in _NOT_ON_THE_WIRE and key != "$defs"}
    if "properties" not in kept:
        return {key: _strict(value, definitions) for key, value in kept.items()}
    fields = {name: _strict(value, definitions) for name, value in kept["properties"].items()}
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def _object_in(text: str) -> dict[str, Any] | None:
    """The longest JSON object in the text; what a reasoning model thought aloud is left out."""
    text = re.sub(r"<think>.*?</think>", "", text, flags=re.DOTALL)
    if _depth(text) > _DEEPEST:
        return None  # no draft is nested so deep; to read it would take the stack to its end
    decoder = json.JSONDecoder()
    best: tuple[int, dict[str, Any] | None] = (0, None)
    at = text.find("{")
    while at >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
        except ValueError:
            at = text.find("{", at + 1)
            continue
        if isinstance(value, dict) and end - at > best[0]:
            best = (end - at, value)
        at = text.find("{", end)
    return best[1]


def _depth(text: str) -> int:
    """How deep brackets are nested at most, those in strings counted too."""
    depth = deepest = 0
    for bracket in re.findall(r"[\[{\]}]", text):
        depth = depth + 1 if bracket in "[{" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest


def problems(error: ValidationError) -> list[str]:
    """What is wrong with a draft, field by field; the first eight."""
    return [_problem(item) for item in error.errors(include_url=False)[:8]]


def _problem(item: Any) -> str:
    where = ".".join(str(part) for part in item["loc"])
    said = str(item["msg"]).removeprefix("Value error, ")
    return f"{where}: {said}" if where else said
