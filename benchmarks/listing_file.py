"""A checkpointer file of any size: the rows of a few real threads, copied under other names.

LangGraph takes the copies for threads of their own: nothing in a checkpoint names its thread.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

TEMPLATES = 40
STEPS = 6
TEXT = 130
"""Characters that each step adds to the state; a thread is then about 25 kB."""

TABLES = {"checkpoints": 7, "writes": 9}
BATCH = 2_000


class State(TypedDict, total=False):
    notes: list[str]
    answer: Any


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one thread by table, without its name."""

    of: dict[str, list[tuple[Any, ...]]]


def make_graph(saver: Any) -> Any:
    """Six nodes that each add to the state; the last of them asks, or does not."""
    from langgraph.graph import END, START, StateGraph
    from langgraph.types import interrupt

    def note(state: State) -> State:
        return {"notes": [*state.get("notes", ()), "".join(random.choices("abcdefghij ", k=TEXT))]}

    def ask(state: State) -> State:
        asked = state["answer"]
        return {"answer": interrupt(asked) if asked else "nobody was asked"}

    graph = StateGraph(State).add_node("ask", ask)
    before = START
    for number in range(STEPS):
        name = f"step_{number}"
        graph.add_node(name, note)
        graph.add_edge(before, name)
        before = name
    return graph.add_edge(before, "ask").add_edge("ask", END).compile(checkpointer=saver)


def question(number: int) -> dict[str, Any]:
    """One of three kinds of payload: a tool call as LangChain asks about it, a mail, anything."""
    match number % 3:
        case 0:
            args = {"path": f"/srv/reports/{number}.csv", "content": "a,b\n1,2\n" * 20}
            return {
                "action_requests": [{"name": "write_file", "args": args, "description": f"Write report {number}"}],
                "review_configs": [{"action_name": "write_file", "allowed_decisions": ["approve", "edit", "reject"]}],
            }
        case 1:
            return {
                "type": "email",
                "to": f"person{number}@example.com",
                "subject": f"Invoice {number}",
                "body": "Dear " * 60,
            }
        case _:
            return {"question": f"Ship order {number}?", "customer": f"Customer {number}", "items": ["chair", "table"]}


def templates(paused: bool) -> list[Rows]:
    """Real threads of the graph that wait for an answer, or have ended."""
    from langgraph.checkpoint.sqlite import SqliteSaver

    with closing(sqlite3.connect(":memory:", check_same_thread=False)) as connection:
        graph = make_graph(SqliteSaver(connection))
        for number in range(TEMPLATES):
            graph_id = ("reports", "letters", "orders")[number % 3]
            config = {"configurable": {"thread_id": str(number)}, "metadata": {"graph_id": graph_id}}
            graph.invoke({"answer": question(number) if paused else None}, config, durability="sync")
        return [Rows({table: _rows(connection, table, str(number)) for table in TABLES}) for number in range(TEMPLATES)]


def build(path: Path, threads: int, paused_share: float = 0.05) -> int:
    """Write a file with so many threads, the paused ones spread evenly; returns how many are paused."""
    from langgraph.checkpoint.sqlite import SqliteSaver

    chance, waiting, ended = random.Random(threads), templates(True), templates(False)
    paused = set(chance.sample(range(threads), round(threads * paused_share)))
    with closing(sqlite3.connect(path, check_same_thread=False, isolation_level=None)) as connection:
        SqliteSaver(connection).setup()
        connection.execute("PRAGMA synchronous = OFF")
        for first in range(0, threads, BATCH):
            chosen = [
                (f"thread-{number:07}", (waiting if number in paused else ended)[chance.randrange(TEMPLATES)])
                for number in range(first, min(first + BATCH, threads))
            ]
            connection.execute("BEGIN")
            for table, columns in TABLES.items():
                marks = ", ".join("?" * columns)
                connection.executemany(f"INSERT INTO {table} VALUES ({marks})", _named(chosen, table))
            connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return len(paused)


def add_thread(path: Path, name: str) -> None:
    """One more paused thread, as an agent would write it while the desk is open."""
    with closing(sqlite3.connect(path)) as connection, connection:
        rows = templates(True)[0]
        for table, columns in TABLES.items():
            marks = ", ".join("?" * columns)
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", _named([(name, rows)], table))


def remove_thread(path: Path, name: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for table in TABLES:
            connection.execute(f"DELETE FROM {table} WHERE thread_id = ?", (name,))


def _rows(connection: sqlite3.Connection, table: str, thread_id: str) -> list[tuple[Any, ...]]:
    found = connection.execute(f"SELECT * FROM {table} WHERE thread_id = ? ORDER BY rowid", (thread_id,)).fetchall()
    assert len(found[0]) == TABLES[table]
    return [row[1:] for row in found]


def _named(chosen: list[tuple[str, Rows]], table: str) -> Iterator[tuple[Any, ...]]:
    return ((name, *row) for name, rows in chosen for row in rows.of[table])
