"""A batch of 200 tickets in a real browser, from the upload to the file that is taken away."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import pytest

from agents.graphs.batch_tickets import COLUMNS, Ticket, tickets, write_tickets
from tests.browser.conftest import Reviewer, running
from tests.desk_process import DeskProcess

SIZE, EVERY = 200, 20
PROBLEM, CORRECTED = 40, 100
Results: TypeAlias = dict[tuple[int, int], dict[str, str]]
"""(item, generation) -> output"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    """Without a time to undo: there are a dozen decisions to make."""
    with running(tmp_path_factory.mktemp("desk"), SIGNOFF_UNDO_SECONDS="0") as started:
        yield started


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_batch_of_200_from_the_upload_to_the_download(reviewer: Reviewer, desk: DeskProcess, tmp_path: Path) -> None:
    write_tickets(tmp_path / "tickets.csv", SIZE)
    thread = start(reviewer, tmp_path / "tickets.csv")
    go_on(reviewer, thread)
    see_sample(reviewer, PROBLEM)
    reviewer.button(re.compile("Problem: redo 20 items"))
    reviewer.page.get_by_label(re.compile("What is wrong")).fill("Refund requests belong to billing")
    reviewer.press("Control+Enter")
    reviewer.sees("You reported a problem")
    review_next(reviewer)
    reviewer.sees("Revision 2")
    see_before_and_now(reviewer, "technical", "billing")
    for item in range(PROBLEM, CORRECTED, EVERY):
        go_on(reviewer, thread, item)
    see_sample(reviewer, CORRECTED)
    was = correct(reviewer, CORRECTED)
    for item in range(CORRECTED + EVERY, SIZE, EVERY):
        go_on(reviewer, thread, item)
    see_sample(reviewer, SIZE)
    reviewer.button("Good: finish the batch")
    reviewer.sees("You found this sample good")
    reviewer.button("The batch")
    assert_rows(download(reviewer, tmp_path), made(desk, thread), was)


def start(reviewer: Reviewer, path: Path) -> str:
    """Upload it and start; the thread's id."""
    reviewer.go("start", graph="batch_sampling")
    reviewer.page.locator("input[type=file]").set_input_files(path)
    reviewer.sees("200 items: 200 model calls, and 10 reviews with 1 sample each.")
    reviewer.button("Start the batch")
    reviewer.page.wait_for_url(re.compile(r"/batches\?.*thread="))
    reviewer.button("Review it now")
    reviewer.page.wait_for_url(re.compile("/review"))
    found = re.search("thread=([^&]+)", reviewer.page.evaluate("location.href"))
    assert found
    return found[1]


def see_sample(reviewer: Reviewer, item: int) -> None:
    reviewer.sees(re.compile(f"Sample {item // EVERY} of 10: item {item} of {SIZE}"))
    reviewer.page.wait_for_timeout(500)  # the guard lets no click through sooner


def go_on(reviewer: Reviewer, thread: str, item: int = EVERY) -> None:
    see_sample(reviewer, item)
    reviewer.button(re.compile("Good: continue with the next 20 items"))
    review_next(reviewer)


def review_next(reviewer: Reviewer) -> None:
    reviewer.button("Review it now")
    reviewer.page.locator(".st-key-bar").get_by_role("button", name=re.compile("Good: ")).wait_for()


def see_before_and_now(reviewer: Reviewer, before: str, now: str) -> None:
    row = reviewer.page.locator(".so-compared tr.differs", has_text="Category")
    row.wait_for()
    assert row.locator("td").all_inner_texts() == [before, now]
    reviewer.sees("“Refund requests belong to billing”")


def correct(reviewer: Reviewer, item: int) -> str:
    """Choose another category and send it; the one that the model had chosen."""
    field = reviewer.page.get_by_role("combobox", name="Category")
    was = field.input_value()
    field.click()
    reviewer.page.get_by_role("option", name="other").click()
    reviewer.page.locator(".so-was", has_text=was).wait_for()
    reviewer.button(re.compile("Send 1 corrected item"))
    reviewer.sees("You corrected this sample")
    review_next(reviewer)
    return was


def download(reviewer: Reviewer, folder: Path) -> list[dict[str, str]]:
    reviewer.sees("Done")
    reviewer.button("Download")
    with reviewer.page.expect_download() as going:
        reviewer.button("All items as CSV")
    path = folder / "results.csv"
    going.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def made(desk: DeskProcess, thread: str) -> Results:
    """All that the model made, as it lies in the lot."""
    query = "SELECT item_no, generation, output FROM lot_result JOIN lot USING (lot_id) WHERE thread_id = ?"
    with closing(sqlite3.connect(desk.home / "signoff.sqlite")) as database:
        return {
            (item, generation): json.loads(output) for item, generation, output in database.execute(query, [thread])
        }


def assert_rows(rows: list[dict[str, str]], results: Results, was: str) -> None:
    """Every row against its ticket, its result in the lot, and what was said of it."""
    assert len(rows) == SIZE
    assert len(results) == SIZE + EVERY, "each item once, and those since the last good sample twice"
    for number, (row, ticket) in enumerate(zip(rows, islice(tickets(), SIZE), strict=True), start=1):
        generation = 0 if number <= PROBLEM - EVERY else 1
        output = results[number, generation]
        if number == CORRECTED:
            assert output["category"] == was
            output = output | {"category": "other"}
        assert row == {
            "item": str(number),
            **cells(ticket),
            **output,
            "status": "done",
            "error": "",
            **said(number),
            "generation": str(generation),
        }, f"item {number}"
    assert results[PROBLEM, 0]["category"] == "technical"
    refunds = [row for row in rows[PROBLEM - EVERY :] if "refund" in row["body"].lower()]
    assert {row["category"] for row in refunds if row["item"] != str(CORRECTED)} == {"billing"}


def cells(ticket: Ticket) -> dict[str, str]:
    """The ticket's row; what a spreadsheet would run as a formula begins with an apostrophe."""
    pairs = zip(COLUMNS, ticket.row(), strict=True)
    return {name: f"'{text}" if text.startswith("=") else text for name, text in pairs}


def said(number: int) -> dict[str, str]:
    if number % EVERY:
        return {"inspected": "no", "verdict": "", "corrected": "no"}
    word = "corrected" if number == CORRECTED else "good"
    return {"inspected": "yes", "verdict": word, "corrected": "yes" if number == CORRECTED else "no"}
