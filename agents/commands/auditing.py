"""`signoff audit`: check the record, keep its head elsewhere, export it, and take words out of it; also `signoff export`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from sqlalchemy import Engine

from agents import audit, decisions, redacting
from agents.audit import Head
from agents.clock import utc_now
from agents.commands.text import printable
from agents.database import open_database, reading
from agents.desk import Desk, open_desk
from agents.errors import InvalidInput
from agents.exporting import record_export
from agents.identity import actor_of_command
from agents.settings import Settings, load_settings

PROVES = """\
What this proves: no event was changed, removed, put in or moved since it was written, unless everything after it was
written anew as well; and every decision still says what the record says of it."""
NOT_TAIL = (
    "What it does not: that nothing was cut off at the end, or all of it written anew, by somebody who can write the "
    "database. Compare with a head that was kept elsewhere: signoff audit verify --head FILE."
)
NOT_SINCE = "What it does not: that nothing was cut off or written anew after that head was taken."
NOT_TRUE = "Nor does a record prove that what people said in it is true."


def auditing(args: argparse.Namespace) -> int:
    if args.action != "redact" and (args.seq is not None or args.field):
        raise InvalidInput(f"signoff audit {args.action} takes no event and no fields; only redact does.")
    run = {"verify": verify, "head": head, "redact": redact, "export": export}[args.action]
    return run(args)


def verify(args: argparse.Namespace) -> int:
    settings = load_settings()
    kept = audit.read_head(_last_line(Path(args.head))) if args.head else None
    refused = audit.refused(kept, settings.record_key) if kept else None
    if refused:
        return _failed(refused)
    if kept and kept.signature and settings.record_key is None:
        print("signoff: the head's signature was not checked: SIGNOFF_RECORD_KEY is not set.", file=sys.stderr)
    expected = kept.head if kept else None
    return _verify_file(Path(args.file), expected, settings) if args.file else _verify_desk(settings, expected)


def head(args: argparse.Namespace) -> int:
    settings = load_settings()
    with _opened_database(settings) as engine, reading(engine) as connection:
        found = audit.signed(audit.head(connection), utc_now(), settings.record_key)
    text = json.dumps(found.as_json()) + "\n"
    return _written([text], args.output, f"The head of the record was written to {args.output}.")


def export(args: argparse.Namespace) -> int:
    """The record as JSON Lines or CSV; who exported it is its last event."""
    with _opened() as desk:
        record_export(desk, "record", actor=actor_of_command(desk, args.actor), format=args.format)
        with reading(desk.engine) as connection:
            last = audit.signed(audit.head(connection), desk.clock(), desk.settings.record_key)
            lines = audit.csv_lines(connection) if args.format == "csv" else audit.json_lines(connection, last)
            return _written(lines, args.output, f"{last.count} events written to {args.output}; head {last.hash}")


def redact(args: argparse.Namespace) -> int:
    if args.seq is None or not args.field or not args.reason:
        raise InvalidInput('Say which: signoff audit redact SEQ FIELD ... --reason "why".')
    with _opened() as desk:
        who = actor_of_command(desk, args.actor)
        done = redacting.redact(desk, args.seq, args.field, reason=args.reason, actor=who)
        left = redacting.left(desk, done)
    print(f"Removed from event {args.seq}: {', '.join(sorted(set(args.field)))}. Event {done.told.seq} says so.")
    if done.copies:
        print(f"Removed as well: {', '.join(done.copies)}.")
    for sentence in left:
        print(printable(sentence))
    return 0


def _verify_desk(settings: Settings, expected: Head | None) -> int:
    with _opened_database(settings) as engine, reading(engine) as connection:
        fault = audit.verify(connection, expected) or decisions.altered(connection)
        found = audit.head(connection)
    return _failed(fault) if fault else _passed(found, expected)


def _verify_file(path: Path, expected: Head | None, settings: Settings) -> int:
    found = audit.verify_lines(lambda: _lines(path), expected)
    fault = found.fault or (audit.refused(found.head, settings.record_key) if found.head else None)
    if fault or found.head is None:
        return _failed(f"{path}: {fault}")
    return _passed(found.head.head, expected)


def _passed(found: Head, expected: Head | None) -> int:
    print(f"{found.count} events, whole; head {found.hash}")
    if expected:
        print(f"The kept head of event {expected.count} is in it.")
    print(f"{PROVES}\n{NOT_SINCE if expected else NOT_TAIL}\n{NOT_TRUE}")
    return 0


def _failed(sentence: str) -> int:
    print(f"signoff: {printable(sentence)}", file=sys.stderr)
    return 1


def _last_line(path: Path) -> str:
    """A head may also be the last line of an export."""
    last = ""
    for line in _lines(path):
        last = line if line.strip() else last
    return last


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8") as file:
            yield from file
    except OSError as error:
        raise InvalidInput(f"Cannot read {path}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise InvalidInput(f"{path} is no text, so it is no head and no record.") from None


def _written(lines: Iterable[str], output: str | None, done: str) -> int:
    if not output:
        _write(lines, sys.stdout)
        return 0
    try:
        with Path(output).open("w", encoding="utf-8", newline="") as file:
            _write(lines, file)
    except OSError as error:
        raise InvalidInput(f"Cannot write {output}: {error.strerror}.") from None
    print(done, file=sys.stderr)
    return 0


def _write(lines: Iterable[str], file: TextIO) -> None:
    for line in lines:
        file.write(line)


@contextmanager
def _opened_database(settings: Settings) -> Iterator[Engine]:
    """Without a desk: opening one may put a change of the settings on record, and what is checked must stay as it is."""
    if not settings.database_path.exists():
        raise InvalidInput(
            f"There is no database {settings.database_path}, so no record. Set SIGNOFF_HOME, or SIGNOFF_DATABASE."
        )
    engine = open_database(settings.database_path, busy_seconds=settings.busy_seconds)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _opened() -> Iterator[Desk]:
    desk = open_desk(load_settings())
    try:
        yield desk
    finally:
        desk.close()
