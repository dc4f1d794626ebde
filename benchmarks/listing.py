"""What a page of the inbox costs with 1,000 and with 100,000 threads, against LangGraph's list() and against plain SQL.

It builds a checkpointer file of each size in a temporary folder (real threads
of a graph, copied; about 25 kB and 24 rows each, 5 % of them paused) and measures, warm,
the median of many calls in this process:

- page: `agents.reviews.inbox(desk, per_page=50)`, the very call that the inbox makes when it draws itself anew:
  50 decoded reviews, the counts by kind, graph and state, what runs and what failed;
- count: the same call for no rows, so the counts alone;
- list: `SqliteSaver.list(None)`, newest first, and `get_state` on each thread, until 50 paused ones are found;
- plain: one SQL query for everything that is paused (docs/architecture.md), and the payloads of the newest 50 decoded.

"plain" and "list" are measured on the largest file. What is printed before the last line also tells how long the
first page and the whole first reading take, a page that nobody opened before, and a page after a change.
Ends with one line of JSON:

    {"page_ms": {"1000": .., "100000": ..}, "count_ms": {..}, "list_ms": .., "plain_ms": ..}

Run it with `python benchmarks/listing.py`. It takes some minutes and 4 GB of disk.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import agents  # noqa: E402, F401  sets strict msgpack before langgraph is imported
from agents import reviews  # noqa: E402
from agents.checkpoints.decoding import asks  # noqa: E402
from agents.desk import Desk, open_desk  # noqa: E402
from agents.settings import load_settings  # noqa: E402
from benchmarks.listing_file import add_thread, build, make_graph, remove_thread  # noqa: E402

T = TypeVar("T")

PAGE = 50
CALLS = 40
PLAIN = """
    SELECT w.type, w.value FROM writes w INDEXED BY sqlite_autoindex_writes_1
    WHERE w.checkpoint_ns = '' AND w.idx = -3
      AND w.checkpoint_id = (SELECT max(h.checkpoint_id) FROM checkpoints h WHERE h.thread_id = w.thread_id AND h.checkpoint_ns = '')
      AND NOT EXISTS (SELECT 1 FROM writes o WHERE o.thread_id = w.thread_id AND o.checkpoint_ns = ''
                      AND o.checkpoint_id = w.checkpoint_id AND o.task_id = w.task_id AND o.idx >= 0)
    ORDER BY w.checkpoint_id DESC"""


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Milliseconds, and what came of it."""
    began = time.perf_counter()
    found = work()
    return (time.perf_counter() - began) * 1000, found


def median_ms(work: Callable[[], Any], calls: int = CALLS) -> float:
    work()
    return statistics.median(timed(work)[0] for _ in range(calls))


def page(desk: Desk, number: int = 1) -> reviews.Inbox:
    return reviews.inbox(desk, per_page=PAGE, page=number)


def read_in(desk: Desk, paused: int) -> None:
    """Open the inbox for the first time, and wait until the whole file has been read."""
    first, found = timed(lambda: page(desk))
    began = time.perf_counter()
    while page(desk).about:
        time.sleep(0.2)
    rest = time.perf_counter() - began
    waiting = page(desk).waiting
    assert waiting == paused, f"{waiting} of {paused} paused threads found"
    print(f"  first page of {len(found.rows)} rows {first:.0f} ms; the whole file read {rest:.1f} s later", flush=True)


