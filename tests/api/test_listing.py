"""The list of threads: each once, in pages, whatever moves on meanwhile; the same from a large file as from a small one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver

from agents import decisions, starts
from agents.api import listing
from agents.api.listing import Filters
from agents.desk import Desk
from agents.domain import DecisionType, Said
from tests import asking_graphs
from tests.desks import desk_in, work


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Waiting, complete, failed and not begun; and one of another program, which waits."""
    home = tmp_path_factory.mktemp("listing")
    desk = desk_in(home)
    given = {"log": str(home / "log.txt")}
    for number, graph_id in enumerate(("one", "one", "failing", "typed", "two", "one")):
        starts.start(desk, graph_id, given, actor="me", thread_id=f"{number} {graph_id}")
    work(desk)
    for thread_id in ("1 one", "2 failing"):
        said = Said(DecisionType.RESPOND, "yes")
        decisions.decide(desk, thread_id, desk.pauses(thread_id)[0].pause_key, said, actor="me", wait_for_undo=False)
    work(desk)
    with closing(sqlite3.connect(home / "checkpoints.sqlite", check_same_thread=False)) as connection:
        graph = asking_graphs.one().compile(checkpointer=SqliteSaver(connection))
        graph.invoke(given, {"configurable": {"thread_id": "theirs"}})
    starts.start(desk, "one", given, actor="me", thread_id="9 later")
    yield desk
    desk.close()


def listed(desk: Desk, filters: Filters, limit: int = 50) -> dict[str, str]:
    """Every thread of the list with its status, page by page."""
    found: dict[str, str] = {}
    cursor: str | None = None
    while True:
        page = listing.page(desk, filters, cursor, limit)
        assert len(page["threads"]) <= limit
        for each in page["threads"]:
            assert each["thread_id"] not in found, "a page repeats nothing"
            found[each["thread_id"]] = each["status"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def reading(desk: Desk, follow_from: int) -> Desk:
    """The desk as it reads a file of this size; what follows a file is closed with the desk."""
    return replace(desk, follow_from=follow_from, memo=desk.memo if follow_from == 0 else {})


EVERY = {
    "0 one": "awaiting_human",
    "1 one": "complete",
    "2 failing": "failed",
    "3 typed": "awaiting_human",
    "4 two": "awaiting_human",
    "5 one": "awaiting_human",
    "9 later": "running",
    "theirs": "awaiting_human",
}


@pytest.mark.parametrize("limit", [1, 3, 50])
@pytest.mark.parametrize("follow_from", [60_000, 0], ids=["whole", "followed"])
def test_every_thread_once(desk: Desk, limit: int, follow_from: int) -> None:
    assert listed(reading(desk, follow_from), Filters(), limit) == EVERY


@pytest.mark.parametrize("follow_from", [60_000, 0], ids=["whole", "followed"])
def test_filters(desk: Desk, follow_from: int) -> None:
    desk = reading(desk, follow_from)
    for status in ("awaiting_human", "complete", "failed", "running"):
        wanted = {name for name, each in EVERY.items() if each == status}
        assert set(listed(desk, Filters(statuses=frozenset({status})), 2)) == wanted
    both = Filters(statuses=frozenset({"running", "complete"}))
    assert set(listed(desk, both)) == {"1 one", "9 later"}
    assert set(listed(desk, Filters(graphs=frozenset({"one"})))) >= {"0 one", "1 one", "5 one", "9 later"}
    assert set(listed(desk, Filters(graphs=frozenset({"typed", "two"}), kinds=frozenset({"generic"})))) == {
        "3 typed",
        "4 two",
    }
    assert listed(desk, Filters(kinds=frozenset({"email"}))) == {}


def test_what_moves_on_is_neither_repeated_nor_left_out(tmp_path: Path) -> None:
    desk = desk_in(tmp_path)
    given = {"log": str(tmp_path / "log.txt")}
    for number in range(6):
        starts.start(desk, "one", given, actor="me", thread_id=f"t{number}")
    work(desk)
    first = listing.page(desk, Filters(), None, 3)
    for thread_id in ("t0", "t4"):
        key = desk.pauses(thread_id)[0].pause_key
        said = Said(DecisionType.RESPOND, "yes")
        decisions.decide(desk, thread_id, key, said, actor="me", wait_for_undo=False)
    work(desk)
    starts.start(desk, "one", given, actor="me", thread_id="t9")
    rest = listing.page(desk, Filters(), first["next_cursor"], 50)
    seen = [each["thread_id"] for page in (first, rest) for each in page["threads"]]
    assert seen == ["t0", "t1", "t2", "t3", "t4", "t5", "t9"]
    desk.close()
