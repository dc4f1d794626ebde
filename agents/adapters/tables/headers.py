"""The names of columns: whether a first line holds them, and whether they can be used."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from agents.adapters.tables.faults import BadColumns, NoHeader
from agents.wording import some

_VALUES = (
    (re.compile(r"[-+]?[\d.,\s]*\d\s?%?"), "is a number"),
    (re.compile(r"\d{4}-\d{1,2}-\d{1,2}([T ].*)?|\d{1,2}([./-])\d{1,2}\2\d{2,4}( .*)?"), "is a date"),
    (re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"), "is an address"),
    (re.compile(r"https?://\S+"), "is a link"),
    (re.compile(r"true|false|null", re.IGNORECASE), "is a value"),
)
_SHOWN = 40
NAME_MAX = 200


def named(cells: Sequence[str]) -> tuple[str, ...]:
    """Names as they are used: no space around, one space between words, nothing that cannot be seen."""
    return tuple(" ".join("".join(sign if sign.isprintable() else " " for sign in cell).split()) for cell in cells)


def numbered(width: int) -> tuple[str, ...]:
    """The names of columns that have none: column_1, column_2, ..."""
    return tuple(f"column_{number}" for number in range(1, width + 1))


def check_names(names: Sequence[str], where: str) -> None:
    """Raises BadColumns for names that are empty, there twice, or too long to be one."""
    empty = tuple(position for position, name in enumerate(names, 1) if not name)
    twice = tuple(name for name, times in Counter(names).items() if times > 1 and name)
    said = []
    if empty:
        said.append(_without_name(names, empty))
    if twice:
        said.append(f"{some([f'“{name}”' for name in twice], 5)} is there more than once")
    long = [f"“{name[:_SHOWN]}…”" for name in names if len(name) > NAME_MAX]
    if long:
        said.append(f"{some(long)} is longer than {NAME_MAX} characters")
    if said:
        raise BadColumns(f"{where}: {'; '.join(said)}. Give every column a name of its own.", twice, empty)


def _without_name(names: Sequence[str], empty: Sequence[int]) -> str:
    places = [f"{position} (after “{names[position - 2]}”)" if position > 1 else "1" for position in empty]
    if len(empty) == 1:
        return f"column {places[0]} has no name"
    return f"columns {some(places, 5)} have no name"


def check_header(first: Sequence[str], next_rows: Sequence[Sequence[str]], name: str) -> None:
    """Raises NoHeader when a first line looks like a row: how that is judged, its sentence says."""
    why = _value_in(first) or _repeated(first, next_rows)
    if why is None:
        return
    columns = numbered(len(first))
    called = " and ".join(columns) if len(columns) < 3 else f"{columns[0]} to {columns[-1]}"
    raise NoHeader(
        f"The first line of {name} looks like a row and not like the names of columns: {why}. "
        f"Add a first line with names; or take all lines as rows, with columns called {called}; "
        "or say that these are the names.",
        tuple(first),
        why,
        columns,
    )


def _value_in(cells: Sequence[str]) -> str | None:
    for cell in cells:
        text = cell.strip()
        shown = f"“{' '.join(text[:_SHOWN].split())}{'…' if len(text) > _SHOWN else ''}”"
        for pattern, what in _VALUES:
            if pattern.fullmatch(text):
                return f"{shown} {what}"
        if "\n" in text or "\r" in text:
            return f"{shown} goes over several lines"
        if text.endswith((".", "!")) and len(text.split()) > 3:
            return f"{shown} is a sentence"
    return None


def _repeated(first: Sequence[str], next_rows: Sequence[Sequence[str]]) -> str | None:
    """A category stands in its column again and again, a name does not. One such column may be chance."""
    again = [
        cell
        for place, cell in enumerate(first)
        if cell.strip() and any(len(row) > place and row[place] == cell for row in next_rows)
    ]
    if next_rows and 2 * len(again) >= len(first) and list(first) not in map(list, next_rows):
        return f"“{again[0][:_SHOWN]}” stands in its column again"
    return None
