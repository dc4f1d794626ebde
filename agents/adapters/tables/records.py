"""The records of a CSV text, with the line each begins at. Nothing is guessed: what is no CSV is named."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence

from agents.adapters.tables.faults import BadTable
from agents.adapters.tables.table import Limits

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_CHARACTERS = 65_536
SAMPLE_RECORDS = 50
WORDS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


def records(lines: Iterable[str], delimiter: str, name: str, limits: Limits) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of each record. Empty lines are passed over; they count as lines all the same.

    Raises BadTable for a quote that does not fit or is never closed, and for a cell that is too long.
    """
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        first = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _fault(str(error), name, first, reader.line_num, limits) from None
        if cells and max(map(len, cells)) > limits.cell:
            raise _too_long(name, first, limits)
        if cells:
            yield first, cells


def delimiter_of(lines: Iterable[str]) -> str:
    """What separates the cells, judged by the first lines: what the first one holds, and the others as often."""
    sample: list[str] = []
    room = SAMPLE_CHARACTERS
    for line in lines:
        sample.append(line)
        room -= len(line)
        if room < 0:
            break
    widths = {delimiter: _widths(sample, delimiter) for delimiter in DELIMITERS}
    split = [delimiter for delimiter in DELIMITERS if widths[delimiter][:1] > [1]]
    # Where the first line holds none of them there is one column, and the one to read it by splits nothing.
    return max(split or DELIMITERS, key=lambda delimiter: _fit(widths[delimiter]))


def _widths(sample: Sequence[str], delimiter: str) -> list[int]:
    found: list[int] = []
    try:
        for cells in csv.reader(sample, delimiter=delimiter):
            if cells:
                found.append(len(cells))
            if len(found) == SAMPLE_RECORDS:
                break
    except csv.Error:  # read with the delimiter that fits best, this gets its sentence
        pass
    return found


def _fit(widths: Sequence[int]) -> tuple[float, int]:
    if not widths:
        return (0.0, 0)
    return (widths.count(widths[0]) / len(widths), widths[0])


def _fault(said: str, name: str, first: int, last: int, limits: Limits) -> BadTable:
    if "field limit" in said:
        return _too_long(name, first, limits)
    if "end of data" in said:
        return BadTable(
            f'Line {first} of {name}: a quote (") is opened in the row that begins there and never closed. '
            "Close it, or double it where a quote is meant."
        )
    return BadTable(
        f"Line {last} of {name}: a quoted cell goes on after its closing quote. "
        'Write a quote inside a quoted cell twice: "".'
    )


def _too_long(name: str, line: int, limits: Limits) -> BadTable:
    return BadTable(
        f"Line {line} of {name}: a cell of the row that begins there holds more than {limits.cell:,} characters. "
        'Shorten it; or, if it should be short, a quote (") is opened there and never closed.'
    )
