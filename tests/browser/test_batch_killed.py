"""A batch whose desk is killed in the middle of a chunk, and of a redo: only missing rows are asked of the model again."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from agents.graphs.batch_work import WINDOW
from tests.browser.conftest import Reviewer, running
from tests.desk_process import DeskProcess
from tests.openai_server import OpenAIServer, Reply, answer_json

SIZE, EVERY, CONCURRENCY = 40, 20, 2
LATENCY = 0.4
Asked: TypeAlias = tuple[int, int]
"""(item, generation)"""
FIRST = {(item, 0) for item in range(1, EVERY + 1)}
SECOND = {(item, 1) for item in range(1, SIZE + 1)}


def slowly(body: dict[str, Any]) -> Reply:
    """A category for each item; what a person said of earlier ones changes it."""
    told = what(body).get("instructions")
    said = {"category": "billing" if told else "technical", "priority": "low", "reason": "So it says."}
    return answer_json(said, wait=LATENCY)


def what(body: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = json.loads(body["messages"][-1]["content"])
    return given


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer(slowly, keep_alive=True) as started:
        yield started


@pytest.fixture(scope="module")
def desk(server: OpenAIServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    settings = {"OPENAI_BASE_URL": server.url, "SIGNOFF_CONCURRENCY": str(CONCURRENCY), "SIGNOFF_LEASE_SECONDS": "2"}
    with running(tmp_path_factory.mktemp("desk"), SIGNOFF_UNDO_SECONDS="0", **settings) as started:
        yield started


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_only_missing_rows_are_asked_again_after_a_kill(
    reviewer: Reviewer, desk: DeskProcess, server: OpenAIServer, tmp_path: Path
) -> None:
    reviewer.page.set_default_timeout(60_000)
    start(reviewer, tmp_path / "tickets.csv")
    stored = killed(desk, after=7)
    before = asked(server)
    assert {generation for _, generation in stored} == {0}
    reviewer.button("Review it now")
    judge(reviewer, "Sample 1 of 2", re.compile("Problem: redo 20 items"))
    reviewer.page.get_by_label(re.compile("What is wrong")).fill("Refund requests belong to billing")
    reviewer.press("Control+Enter")
    reviewer.sees("You reported a problem")
    again = killed(desk, after=EVERY + 7)
    between = asked(server)[len(before) :]
    assert {generation for _, generation in again} == {0, 1}
    judge_next(reviewer, "Revision 2", "Good: continue with the next 20 items")
    judge_next(reviewer, "Sample 2 of 2", "Good: finish the batch")
    reviewer.sees("You found this sample good")
    times = Counter(asked(server))
    assert set(times) == FIRST | SECOND
    assert stored.isdisjoint(between), "they had a result when the desk was killed"
    assert again.isdisjoint(asked(server)[len(before) + len(between) :])
    assert max(times.values()) <= 2
    assert sum(times.values()) - len(times) <= 2 * WINDOW * CONCURRENCY
    for item, row in enumerate(download(reviewer, tmp_path / "results.csv"), start=1):
        assert (row["item"], row["category"], row["status"]) == (str(item), "billing", "done")


def start(reviewer: Reviewer, path: Path) -> None:
    path.write_text("id,body\n" + "".join(f"T-{item},Please refund order {item}\n" for item in range(1, SIZE + 1)))
    reviewer.go("start", graph="batch_sampling")
    reviewer.page.locator("input[type=file]").set_input_files(path)
    reviewer.sees(f"{SIZE} items: {SIZE} model calls, and 2 reviews with 1 sample each.")
    reviewer.button("Start the batch")
    reviewer.page.wait_for_url(re.compile(r"/batches\?.*thread="))
    reviewer.page.locator(".so-head", has_text="Running").wait_for()
    reviewer.page.get_by_role("button", name="Download").wait_for()


def killed(desk: DeskProcess, *, after: int) -> set[Asked]:
    """End the desk with SIGKILL once so many results are stored, and start it again; what was stored when it ended."""
    late = time.monotonic() + 60
    while len(results(desk)) < after:
        assert time.monotonic() < late, desk.said()
        time.sleep(0.05)
    desk.kill()
    stored = results(desk)
    assert after <= len(stored) < EVERY * -(-after // EVERY), "it was in the middle"
    desk.process = DeskProcess.launch(desk.home, port=desk.port, env=desk.env).process
    return stored


def results(desk: DeskProcess) -> set[Asked]:
    path = desk.home / "signoff.sqlite"
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
        return set(database.execute("SELECT item_no, generation FROM lot_result"))


def asked(server: OpenAIServer) -> list[Asked]:
    """What the model was asked for: those with an instruction are the second generation."""
    found = [what(request.body) for request in server.requests]
    return [(int(each["item"]["id"].removeprefix("T-")), len(each.get("instructions") or ())) for each in found]


def judge_next(reviewer: Reviewer, seen: str, choice: str) -> None:
    reviewer.button("Review it now")
    judge(reviewer, seen, choice)


def judge(reviewer: Reviewer, seen: str, choice: str | re.Pattern[str]) -> None:
    reviewer.sees(re.compile(seen))
    reviewer.page.wait_for_timeout(500)  # the guard lets no click through sooner
    reviewer.button(choice)


def download(reviewer: Reviewer, path: Path) -> list[dict[str, str]]:
    reviewer.button("The batch")
    reviewer.button("Download")
    with reviewer.page.expect_download() as going:
        reviewer.button("All items as CSV")
    going.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
