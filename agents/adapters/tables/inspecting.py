"""Looking a CSV file through from start to end, and reading its rows; both as streams."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from agents.adapters.tables.encodings import encoding_of, lines
from agents.adapters.tables.faults import LINES_NAMED, BadTable, RaggedRows, TooLarge
from agents.adapters.tables.headers import check_header, check_names, named, numbered
from agents.adapters.tables.records import DELIMITERS, WORDS, delimiter_of, records
from agents.adapters.tables.table import Limits, Table
from agents.errors import InvalidInput
from agents.wording import count

Progress = Callable[[int], None]

JUDGED = 200
"""Rows by which it is judged whether the first line holds names."""

PREVIEWED = 5
CELL_SHOWN = 300
_STEP = 1000

_DEFAULT = Limits()


def inspect(
    file: BinaryIO,
    *,
    name: str,
    encoding: str | None = None,
    delimiter: str | None = None,
    header: bool | None = None,
    limits: Limits = _DEFAULT,
    progress: Progress | None = None,
) -> Table:
    """Look a whole file through; what it returns can be read with `rows` without surprises.

    file: seekable, open for reading bytes; it stays open. name: the file's, for sentences.
    encoding: for a file that is neither UTF-8 nor marked, such as "cp1252".
    delimiter: one of , ; tab | where the first lines would mislead.
    header: True: the first line holds names whatever it looks like. False: it is a row, and the columns are
    column_1, column_2, ... None: judge, and raise NoHeader when in doubt.
    progress: told the bytes read so far.

    Raises WrongEncoding, NoHeader, BadColumns, RaggedRows, TooLarge, or another BadTable; InvalidInput for an
    encoding or delimiter that is none. Each says where and what to do.
    """
    size = _size(file, name, limits)
    encoding = encoding_of(file, name, encoding)
    if delimiter is None:
        delimiter = delimiter_of(lines(file, name, encoding, limits.line))
    elif delimiter not in DELIMITERS:
        raise InvalidInput(f"delimiter: expected one of {', '.join(WORDS.values())}.")
    seen = _Seen(name, delimiter, limits)
    for number, (line, cells) in enumerate(records(lines(file, name, encoding, limits.line), delimiter, name, limits)):
        seen.take(line, cells)
        if progress is not None and number % _STEP == 0:
            progress(file.tell())
    if progress is not None:
        progress(size)
    columns, has_header = seen.columns(header)
    found = seen.count - has_header
    _check_rows(name, found, limits)
    if found == 0:
        raise BadTable(f"{name} holds the names of columns and no row. Add at least one.")
    seen.check_ragged()
    preview = tuple(tuple(cell) for cell in seen.first[has_header : has_header + PREVIEWED])
    return Table(name, encoding, delimiter, has_header, columns, found, size, preview)


def rows(file: BinaryIO, table: Table, *, limits: Limits = _DEFAULT) -> Iterator[tuple[str, ...]]:
    """The rows of a file that was inspected, in order, one text per column.

    Raises BadTable when the file is no longer what it was.
    """
    found, width = 0, len(table.columns)
    text = lines(file, table.name, table.encoding, limits.line)
    for number, (_, cells) in enumerate(records(text, table.delimiter, table.name, limits)):
        if (number == 0 and table.header) or _blank(cells, width):
            continue
        found += 1
        if len(cells) != width:
            raise _changed(table)
        yield tuple(cells)
    if found != table.rows:
        raise _changed(table)


@dataclass(slots=True)
class _Seen:
    """What is known of a file while it goes by. first: the records at its start, cells cut."""

    name: str
    delimiter: str
    limits: Limits
    width: int = 0
    count: int = 0
    first: list[list[str]] = field(default_factory=list)
    whole: list[str] = field(default_factory=list)
    ragged: list[tuple[int, int]] = field(default_factory=list)
    ragged_count: int = 0

    def take(self, line: int, cells: list[str]) -> None:
        if self.count == 0:
            self._take_first(cells)
        elif _blank(cells, self.width):
            return
        self.count += 1
        if len(self.first) <= JUDGED:
            self.first.append([cell if len(cell) <= CELL_SHOWN else cell[:CELL_SHOWN] + "…" for cell in cells])
        if len(cells) != self.width:
            self.ragged_count += 1
            if len(self.ragged) < LINES_NAMED:
                self.ragged.append((line, len(cells)))

    def _take_first(self, cells: list[str]) -> None:
        self.width, self.whole = len(cells), cells
        if self.width > self.limits.columns:
            raise TooLarge(
                f"{self.name} has {self.width:,} columns; at most {self.limits.columns:,} are taken. "
                "Leave out those that are not needed."
            )

    def columns(self, header: bool | None) -> tuple[tuple[str, ...], bool]:
        """The names, and whether the first line holds them."""
        if self.count == 0:
            raise BadTable(f"{self.name} holds nothing. Choose a CSV file with a line of column names and rows.")
        if header is False:
            return numbered(self.width), False
        if header is None:
            check_header(self.whole, self.first[1:], self.name)
        names = named(self.whole)
        check_names(names, f"The first line of {self.name}")
        return names, True

    def check_ragged(self) -> None:
        if not self.ragged_count:
            return
        first = "; ".join(f"line {line} has {count(cells, 'cell')}" for line, cells in self.ragged)
        rest = self.ragged_count - len(self.ragged)
        more = f"; and {count(rest, 'more line')}" if rest else ""
        raise RaggedRows(
            f"{self.name} has {count(self.width, 'column')}, separated by {WORDS[self.delimiter]}, and "
            f"{count(self.ragged_count, 'row')} with more or fewer cells: {first}{more}. "
            "Put cells that hold the separator in quotes, and give every row the same number of cells.",
            tuple(self.ragged),
            self.ragged_count,
        )


def _blank(cells: Sequence[str], width: int) -> bool:
    """A line of spaces where there are several columns: an empty line, not a row."""
    return width > 1 and len(cells) == 1 and not cells[0].strip()


def _size(file: BinaryIO, name: str, limits: Limits) -> int:
    size = file.seek(0, os.SEEK_END)
    if size > limits.bytes:
        raise TooLarge(
            f"{name} is larger than {limits.bytes / 2**20:,.0f} MB, the most that is taken at once. "
            "Split it into several files, each with the line of column names, and start a batch for each."
        )
    if size == 0:
        raise BadTable(f"{name} is empty. Choose a CSV file with a line of column names and rows.")
    return size


def _check_rows(name: str, found: int, limits: Limits) -> None:
    if found > limits.rows:
        parts = -(-found // limits.rows)
        raise TooLarge(
            f"{name} has {found:,} rows; at most {limits.rows:,} are taken at once. "
            f"Split it into {parts} files, each with the line of column names, and start a batch for each."
        )


def _changed(table: Table) -> BadTable:
    return BadTable(f"{table.name} changed while it was read. Choose it again.")
