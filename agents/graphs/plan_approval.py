"""Plan approval: questions -> compose -> dry run -> a person decides -> exactly that is done, once.

    clarify (subgraph, see clarifying)
       v
    compose ──> look ──────────reads only──────────┐    (compose ──> review: no new plan came of an instruction)
       ^         ^ └──> review ──approve──────────> execute ──> end
       │         │       │ │ └──edit that removes──>  │  ^
       │         └─edit──┘ └──reject──> end           v  │
       └─────────respond───┘                        doubt (a person)

    When the workspace is not the one that was approved, execute changes nothing and goes to look.

Asking (review, doubt) and acting (execute) are separate nodes, so that a body
that runs again never acts again. The state holds plain JSON only.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from langchain_core.runnables import RunnableConfig
from langgraph.config import get_stream_writer
from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt
from pydantic import BaseModel, ConfigDict, Field, field_validator

from agents.adapters.model import Writer
from agents.adapters.workspace import SAMPLE_TASK, Workspace, make_sample, open_workspace
from agents.checkpoints import first_source
from agents.clock import Clock, utc_now
from agents.domain import JSON, DecisionType
from agents.errors import InvalidDecision, ModelError
from agents.graphs import clarifying
from agents.graphs.plan_binding import elsewhere
from agents.graphs.plan_execution import EffectJournal, Executor
from agents.graphs.plan_proposing import draft_plan, drafts_of, narrowed, propose, reads_only
from agents.payloads.plan_answers import read_answer
from agents.settings import Settings, load_settings

__all__ = [
    "GRAPH_ID",
    "INPUT",
    "SAMPLE",
    "TITLE",
    "PlanState",
    "build",
    "graph",
    "plan",
    "prepare_sample",
    "title_of",
    "with_settings",
]

GRAPH_ID = "plan_approval"
TITLE = "Plan approval"
SAMPLE: dict[str, JSON] = {"task": SAMPLE_TASK}
TASK_MAX = 4000
T = TypeVar("T")
_DOUBT_WORDS = {"mark as done": "done", "do it again": "again"}


class PlanInput(BaseModel):
    """The input of `plan_approval`; also the form on the Start page."""

    model_config = ConfigDict(extra="forbid")

    task: str = Field(
        title="Task", description="What should happen to the files, in your own words.", max_length=TASK_MAX
    )

    @field_validator("task", mode="after")
    @classmethod
    def _says_something(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("Say what should happen to the files.")
        return value.strip()


INPUT = PlanInput


class PlanState(clarifying.Clarified, total=False):
    """Everything between the nodes. Lists and dicts are plain JSON."""

    instruction: str | None  # what the newest plan answers
    drafts: list[dict[str, Any]]
    summary: str
    model: dict[str, Any]
    revision: int
    previous: list[str] | None  # the sentences of the plan before
    moved: str | None  # why the proposal is made anew though nobody asked: the workspace is another one
    proposal: dict[str, Any] | None  # the payload under review, then what was approved
    doubt: dict[str, Any] | None
    doubt_answers: dict[str, str]  # effect key -> "done" | "again"
    next: str  # the node that comes now
    outcome: dict[str, Any] | None


def build(
    *, writer: Writer, journal: EffectJournal, workspace: Workspace, clock: Clock = utc_now
) -> StateGraph[PlanState, Any, Any, Any]:
    """The graph, not compiled."""
    built = _steps(writer, journal, workspace, clock)
    built.add_node("clarify", clarifying.build(writer=writer, workspace=workspace, clock=clock).compile())
    built.add_edge(START, "clarify")
    built.add_edge("clarify", "compose")
    return built


def plan(
    *, writer: Writer, journal: EffectJournal, workspace: Workspace, clock: Clock = utc_now
) -> StateGraph[PlanState, Any, Any, Any]:
    """The same without the questions."""
    built = _steps(writer, journal, workspace, clock)
    built.add_edge(START, "compose")
    return built


def _steps(
    writer: Writer, journal: EffectJournal, workspace: Workspace, clock: Clock
) -> StateGraph[PlanState, Any, Any, Any]:
    def compose(state: PlanState) -> Any:
        if not str(state.get("task") or "").strip():
            return _end("failed", "The task is empty, so there is nothing to plan. Start again and say what to do.")
        try:
            return {**draft_plan(state, writer, workspace, clock), "next": "look"}
        except ModelError as error:
            return unplanned(state, error)

    def look(state: PlanState) -> Any:
        proposal = propose(state, workspace, clock)
        return {"proposal": proposal, "moved": None, "next": "execute" if reads_only(proposal) else "review"}

    def review(state: PlanState) -> Any:
        return hear(state, interrupt(state["proposal"]))

    def execute(state: PlanState, config: RunnableConfig) -> Any:
        executor, proposal, thread_id = (
            Executor(workspace, journal, clock, _say),
            state["proposal"] or {},
            _thread_id(config),
        )
        moved = elsewhere(proposal, thread_id, workspace, journal)
        if moved:
            return _look_again(proposal, moved)
        update = executor.run(proposal, thread_id, state.get("doubt_answers") or {})
        # The plan stays in the question's own row; the state of a finished thread need not repeat it.
        if update.get("doubt"):
            return {**update, "next": "doubt"}
        return {"outcome": _told(update["outcome"], state), "doubt": None, "proposal": None, "next": END}

    def doubt(state: PlanState) -> Any:
        return hear_doubt(state, interrupt(state["doubt"]))

    built = StateGraph(PlanState)
    built.add_node("compose", compose)
    built.add_node("look", look)
    built.add_node("review", review)
    built.add_node("execute", execute)
    built.add_node("doubt", doubt)
    built.add_conditional_edges("compose", _next, ["look", "review", END])
    built.add_conditional_edges("look", _next, ["review", "execute"])
    built.add_conditional_edges("review", _next, ["execute", "compose", "look", "review", END])
    built.add_conditional_edges("execute", _next, ["doubt", "look", END])
    built.add_conditional_edges("doubt", _next, ["execute", "doubt"])
    return built


def graph() -> StateGraph[PlanState, Any, Any, Any]:
    """The graph as the settings of the environment want it.

    Raises SettingsError that names the variable at fault.
    """
    return graph_for(None)


def graph_for(source_id: str | None) -> StateGraph[PlanState, Any, Any, Any]:
    """As `graph`, for the threads of one checkpointer file; None for the first."""
    return with_settings(build, source_id)


def with_settings(made: Callable[..., T], source_id: str | None = None) -> T:
    """What `made` builds of the writer, the journal and the workspace of the environment's settings."""
    from agents.adapters.model import make_writer
    from agents.database import open_database
    from agents.effects import Journal

    settings = load_settings()
    writer = make_writer(settings)
    engine = open_database(settings.database_path)
    journal = Journal(engine, source_id=source_id or first_source(settings.checkpoints_paths, settings.home))
    built = made(writer=writer, journal=journal, workspace=open_workspace(settings))
    weakref.finalize(built, engine.dispose)
    return built


