"""A form from a graph's input schema: words for labels, sentences for what is wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from agents.domain import JSON
from pages.components.words import label, words_of

LONG = 300
"""A text that may be longer than this many characters gets a text area."""
PROSE = ("task", "instruct", "body", "text", "prompt", "description", "content", "message", "question")


def input_form(schema: Mapping[str, Any] | None, *, sample: Mapping[str, JSON] | None, key: str) -> Mapping[str, JSON]:
    """Draw a field per property; the input as it stands now. Empty optional fields are left out."""
    fields: Mapping[str, Any] = (schema or {}).get("properties", {})
    if not fields:
        return _whole(key)
    required = set((schema or {}).get("required", ()))
    example = sample or {}
    first = {name: field for name, field in fields.items() if name in required or name in example}
    more = {name: field for name, field in fields.items() if name not in first}

    def draw(part: Mapping[str, Any]) -> dict[str, JSON]:
        return {
            name: _field(name, field, required=name in required, example=example.get(name), key=f"{key}-{name}")
            for name, field in part.items()
        }

    values = draw(first)
    if more:
        with st.expander("More fields", type="compact") if first else st.container():
            values |= draw(more)
    return {name: value for name, value in values.items() if name in required or value not in (None, "", [])}


def _field(name: str, field: Mapping[str, Any], *, required: bool, example: JSON, key: str) -> JSON:
    said = label(str(field.get("title") or "")) or words_of(name)
    words = said if required else f"{said} (optional)"
    kind, choices = _kind(field)
    if choices:
        return st.selectbox(words, choices, index=0 if required else None, key=key, persist_state="session")
    if kind == "boolean":
        return st.checkbox(words, value=bool(field.get("default")), key=key, persist_state="session")
    if kind in {"integer", "number"}:
        return _number(words, whole=kind == "integer", default=field.get("default"), key=key)
    hint = f"For example: {example}" if isinstance(example, str) and example else str(field.get("description") or "")
    if kind == "string":
        return _text(name, words, field, hint, key)
    if kind == "array" and field.get("items", {}).get("type") == "string":
        text = st.text_input(f"{words}, separated by commas", key=key, placeholder=hint, persist_state="session") or ""
        return [part.strip() for part in text.split(",") if part.strip()]
    return _json(words, key)


def _kind(field: Mapping[str, Any]) -> tuple[str, list[JSON]]:
    for option in (field, *field.get("anyOf", ())):
        if option.get("enum"):
            return "string", list(option["enum"])
        if option.get("type") not in (None, "null"):
            return str(option["type"]), []
    return "any", []


def _text(name: str, words: str, field: Mapping[str, Any], hint: str, key: str) -> str:
    limit = next((o["maxLength"] for o in (field, *field.get("anyOf", ())) if "maxLength" in o), 0)
    if limit > LONG or any(part in name.lower() for part in PROSE):
        return st.text_area(words, key=key, height=110, placeholder=hint, persist_state="session") or ""
    return st.text_input(words, key=key, placeholder=hint, persist_state="session") or ""


def _number(words: str, *, whole: bool, default: JSON, key: str) -> float | int | None:
    start = default if isinstance(default, int | float) else None
    if whole:
        return st.number_input(words, value=None if start is None else int(start), step=1, key=key)
    return st.number_input(words, value=None if start is None else float(start), key=key)


def _json(words: str, key: str) -> JSON:
    text = st.text_area(f"{words}, as JSON", key=key, height=110, persist_state="session") or ""
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text


def _whole(key: str) -> Mapping[str, JSON]:
    text = st.text_area("Input, as JSON", value="{}", key=f"{key}-whole", height=160, persist_state="session")
    try:
        value = json.loads(text or "{}")
    except ValueError as error:
        raise ValueError(f"The input is not JSON: {error}.") from None
    if not isinstance(value, dict):
        raise ValueError("The input must be a JSON object, such as {}.")
    return value
