"""Desks with accounts, and people at them, as a proxy's header proves them; the rules are a real file."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from agents import starts
from agents.clock import Clock, utc_now
from agents.database import reading
from agents.database.schema import metadata
from agents.desk import Desk
from agents.domain import Actor, Pause, Proof
from agents.people.accounts import person
from tests.desks import desk_in, work

RULES = """
[people]
"vic@example.org".role = "viewer"
"rita@example.org".role = "reviewer"
"rob@example.org".role = "reviewer"
"lea@example.org".role = "lead"
"ada@example.org".role = "admin"
"""
SETUP = "system:test"
"""Signoff's own actors may do all; what a test needs to be there is made by one."""


def rules_in(home: Path, text: str = RULES) -> Path:
    path = home / "rules.toml"
    path.write_text(text, encoding="utf-8")
    return path


def accounts_desk(home: Path, more: str = "", clock: Clock = utc_now, **overrides: Any) -> Desk:
    """A desk with accounts, the asking graphs, and the five people of RULES. more: TOML behind theirs."""
    return desk_in(home, clock, rules=rules_in(home, RULES + more), accounts="proxy", **overrides)


def at(desk: Desk, name: str) -> Actor:
    """Whoever the proxy says it is: at(desk, "vic") is vic@example.org, just signed in."""
    return person(desk, f"{name}@example.org", Proof.PROXY, until=desk.clock() + timedelta(hours=1))


def asked(desk: Desk, graph_id: str, home: Path, **given: Any) -> tuple[str, Pause]:
    """Start a thread and run it until it asks; its id and its (first) question."""
    thread_id = starts.start(desk, graph_id, {"log": str(home / "log.txt"), **given}, actor=SETUP)
    work(desk)
    return thread_id, desk.pauses(thread_id)[0]


def saved(desk: Desk) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with reading(desk.engine) as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table))] for table in metadata.sorted_tables
        }