def title_of(values: Mapping[str, JSON]) -> str:
    """A thread's title, from its input: the task in one line."""
    line = " ".join(str(values.get("task") or "").split())
    return line if len(line) <= 80 else line[:79].rstrip() + "…"


def prepare_sample(settings: Settings, clock: Clock = utc_now) -> None:
    """Make the sample's files, old and new logs among others; what stands in the workspace stays as it is."""
    make_sample(settings.workspace_path, clock())


def unplanned(state: PlanState, error: ModelError) -> dict[str, JSON]:
    """A new instruction that gave no plan: the one under review is asked about again. Raises for a first plan."""
    proposal = state.get("proposal")
    if state.get("outcome") or not proposal:
        raise error
    problem = f"No new plan for “{state.get('instruction')}”. {error}"
    return {"proposal": {**proposal, "problem": problem}, "instruction": proposal["instruction"], "next": "review"}


def hear(state: PlanState, answer: JSON) -> dict[str, JSON]:
    """What the review node does with an answer. Never raises: that would brick the thread."""
    proposal: dict[str, Any] = state["proposal"] or {}
    try:
        said = read_answer(answer, proposal["steps"])
    except InvalidDecision as error:
        return {"proposal": {**proposal, "problem": f"That answer could not be used. {error}"}, "next": "review"}
    asked = {**proposal, "problem": None}
    if said.type is DecisionType.REJECT:
        return _rejected(asked, said.message)
    if said.type is DecisionType.RESPOND:
        return {"proposal": asked, "instruction": said.message, "next": "compose"}
    if said.type is DecisionType.EDIT and said.kept is None:
        return {
            "proposal": asked,
            "drafts": list(said.steps),
            "instruction": None,
            **_next_revision(proposal),
        }
    if said.kept is not None:
        rest = narrowed(asked, said.kept)
        return {"proposal": rest, "drafts": drafts_of(rest), "next": "execute"}
    return {"next": "execute"}  # as it stands; a plan may be large


def hear_doubt(state: PlanState, answer: JSON) -> dict[str, JSON]:
    """What the doubt node does with an answer; asks again for one that it does not know."""
    doubt: dict[str, Any] = state["doubt"] or {}
    word = _DOUBT_WORDS.get(answer.strip().lower()) if isinstance(answer, str) else None
    if word is None:
        known = " or ".join(f"“{option}”" for option in _DOUBT_WORDS)
        return {"doubt": {**doubt, "problem": f"That answer could not be used. Answer {known}."}, "next": "doubt"}
    answers = {**(state.get("doubt_answers") or {}), doubt["effect_key"]: word}
    return {"doubt": None, "doubt_answers": answers, "next": "execute"}


def _next_revision(proposal: Mapping[str, Any]) -> dict[str, JSON]:
    return {"revision": proposal["revision"] + 1, "previous": proposal["plan"], "next": "look"}


def _look_again(proposal: Mapping[str, Any], why: str) -> dict[str, JSON]:
    return {"moved": why, **_next_revision(proposal)}


def _rejected(proposal: Mapping[str, Any], reason: str | None) -> dict[str, JSON]:
    files = proposal["totals"]["files"]
    rest = (
        "" if not files else "; its 1 file stays as it is" if files == 1 else f"; its {files:,} files stay as they are"
    )
    text = f"The plan was rejected. Nothing was changed{rest}."
    ended = _end("rejected", f"{text} Reason: {reason}" if reason else text, {"reason": reason})
    return {**ended, "proposal": None}


def _told(outcome: dict[str, Any], state: PlanState) -> dict[str, JSON]:
    """The outcome; a plan that only looked says which questions stayed open: that may be why."""
    missing = clarifying.left_open(state.get("clarified"))
    if not missing or not reads_only(state["proposal"] or {}):
        return outcome
    why = state.get("unread") or f"Left open: {' '.join(f'“{question}”' for question in missing)}"
    return {**outcome, "text": f"{outcome['text']} Nothing was changed. {why}"}


def _end(status: str, text: str, details: dict[str, JSON] | None = None) -> dict[str, JSON]:
    return {"outcome": {"status": status, "text": text, "details": details or {}}, "next": END}


def _next(state: PlanState) -> str:
    return state["next"]


def _thread_id(config: RunnableConfig) -> str:
    return str(config["configurable"]["thread_id"])


def _say(text: str) -> None:
    get_stream_writer()({"progress": text})
