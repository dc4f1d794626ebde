"""The record as a file: JSON Lines, which can be checked again anywhere, or CSV for a table. One event at a time."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from agents.audit.chain import COLUMNS, GENESIS, REDACTED, RESERVED, Event, Head, stream
from agents.audit.checking import Told, check, plain, removed_by
from agents.audit.heads import SignedHead, read_head
from agents.domain import JSON
from agents.errors import InvalidInput
from agents.lots.export import safe_cell

CSV_HEADER = ("seq", "at", *COLUMNS, "details", "hash")


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of an exported file. fault: a sentence; None when it is whole. head: its last line."""

    fault: str | None
    head: SignedHead | None


def json_lines(connection: Connection, last: SignedHead) -> Iterator[str]:
    """One line per event, with all that is needed to check it, and the head as the last one."""
    for event in stream(connection):
        yield json.dumps(_as_json(event), ensure_ascii=False) + "\n"
    yield json.dumps({"head": last.as_json()}, ensure_ascii=False) + "\n"


def csv_lines(connection: Connection) -> Iterator[str]:
    """A header, then one line per event; for reading in a table, not for checking."""
    yield _csv(CSV_HEADER)
    for event in stream(connection):
        details = {name: value for name, value in event.fields.items() if name not in COLUMNS}
        cells = [safe_cell(str(event.fields.get(name) or "")) for name in COLUMNS]
        yield _csv([event.seq, event.at, *cells, json.dumps(details, ensure_ascii=False), event.hash])


def verify_lines(lines: Callable[[], Iterable[str]], expected: Head | None = None, told: Told | None = None) -> Checked:
    """Check an exported file of JSON Lines. lines: gives them from the first on; called twice.

    Raises InvalidInput when the file is no export.
    """
    removed = removed_by(
        line for line in map(plain, lines()) if isinstance(line, dict) and line.get("action") == REDACTED
    )
    found = _Reading()
    fault = check(found.events(lines()), removed, expected, told)
    if fault is None and found.head is None:
        fault = "The file does not end with the head of the record: its tail was cut."
    if fault is None and found.head is not None and found.head.head != Head(found.count, found.hash):
        fault = (
            f"The file ends at event {found.count}, but its last line names another head: its tail was cut or changed."
        )
    return Checked(fault, found.head)


class _Reading:
    """The events of a file as they pass, and what was last."""

    def __init__(self) -> None:
        self.count, self.hash = 0, GENESIS
        self.head: SignedHead | None = None

    def events(self, lines: Iterable[str]) -> Iterator[dict[str, JSON]]:
        for number, text in enumerate(lines, 1):
            line = plain(text)
            if not isinstance(line, dict) or not ({"head"} == line.keys() or {"seq", "chain"} <= line.keys()):
                raise InvalidInput(f"Line {number} is no line of a record that was exported as JSON Lines.")
            if "head" in line:
                self.head = read_head(text)
                continue
            row = _as_row(line)
            self.count, self.hash = self.count + 1, row["hash"]
            yield row


def _as_row(line: dict[str, JSON]) -> dict[str, JSON]:
    chain = line["chain"] if isinstance(line["chain"], dict) else {}
    parts = {name: chain.get(name) for name in ("salts", "hashes", "previous", "hash")}
    fields = {name: value for name, value in line.items() if name not in RESERVED}
    return {"seq": line["seq"], "at": line.get("at"), "fields": fields, **parts}


def _as_json(event: Event) -> dict[str, JSON]:
    chain = {"salts": event.salts, "hashes": event.hashes, "previous": event.previous, "hash": event.hash}
    return {"seq": event.seq, "at": event.at, **event.fields, "chain": chain}


def _csv(cells: Iterable[JSON]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
