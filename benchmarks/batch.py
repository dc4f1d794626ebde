"""What a batch under review costs, beside the loop that most people write first.

The model is a fake that counts its calls; every sample is judged good at once.
Ends with one line of JSON:

    {"calls_per_item": .., "lesson_calls_per_item": .., "bytes_per_item": {"1000": .., "10000": ..}, "wall_over_model": ..}

calls_per_item: calls of the model, sampled after every 10th of 1,000 items.
lesson_calls_per_item: the same for all items in one node with an interrupt() after every 10th, which is really run.
bytes_per_item: the checkpointer's file and Signoff's database, both whole (rows, results, verdicts and all), sampled
after every 10th item.
wall_over_model: seconds of a batch of 1,000 items, 8 at once, over the seconds of the same calls in a bare pool of 8
threads that nobody interrupts. The fake takes 100 ms, give or take a half, and every 200th item is sampled.

A sample makes the model wait: the next chunk begins when the slowest item of this one is done and judged. With short
chunks that is most of the difference, so the lines before the last one tell it apart: there the bare pool also ends a
chunk before it begins the next.

Run it with `python benchmarks/batch.py`. It takes about five minutes.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, TypedDict

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import agents  # noqa: E402, F401  sets strict msgpack before langgraph is imported

# isort: split
from langgraph.checkpoint.sqlite import SqliteSaver  # noqa: E402
from langgraph.graph import END, START, StateGraph  # noqa: E402
from langgraph.types import Command, interrupt  # noqa: E402

from agents.adapters.model import ItemRequest  # noqa: E402
from agents.graphs.batch_tickets import COLUMNS, tickets  # noqa: E402
from tests.batch_threads import FakeWriter, batch_thread, number_of  # noqa: E402

EVERY = 10
CONCURRENCY = 8
LATENCY = 0.1
WALL_EVERY = (20, 100, 200)


def latency(number: int) -> float:
    """Seconds for one item, the same whenever it is asked for."""
    return LATENCY * random.Random(number).uniform(0.5, 1.5)


def slow(request: ItemRequest) -> None:
    time.sleep(latency(number_of(request)))


def rows_of(count: int) -> list[dict[str, str]]:
    return [dict(zip(COLUMNS, ticket.row(), strict=True)) for ticket, _ in zip(tickets(), range(count), strict=False)]


def batch(
    folder: Path, count: int, every: int, act: Callable[[ItemRequest], Any] = lambda request: None
) -> dict[str, float]:
    """Run a batch from its rows to its outcome: calls and bytes per item, seconds in all."""
    rows = rows_of(count)
    with batch_thread(folder, FakeWriter(act), concurrency=CONCURRENCY) as thread:
        began = time.perf_counter()
        asked = thread.run({"items": rows, "every": every})
        while "status" not in asked:
            asked = thread.answer({"action": "continue"})
        seconds = time.perf_counter() - began
        calls = len(thread.writer.requests)
    assert asked["details"]["done"] == count, asked
    size = sum(file.stat().st_size for file in folder.iterdir())
    return {"calls": calls / count, "bytes": size / count, "seconds": seconds}


class Loop(TypedDict, total=False):
    results: list[str]


def lesson_calls(folder: Path, count: int) -> float:
    """Calls per item of the usual loop: the node begins anew after every answer."""
    folder.mkdir(parents=True)
    calls = 0

    def classify(number: int) -> str:
        nonlocal calls
        calls += 1
        return f"category of {number}"

    def process(state: Loop) -> Loop:
        results = []
        for number in range(1, count + 1):
            results.append(classify(number))
            if number % EVERY == 0:
                interrupt({"type": "quality_check", "sample_input": number, "sample_output": results[-1]})
        return {"results": results}

    built = StateGraph(Loop)
    built.add_node("process", process)
    built.add_edge(START, "process")
    built.add_edge("process", END)
    with closing(sqlite3.connect(folder / "lesson.sqlite", check_same_thread=False)) as connection:
        graph = built.compile(checkpointer=SqliteSaver(connection))
        config: Any = {"configurable": {"thread_id": "1"}}
        found = graph.invoke({}, config, durability="sync")
        while "__interrupt__" in found:
            found = graph.invoke(Command(resume="continue"), config, durability="sync")
    assert len(found["results"]) == count
    return calls / count


def bare(count: int, chunk: int) -> float:
    """Seconds of the same calls in a pool of threads and nothing else, chunk by chunk."""
    began = time.perf_counter()
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        for first in range(1, count + 1, chunk):
            list(pool.map(lambda item: time.sleep(latency(item)), range(first, min(first + chunk, count + 1))))
    return time.perf_counter() - began


def wall_over_model(folder: Path, count: int, every: int, tries: int) -> float:
    """The best of some tries: this is about what the batch adds, not about what else the machine does."""
    ratios = []
    for number in range(tries):
        ours = batch(folder / f"{every}-{number}", count, every, slow)["seconds"]
        alone, chunked = bare(count, count), bare(count, every)
        print(
            f"{count:,} items, a sample of every {every}th: {ours:.1f} s, {ours / alone:.3f} times the model alone, "
            f"{ours / chunked:.3f} times the model chunk by chunk",
            flush=True,
        )
        ratios.append(ours / alone)
    return min(ratios)


def measure(folder: Path, *, sizes: Sequence[int], lesson: int, timed: int, tries: int) -> dict[str, object]:
    found = {}
    for count in sizes:
        found[count] = batch(folder / str(count), count, EVERY)
        line = f"{count:,} items, a sample of every {EVERY}th: {found[count]['calls']:.3f} calls and "
        print(f"{line}{found[count]['bytes']:,.0f} bytes per item, {found[count]['seconds']:.0f} s", flush=True)
    looped = lesson_calls(folder / "lesson", lesson)
    print(f"{lesson:,} items in one node: {looped:.1f} calls per item", flush=True)
    walls = [wall_over_model(folder, timed, every, tries) for every in WALL_EVERY]
    return {
        "calls_per_item": round(found[sizes[0]]["calls"], 3),
        "lesson_calls_per_item": round(looped, 1),
        "bytes_per_item": {str(count): round(each["bytes"]) for count, each in found.items()},
        "wall_over_model": round(walls[-1], 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[1000, 10000], help="items of the batches that are counted"
    )
    parser.add_argument("--lesson", type=int, default=1000, help="items of the usual loop (default 1000)")
    parser.add_argument("--timed", type=int, default=1000, help="items of the batches that are timed (default 1000)")
    parser.add_argument("--tries", type=int, default=2, help="how often each is timed (default 2)")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(
            Path(folder), sizes=chosen.sizes, lesson=chosen.lesson, timed=chosen.timed, tries=chosen.tries
        )
        print(json.dumps(measured))


if __name__ == "__main__":
    main()
