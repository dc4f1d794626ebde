"""A plan approval with real files: checkpointer, journal, workspace; a fake only in the writer's place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command

from agents.adapters.model import (
    Clarification,
    ClarifyRequest,
    EmailDraft,
    EmailRequest,
    ItemAnswer,
    ItemRequest,
    PlanDraft,
    PlanRequest,
    Question,
    StepDraft,
)
from agents.adapters.workspace import Workspace
from agents.database import open_database, reading
from agents.effects import Effect, Journal, of_thread
from agents.errors import ModelError
from agents.graphs import plan_approval
from tests.workspaces import NOW

THREAD = "thread-1"
LOGS = {"op": "delete", "why": "old logs", "pattern": "**/*.log", "older_than_days": 30}


@dataclass
class FakeWriter:
    """Proposes what it is told to, one plan after the other; the last one again and again."""

    plans: Sequence[Sequence[dict[str, Any]]] = ((LOGS,),)
    label: str = "a fake"
    offline: bool = True
    questions: Sequence[str] = ()
    requests: list[PlanRequest] = field(default_factory=list)
    analysed: list[str] = field(default_factory=list)
    failing: bool = False

    def clarify(self, request: ClarifyRequest) -> Clarification:
        self.analysed.append(request.task)
        return Clarification(questions=[Question(text=text, hint=f"hint for {text}") for text in self.questions])

    def enrich(self, task: str, answers: Sequence[tuple[str, str | None]]) -> str:
        return f"{task} | {'; '.join(answer or 'open' for _, answer in answers)}"

    def plan(self, request: PlanRequest) -> PlanDraft:
        if self.failing:
            raise ModelError("The model said nothing.")
        self.requests.append(request)
        steps = self.plans[min(len(self.requests), len(self.plans)) - 1]
        return PlanDraft(summary=f"Plan {len(self.requests)}", steps=[StepDraft.model_validate(step) for step in steps])

    def email(self, request: EmailRequest) -> EmailDraft:
        raise NotImplementedError

    def item(self, request: ItemRequest) -> ItemAnswer:
        raise NotImplementedError


@dataclass
class PlanThread:
    app: Any
    journal: Journal
    engine: Any
    writer: FakeWriter
    workspace: Workspace
    told: list[str] = field(default_factory=list)

    @property
    def config(self) -> dict[str, Any]:
        return {"configurable": {"thread_id": THREAD}}

    def start(self, task: str = "delete old logs") -> Any:
        return self._run({"task": task})

    def answer(self, value: Any) -> Any:
        (asked,) = self.app.get_state(self.config).interrupts
        return self._run(Command(resume={asked.id: value}))

    def go_on(self) -> Any:
        return self._run(None)

    def _run(self, given: Any) -> Any:
        """The next question's payload, or the outcome."""
        for _, line in self.app.stream(given, self.config, durability="sync", stream_mode="custom", subgraphs=True):
            self.told.append(line["progress"])
        state = self.app.get_state(self.config)
        return state.interrupts[0].value if state.interrupts else state.values["outcome"]

    @property
    def effects(self) -> list[Effect]:
        with reading(self.engine) as connection:
            return of_thread(connection, "checkpoints", THREAD)


@contextmanager
def plan_thread(
    folder: Path,
    writer: FakeWriter | None = None,
    workspace: str = "ws",
    build: Callable[..., Any] = plan_approval.build,
) -> Iterator[PlanThread]:
    """The thread over FOLDER/WORKSPACE, FOLDER/checkpoints.sqlite and FOLDER/signoff.sqlite."""
    engine = open_database(folder / "signoff.sqlite")
    writer, journal, where = writer or FakeWriter(), Journal(engine), Workspace(folder / workspace)
    built = build(writer=writer, journal=journal, workspace=where, clock=lambda: NOW)
    try:
        with SqliteSaver.from_conn_string(str(folder / "checkpoints.sqlite")) as saver:
            yield PlanThread(built.compile(checkpointer=saver), journal, engine, writer, where)
    finally:
        engine.dispose()
