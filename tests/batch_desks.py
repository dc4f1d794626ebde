"""A real desk with batches on it: the real graph and the offline rules, or a model on loopback that fails where a test wants it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from agents import decisions, starts
from agents.desk import Desk, open_desk
from agents.domain import DecisionType, Pause, Said
from agents.settings import load_settings
from tests.desks import work
from tests.openai_server import OpenAIServer, Reply, answer_json, refused

CATEGORIES = ["billing", "technical", "other"]
APPROVE = Said(DecisionType.APPROVE)


REFUNDS = "Refunds are billing"
"""The rules take a refund that quotes an error for technical, until a reviewer says this."""


@dataclass
class ItemModel:
    """Every item is "technical". failing: the items that it refuses. asked: the items that it was asked about."""

    failing: set[int] = field(default_factory=set)
    asked: list[int] = field(default_factory=list)

    def __call__(self, body: Mapping[str, Any]) -> Reply:
        item = json.loads(body["messages"][-1]["content"])["item"]
        number = int(next(iter(item.values())).removeprefix("T-"))
        self.asked.append(number)
        if number in self.failing:
            return refused(402, f"item {number} is refused")
        return answer_json({"category": "technical", "priority": "low", "reason": f"as item {number}"})


@dataclass
class BatchDesk:
    desk: Desk
    model: ItemModel
    thread_id: str = ""

    def start(self, number: int = 12, *, every: int = 4, run: bool = True, **given: Any) -> str:
        """A batch of so many rows, run to its first question."""
        rows = [
            {"id": f"T-{each}", "text": f"The app shows error {each} when I ask for a refund"}
            for each in range(1, number + 1)
        ]
        asked = {"items": rows, "every": every, "categories": CATEGORIES, "name": "tickets.csv", **given}
        self.thread_id = starts.start(self.desk, "batch_sampling", asked, actor="Starter")
        if run:
            work(self.desk)
        return self.thread_id

    @property
    def question(self) -> Pause:
        (pause,) = self.desk.pauses(self.thread_id)
        return pause

    def decide(self, said: Said, actor: str = "Ada", *, run: bool = True) -> None:
        pause = self.question
        decisions.decide(self.desk, self.thread_id, pause.pause_key, said, seen=pause.seen, actor=actor)
        if run:
            work(self.desk)


@contextmanager
def batch_desk(
    home: Path, environment: pytest.MonkeyPatch, *, failing: Iterable[int] | None = None
) -> Iterator[BatchDesk]:
    """failing: ask a model on loopback, which refuses these items; else the offline rules do the work.

    The environment is set too, since a built-in graph reads its own settings.
    """
    environment.setenv("SIGNOFF_HOME", str(home))
    environment.setenv("SIGNOFF_UNDO_SECONDS", "0")
    model = ItemModel(set(failing or ()))
    with OpenAIServer(model, keep_alive=True) as server:
        if failing is not None:
            environment.setenv("OPENAI_BASE_URL", server.url)
            environment.setenv("OPENAI_API_KEY", "sk-test")
        desk = open_desk(load_settings())
        try:
            yield BatchDesk(desk, model)
        finally:
            desk.close()


def correct(*numbers: int, inspected: Sequence[int] = ()) -> Said:
    output = {"category": "other", "priority": "high", "reason": "by hand"}
    args: dict[str, Any] = {"corrections": {str(number): output for number in numbers}}
    return Said(DecisionType.EDIT, args={**args, "inspected": list(inspected)} if inspected else args)


def problem(text: str) -> Said:
    return Said(DecisionType.RESPOND, message=text)
