"""A form from a tree of fields: a Streamlit field for each, with what is wrong with it below it.

The fields hand back drafts, plain JSON; agents/payloads/forms.py reads them. Words of
a stranger's schema stand on screen as text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import streamlit as st

from agents.domain import JSON, UNSET
from agents.payloads.forms import Field, FieldKind, changes, draft_of, overlaid, read_all
from pages.components.draft import first
from pages.components.heading import prose
from pages.components.schema_entries import draw_list, draw_picks
from pages.components.schema_fields import (
    NATURAL,
    draw_boolean,
    draw_choice,
    draw_date,
    draw_json,
    draw_moment,
    draw_number,
    draw_text,
)
from pages.components.words import label

NARROW = (FieldKind.NUMBER, FieldKind.INTEGER, FieldKind.DATE, FieldKind.TIME)
"""Fields that stand beside each other where there is room."""
WIDE_CHOICE = 4
WIDTH = 230
"""Pixels of a narrow field."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A form as it stands. kept: what a draft has to keep of it, None when nothing was changed.

    value: what it says, None while it will not do. faults: a sentence for each
    field that will not do, by its path.
    """

    kept: JSON
    value: JSON
    faults: Mapping[str, str]

    @property
    def problem(self) -> str | None:
        return next(iter(self.faults.values()), None)


def draw(form: Field, kept: JSON, key: str) -> Drawn:
    """Draw the form. kept: what a draft kept of it, or None."""
    before = draft_of(form)
    raw = draw_field(form, overlaid(before, UNSET if kept is None else kept), key, "")
    value, faults = read_all(form, raw)
    kept_now = changes(before, raw)
    return Drawn(None if kept_now is UNSET else kept_now, None if faults else value, faults)


def draw_field(form: Field, raw: JSON, key: str, where: str) -> JSON:
    """One field and what is in it. raw: what it begins with; where: its part of the widget's name."""
    if form.kind is FieldKind.OBJECT:
        return _object(form, raw, key, where)
    if form.kind is FieldKind.OPTIONAL:
        return _optional(form, raw, key, where)
    with st.container(gap="xsmall"):
        made = _simple(form, raw, key, where, optional=False)
        _below(form, made)
    return made


def _simple(form: Field, raw: JSON, key: str, where: str, *, optional: bool, hint: str = "") -> JSON:
    words = f"{label(form.label) or 'Value'} (optional)" if optional else label(form.label) or "Value"
    name, pick = f"arg-{where or 'value'}-{key}", f"pick-{where or 'value'}-{key}"
    match form.kind:
        case FieldKind.NUMBER | FieldKind.INTEGER:
            return draw_number(form, raw, words, name, hint)
        case FieldKind.BOOLEAN:
            return draw_boolean(form, raw, words, pick)
        case FieldKind.CHOICE:
            return draw_choice(form, raw, words, pick, optional=optional, hint=hint)
        case FieldKind.DATE:
            return draw_date(raw, words, pick)
        case FieldKind.DATETIME:
            return draw_moment(raw, words, key, where)
        case FieldKind.JSON:
            return draw_json(form, raw, words, name)
        case FieldKind.LIST:
            if form.unique:
                return draw_picks(form, raw, words, pick)
            return draw_list(form, raw, name, lambda each, begin, part: draw_field(each, begin, key, f"{where}.{part}"))
        case FieldKind.ONEOF:
            return _one_of(form, raw, words, key, where)
    return draw_text(form, raw, words, name, hint)


def _object(form: Field, raw: JSON, key: str, where: str) -> JSON:
    """The top of a form stands by itself; an object inside it gets a box."""
    if not where:
        return _fields(form.fields, raw, key, "")
    with st.container(border=True, gap="small"):
        prose(form.label, "so-strong")
        if form.help:
            prose(form.help, "so-muted")
        return _fields(form.fields, raw, key, f"{where}.")


def _fields(fields: Sequence[Field], raw: JSON, key: str, above: str) -> dict[str, JSON]:
    """The fields in order; narrow ones that follow each other share a row."""
    typed = raw if isinstance(raw, Mapping) else {}
    made: dict[str, JSON] = {}
    for narrow, group in groupby(fields, _is_narrow):
        together = list(group)
        if not narrow:
            for each in together:
                made[each.name] = draw_field(each, typed.get(each.name), key, above + each.name)
            continue
        with st.container(horizontal=True, gap="small"):
            for each in together:
                with st.container(width=WIDTH, gap="xsmall"):
                    made[each.name] = draw_field(each, typed.get(each.name), key, above + each.name)
    return made


def _is_narrow(form: Field) -> bool:
    inside = form.item if form.kind is FieldKind.OPTIONAL and form.item else form
    return inside.kind in NARROW or (inside.kind is FieldKind.CHOICE and len(inside.choices) > WIDE_CHOICE)


def _optional(form: Field, raw: JSON, key: str, where: str) -> JSON:
    """A field that stays empty is left out; what has no empty state gets a box to tick first."""
    inside = form.item
    assert inside is not None, form.path
    typed: Mapping[str, JSON] = raw if isinstance(raw, Mapping) else {"given": False, "raw": None}
    hint = f"Left out: {label(form.hint)} is used" if form.hint else "Left out"
    with st.container(gap="xsmall"):
        answer = _given_or_not(form, inside, typed, key, where, hint)
        _below(form, answer)
    return answer


def _given_or_not(
    form: Field, inside: Field, typed: Mapping[str, JSON], key: str, where: str, hint: str
) -> dict[str, JSON]:
    if inside.kind in NATURAL:
        made = _simple(inside, typed.get("raw"), key, where, optional=True, hint=hint)
        given = made not in (None, "") or (made == "" and form.begin == "")
        return {"given": given, "raw": made}
    name = f"pick-{where}.given-{key}"
    words = f"{label(form.label) or 'Value'} (optional)"
    given = st.checkbox(words, value=bool(first(name, typed.get("given") is True)), key=name)
    return {"given": given, "raw": draw_field(inside, typed.get("raw"), key, where) if given else typed.get("raw")}


def _one_of(form: Field, raw: JSON, words: str, key: str, where: str) -> JSON:
    """Which of the alternatives, then its fields."""
    typed: Mapping[str, JSON] = raw if isinstance(raw, Mapping) else {}
    before = typed.get("which")
    name = f"pick-{where}.which-{key}"
    which = st.segmented_control(
        words,
        range(len(form.fields)),
        default=first(name, before),
        format_func=lambda number: label(form.fields[number].label) or f"Form {number + 1}",
        key=name,
    )
    if which is None:
        return {"which": None, "raw": None}
    chosen = form.fields[which]
    begin = typed.get("raw") if which == before else draft_of(chosen)
    return {"which": which, "raw": draw_field(chosen, begin, key, f"{where}.{which}")}


def _below(form: Field, raw: JSON) -> None:
    """What its schema says of a field, and what is wrong with it; an empty one that nobody touched is not scolded yet."""
    if form.help and form.kind is not FieldKind.OBJECT:
        prose(form.help, "so-muted")
    inside = form.item if form.kind is FieldKind.OPTIONAL and form.item else form
    if inside.kind in (FieldKind.LIST, FieldKind.ONEOF, FieldKind.OBJECT) or raw == draft_of(form):
        return
    _, faults = read_all(form, raw)
    if form.path in faults:
        said = faults[form.path].partition(": ")[2] or faults[form.path]
        prose(said[:1].upper() + said[1:], "so-fault")
