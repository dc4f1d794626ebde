"""What a graph is started with, as a JSON Schema for a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args, get_type_hints

from pydantic import TypeAdapter

_MESSAGES: Mapping[str, Any] = {
    "type": "array",
    "title": "Messages",
    "items": {
        "type": "object",
        "title": "Message",
        "properties": {
            "role": {"enum": ["user", "assistant", "system"], "default": "user", "title": "From"},
            "content": {"type": "string", "title": "Text", "format": "multiline"},
        },
        "required": ["role", "content"],
    },
}


def input_schema(graph: Any) -> dict[str, Any] | None:
    """The JSON Schema of a compiled graph's input; None for one without fields, or which nobody wrote down.

    Nothing is required but what a pydantic model checks: a state's other fields are mostly the graph's to fill.
    """
    builder = getattr(graph, "builder", None)
    declared = getattr(builder, "input_schema", None)
    if declared is None:
        found = _schema_of(getattr(graph, "input_schema", None)) or {}  # an entrypoint's one argument
        return {**found, "title": "Input"} if found.keys() - {"title"} else None
    if hasattr(declared, "model_json_schema"):
        return _schema_of(declared)
    try:
        hints = get_type_hints(declared, include_extras=True)
    except Exception:  # noqa: BLE001 - a stranger's annotations may name what is not there
        return None
    fields = {name: _field(name, hint) for name, hint in hints.items() if not _managed(hint)}
    return {"type": "object", "title": declared.__name__, "properties": fields} if fields else None


def _field(name: str, hint: Any) -> dict[str, Any]:
    title = name.replace("_", " ").strip().capitalize()
    if _is_messages(hint):
        return {**_MESSAGES, "title": title}
    return {"title": title, **(_schema_of(hint) or {})}


def _is_messages(hint: Any) -> bool:
    if any(base.__name__ == "BaseMessage" for base in getattr(hint, "__mro__", ())):
        return True
    return any(_is_messages(each) for each in get_args(hint))


def _managed(hint: Any) -> bool:
    """A value that LangGraph itself gives, as `remaining_steps`."""
    return any(getattr(each, "__module__", "").startswith("langgraph.managed") for each in get_args(hint))


def _schema_of(declared: Any) -> dict[str, Any] | None:
    try:
        found = TypeAdapter(declared).json_schema()
    except Exception:  # noqa: BLE001 - it may hold types that no schema describes
        return None
    return found if isinstance(found, dict) else None
