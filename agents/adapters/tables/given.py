"""Rows that are given as they are, a list of objects: the same checks as for a file, and every cell as text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from agents.adapters.tables.faults import LINES_NAMED, BadTable, RaggedRows, TooLarge
from agents.adapters.tables.headers import check_names, named
from agents.adapters.tables.inspecting import CELL_SHOWN, PREVIEWED
from agents.adapters.tables.table import Limits, Table
from agents.domain import JSON
from agents.wording import count, some

_DEFAULT = Limits()


def inspect_given(given: Sequence[JSON], *, name: str = "the rows", limits: Limits = _DEFAULT) -> Table:
    """Look rows through; `given_rows` gives them as texts. size: characters.

    Raises RaggedRows for rows with other columns than the first, BadColumns, TooLarge, or another BadTable.
    """
    if not given:
        raise BadTable(f"{name}: none are there. Give at least one.")
    if len(given) > limits.rows:
        raise TooLarge(
            f"{name}: {len(given):,} are more than the {limits.rows:,} that are taken at once. "
            "Split them, and start a batch for each part."
        )
    columns = _columns(given, name, limits)
    _check_keys(given, columns, name)
    size = 0
    for number, cells in enumerate(_texts(given, columns), 1):
        size += sum(map(len, cells))
        _check_cells(cells, number, name, limits)
        if size > limits.bytes:
            raise TooLarge(
                f"{name}: more text than {limits.bytes / 2**20:,.0f} MB. Split them, and start several batches."
            )
    first = [tuple(cell[:CELL_SHOWN] for cell in cells) for cells in _texts(given[:PREVIEWED], columns)]
    return Table(name, "", "", True, named(columns), len(given), size, tuple(first))


def given_rows(given: Sequence[Mapping[str, JSON]]) -> Iterator[tuple[str, ...]]:
    """The rows that `inspect_given` found good, one text per column."""
    yield from _texts(given, list(given[0]))


def _columns(given: Sequence[JSON], name: str, limits: Limits) -> list[str]:
    for number, row in enumerate(given, 1):
        if not isinstance(row, Mapping) or not row or not all(isinstance(key, str) for key in row):
            raise BadTable(f'{name}: row {number} is no object with columns, such as {{"subject": "..."}}.')
    columns = list(given[0])
    if len(columns) > limits.columns:
        raise TooLarge(f"{name}: {len(columns):,} columns; at most {limits.columns:,} are taken.")
    check_names(named(columns), name)
    return columns


def _check_keys(given: Sequence[Mapping[str, JSON]], columns: Sequence[str], name: str) -> None:
    known = set(columns)
    other = [(number, row) for number, row in enumerate(given, 1) if row.keys() != known]
    if not other:
        return
    said = "; ".join(f"row {number} {_difference(row, columns)}" for number, row in other[:LINES_NAMED])
    rest = len(other) - LINES_NAMED
    more = f"; and {count(rest, 'more row')}" if rest > 0 else ""
    raise RaggedRows(
        f"{name}: {count(len(other), 'row')} with other columns than row 1: {said}{more}. "
        "Give every row the same columns.",
        tuple((number, len(row)) for number, row in other[:LINES_NAMED]),
        len(other),
    )


def _difference(row: Mapping[str, JSON], columns: Sequence[str]) -> str:
    lacks = [f"“{name}”" for name in columns if name not in row]
    extra = [f"“{name}”" for name in row if name not in columns]
    said = [f"lacks {some(lacks)}"] if lacks else []
    return " and ".join([*said, f"has {some(extra)} besides"] if extra else said)


def _texts(given: Sequence[Mapping[str, JSON]], columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for row in given:
        yield tuple(_text(row[column]) for column in columns)


def _text(value: JSON) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _check_cells(cells: Sequence[str], number: int, name: str, limits: Limits) -> None:
    for cell in cells:
        if len(cell) > limits.cell:
            raise BadTable(f"{name}: a cell of row {number} holds more than {limits.cell:,} characters. Shorten it.")
        if "\0" in cell or not _whole(cell):
            raise BadTable(f"{name}: a cell of row {number} holds a character that no text has (NUL or half of one).")


def _whole(cell: str) -> bool:
    """Half of a surrogate pair is JSON, and cannot be written as UTF-8."""
    try:
        cell.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
