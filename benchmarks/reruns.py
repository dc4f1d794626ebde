"""What a rerun of the inbox costs, and how long a click takes, with many paused threads.

A real dashboard process over a file of paused threads, and sessions that speak
Streamlit's protocol over websockets and refresh themselves as browsers do.
"unfrozen" is the same desk on Streamlit as it comes: no frozen heap, a full garbage
collection after every rerun. Ends with one line of JSON:

    {"rerun_cpu_ms": .., "rerun_cpu_ms_unfrozen": .., "click_p95_ms": {"1": .., "30": ..}}

Run it with `python benchmarks/reruns.py`. It takes about two minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, closing
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import agents  # noqa: E402, F401  sets strict msgpack before langgraph is imported
from agents.registry import load_registry  # noqa: E402
from agents.settings import load_settings  # noqa: E402
from benchmarks.session import Session  # noqa: E402
from tests.desk_process import DeskProcess  # noqa: E402

GRAPH = "email_approval"
WARM_UP = 5
IDLE_SECONDS = 4.0
SESSIONS = (1, 30)
BETWEEN_SECONDS = 1.0


def make_threads(home: Path, count: int) -> None:
    """A checkpointer file in `home` with `count` threads of a built-in graph that wait for an answer."""
    from langgraph.checkpoint.sqlite import SqliteSaver

    settings = load_settings(home=home, model="offline")
    registry = load_registry(settings)
    home.mkdir(parents=True, exist_ok=True)
    with (
        closing(sqlite3.connect(settings.checkpoints_path, check_same_thread=False)) as connection,
        registry.compiled(GRAPH, SqliteSaver(connection)) as graph,
    ):
        for number in range(count):
            given = {"recipient": f"person{number}@example.com", "subject": f"Invoice {1000 + number}"}
            metadata = {"graph_id": GRAPH, "title": registry.title_of(GRAPH, given)}
            graph.invoke(given, {"configurable": {"thread_id": f"thread-{number:05}"}, "metadata": metadata})


async def rerun_cpu_ms(desk: DeskProcess, reruns: int = 60) -> float:
    """Processor time of one rerun of the inbox, less what the idle server uses in the same time."""
    import psutil

    process = psutil.Process(desk.process.pid)

    def used() -> float:
        times = process.cpu_times()
        return times.user + times.system

    async with Session(desk.port, refreshes=False) as session:
        await session.open()
        for turn in range(WARM_UP):
            await session.turn(1 + turn % session.pages)
        before, began = used(), time.perf_counter()
        await asyncio.sleep(IDLE_SECONDS)
        idle = (used() - before) / (time.perf_counter() - began)
        before, began = used(), time.perf_counter()
        for turn in range(reruns):
            await session.turn(1 + turn % session.pages)
        busy = used() - before - idle * (time.perf_counter() - began)
    return busy / reruns * 1000


async def click_times(desk: DeskProcess, sessions: int, clicks: int = 20) -> list[float]:
    """Seconds from click to page: each session clicks about once a second, at its own moments."""
    chance = random.Random(sessions)

    async def reviewer(session: Session) -> list[float]:
        await asyncio.sleep(chance.random() * BETWEEN_SECONDS)
        times = []
        for click in range(clicks):
            times.append(await session.turn(1 + (click + 1) % session.pages))
            await asyncio.sleep(max(0.0, BETWEEN_SECONDS * (0.5 + chance.random()) - times[-1]))
        return times

    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(Session(desk.port)) for _ in range(sessions)]
        for session in opened:
            await session.open()
        found = await asyncio.gather(*(reviewer(session) for session in opened))
    return [seconds for times in found for seconds in times]


def percentile_95_ms(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20, method="inclusive")[-1] * 1000


def measure(home: Path, *, reruns: int, clicks: int) -> dict[str, object]:
    p95: dict[str, float] = {}
    frozen = DeskProcess.launch(home)
    try:
        cpu = asyncio.run(rerun_cpu_ms(frozen, reruns))
        print(f"a rerun costs {cpu:.1f} ms of processor time", flush=True)
        for sessions in SESSIONS:
            times = asyncio.run(click_times(frozen, sessions, clicks))
            p95[str(sessions)] = round(percentile_95_ms(times), 1)
            middle = statistics.median(times) * 1000
            print(
                f"{sessions} sessions, {len(times)} clicks: median {middle:.0f} ms, "
                f"95 % within {p95[str(sessions)]:.0f} ms, slowest {max(times) * 1000:.0f} ms",
                flush=True,
            )
    except RuntimeError as error:
        raise SystemExit(f"{error}\n{frozen.said()}") from error
    finally:
        frozen.stop()
    unfrozen = DeskProcess.launch(home, streamlit=("-m", "benchmarks.unfrozen"))
    try:
        cpu_unfrozen = asyncio.run(rerun_cpu_ms(unfrozen, reruns))
    except RuntimeError as error:
        raise SystemExit(f"{error}\n{unfrozen.said()}") from error
    finally:
        unfrozen.stop()
    return {
        "rerun_cpu_ms": round(cpu, 1),
        "rerun_cpu_ms_unfrozen": round(cpu_unfrozen, 1),
        "click_p95_ms": p95,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1000, help="how many paused threads (default 1000)")
    parser.add_argument("--reruns", type=int, default=60, help="how many reruns to take the mean of (default 60)")
    parser.add_argument("--clicks", type=int, default=20, help="how many clicks each session makes (default 20)")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        began = time.perf_counter()
        make_threads(home, chosen.threads)
        print(f"{chosen.threads} paused threads made in {time.perf_counter() - began:.0f} s", flush=True)
        print(json.dumps(measure(home, reruns=chosen.reruns, clicks=chosen.clicks)))


if __name__ == "__main__":
    main()
