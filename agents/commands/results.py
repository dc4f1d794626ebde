"""`signoff results`: what became of a batch, row by row. It reads, and never touches the checkpointer file."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

from agents import lots
from agents.audit import Question
from agents.commands.reading import opened_desk
from agents.database import reading
from agents.desk import Desk
from agents.errors import InvalidInput
from agents.exporting import record_export
from agents.identity import actor_of_command
from agents.lots import Span
from agents.lots.export import write_csv, write_json
from agents.wording import count

ENCODINGS = {"csv": "utf-8-sig", "json": "utf-8"}
"""A CSV begins with a byte order mark: without it, Excel shows every umlaut as two wrong letters."""


def results(args: argparse.Namespace) -> int:
    with opened_desk() as desk:
        source_id = desk.source_of(args.thread, args.source)
        values = _head(desk, args.thread, source_id)
        about = Question(source_id, args.thread)
        record_export(desk, "results", actor=actor_of_command(desk), about=about, format=args.format)
        with reading(desk.engine) as connection:
            lot = lots.find(connection, values["lot_id"])
        with _out(args.output, ENCODINGS[args.format]) as out, reading(desk.engine) as connection:
            if args.format == "csv":
                written = write_csv(connection, lot, _spans(values), _fields(values), out)
            else:
                written = write_json(connection, lot, _spans(values), out)
    if args.output:
        print(f"{count(written, 'item')} written to {args.output}.", file=sys.stderr)
    return 0


def _head(desk: Desk, thread_id: str, source_id: str) -> Mapping[str, Any]:
    if desk.state(thread_id, source_id) is None:
        raise InvalidInput(f"No thread {thread_id} is in this checkpointer file. `signoff list` names those that wait.")
    values = desk.reader(source_id).values(thread_id)
    if not isinstance(values.get("lot_id"), str):
        raise InvalidInput(f"Thread {thread_id} is no batch whose rows were read in, so it has no results.")
    return values


def _spans(values: Mapping[str, Any]) -> Sequence[Span]:
    return values.get("spans") or ((1, 0),)


def _fields(values: Mapping[str, Any]) -> Sequence[str]:
    return (values.get("options") or {}).get("fields") or ()


@contextmanager
def _out(path: str | None, encoding: str) -> Iterator[TextIO]:
    """The file, or the screen; both get the same bytes."""
    if path is None:
        screen = io.TextIOWrapper(sys.stdout.buffer, encoding=encoding, newline="")
        try:
            yield screen
        finally:
            screen.detach()
        return
    try:
        with open(path, "w", encoding=encoding, newline="") as file:
            yield file
    except OSError as error:
        raise InvalidInput(f"Cannot write {path}: {error.strerror}.") from None
