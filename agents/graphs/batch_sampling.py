"""Batch sampling: the model works through rows, and after every Nth a person judges a sample before it goes on.

    take ──> work ──> review ──> judge ──stop, or the last sample──> end
              ^         ^          │ │
              │         └─bad answer┘ │
              └─continue, correct: the next chunk; a problem: the items since the last good sample once more

The rows, results and verdicts are in the lot (agents.lots), in Signoff's own
database; the state holds where the batch is, and stays small. Asking (review)
and working are separate nodes, so that an answer never asks the model again.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Mapping
from typing import Any, TypedDict

from langchain_core.runnables import RunnableConfig
from langgraph.config import get_stream_writer
from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt
from sqlalchemy import Engine

from agents import lots
from agents.adapters.model import Writer, make_writer
from agents.checkpoints import first_source
from agents.clock import Clock, utc_now
from agents.database import open_database
from agents.domain import JSON
from agents.graphs.batch_asking import options_of, sample_payload
from agents.graphs.batch_input import BatchInput, check_input, take_in, title_of
from agents.graphs.batch_judging import judge, outcome_of, read
from agents.graphs.batch_tickets import SAMPLE_COUNT, write_tickets
from agents.graphs.batch_work import Crew, work_through
from agents.lots import Held, Lot
from agents.settings import Settings, load_settings

__all__ = [
    "GRAPH_ID",
    "INPUT",
    "SAMPLE",
    "TITLE",
    "BatchState",
    "build",
    "graph",
    "prepare_sample",
    "take_in",
    "title_of",
]

GRAPH_ID = "batch_sampling"
TITLE = "Batch sampling"
INPUT = BatchInput
SAMPLE_NAME = "sample-tickets.csv"
SAMPLE: dict[str, JSON] = {"items": SAMPLE_NAME, "every": 20}


class BatchState(TypedDict, total=False):
    """Everything between the nodes, plain JSON. The input's channels are empty once the rows are taken in."""

    items: Any
    lot_id: str | None
    every: int | None
    samples: int | None
    task: str | None
    categories: list[str] | None
    prompt: str | None
    columns: list[str] | None
    fields: list[str] | None
    name: str | None
    encoding: str | None
    header: bool | None
    options: dict[str, Any]  # every, samples, task, prompt, columns, fields, choices
    size: int  # items in the lot
    step: int  # how often the lot was held; see agents.lots.hold
    first: int  # the first item that the next work is about
    cursor: int  # items behind a decision to go on
    done: int  # items with a result
    last_good: int  # the last sample that was judged good
    generation: int  # the newest one
    spans: list[list[int]]  # [first item, generation] from which on it counts, ascending
    instructions: list[dict[str, Any]]  # generation, text, input, output; oldest first
    revision: int  # 1 + how often the place under review was done again
    failing: int  # failed items since the last one that succeeded
    counters: dict[str, int]  # reviews, redone
    question: dict[str, Any] | None  # the payload under review
    answer: Any
    stopped: str | None  # a person's reason to stop, "" for none
    next: str  # the node that comes now
    outcome: dict[str, Any] | None


def build(
    *,
    writer: Writer,
    engine: Engine,
    source_id: str,
    clock: Clock = utc_now,
    sleep: Callable[[float], None] = time.sleep,
    concurrency: int = 8,
) -> StateGraph[BatchState, Any, Any, Any]:
    """The graph, not compiled. source_id: the checkpointer's. concurrency: items that the model works on at once."""
    crew = Crew(engine, writer, clock, sleep, concurrency)

    def hold(state: Mapping[str, Any], config: RunnableConfig) -> Held:
        return lots.hold(
            engine,
            state["lot_id"],
            source_id=source_id,
            thread_id=str(config["configurable"]["thread_id"]),
            task=str(config["metadata"]["langgraph_checkpoint_ns"]),
            step=state["step"],
            spans=state["spans"],
            done=state["done"],
            judged=state["cursor"],
            clock=clock,
        )

    def take(state: BatchState, config: RunnableConfig) -> Any:
        wanted = check_input(state)
        lot = take_in(engine, wanted, clock=clock, say=_say)
        begun = _begun(lot, options_of(wanted.model_dump()))
        return {**begun, **_held(begun, hold(begun, config))}

    def work(state: BatchState, config: RunnableConfig) -> Any:
        held = hold(state, config)
        with_lot = {**state, **_held(state, held)}
        last = min(state["cursor"] + state["options"]["every"], state["size"])
        tally = work_through(crew, held, with_lot, last, _say)
        done = {**_held(state, held), "done": last, "failing": tally.streak}
        return {**done, "question": sample_payload({**with_lot, **done}, engine, writer), "next": "review"}

    def review(state: BatchState) -> Any:
        return {"answer": interrupt(state["question"])}

    def judge_sample(state: BatchState, config: RunnableConfig) -> Any:
        answer = read(state)
        if isinstance(answer, dict):
            return answer
        held = hold(state, config)
        with_lot = {**state, **_held(state, held)}
        found = judge(with_lot, answer, engine)
        lots.say(engine, held, found.said, clock=clock)
        update = {**_held(state, held), **found.update, "question": None, "answer": None}
        return {**update, "outcome": outcome_of({**with_lot, **update}, engine)} if update["next"] == END else update

    built = StateGraph(BatchState)
    built.add_node("take", take)
    built.add_node("work", work)
    built.add_node("review", review)
    built.add_node("judge", judge_sample)
    built.add_edge(START, "take")
    built.add_edge("take", "work")
    built.add_edge("work", "review")
    built.add_edge("review", "judge")
    built.add_conditional_edges("judge", _next, ["work", "review", END])
    return built


def graph() -> StateGraph[BatchState, Any, Any, Any]:
    """The graph as the settings of the environment want it.

    Raises SettingsError that names the variable at fault.
    """
    return graph_for(None)


def graph_for(source_id: str | None) -> StateGraph[BatchState, Any, Any, Any]:
    """As `graph`, for the threads of one checkpointer file; None for the first."""
    settings = load_settings()
    writer = make_writer(settings)
    engine = open_database(settings.database_path)
    source_id = source_id or first_source(settings.checkpoints_paths, settings.home)
    built = build(writer=writer, engine=engine, source_id=source_id, concurrency=settings.concurrency)
    weakref.finalize(built, engine.dispose)
    return built


def prepare_sample(settings: Settings) -> dict[str, JSON]:
    """Write the sample's tickets into the home folder; returns the input that names them."""
    path = settings.home.absolute() / SAMPLE_NAME
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_tickets(path, SAMPLE_COUNT)
    return {**SAMPLE, "items": str(path)}


def _begun(lot: Lot, options: Mapping[str, JSON]) -> dict[str, JSON]:
    """The state before the first item, and the input's channels empty."""
    return {
        **dict.fromkeys((*INPUT.model_fields, "question", "answer", "stopped", "outcome")),
        "lot_id": lot.lot_id,
        "size": lot.size,
        "options": dict(options),
        **dict.fromkeys(("step", "cursor", "done", "last_good", "generation", "failing"), 0),
        "first": 1,
        "spans": [[1, 0]],
        "instructions": [],
        "revision": 1,
        "counters": {"reviews": 0, "redone": 0},
    }


def _held(state: Mapping[str, Any], held: Held) -> dict[str, JSON]:
    """What every node that writes to the lot leaves in the state."""
    return {"lot_id": held.lot_id, "step": state["step"] + 1}


def _next(state: BatchState) -> str:
    return state["next"]


def _say(line: str) -> None:
    get_stream_writer()({"progress": line})
