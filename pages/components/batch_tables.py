"""The tables of a batch: samples with their verdicts, items before and after, items that failed. All of it is text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import streamlit as st

from agents.batches import PER_PAGE, FailedItem, JudgedItem, RedoneItem
from agents.clock import from_text
from agents.lots import Word
from pages.components.batch_words import VERDICTS
from pages.components.words import clock_time, escaped

CELL = 300
"""Characters of an output's cell that are shown."""

GIST, WHOLE = 110, 3000
"""Characters of an item's input: in its one line, and when that is opened."""


def judged_items(items: Iterable[JudgedItem]) -> None:
    _list("Samples", (_judged(item) for item in items))


def redone_items(items: Iterable[RedoneItem]) -> None:
    _list("Items that were done again", (_redone(item) for item in items))


def failed_items(items: Iterable[FailedItem]) -> None:
    _list("Failed items", (_failed(item) for item in items))


def pages(total: int, key: str) -> None:
    """The way to the other pages of a table, where there are any."""
    if total > PER_PAGE:
        with st.container(horizontal_alignment="center"):
            st.pagination(-(-total // PER_PAGE), key=key)


def _list(name: str, rows: Iterable[str]) -> None:
    st.html(f'<ol class="so-items" aria-label="{name}">{"".join(f"<li>{row}</li>" for row in rows)}</ol>')


def _judged(item: JudgedItem) -> str:
    words, colour = VERDICTS[item.verdict.word]
    notes = [_said(item)]
    if not item.verdict.planned:
        notes.append("looked at beside the plan, so not part of the rate")
    if not item.stands:
        notes.append("its result no longer counts, so it is not part of the rate")
    if item.verdict.note:
        notes.append(f"“{item.verdict.note}”")
    output = _cells(item.output, item.error)
    if item.verdict.word is Word.CORRECTED and item.verdict.corrected is not None:
        output = _changes(item.output, item.verdict.corrected, item.error)
    return _row(item.item_no, (words, colour), notes, _input(item.input), output)


def _said(item: JudgedItem) -> str:
    if item.by is None:
        return f"answered outside Signoff, {clock_time(from_text(item.verdict.at))}"
    return f"by {item.by.actor}, {clock_time(from_text(item.by.at))}"


def _redone(item: RedoneItem) -> str:
    if item.corrected:
        state, note = ("Kept", "gray"), "a person had corrected it, and that stays"
    elif item.after is None and item.after_error is None:
        state, note = ("To do", "blue"), "its turn comes"
    elif item.after_error is not None:
        state, note = ("Failed", "red"), ""
    elif item.changed:
        state, note = ("Changed", "orange"), ""
    else:
        state, note = ("The same", "gray"), ""
    waits = item.after is None and item.after_error is None
    output = _cells(item.before, item.before_error) if waits else _after(item)
    return _row(item.item_no, state, [note], _input(item.input), output)


def _after(item: RedoneItem) -> str:
    if item.after is None:
        return _cells(item.before, item.after_error)
    return _changes(item.before, item.after, item.before_error)


def _failed(item: FailedItem) -> str:
    note = "its chunk is not decided yet" if item.held else ""
    return _row(item.item_no, ("Failed", "red"), [note], _input(item.input), _cells({}, item.error))


def _row(item_no: int, state: tuple[str, str], notes: Iterable[str], left: str, right: str) -> str:
    said = "".join(f'<span class="so-by">{escaped(note)}</span>' for note in notes if note)
    badge = f'<span class="so-badge so-{state[1]}">{escaped(state[0])}</span>'
    head = f'<div><span class="so-no">Item {item_no:,}</span>{badge}{said}</div>'
    return f'{head}<div class="so-cells">{left}</div><div class="so-cells">{right}</div>'


def _input(cells: Mapping[str, str]) -> str:
    """One line, which opens to the item's cells."""
    line = " · ".join(" ".join(text.split()) for text in cells.values() if text.strip())
    whole = "".join(_line(name, escaped(_short(text, WHOLE))) for name, text in cells.items())
    return f"<details><summary>{escaped(_cut(line, GIST))}</summary>{whole}</details>"


def _cells(cells: Mapping[str, str], error: str | None = None) -> str:
    lines = [_line(name, escaped(_short(text))) for name, text in cells.items()]
    if error:
        lines.append(f'<div class="so-error">{escaped(_short(error))}</div>')
    return "".join(lines)


def _changes(before: Mapping[str, str], after: Mapping[str, str], error: str | None) -> str:
    """Field by field, what was and what is, where they differ."""
    lines = [f'<div class="so-error"><del>{escaped(_short(error))}</del></div>'] if error else []
    for name, new in after.items():
        old = before.get(name)
        gone = f"<del>{escaped(_short(old))}</del> " if old and old != new else ""
        text = escaped(_short(new))
        lines.append(_line(name, text if old == new else f"{gone}<ins>{text}</ins>"))
    return "".join(lines)


def _line(name: str, html: str) -> str:
    return f'<div><span class="so-name">{escaped(name)}:</span> {html}</div>'


def _short(text: str, most: int = CELL) -> str:
    return text if len(text) <= most else f"{_cut(text, most)} ({len(text) - most:,} more characters)"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most].rstrip()}…"
