"""What became of every item, row by row, as CSV or JSON; the whole batch is never in memory.

What counts is the result of the generation that the spans name, and a
person's correction in its place. A correction stays in force when the items
around it are done again.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

from sqlalchemy import Connection

from agents.lots.reading import items, results, verdicts
from agents.lots.rows import DONE, Lot, Result, Span, Verdict, Word, generation_at

NOT_DONE = "not done"
SLICE = 500
BEFORE = ("item",)
AFTER = ("status", "error", "inspected", "verdict", "corrected", "generation")

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[-+]?(\d[\d.,]*|\.\d+)([eE][-+]?\d+)?%?")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One item with what counts for it. output: the corrected one where a person corrected it, None without any.

    status: done, failed or not done. verdict: None when nobody inspected this result.
    generation: that of the result; None when there is none.
    """

    item_no: int
    input: Mapping[str, str]
    output: Mapping[str, str] | None
    status: str
    error: str | None
    verdict: Word | None
    generation: int | None

    @property
    def inspected(self) -> bool:
        return self.verdict is not None

    @property
    def corrected(self) -> bool:
        return self.verdict is Word.CORRECTED


def outcomes(connection: Connection, of: Lot, spans: Sequence[Span]) -> Iterator[Outcome]:
    """Every item of a lot, in order. spans: those of the state whose results are wanted."""
    for first in range(1, (of.size or 0) + 1, SLICE):
        last = first + SLICE - 1
        made: dict[int, list[Result]] = {}
        for result in results(connection, of.lot_id, first, last):
            made.setdefault(result.item_no, []).append(result)
        said: dict[int, list[Verdict]] = {}
        for verdict in verdicts(connection, of.lot_id, first, last):
            said.setdefault(verdict.item_no, []).append(verdict)
        for item in items(connection, of, first, last):
            counted = generation_at(spans, item.item_no)
            yield _outcome(item.item_no, item.data, made.get(item.item_no, ()), said.get(item.item_no, ()), counted)


def _outcome(
    item_no: int, data: Mapping[str, str], made: Sequence[Result], said: Sequence[Verdict], counted: int
) -> Outcome:
    result = next((each for each in made if each.generation == counted), None)
    verdict = next((each for each in said if each.generation == counted), None)
    if verdict is None and said:
        # The newest word before that, if it is a correction: what a person wrote is not asked of the model again.
        before = [each for each in said if each.generation < counted]
        verdict = before[-1] if before and before[-1].word is Word.CORRECTED else None
    if verdict is not None and verdict.corrected is not None:
        return Outcome(item_no, data, verdict.corrected, DONE, None, verdict.word, verdict.generation)
    word = verdict.word if verdict else None
    if result is None:
        return Outcome(item_no, data, None, NOT_DONE, None, word, None)
    return Outcome(item_no, data, result.output, result.status, result.error, word, result.generation)


def columns_of(of: Lot, fields: Sequence[str]) -> list[str]:
    """The header of the CSV. Input columns keep their names; another column whose name is taken is "name (result)"."""
    taken = {name.casefold() for name in of.columns}
    own = []
    for name in (*BEFORE, *fields, *AFTER):
        free, number = name, 1
        while free.casefold() in taken:
            free = f"{name} (result)" if number == 1 else f"{name} (result {number})"
            number += 1
        taken.add(free.casefold())
        own.append(free)
    front, end = len(BEFORE), len(BEFORE) + len(fields)
    return [*own[:front], *of.columns, *own[front:end], *own[end:]]


def write_csv(connection: Connection, of: Lot, spans: Sequence[Span], fields: Sequence[str], out: TextIO) -> int:
    """Write every item as a line, and return how many. out: opened with newline="" and as utf-8-sig, see docs.

    fields: those of the output, in order. Cells that a spreadsheet would run as a formula begin with an apostrophe.
    """
    writer = csv.writer(out)
    writer.writerow(map(safe_cell, columns_of(of, fields)))
    written = 0
    for each in outcomes(connection, of, spans):
        writer.writerow(map(safe_cell, _cells(each, of, fields)))
        written += 1
    return written


def _cells(each: Outcome, of: Lot, fields: Sequence[str]) -> list[str]:
    output = each.output or {}
    return [
        str(each.item_no),
        *(each.input[name] for name in of.columns),
        *(output.get(name, "") for name in fields),
        each.status,
        each.error or "",
        _yes(each.inspected),
        each.verdict.value if each.verdict else "",
        _yes(each.corrected),
        "" if each.generation is None else str(each.generation),
    ]


def write_json(connection: Connection, of: Lot, spans: Sequence[Span], out: TextIO) -> int:
    """Write a list with an object per item, and return how many."""
    written = 0
    for each in outcomes(connection, of, spans):
        out.write(",\n" if written else "[\n")
        out.write(_encodable(json.dumps(_object(each), ensure_ascii=False)))
        written += 1
    out.write("\n]\n" if written else "[]\n")
    return written


def _object(each: Outcome) -> dict[str, object]:
    return {
        "item": each.item_no,
        "input": dict(each.input),
        "output": None if each.output is None else dict(each.output),
        "status": each.status,
        "error": each.error,
        "inspected": each.inspected,
        "verdict": each.verdict.value if each.verdict else None,
        "corrected": each.corrected,
        "generation": each.generation,
    }


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula and runs: such a text gets an apostrophe, a number stays."""
    text = _encodable(text).replace("\0", "\ufffd")
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text


def _encodable(text: str) -> str:
    """A model may say half of a character, which no file can hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _yes(value: bool) -> str:
    return "yes" if value else "no"
