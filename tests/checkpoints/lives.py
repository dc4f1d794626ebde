"""Random lives of threads in one file, each run in a process of its own, which a life may kill: `python -m tests.checkpoints.lives FILE SEED FIRST COUNT`."""

from __future__ import annotations

import os
import random
import sqlite3
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command

import agents  # noqa: F401  sets strict msgpack before anything imports langgraph
from tests.checkpoints.kinds import KILL, KINDS, given_to, passes

PLACES = ("node", "answered", "writes", "put", "step")
ANSWERS = ("ok", "ok", "ok", "bad", "fail", {"amount": 3}, {"type": "approve"}, 7)


class MortalSaver(SqliteSaver):
    """A real saver whose process may die right before or after it writes. Like the older ones it keeps no task's path."""

    def put(self, *args: Any, **kwargs: Any) -> Any:
        passes("put")
        config = super().put(*args, **kwargs)
        passes("step")
        return config

    def put_writes(self, *args: Any, **kwargs: Any) -> None:
        super().put_writes(*args, **kwargs)
        passes("writes")


class PathSaver(MortalSaver):
    """With the path of each task, as today's."""

    def put_writes(self, config: Any, writes: Any, task_id: str, task_path: str = "") -> None:
        super().put_writes(config, writes, task_id, task_path)


class Life:
    """What happens to one thread, chosen by chance alone."""

    def __init__(self, saver: SqliteSaver, thread_id: str, kind: str, chance: random.Random) -> None:
        self.graph = KINDS[kind](saver)
        self.given = given_to(kind)
        self.chance = chance
        self.config: Any = {"configurable": {"thread_id": thread_id}, "metadata": {"graph_id": kind}}

    def start(self) -> None:
        self.run(self.given)

    def answer_one(self) -> None:
        ids = self.ids()
        if ids:
            self.run(Command(resume={self.chance.choice(ids): self.chance.choice(ANSWERS)}))

    def answer_all(self) -> None:
        ids = self.ids()
        if ids:
            self.run(Command(resume={each: self.chance.choice(ANSWERS) for each in ids}))

    def answer_well(self) -> None:
        ids = self.ids()
        if ids:
            self.run(Command(resume=dict.fromkeys(ids, "ok")))

    def answer_without_id(self) -> None:
        if len(self.ids()) == 1:
            self.run(Command(resume="ok"))

    def go_on(self) -> None:
        self.run(None)

    def new_input(self) -> None:
        self.run(self.given)

    def update(self) -> None:
        self.graph.update_state(self.config, self.given)

    def close(self) -> None:
        self.graph.update_state(self.config, None, as_node="__end__")

    def fork(self) -> None:
        """From any earlier step on, as it stands there."""
        steps = list(self.graph.get_state_history(self.config, limit=6))
        if steps:
            self.graph.invoke(None, self.chance.choice(steps).config, durability="sync")

    def run(self, given: Any) -> None:
        durability = self.chance.choice(["sync", "sync", "sync", "async", "exit"])
        self.graph.invoke(given, self.config, durability=durability)

    def ids(self) -> list[str]:
        return [each.id for step in self.graph.get_state(self.config).tasks for each in step.interrupts]

    def acts(self) -> list[Callable[[], None]]:
        common = [self.answer_one, self.answer_one, self.answer_all, self.answer_well, self.answer_well, self.go_on]
        return [*common, self.answer_without_id, self.new_input, self.update, self.fork, self.close]


def live(path: Path, thread_id: str, kind: str, chance: random.Random) -> None:
    """One spell of a thread: it starts, or goes on, and a few things happen to it."""
    with sqlite3.connect(path, check_same_thread=False, timeout=30) as connection:
        connection.execute("PRAGMA synchronous = OFF")  # a killed process loses nothing that it has written
        paths = kind == "the functional API" or chance.random() < 0.8  # it is newer than the paths
        saver = PathSaver(connection) if paths else MortalSaver(connection)
        saver.setup()
        life = Life(saver, thread_id, kind, chance)
        acts = [chance.choice(life.acts()) for _ in range(chance.randrange(4))]
        if saver.get_tuple(life.config) is None:
            acts.insert(0, life.start)
        if chance.random() < 0.5:
            KILL[chance.choice(PLACES)] = chance.randrange(6)
        for act in acts:
            with suppress(Exception):
                act()


def begin(path: Path, seed: str, number: int) -> tuple[str, str, int]:
    """A thread with one or two spells; its id, its kind, and how many of them were killed."""
    chance = random.Random(f"{seed}/{number}")
    kinds = list(KINDS)
    random.Random(seed).shuffle(kinds)  # so that a few threads are of other kinds each time
    kind = kinds[number % len(kinds)]
    thread_id, killed = f"t{number}", 0
    for spell in range(chance.choice([1, 1, 2])):
        child = os.fork()
        if not child:
            os.close(2)
            try:
                live(path, thread_id, kind, random.Random(f"{seed}/{number}/{spell}"))
            finally:
                os._exit(0)
        killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
    return thread_id, kind, killed


def main(path: Path, seed: str, first: int, count: int) -> None:
    for number in range(first, first + count):
        print("\t".join(map(str, begin(path, seed, number))), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
