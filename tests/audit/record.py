"""A real record with events of many kinds: workflows that ran, people who decided, claimed, took things away and redacted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, insert

from agents import audit, claims, deadlines, decisions, exporting, identity, redacting, reviews, starts
from agents.audit import Event
from agents.audit.chain import event_hash, field_hash
from agents.clock import to_text
from agents.database import event, open_database, reading, writing
from agents.desk import Desk
from agents.domain import DecisionType, Said
from agents.errors import SecondNeeded
from agents.people import tokens
from agents.runs.due import sweep
from tests.desks import desk_in, paused, work

RULES = """
[graphs.two]
four_eyes = true
[[deadlines]]
graph = "one"
steps = [{after = "2h", do = "escalate", to = "role:lead"}, {after = "2h", do = "cancel"}]
"""
LETTER = {"recipient": "ann@example.org", "subject": "Invoice 1005", "instructions": "Say that it is overdue."}
NOW = datetime(2026, 1, 1, tzinfo=UTC)
YES = Said(DecisionType.RESPOND, message="yes")
EDITED = "Dear Ann, please pay by Friday."


@contextmanager
def desk_with_a_record(home: Path) -> Iterator[Desk]:
    """A desk at which much has happened."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SIGNOFF_HOME", str(home))
        rules = home / "rules.toml"
        rules.write_text(RULES)
        desk_in(home, undo_seconds=0, rules=rules).close()
        desk = desk_in(home, undo_seconds=0, rules=rules, concurrency=2)  # a change of the settings
        _happen(desk, home)
        yield desk
        desk.close()


def _happen(desk: Desk, home: Path) -> None:
    identity.introduce(desk, "Ann")
    mailed(desk)
    _answered(desk, home)
    _agreed(desk, home)
    _failed(desk, home)
    token, _ = tokens.create(desk, "robot", ["read"], actor="ann")
    tokens.revoke(desk, token.token_id, actor="ann")
    redacting.redact(desk, first(desk, "named").seq, ["name", "actor"], reason="asked for", actor="ann")
    for form in ("csv", "jsonl"):
        exporting.record_export(desk, "record", actor="ann", format=form)


def mailed(desk: Desk) -> str:
    """A mail that was edited and sent; the thread's id."""
    thread_id = starts.start(desk, "email_approval", LETTER, actor="ann")
    work(desk)
    (pause,) = desk.pauses(thread_id)
    row = next(row for row in reviews.inbox(desk).rows if row.thread_id == thread_id)
    reviews.record_look(desk, row.review, "ann")
    args = {**row.review.proposal.fields(), "body": EDITED}
    decisions.decide(desk, thread_id, pause.pause_key, Said(DecisionType.EDIT, args=args), actor="ann", seen=pause.seen)
    work(desk)
    return thread_id


def _answered(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "one", home)
    sweep(desk)
    key = (pause.source_id, thread_id, pause.pause_key)
    deadlines.extend(desk, key, timedelta(hours=1), actor="ann", reason="Ann is away")
    deadlines.snooze(desk, key, timedelta(hours=1), actor="ann")
    claims.claim(desk, thread_id, pause.pause_key, actor="ann")
    claims.claim(desk, thread_id, pause.pause_key, actor="ben", take_over=True)
    claims.release(desk, thread_id, pause.pause_key, actor="ben")
    claims.assign(desk, thread_id, pause.pause_key, "role:lead", actor="ann", reason="hers")
    made = decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ben")
    decisions.undo(desk, made.decision_id, actor="ben")
    decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ben")
    work(desk)


def _agreed(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "two", home)
    for name in ("ann", "ben"):
        try:
            made = decisions.decide(desk, thread_id, pause.pause_key, YES, actor=name)
        except SecondNeeded:
            continue
        decisions.send_now(desk, made.decision_id, actor=name)
    work(desk)


def _failed(desk: Desk, home: Path) -> None:
    thread_id, pause = paused(desk, "failing", home)
    decisions.decide(desk, thread_id, pause.pause_key, YES, actor="ann")
    work(desk)
    starts.retry(desk, thread_id, actor="ann")


def first(desk: Desk, action: str) -> Event:
    with reading(desk.engine) as connection:
        return next(iter(audit.stream(connection, action)))


def events(desk: Desk) -> list[Event]:
    with reading(desk.engine) as connection:
        return audit.everything(connection)


@contextmanager
def tampering(desk: Desk) -> Iterator[Connection]:
    """A write that is taken back at the end."""
    with desk.engine.connect().execution_options(signoff_write=True) as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


def long_record(folder: Path, size: int) -> Engine:
    """A whole record of so many events, written at once."""
    made = open_database(folder / "long.sqlite")
    rows, last = [], audit.GENESIS
    for seq in range(1, size + 1):
        at, fields = (
            to_text(NOW + timedelta(seconds=seq)),
            {"actor": "ann", "action": "did", "number": seq, "text": "x" * 40},
        )
        salts = dict.fromkeys(fields, "5a17")
        hashes = {name: field_hash("5a17", value) for name, value in fields.items()}
        own = event_hash(last, seq, at, hashes)
        chain = {"salts": salts, "hashes": hashes, "previous": last, "hash": own}
        rows.append({"seq": seq, "at": at, "actor": "ann", "action": "did", "fields": fields, **chain})
        last = own
    with writing(made) as connection:
        connection.execute(insert(event), rows)
    return made
