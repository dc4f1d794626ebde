"""Clarification: a task that may be vague, the questions about it, and then the plan.

questions (subgraph, see clarifying) ──> plan (plan approval without its own questions) ──> end
"""

from __future__ import annotations

from typing import Any

from langgraph.graph import END, START, StateGraph

from agents.adapters.model import Writer
from agents.adapters.workspace import Workspace
from agents.clock import Clock, utc_now
from agents.domain import JSON
from agents.graphs import clarifying, plan_approval
from agents.graphs.plan_approval import INPUT, prepare_sample, title_of, with_settings
from agents.graphs.plan_execution import EffectJournal

__all__ = ["GRAPH_ID", "INPUT", "SAMPLE", "TITLE", "ClarificationState", "build", "graph", "prepare_sample", "title_of"]

GRAPH_ID = "clarification"
TITLE = "Clarification"
SAMPLE: dict[str, JSON] = {"task": "Clean up the old stuff"}


class ClarificationState(clarifying.Clarified, total=False):
    """The plan's own state stays in its subgraph."""

    outcome: dict[str, Any] | None


def build(
    *, writer: Writer, journal: EffectJournal, workspace: Workspace, clock: Clock = utc_now
) -> StateGraph[ClarificationState, Any, Any, Any]:
    """The graph, not compiled."""
    built = StateGraph(ClarificationState)
    built.add_node("questions", clarifying.build(writer=writer, workspace=workspace, clock=clock).compile())
    planned = plan_approval.plan(writer=writer, journal=journal, workspace=workspace, clock=clock)
    built.add_node("plan", planned.compile())
    built.add_edge(START, "questions")
    built.add_edge("questions", "plan")
    built.add_edge("plan", END)
    return built


def graph() -> StateGraph[ClarificationState, Any, Any, Any]:
    """The graph as the settings of the environment want it.

    Raises SettingsError that names the variable at fault.
    """
    return graph_for(None)


def graph_for(source_id: str | None) -> StateGraph[ClarificationState, Any, Any, Any]:
    """As `graph`, for the threads of one checkpointer file; None for the first."""
    return with_settings(build, source_id)
