"""What a graph of somebody's own is started with: a form from its input schema, or JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass

import streamlit as st

from agents.domain import JSON
from agents.payloads.forms import Field, FieldKind, form_of
from agents.registry import GraphInfo
from pages.components.heading import prose
from pages.components.schema_form import draw

FORM, WHOLE = "Form", "JSON"


@dataclass(frozen=True, slots=True)
class Given:
    """The input as it stands; problem: why it cannot be used, a sentence."""

    value: JSON
    problem: str | None = None


def own_input(graph: GraphInfo, key: str) -> Given:
    """Draw it; in JSON everything can be said that the graph takes."""
    form = form_of(graph.input_schema, label="Input") if graph.input_schema else None
    if form is None or form.kind is FieldKind.JSON:
        prose("This graph does not say what it takes, so its input is written as JSON.", "so-muted")
        return _whole(key)
    ways = (FORM, WHOLE)
    way = st.segmented_control("Written as", ways, default=FORM, key=f"{key}-way", required=True)
    return _whole(key) if way == WHOLE else _fields(form, key)


def _fields(form: Field, key: str) -> Given:
    drawn = draw(form, None, key)
    return Given(drawn.value, drawn.problem)


def _whole(key: str) -> Given:
    text = st.text_area("Input, as JSON", value="{}", key=f"{key}-whole", height=160, persist_state="session")
    try:
        given = json.loads(text or "{}")
        json.dumps(given, allow_nan=False)
    except (ValueError, RecursionError) as error:
        return Given(None, f"The input is not JSON: {error}.")
    return Given(given)
