"""The sample tickets: the same every time, varied, and awkward enough for a CSV reader."""

from __future__ import annotations

import csv
from collections import Counter
from itertools import islice
from pathlib import Path

from agents.graphs.batch_tickets import COLUMNS, DEFAULT_CATEGORIES, SAMPLE_COUNT, tickets, write_tickets


def written(path: Path, count: int) -> list[dict[str, str]]:
    write_tickets(path, count)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_file_holds_the_tickets_and_replaces_what_stood_there(tmp_path: Path) -> None:
    rows = written(tmp_path / "tickets.csv", SAMPLE_COUNT)
    assert len(rows) == SAMPLE_COUNT
    assert tuple(rows[0]) == COLUMNS
    assert [tuple(row.values()) for row in rows] == [ticket.row() for ticket in islice(tickets(), SAMPLE_COUNT)]
    with (tmp_path / "tickets.csv").open(encoding="utf-8", newline="") as reading:
        first = next(csv.reader(reading))
        assert written(tmp_path / "tickets.csv", 3) == rows[:3]
        assert (tuple(first), len(list(csv.reader(reading)))) == (COLUMNS, SAMPLE_COUNT), "who reads it reads it whole"
    assert [path.name for path in tmp_path.iterdir()] == ["tickets.csv"]


def test_no_two_tickets_have_the_same_text() -> None:
    many = list(islice(tickets(), 20_000))
    assert len({(ticket.subject, ticket.body) for ticket in many}) == 20_000
    assert len({ticket.ticket_id for ticket in many}) == 20_000
    assert [ticket.received for ticket in many] == sorted(ticket.received for ticket in many)
    assert not any(mark in ticket.subject + ticket.body for ticket in many for mark in "{}")


def test_they_hold_what_makes_files_awkward() -> None:
    some = list(islice(tickets(), SAMPLE_COUNT))
    texts = ["\n".join(ticket.row()) for ticket in some]
    for mark in (",", '"', "\n\n", "ü", "“", "'"):
        assert sum(mark in text for text in texts) > 3, mark
    assert [ticket.ticket_id for ticket in some if ticket.subject.startswith("=")] == ["T-00007"]


def test_every_category_is_there_and_the_second_sample_is_the_misleading_one() -> None:
    some = list(islice(tickets(), SAMPLE_COUNT))
    assert set(Counter(ticket.category for ticket in some)) == set(DEFAULT_CATEGORIES)
    assert some[39].category == "billing"
    assert "refund" in some[39].body
    assert "error message" in some[39].body
    others = [ticket for number, ticket in enumerate(some, 1) if number % 20 == 0 and number != 40]
    assert not any("error message" in ticket.body for ticket in others)
