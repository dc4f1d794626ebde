"""500 answers at once to 50 questions: 50 decisions, and 450 refusals that say who was first."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from agents import history, starts
from agents.decisions import Decision
from tests.desks import work
from tests.served import Served, served

THREADS, FEW, TRIES = 50, 10, 10


def waiting(api: Served, count: int) -> dict[str, str]:
    """So many threads that wait, with the pause key of each."""
    given = {"log": str(api.home / "log.txt")}
    ids = [starts.start(api.desk, "one", given, actor="starter", thread_id=f"t{number}") for number in range(count)]
    work(api.desk)
    return {thread_id: api.desk.pauses(thread_id)[0].pause_key for thread_id in ids}


def told_by(api: Served, asked: dict[str, str]) -> list[tuple[str, int, Any]]:
    """From a thread of its own: a browser test before this one leaves a loop running in the main thread."""
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(lambda: asyncio.run(flood(api, asked))).result()


async def flood(api: Served, asked: dict[str, str]) -> list[tuple[str, int, Any]]:
    """(thread, code, body) of each answer; half of them name the question, half do not."""
    limits = httpx.Limits(max_connections=100)
    async with httpx.AsyncClient(base_url=api.url, headers=api.http.headers, limits=limits, timeout=110) as http:

        async def answer(thread_id: str, number: int) -> tuple[str, int, Any]:
            body = {"pause_key": asked[thread_id], "value": "yes"} if number % 2 else {"response": "yes"}
            told = await http.post(f"/agent/resume/{thread_id}", params={"wait": 0}, json=body)
            return thread_id, told.status_code, told.json()

        every = [(thread_id, number) for thread_id in asked for number in range(TRIES)]
        random.Random(7).shuffle(every)
        return list(await asyncio.gather(*(answer(*each) for each in every)))


@pytest.mark.slow
def test_each_question_is_decided_once(tmp_path: Path) -> None:
    with served(tmp_path, threads=0) as api:
        asked = waiting(api, THREADS)
        told = told_by(api, asked)
        codes = Counter(code for _, code, _ in told)
        assert codes == {200: THREADS, 409: THREADS * (TRIES - 1)}
        assert Counter(thread_id for thread_id, code, _ in told if code == 200) == dict.fromkeys(asked, 1)
        refusals = [body for _, code, body in told if code == 409]
        assert {(body["error"], body["decided_by"]) for body in refusals} == {("already_decided", "program")}
        made: list[Decision] = [each for name in asked for each in history.story(api.desk, name).decisions]
        assert len(made) == THREADS
        work(api.desk)
        log = (tmp_path / "log.txt").read_text().splitlines()
        assert Counter(log) == {"answered yes": THREADS, "acted yes": THREADS}


@pytest.mark.slow
def test_with_a_worker_beside_it(tmp_path: Path) -> None:
    """The runs go on meanwhile, so some find their thread at its end: each question is answered once all the same."""
    with served(tmp_path) as api:
        asked = waiting(api, FEW)
        told = told_by(api, asked)
        assert Counter(code for _, code, _ in told)[200] == FEW
        refusals = [(code, body["error"]) for _, code, body in told if code != 200]
        assert set(refusals) <= {(409, "already_decided"), (410, "not_pending")}
        for name in asked:
            assert api.http.get(f"/agent/threads/{name}/events").status_code == 200
        log = (tmp_path / "log.txt").read_text().splitlines()
        assert Counter(log) == {"answered yes": FEW, "acted yes": FEW}
