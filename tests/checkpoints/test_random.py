"""Hundreds of threads that lived by chance: what Signoff lists is what LangGraph takes an answer for, tried out one by one."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command

from agents.checkpoints import Digest, Follower, Reader, Source, Wanted
from agents.domain import GraphFacts, Pause, PauseStatus
from tests.checkpoints.kinds import HEARD, KINDS

LATER = datetime(2100, 1, 1, tzinfo=UTC)
"""By then whatever stopped in the middle has been quiet for long."""


class Known:
    """What the graphs say of themselves, by the id in their threads' metadata."""

    version = 1

    def __init__(self) -> None:
        with closing(sqlite3.connect(":memory:")) as connection:
            saver = SqliteSaver(connection)
            self._facts = {kind: facts_of(kind, build(saver)) for kind, build in KINDS.items()}

    def of(self, source_id: str, thread_id: str, graph_id: str | None, nodes: frozenset[str]) -> GraphFacts | None:
        return self._facts.get(graph_id or "")


def facts_of(kind: str, graph: Any) -> GraphFacts:
    below = {name: facts_of(name, inner) for name, inner in graph.get_subgraphs()}
    stops = (graph.interrupt_before_nodes, graph.interrupt_after_nodes)
    before, after = (frozenset({names} if isinstance(names, str) else names) for names in stops)
    return GraphFacts(kind, nodes=frozenset(graph.nodes), before=before, after=after, below=below)


@contextmanager
def copied(path: Path, thread_id: str) -> Iterator[SqliteSaver]:
    """A file in memory with this thread alone."""
    with closing(sqlite3.connect(":memory:", check_same_thread=False)) as connection:
        saver = SqliteSaver(connection)
        saver.setup()
        connection.execute("ATTACH DATABASE ? AS lived", (str(path),))
        for table in ("checkpoints", "writes"):
            columns = ", ".join(row[1] for row in connection.execute(f"PRAGMA main.table_info({table})"))
            order = f"SELECT {columns} FROM lived.{table} WHERE thread_id = ? ORDER BY rowid"
            connection.execute(f"INSERT INTO main.{table} ({columns}) {order}", (thread_id,))
        connection.commit()
        yield saver


def ever_asked(path: Path, thread_id: str) -> dict[str, Any]:
    """Every interrupt id that stands anywhere in the thread's rows -> its value."""
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT type, value FROM writes WHERE thread_id = ? AND channel = '__interrupt__'"
        rows = connection.execute(query, (thread_id,)).fetchall()
    with copied(path, thread_id) as saver:
        return {each.id: each.value for row in rows for each in saver.serde.loads_typed(row)}


def takes(path: Path, thread_id: str, kind: str, interrupt_id: str, value: Any) -> bool:
    """Does an answer by this id, tried out on a copy, arrive at the question that it was given for?"""
    answer = {"amount": 5, "tried": interrupt_id}
    with copied(path, thread_id) as saver:
        HEARD.clear()
        config = {"configurable": {"thread_id": thread_id, "__pregel_strict_resume": True}}
        with suppress(Exception):
            KINDS[kind](saver).invoke(Command(resume={interrupt_id: answer}), config, durability="sync")
    return any(question == value and _is(heard, answer) for question, heard in HEARD)


def _is(heard: Any, answer: dict[str, Any]) -> bool:
    return heard == answer or getattr(heard, "amount", None) == 5


def stands(path: Path, thread_id: str, kind: str) -> bool:
    """Does LangGraph see steps left to take?"""
    with copied(path, thread_id) as saver:
        return bool(KINDS[kind](saver).get_state({"configurable": {"thread_id": thread_id}}).tasks)


def lived(path: Path, seed: str, first: int, count: int) -> dict[str, tuple[str, int]]:
    """thread_id -> (kind, spells that were killed) of that many new threads in the file."""
    command = [sys.executable, "-m", "tests.checkpoints.lives", str(path), seed, str(first), str(count)]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    return {thread_id: (kind, int(killed)) for thread_id, kind, killed in lines}


