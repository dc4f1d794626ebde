"""In whose hands a question is, and what was said where two must agree, as lines and as JSON.

A hidden answer is told to nobody here: whoever runs a command may be anybody.
"""

from __future__ import annotations

from sqlalchemy import Connection

from agents import decisions
from agents.commands.text import printable
from agents.decisions import Council, Mode
from agents.desk import Desk
from agents.domain import JSON
from agents.reviews import Row
from agents.wording import whom, would


def council_on(connection: Connection, desk: Desk, row: Row) -> Council:
    pause = row.review.pause
    return decisions.council(connection, decisions.mode_of(desk, pause), pause, None)


def council_json(said: Council) -> JSON:
    """None where one person decides."""
    if said.mode is Mode.ONE:
        return None
    return {
        "blind": said.mode is Mode.BLIND,
        "opinions": [each.as_fields() for each in said.opinions],
        "hidden": list(said.hidden),
        "outdated": list(said.outdated),
        "differ": said.differ,
    }


def hands_lines(row: Row, said: Council) -> list[str]:
    """Sentences for a terminal."""
    lines = []
    if row.claimed_by is not None:
        lines.append(f"{row.claimed_by} has taken this on until {str(row.claimed_until)[:19]}Z.")
    if row.assigned_to is not None:
        lines.append(f"Given to {whom(row.assigned_to)}.")
    lines += [f"{each.actor} would {would(row.kind, each.type)}. A second person must agree." for each in said.opinions]
    lines += [f"{name} has answered; it is shown when a second person has, too." for name in said.hidden]
    if said.differ:
        lines.append("They differ: a lead settles it.")
    elif said.mode is not Mode.ONE and not said.opinions and not said.hidden:
        lines.append("Two people must give the same answer before anything is sent.")
    return [printable(line) for line in lines]
