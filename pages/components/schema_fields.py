"""The simple fields of a form: each draws one and returns what a draft holds of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

import streamlit as st

from agents.domain import JSON
from agents.payloads.forms import Field, FieldKind
from agents.payloads.forms_reading import EDITABLE
from pages.components.draft import first
from pages.components.heading import prose
from pages.components.long_text import is_long, long_code, long_prose
from pages.components.words import label

NATURAL = (
    FieldKind.TEXT,
    FieldKind.LONGTEXT,
    FieldKind.NUMBER,
    FieldKind.INTEGER,
    FieldKind.DATE,
    FieldKind.TIME,
    FieldKind.CHOICE,
)
"""Fields whose being empty says that there is no value."""
EXACT = 2**53 - 1
"""Beyond this a browser rounds whole numbers."""
PILLS = 6
PILL_LETTERS = 60
ZONES = {"Z": "UTC", "": "No time zone"}


def draw_text(form: Field, raw: JSON, words: str, key: str, hint: str) -> str:
    """A line, or a box where it may be longer; what is very long is shown first and changed only on request."""
    begin = raw if isinstance(raw, str) else ""
    if is_long(begin):
        return _long_text(begin, words, key)
    if form.kind is FieldKind.LONGTEXT:
        lines = len(begin) // 90 + begin.count("\n") + 2
        height = max(90, min(320, 24 * lines + 20))
        return st.text_area(words, value=first(key, begin), key=key, height=height, placeholder=hint or None) or ""
    example = "Such as 14:30" if form.kind is FieldKind.TIME else None
    return st.text_input(words, value=first(key, begin), key=key, live=True, placeholder=hint or example) or ""


def _long_text(begin: str, words: str, key: str) -> str:
    prose(words, "so-muted")
    if len(begin) > EDITABLE:
        long_prose(begin, key=f"long-{key}")
        prose("It is too long to be changed here, and stays as it is.", "so-muted")
        return begin
    if not st.checkbox(f"Change {words}", key=f"change-{key}"):
        long_prose(begin, key=f"long-{key}")
        return begin
    return st.text_area(words, value=first(key, begin), key=key, height=320, label_visibility="collapsed") or ""


def draw_number(form: Field, raw: JSON, words: str, key: str, hint: str) -> JSON:
    """No limits are given to the field: it would keep what is beyond them to itself, and the old number would be sent."""
    begin = first(key, raw)
    if isinstance(begin, str) or (isinstance(begin, int) and abs(begin) > EXACT):
        return st.text_input(words, value=str(begin), key=key, live=True, placeholder=hint or None)
    if form.kind is FieldKind.INTEGER and not isinstance(begin, float):
        return st.number_input(words, value=begin, step=1, key=key, placeholder=hint or None)
    number = None if begin is None else float(begin)
    return st.number_input(words, value=number, step=1.0, format="%g", key=key, placeholder=hint or None)


def draw_boolean(form: Field, raw: JSON, words: str, key: str) -> bool | None:
    """A box where there is a value already; else yes or no, so that nothing is sent that nobody chose."""
    if isinstance(form.begin, bool):
        return st.checkbox(words, value=bool(first(key, raw)), key=key)
    before = first(key, None if raw is None else "Yes" if raw else "No")
    chosen = st.segmented_control(words, ["Yes", "No"], default=before, key=key)
    return None if chosen is None else chosen == "Yes"


def draw_choice(form: Field, raw: JSON, words: str, key: str, *, optional: bool, hint: str) -> int | None:
    """Pills for a few short choices, else a list to choose from; a choice of one is a fact."""
    texts = [each.label for each in form.choices]
    if len(texts) == 1 and not optional:
        prose(f"{words}: {texts[0]}", "so-muted")
        return 0
    begin = first(key, raw if isinstance(raw, int) else None)
    drawn_as_they_are = all(label(text) == text for text in texts)
    if len(texts) <= PILLS and drawn_as_they_are and sum(map(len, texts)) <= PILL_LETTERS:
        return st.pills(words, range(len(texts)), default=begin, format_func=texts.__getitem__, key=key)
    offered = [-1, *range(len(texts))] if optional else [*range(len(texts))]
    at = offered.index(-1 if begin is None else begin) if begin is not None or optional else None
    chosen = st.selectbox(
        words,
        offered,
        index=at,
        format_func=lambda number: texts[number] if number >= 0 else hint,
        key=key,
        placeholder="Choose one",
    )
    return None if chosen is None or chosen < 0 else int(chosen)


def draw_date(raw: JSON, words: str, key: str) -> str | None:
    chosen = st.date_input(
        words,
        value=first(key, _day(raw)),
        min_value=date(1, 1, 1),
        max_value=date(9999, 12, 31),
        format="YYYY-MM-DD",
        key=key,
    )
    return chosen.isoformat() if isinstance(chosen, date) else None


def draw_moment(raw: JSON, words: str, key: str, where: str) -> JSON:
    """Date, time of day and time zone; the time is text, so that its seconds survive."""
    typed: Mapping[str, JSON] = raw if isinstance(raw, Mapping) else {}
    zone = str(typed.get("zone", "Z"))
    zones = [*ZONES, *([] if zone in ZONES else [zone])]
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        with st.container(width=180):
            day = draw_date(typed.get("date"), words, f"pick-{where}-{key}")
        with st.container(width=150):
            name = f"arg-{where}.time-{key}"
            begin = first(name, str(typed.get("time") or ""))
            clock = st.text_input("Time of day", value=begin, placeholder="14:30", live=True, key=name) or ""
        with st.container(width=170):
            name = f"pick-{where}.zone-{key}"
            chosen = st.selectbox(
                "Time zone",
                zones,
                index=first(name, zones.index(zone)),
                format_func=lambda each: ZONES.get(each, f"UTC {each}"),
                key=name,
            )
    return {"date": day, "time": clock.strip(), "zone": chosen if chosen is not None else zone}


def draw_json(form: Field, raw: JSON, words: str, key: str) -> str | None:
    """Anything that has no fields of its own. What is too long to be drawn as text stays as it is."""
    if raw is None:
        prose(words, "so-muted")
        long_code(form.begin, key=f"long-{key}")
        prose("It is too long to be changed here, and stays as it is.", "so-muted")
        return None
    begin = first(key, str(raw))
    height = max(90, min(320, 24 * (begin.count("\n") + 2)))
    return st.text_area(f"{words}, as JSON", value=begin, key=key, height=height) or ""


def _day(raw: JSON) -> date | None:
    found = re.fullmatch(r"\d{4}-\d\d-\d\d", raw) if isinstance(raw, str) else None
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None
