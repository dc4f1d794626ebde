"""A table that was looked through and found good, and how large one may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO


@dataclass(frozen=True, slots=True)
class Limits:
    """What is taken at most. bytes: of the file. cell: characters. line: characters between two line breaks."""

    rows: int = 100_000
    bytes: int = 50 * 2**20
    columns: int = 1_000
    cell: int = 100_000
    line: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Table:
    """What `inspect` found; `rows` reads the same file again by it.

    columns: the names, in order. rows: how many, without the header. size: bytes.
    header: the first line holds the names. preview: the first rows, long cells cut.
    """

    name: str
    encoding: str
    delimiter: str
    header: bool
    columns: tuple[str, ...]
    rows: int
    size: int
    preview: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Upload:
    """An open file with the table that was found in it."""

    file: BinaryIO
    table: Table
