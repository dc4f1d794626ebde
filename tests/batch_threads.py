"""A batch with real files: checkpointer, lot, results; a fake only in the writer's place."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import agents  # noqa: F401  strict msgpack before langgraph

# isort: split
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command

from agents import lots
from agents.adapters.model import (
    Clarification,
    ClarifyRequest,
    EmailDraft,
    EmailRequest,
    ItemAnswer,
    ItemRequest,
    PlanDraft,
    PlanRequest,
)
from agents.clock import Clock
from agents.database import open_database, reading
from agents.domain import JSON
from agents.graphs import batch_sampling
from agents.graphs.batch_crew import Crew

THREAD, SOURCE = "thread-1", "checkpoints"
NOW = datetime(2026, 1, 31, 8, tzinfo=UTC)
CATEGORIES = ["billing", "technical", "other"]


def rows(number: int) -> list[dict[str, str]]:
    return [{"id": f"T-{each}", "text": f"text {each}"} for each in range(1, number + 1)]


@dataclass
class FakeWriter:
    """Says how many instructions it was given; keeps what was asked of whom. `act` may fail or answer instead."""

    act: Callable[[ItemRequest], Mapping[str, str] | None] = lambda request: None
    label: str = "a fake"
    offline: bool = True
    requests: list[ItemRequest] = field(default_factory=list)
    _lock: Any = field(default_factory=threading.Lock)

    def item(self, request: ItemRequest) -> ItemAnswer:
        with self._lock:
            self.requests.append(request)
        plain = {"category": "billing", "priority": "low", "reason": f"said {len(request.instructions)}"}
        output = self.act(request) or {name: plain.get(name, f"made {name}") for name in request.fields}
        return ItemAnswer(output=dict(output))

    @property
    def asked(self) -> list[int]:
        """The items in the order in which they were asked for."""
        return [number_of(request) for request in self.requests]

    def clarify(self, request: ClarifyRequest) -> Clarification:
        raise NotImplementedError

    def enrich(self, task: str, answers: Sequence[tuple[str, str | None]]) -> str:
        raise NotImplementedError

    def plan(self, request: PlanRequest) -> PlanDraft:
        raise NotImplementedError

    def email(self, request: EmailRequest) -> EmailDraft:
        raise NotImplementedError


def number_of(request: ItemRequest) -> int:
    return int(next(iter(request.data.values())).removeprefix("T-"))


@dataclass
class BatchThread:
    app: Any
    engine: Any
    writer: FakeWriter
    slept: list[float] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    thread_id: str = THREAD

    @property
    def config(self) -> dict[str, Any]:
        return {"configurable": {"thread_id": self.thread_id}}

    def start(self, number: int = 200, **given: Any) -> Any:
        return self.run({"items": rows(number), "every": 20, "categories": CATEGORIES, **given})

    def answer(self, value: Any) -> Any:
        (asked,) = self.app.get_state(self.config).interrupts
        return self.run(Command(resume={asked.id: value}))

    def go_on(self) -> Any:
        return self.run(None)

    def run(self, given: Any, config: Mapping[str, Any] | None = None) -> Any:
        """The next question's payload, or the outcome."""
        for line in self.app.stream(given, config or self.config, durability="sync", stream_mode="custom"):
            self.told.append(line["progress"])
        state = self.app.get_state(self.config)
        return state.interrupts[0].value if state.interrupts else state.values.get("outcome")

    @property
    def values(self) -> dict[str, Any]:
        found: dict[str, Any] = self.app.get_state(self.config).values
        return found

    @property
    def crew(self) -> Crew:
        return Crew(self.engine, self.writer, lambda: NOW, self.slept.append, 8)

    def results(self, lot_id: str | None = None) -> dict[tuple[int, int], str | None]:
        """(item, generation) -> the reason in its output, or None for a failed one."""
        with reading(self.engine) as connection:
            found = lots.results(connection, lot_id or self.values["lot_id"], 1, 10**6)
        return {(each.item_no, each.generation): (each.output or {}).get("reason") for each in found}

    def verdicts(self, lot_id: str | None = None) -> dict[tuple[int, int], tuple[str, bool]]:
        """(item, generation) -> (verdict, chosen by the plan)."""
        with reading(self.engine) as connection:
            found = lots.verdicts(connection, lot_id or self.values["lot_id"])
        return {(each.item_no, each.generation): (each.word.value, each.planned) for each in found}


@contextmanager
def batch_thread(
    folder: Path, writer: FakeWriter | None = None, *, clock: Clock = lambda: NOW, concurrency: int = 8, **more: Any
) -> Iterator[BatchThread]:
    """The thread over FOLDER/checkpoints.sqlite and FOLDER/signoff.sqlite."""
    folder.mkdir(parents=True, exist_ok=True)
    engine, writer, slept = open_database(folder / "signoff.sqlite"), writer or FakeWriter(), []
    built = batch_sampling.build(
        writer=writer, engine=engine, source_id=SOURCE, clock=clock, sleep=slept.append, concurrency=concurrency, **more
    )
    try:
        with SqliteSaver.from_conn_string(str(folder / "checkpoints.sqlite")) as saver:
            yield BatchThread(built.compile(checkpointer=saver), engine, writer, slept)
    finally:
        engine.dispose()


def fix(category: str, reason: str = "by hand") -> dict[str, str]:
    return {"category": category, "priority": "high", "reason": reason}


def correct(corrections: Mapping[int, Mapping[str, str]], inspected: Sequence[int] = ()) -> JSON:
    said = {str(number): dict(output) for number, output in corrections.items()}
    return {"action": "correct", "corrections": said, "inspected": list(inspected)}