def told(desk: Desk, path: Path, paused: int) -> None:
    """Pages other than the warm one: printed, not part of the line."""
    pages = max(1, paused // PAGE)
    unseen = [timed(lambda number=number: page(desk, number))[0] for number in range(2, min(pages, 8) + 1)]  # type: ignore[misc]
    if unseen:
        print(f"  a page that nobody opened before {statistics.median(unseen):.1f} ms")
    add_thread(path, "added")
    after, found = timed(lambda: page(desk))
    assert found.waiting == paused + 1
    remove_thread(path, "added")
    gone, _ = timed(lambda: page(desk))
    began = time.perf_counter()
    while (found := page(desk)).about:
        time.sleep(0.02)
    assert found.waiting == paused
    print(
        f"  after a thread was added {after:.1f} ms; after one was deleted {gone:.1f} ms, "
        f"and the count was sure {time.perf_counter() - began:.2f} s later",
        flush=True,
    )


def signoff(folder: Path, path: Path, paused: int) -> tuple[float, float]:
    desk = open_desk(load_settings(home=folder / f"home-{path.stem}", checkpoints=path, model="offline"))
    try:
        read_in(desk, paused)
        pages, counts = median_ms(lambda: page(desk)), median_ms(lambda: reviews.inbox(desk, per_page=0))
        print(f"  page of {PAGE} {pages:.2f} ms, count {counts:.2f} ms")
        told(desk, path, paused)
    finally:
        desk.close()
    return pages, counts


def list_ms(path: Path, wanted: int) -> float:
    """LangGraph's own way. Two savers: list() holds its saver's lock between two results."""
    from langgraph.checkpoint.sqlite import SqliteSaver

    def look() -> int:
        seen: set[str] = set()
        found = 0
        for each in lister.list(None):
            thread_id = each.config["configurable"]["thread_id"]
            if thread_id in seen:
                continue
            seen.add(thread_id)
            state = graph.get_state({"configurable": {"thread_id": thread_id}})
            found += bool(state.interrupts)
            if found == wanted:
                break
        return found

    with (
        closing(sqlite3.connect(path, check_same_thread=False)) as first,
        closing(sqlite3.connect(path, check_same_thread=False)) as second,
    ):
        lister, graph = SqliteSaver(first), make_graph(SqliteSaver(second))
        taken, found = timed(look)
    assert found == wanted, f"{found} of {wanted} paused threads found"
    return taken


def plain_ms(path: Path, paused: int) -> float:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:

        def look() -> int:
            rows = connection.execute(PLAIN).fetchall()
            assert all(asks(kind, value) for kind, value in rows[:PAGE])
            return len(rows)

        assert look() == paused
        return median_ms(look, 5)


def measure(folder: Path, sizes: list[int], share: float) -> dict[str, Any]:
    pages, counts, path, paused = {}, {}, folder, 0
    for size in sizes:
        path = folder / f"checkpoints-{size}.sqlite"
        taken, paused = timed(lambda: build(path, size, share))  # noqa: B023 - called here and now
        kilobytes = path.stat().st_size / size / 1000
        print(f"{size:,} threads of {kilobytes:.0f} kB, {paused:,} paused, built in {taken / 1000:.0f} s", flush=True)
        pages[str(size)], counts[str(size)] = signoff(folder, path, paused)
    by_sql = plain_ms(path, paused)
    print(f"plain SQL {by_sql:.0f} ms", flush=True)
    by_list = list_ms(path, min(PAGE, paused))
    print(f"list() and get_state {by_list:.0f} ms", flush=True)
    small, large = pages[str(sizes[0])], pages[str(sizes[-1])]
    print(
        f"a page at {sizes[-1]:,} threads costs {large / small:.1f} times that at {sizes[0]:,}; "
        f"list() with get_state costs {by_list / large:,.0f} times as much, plain SQL {by_sql / large:.0f} times"
    )
    return {
        "page_ms": {size: round(each, 2) for size, each in pages.items()},
        "count_ms": {size: round(each, 2) for size, each in counts.items()},
        "list_ms": round(by_list, 1),
        "plain_ms": round(by_sql, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, nargs="+", default=[1_000, 100_000], help="sizes (default 1000 100000)")
    parser.add_argument("--paused", type=float, default=0.05, help="which share of them is paused (default 0.05)")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(Path(folder), sorted(chosen.threads), chosen.paused)))


if __name__ == "__main__":
    main()
