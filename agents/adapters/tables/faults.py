"""What can be wrong with a table. Each fault is a sentence, and carries what a form needs to offer a way on.

BadTable                 any fault; its sentence says where and what to do
├── WrongEncoding        not the encoding it was read with; `detected` may be offered
├── NoHeader             the first line looks like data; `header=False` may be offered
├── BadColumns           names that are empty or there twice
├── RaggedRows           lines with more or fewer cells than the header
└── TooLarge             over a limit
"""

from __future__ import annotations

from agents.errors import InvalidInput

LINES_NAMED = 5


class BadTable(InvalidInput):
    pass


class WrongEncoding(BadTable):
    """detected: the name of an encoding that fits, None when none does.

    excerpt: the line at fault as that encoding reads it, so that a person can judge; "" without one.
    """

    def __init__(self, message: str, detected: str | None = None, excerpt: str = "") -> None:
        super().__init__(message)
        self.detected = detected
        self.excerpt = excerpt


class NoHeader(BadTable):
    """first: the cells of the first line. why: how it was judged. columns: the names that header=False gives."""

    def __init__(self, message: str, first: tuple[str, ...], why: str, columns: tuple[str, ...]) -> None:
        super().__init__(message)
        self.first = first
        self.why = why
        self.columns = columns


class BadColumns(BadTable):
    """duplicates: names that are there twice. empty: positions without a name, from 1."""

    def __init__(self, message: str, duplicates: tuple[str, ...], empty: tuple[int, ...]) -> None:
        super().__init__(message)
        self.duplicates = duplicates
        self.empty = empty


class RaggedRows(BadTable):
    """lines: the first of them as (line number in the file, number of cells). count: how many in all."""

    def __init__(self, message: str, lines: tuple[tuple[int, int], ...], count: int) -> None:
        super().__init__(message)
        self.lines = lines
        self.count = count


class TooLarge(BadTable):
    pass