def listed(path: Path) -> dict[str, list[Pause]]:
    found: dict[str, list[Pause]] = {}
    with Reader(Source("lives", path), facts=Known(), clock=lambda: LATER) as reader:
        listing = reader.listing()
    assert listing.note is None
    for pause in listing.pauses:
        found.setdefault(pause.thread_id, []).append(pause)
    return found


@contextmanager
def followed(path: Path) -> Iterator[Callable[[], set[tuple[str, str]]]]:
    """What the follower of a large file holds, by (thread_id, pause_key), whenever it is asked."""
    with Reader(Source("lives", path), facts=Known(), clock=lambda: LATER) as reader:
        follower = Follower(reader, path.with_name("index"), "code", lambda pause: Digest("generic", "", pause))

        def held() -> set[tuple[str, str]]:
            assert not follower.settle().about
            places = follower.places(Wanted(), oldest=False, first=0, most=10_000)
            return {(place.thread_id, place.pause_key) for place in places}

        try:
            yield held
        finally:
            follower.close()


def compare(path: Path, seed: str, count: int, *, parts: int = 1) -> Counter[str]:
    """Live, list and try; how many threads there were of each kind and standing. Fails with what differs.

    parts: how often the follower of the growing file is asked.
    """
    threads: dict[str, tuple[str, int]] = {}
    with followed(path) as held:
        for part in range(parts):
            threads |= lived(path, seed, part * count // parts, count // parts)
            known = listed(path)
            keys = {(thread_id, pause.pause_key) for thread_id, pauses in known.items() for pause in pauses}
            assert held() == keys, f"seed {seed}: the follower"
    wrong: list[str] = []
    seen: Counter[str] = Counter()
    with closing(sqlite3.connect(path)) as connection:
        there = {row[0] for row in connection.execute("SELECT DISTINCT thread_id FROM checkpoints")}
    for thread_id, (kind, killed) in threads.items():
        pauses = known.get(thread_id, [])
        asked = ever_asked(path, thread_id) if thread_id in there else {}
        truth = {each: value for each, value in asked.items() if takes(path, thread_id, kind, each, value)}
        told = {pause.interrupt_id: pause.value for pause in pauses if pause.interrupt_id}
        open_ = thread_id in there and stands(path, thread_id, kind)
        standing = "asks" if truth else "stuck" if open_ else "ended" if thread_id in there else "never began"
        if told != truth:
            wrong.append(f"{thread_id} ({kind}): listed {told}, LangGraph takes {truth}")
        if len(told) != sum(1 for pause in pauses if pause.interrupt_id):
            wrong.append(f"{thread_id} ({kind}): a question is listed twice")
        if bool(pauses) != open_:
            wrong.append(
                f"{thread_id} ({kind}): listed {[p.note or p.status for p in pauses]}, LangGraph has steps left: {open_}"
            )
        stopped = [pause for pause in pauses if pause.status is PauseStatus.BREAKPOINT]
        if stopped and not kind.startswith("breakpoint"):
            wrong.append(f"{thread_id} ({kind}): said to stand at a breakpoint")
        seen.update([kind, standing, *(["killed"] if killed else []), *(["at a breakpoint"] if stopped else [])])
    assert not wrong, f"seed {seed}:\n" + "\n".join(wrong)
    return seen


def test_a_few_random_threads(tmp_path: Path) -> None:
    seed = os.environ.get("LIVES_SEED") or f"{random.randrange(10**9)}"
    seen = compare(tmp_path / "lives.sqlite", seed, len(KINDS) // 2)
    assert len(seen.keys() & KINDS.keys()) == len(KINDS) // 2, f"seed {seed}"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_five_hundred_random_threads(tmp_path: Path) -> None:
    seed = os.environ.get("LIVES_SEED") or f"{random.randrange(10**9)}"
    print(f"seed {seed}")
    count = 22 * len(KINDS)
    seen = compare(tmp_path / "lives.sqlite", seed, count, parts=2)
    print(", ".join(f"{number} {name}" for name, number in sorted(seen.items())))
    assert count >= 500
    assert {kind: seen[kind] for kind in KINDS} == dict.fromkeys(KINDS, 22)
    assert min(seen["asks"], seen["stuck"], seen["ended"], seen["killed"], seen["at a breakpoint"]) > 20, f"seed {seed}"
