"""100,000 rows and 50 MB through a real browser: read in with progress, given back, and little memory all the while."""

from __future__ import annotations

import csv
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.browser.conftest import Reviewer
from tests.desk_process import DeskProcess

ROWS = 100_000
MOST = 500_000_000
"""Bytes of resident memory of the whole server."""


@contextmanager
def memory_of(desk: DeskProcess) -> Iterator[list[int]]:
    """A list that holds one number, the most bytes that the server had in memory so far."""
    peak, over, process = [0], threading.Event(), psutil.Process(desk.process.pid)

    def watch() -> None:
        while not over.wait(0.02):
            peak[0] = max(peak[0], process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


def write_large(path: Path) -> None:
    """Rows of 500 bytes, with quotes, line breaks and accents."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "customer", "subject", "body"])
        for number in range(1, ROWS + 1):
            body = f'The "printer" for order {number} does not work.\n' + "Schöne Grüße, und danke für alles! " * 11
            writer.writerow([f"T-{number:06}", f"customer {number % 977}", f"Order {number}", body])


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_large_file_is_taken_in_and_its_results_are_given_back(
    reviewer: Reviewer, desk: DeskProcess, tmp_path: Path
) -> None:
    path, page = tmp_path / "large.csv", reviewer.page
    write_large(path)
    assert 47_000_000 < path.stat().st_size < 50 * 2**20
    page.set_default_timeout(60_000)
    with memory_of(desk) as peak:
        reviewer.go("start", graph="batch_sampling")
        page.locator("input[type=file]").set_input_files(path)
        reviewer.sees("100,000 rows, 4 columns")
        reviewer.button("Start the batch")
        reviewer.sees(re.compile(r"Read in \d+,000 of 100,000 rows"))
        page.wait_for_url(re.compile(r"/batches\?.*thread="))
        reviewer.sees("A sample waits for a person.")
        for form in ("CSV", "JSON"):
            reviewer.button("Download")
            with page.expect_download() as given:
                reviewer.button(f"All items as {form}")
            given.value.save_as(tmp_path / f"results.{form.lower()}")
            page.keyboard.press("Escape")
    assert peak[0] < MOST, f"{peak[0] / 1e6:.0f} MB"
    with (
        path.open(encoding="utf-8", newline="") as given_rows,
        (tmp_path / "results.csv").open(encoding="utf-8-sig", newline="") as got,
    ):
        for number, (row, line) in enumerate(zip(csv.DictReader(given_rows), csv.DictReader(got), strict=True), 1):
            assert (line["item"], line["id"], line["body"]) == (str(number), row["id"], row["body"])
    found = json.loads((tmp_path / "results.json").read_bytes())
    assert [each["item"] for each in found] == list(range(1, ROWS + 1))
    assert [each["status"] for each in found[19:21]] == ["done", "not done"]
