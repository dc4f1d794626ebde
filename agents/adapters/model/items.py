"""What a model fills in for one item of a batch: the fields that the batch asks for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from agents.adapters.model.answers import Form, UnusableAnswer, read_object
from agents.adapters.model.schema import ItemRequest


def item_form(request: ItemRequest) -> Form[dict[str, str]]:
    """Exactly the request's fields, all texts; a field with choices takes one of them."""
    properties = {field: _text_or_choice(request.choices.get(field)) for field in request.fields}
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(request.fields),
        "additionalProperties": False,
    }
    return Form("Item", schema, partial(_read, request))


def _text_or_choice(choices: list[str] | None) -> dict[str, Any]:
    return {"type": "string", "enum": list(choices)} if choices else {"type": "string"}


def _read(request: ItemRequest, text: str) -> dict[str, str]:
    found = read_object(text)
    missing = [field for field in request.fields if field not in found]
    if missing:
        raise UnusableAnswer(f"it lacks the field {_quoted(missing)}")
    values = {field: _plain(found[field]) for field in request.fields}
    return {field: _allowed(field, value, request.choices.get(field)) for field, value in values.items()}


def _plain(value: object) -> str:
    """A number or a list as text; models without schemas answer so. Lone surrogates cannot be stored."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = ", ".join(map(_plain, value)) if isinstance(value, list) else str(value)
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "").strip()


def _allowed(field: str, value: str, choices: list[str] | None) -> str:
    if not choices or value in choices:
        return value
    alike = [choice for choice in choices if _folded(choice) == _folded(value)]
    if len(alike) != 1:
        raise UnusableAnswer(f"{field}: “{value[:80]}” is not one of {_quoted(choices)}")
    return alike[0]


def _folded(text: str) -> str:
    return " ".join(text.casefold().replace("_", " ").split())


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)
