"""One item of a batch: its input beside its output, and fields to correct what the model made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from agents.domain import JSON
from agents.payloads.diff import diff, html
from agents.payloads.sample import Sample, SampleProposal
from pages.components.diff import show_changes
from pages.components.draft import first
from pages.components.heading import banner, prose, section
from pages.components.long_text import long_facts, long_prose
from pages.components.words import escaped, words_of

LONG = 60
"""A text that is longer than this many characters is corrected in a text area."""


@dataclass(frozen=True, slots=True)
class ItemEdit:
    """An item as it stands on the card. output: whole, as corrected; changed: differs from the model's.

    problem: the sentence that says why it cannot be sent so.
    """

    item_no: int | None
    output: Mapping[str, str]
    changed: bool
    problem: str = ""


def draw_item(sample: Sample, proposal: SampleProposal, kept: Mapping[str, JSON], key: str) -> ItemEdit:
    """Draw it; what a person made of it. kept: its corrected output of a draft, as it was loaded."""
    left, right = st.columns(2, gap="medium")
    with left:
        section("Input")
        show_texts(sample.input, f"input-{sample.item_no}-{key}")
    with right:
        section("Output")
        if sample.error:
            banner(f"{sample.error} Fill it in by hand, or go on without it.", "red", title="This item failed.")
        elif sample.before is not None:
            _redone(dict(sample.before), dict(sample.output))
        return _fields(sample, proposal, kept, key)


def show_texts(pairs: tuple[tuple[str, str], ...], key: str) -> None:
    """Columns or fields with their texts, which may be long; a text without a name stands alone."""
    named = [(words_of(name), text or "(empty)") for name, text in pairs if name]
    if named:
        long_facts(named, key=key)
    for name, text in pairs:
        if not name:
            long_prose(text, key=key)


def _fields(sample: Sample, proposal: SampleProposal, kept: Mapping[str, JSON], key: str) -> ItemEdit:
    made = dict(sample.output)
    names = proposal.fields or tuple(made)
    now = {name: _field(name, sample, proposal.choices.get(name, ()), kept, key) for name in names}
    changed = any(now[name] != made.get(name, "") for name in names)
    missing = [words_of(name) for name in names if not now[name] and proposal.choices.get(name)]
    problem = f"Item {sample.item_no}: choose {' and '.join(missing).lower()} too." if changed and missing else ""
    return ItemEdit(sample.item_no, now, changed, problem)


def _field(name: str, sample: Sample, choices: tuple[str, ...], kept: Mapping[str, JSON], key: str) -> str:
    made = dict(sample.output).get(name, "")
    field_key = f"output-{sample.item_no}-{name}-{key}"
    begin = str(first(field_key, str(kept[name]) if isinstance(kept.get(name), str) else made))
    now = _select(name, choices, begin, made, field_key) if choices else _text(name, begin, made, field_key)
    if now != made and sample.output:
        if choices:
            st.html(f'<div class="so-was">was: <del>{escaped(made)}</del></div>')
        else:
            show_changes("", made, now)
    return now


def _select(name: str, choices: tuple[str, ...], begin: str, made: str, key: str) -> str:
    known = [*choices, *(text for text in dict.fromkeys((begin, made)) if text and text not in choices)]
    index = known.index(begin) if begin in known else None
    chosen = st.selectbox(words_of(name), known, index=index, key=key, placeholder="Choose")
    return chosen or ""


def _text(name: str, begin: str, made: str, key: str) -> str:
    if not made or len(made) > LONG or "\n" in made:
        return st.text_area(words_of(name), value=begin, key=key, height="content") or ""
    return st.text_input(words_of(name), value=begin, key=key, live=True) or ""


def _redone(before: Mapping[str, str], now: Mapping[str, str]) -> None:
    if before == now:
        prose("Done again, and it came out the same.", "so-muted")
    elif before:
        show_compared(before, now, ("Before", "Now"))
    else:
        prose("It failed before; done again, it succeeded.", "so-muted")


def show_compared(before: Mapping[str, str], after: Mapping[str, str], titles: tuple[str, str]) -> None:
    """Two outputs side by side; the fields that differ are marked."""
    rows = "".join(_row(name, before.get(name, ""), after.get(name, "")) for name in dict.fromkeys((*before, *after)))
    head = f"<tr><td></td><th>{escaped(titles[0])}</th><th>{escaped(titles[1])}</th></tr>"
    st.html(f'<table class="so-compared"><thead>{head}</thead><tbody>{rows}</tbody></table>')


def _row(name: str, before: str, now: str) -> str:
    tokens = diff(before, now)
    same = sum(len(text) for tag, text in tokens if tag == "equal")
    if before != now and 2 * same < max(len(before), len(now)):  # another text; shared words would only be noise
        tokens = [("delete", before), ("insert", now)]
    old = html((tag, text) for tag, text in tokens if tag != "insert")
    new = html((tag, text) for tag, text in tokens if tag != "delete")
    css = "" if before == now else ' class="differs"'
    return f"<tr{css}><th>{escaped(words_of(name))}</th><td>{old}</td><td>{new}</td></tr>"
