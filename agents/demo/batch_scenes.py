"""The demo's batches: one with samples judged for two days, one whose reviewer has just described a problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import islice

from agents.demo.acts import ADA, BEN, Act, Scene
from agents.domain import JSON, DecisionType, Pause, Said
from agents.graphs.batch_tickets import Ticket, tickets

JUDGED = (101, 300)
PROBLEM = (21, 80)
"""Its twentieth ticket is the one that quotes an error message and is about money."""


def batches() -> tuple[Scene, ...]:
    judged = [Act(timedelta(hours=45 - 5.5 * number), BEN if number % 3 else ADA, _judged) for number in range(9)]
    return (
        Scene(
            "tickets",
            "a batch with samples that were judged",
            "batch_sampling",
            {"every": 10, "columns": ["subject", "body"], "name": "support-march.csv"},
            timedelta(days=2),
            tuple(judged),
            JUDGED,
        ),
        Scene(
            "problem",
            "a batch after a problem was described",
            "batch_sampling",
            {"every": 20, "columns": ["subject", "body"], "name": "support-monday.csv"},
            timedelta(hours=4),
            (Act(timedelta(minutes=20), ADA, _problem),),
            PROBLEM,
        ),
    )


def rows_of(span: tuple[int, int]) -> Iterator[Ticket]:
    """The sample tickets from the first to the last of a batch."""
    return islice(tickets(), span[0] - 1, span[1])


def _judged(pause: Pause) -> Said:
    """Good where the category is the right one, else corrected."""
    value = pause.value
    output, wanted = value["sample_output"], _right_category(value["sample_input"])
    if output is None or output["category"] == wanted:
        return Said(DecisionType.APPROVE)
    return Said(DecisionType.EDIT, args={"corrections": {str(value["item_no"]): {**output, "category": wanted}}})


def _problem(pause: Pause) -> Said:
    value = pause.value
    right = {**value["sample_output"], "category": "billing"}
    return Said(
        DecisionType.RESPOND,
        "Who wants money back writes about billing, also when the message quotes an error.",
        args={"corrections": {str(value["item_no"]): right}},
    )


def _right_category(row: Mapping[str, JSON]) -> str:
    """Where a careful person would put it; the rows of the sample know."""
    found = (ticket for ticket in rows_of(JUDGED) if (ticket.subject, ticket.body) == (row["subject"], row["body"]))
    return next(found).category
