"""Lists in a form: entries that come and go, and a choice of several."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from agents.domain import JSON
from agents.payloads.forms import Field, FieldKind, draft_of
from agents.payloads.forms_reading import at
from pages.components.draft import first
from pages.components.heading import prose
from pages.components.words import label

BOXED = (FieldKind.OBJECT, FieldKind.LIST, FieldKind.ONEOF, FieldKind.JSON, FieldKind.DATETIME)

Draw = Callable[[Field, JSON, str], JSON]
"""Draws a field with what it begins with, under this part of the widget's name."""


def draw_list(form: Field, raw: JSON, key: str, draw: Draw) -> list[JSON]:
    """A row for each entry with a button that takes it out, and one that adds another."""
    name = f"extra-{key}"
    begin = [{**each, "id": str(number)} for number, each in enumerate(raw if isinstance(raw, list) else [])]
    rows: list[dict[str, Any]] = st.session_state.setdefault(name, begin)
    made: list[JSON] = []
    with st.container(border=True, gap="small"):
        prose(form.label, "so-strong")
        entries = st.container(gap="small")
        if st.button("Add an entry", icon=":material/add:", key=f"add-{key}"):
            st.session_state[f"extra-next-{key}"] = number = st.session_state.get(f"extra-next-{key}", 0) + 1
            rows = [*rows, {"of": -1, "raw": draft_of(_new(form)), "id": f"new{number}"}]
        left = []
        with entries:
            for number, row in enumerate(rows, start=1):
                drawn = _row(form, row, number, key, draw)
                if drawn is not None:
                    left.append(row)
                    made.append({"of": row["of"], "raw": drawn[0]})
            if not left:
                prose("No entries.", "so-muted")
    st.session_state[name] = left
    return made


def _row(form: Field, row: dict[str, Any], number: int, key: str, draw: Draw) -> tuple[JSON] | None:
    """The entry as it stands now; None when it was just taken out."""
    entry = form.fields[row["of"]] if 0 <= row["of"] < len(form.fields) else _new(form)
    slot = st.empty()
    beside = entry.kind not in BOXED
    words, name = f"Remove entry {number}", f"drop-{row['id']}-{key}"
    with (
        slot.container(),
        st.container(horizontal=beside, vertical_alignment="bottom", gap="small", key=f"row-{row['id']}-{key}"),
    ):
        with st.container():
            drawn = draw(
                _named(entry, f"Entry {number}", f"{form.path}.{number - 1}".lstrip(".")), row["raw"], row["id"]
            )
        gone = st.button(words, icon=":material/close:", type="tertiary", key=name)
    if gone:
        slot.empty()
        return None
    return (drawn,)


def draw_picks(form: Field, raw: JSON, words: str, key: str) -> list[JSON]:
    """Several of a few choices, each at most once."""
    new = _new(form)
    texts = [each.label for each in new.choices]
    before = [entry["raw"] for entry in (raw if isinstance(raw, list) else []) if entry["raw"] is not None]
    begin = first(key, before)
    if all(label(text) == text for text in texts) and len(texts) <= 12:
        chosen = st.pills(
            words, range(len(texts)), selection_mode="multi", default=begin, format_func=texts.__getitem__, key=key
        )
    else:
        chosen = st.multiselect(words, range(len(texts)), default=begin, format_func=texts.__getitem__, key=key)
    kept = {entry["raw"]: entry["of"] for entry in (raw if isinstance(raw, list) else [])}
    picked = [each for each in before if each in chosen] + [each for each in chosen if each not in before]
    return [{"of": kept.get(each, -1), "raw": each} for each in picked]


def _new(form: Field) -> Field:
    assert form.item is not None, form.path
    return form.item


def _named(entry: Field, words: str, path: str) -> Field:
    return replace(at(entry, path), label=words)
