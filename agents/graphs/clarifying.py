"""Questions about a task before anything is planned: analyse -> ask (a person) -> enrich.

    analyse ──clear──────────────> end
       └──> ask ──> enrich ──────> end      (ask ──> ask: an answer that could not be used)

A subgraph that takes {task} and ends in {task}: the same for a clear task,
with the answers in it otherwise. Each step is a node of its own, so that no
resume runs the analysis again. Its checkpointer is that of the graph around it.
"""

from __future__ import annotations

from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt

from agents.adapters.model import ClarifyRequest, Writer
from agents.adapters.workspace import Workspace
from agents.clock import Clock
from agents.domain import JSON
from agents.errors import InvalidDecision, NotUnderstood
from agents.payloads.question_answers import ACCEPTS, read_answers

__all__ = ["TYPE", "Clarified", "ClarifyState", "build", "left_open"]

TYPE = "clarification_needed"


class Task(TypedDict):
    task: str


class Clarified(TypedDict, total=False):
    """What the questions leave behind, in the state of the graph around them.

    original_task: the task before it was enriched; None where nothing was
    asked. clarified: [question, answer or None] for each question.
    """

    task: str
    original_task: str | None
    clarified: list[list[str | None]]
    unread: str | None  # which answer could not be read, and what to say instead


class ClarifyState(Clarified, total=False):
    """Plain JSON. questions: text and hint of each, [] for a clear task. asked: a person has answered."""

    questions: list[dict[str, str]]
    model: dict[str, Any]
    asked: bool
    problem: str | None  # why it is asked again


def build(*, writer: Writer, workspace: Workspace, clock: Clock) -> StateGraph[ClarifyState, Any, Any, Any]:
    """The subgraph, not compiled."""

    def analyse(state: ClarifyState) -> Any:
        task = str(state.get("task") or "")
        questions = _questions(task, writer, workspace, clock) if task.strip() else []
        return {
            "original_task": task if questions else None,
            "clarified": [],
            "unread": None,
            "questions": questions,
            "model": {"label": writer.label, "offline": writer.offline},
            "asked": False,
            "problem": None,
        }

    def ask(state: ClarifyState) -> Any:
        return hear(state, interrupt(question_of(state)))

    def enrich(state: ClarifyState) -> Any:
        pairs = [(str(question), answer) for question, answer in state["clarified"]]
        try:
            return {"task": writer.enrich(str(state["original_task"]), pairs)}
        except NotUnderstood as error:
            # Asked at most once: what cannot be read stays open, and so does all the rest, since a part of it may mean more.
            nothing = [(question, None) for question, _ in pairs]
            task = writer.enrich(str(state["original_task"]), nothing)
            return {"task": task, "clarified": [list(pair) for pair in nothing], "unread": str(error)}

    built = StateGraph(ClarifyState, input_schema=Task, output_schema=Clarified)
    built.add_node("analyse", analyse)
    built.add_node("ask", ask)
    built.add_node("enrich", enrich)
    built.add_edge(START, "analyse")
    built.add_conditional_edges("analyse", lambda state: "ask" if state["questions"] else END, ["ask", END])
    built.add_conditional_edges("ask", lambda state: "enrich" if state["asked"] else "ask", ["enrich", "ask"])
    built.add_edge("enrich", END)
    return built


def question_of(state: ClarifyState) -> dict[str, JSON]:
    """The payload for a person."""
    return {
        "type": TYPE,
        "original_task": state["original_task"],
        "questions": [each["text"] for each in state["questions"]],
        "hints": [each["hint"] for each in state["questions"]],
        "accepts": ACCEPTS,
        "model": state["model"],
        "problem": state["problem"],
    }


def hear(state: ClarifyState, answer: JSON) -> dict[str, JSON]:
    """What the asking node does with an answer. Never raises: that would brick the thread."""
    try:
        pairs = read_answers(answer, [each["text"] for each in state["questions"]])
    except InvalidDecision as error:
        return {"problem": f"That answer could not be used. {error}"}
    return {"clarified": [list(pair) for pair in pairs], "asked": True, "problem": None}


def left_open(clarified: list[list[str | None]] | None) -> list[str]:
    """The questions without an answer."""
    return [str(question) for question, answer in clarified or () if answer is None]


def _questions(task: str, writer: Writer, workspace: Workspace, clock: Clock) -> list[dict[str, str]]:
    request = ClarifyRequest(task=task, today=clock().date(), listing=workspace.listing())
    return [each.model_dump() for each in writer.clarify(request).questions if each.text.strip()]
