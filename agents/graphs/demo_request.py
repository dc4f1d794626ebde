"""A request of the demo: it asks what it was started with, and ends with a sentence. Nothing is done.

    demo_ask ──> demo_end

It stands for graphs of other people: a tool call that LangChain's middleware
holds, a question with options. It is no workflow of its own, so the Start page leaves it out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt
from pydantic import BaseModel, ConfigDict, Field

from agents.domain import JSON

__all__ = ["GRAPH_ID", "HIDDEN", "INPUT", "TITLE", "DemoState", "build", "graph", "title_of"]

GRAPH_ID = "demo_request"
TITLE = "Demo request"
HIDDEN = True
_WORDS = {"approve": "would run now", "edit": "would run now as it was changed", "reject": "was not allowed to run"}


class DemoInput(BaseModel):
    """title: the thread's. request: the payload that is asked, as some other graph would ask it."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=200)
    request: dict[str, Any]


INPUT = DemoInput


class DemoState(TypedDict, total=False):
    title: str
    request: dict[str, Any]
    answer: Any
    outcome: dict[str, Any]


def build() -> StateGraph[DemoState, Any, Any, Any]:
    """The graph, not compiled."""
    built = StateGraph(DemoState)
    built.add_node("demo_ask", lambda state: {"answer": interrupt(state["request"])})
    built.add_node("demo_end", lambda state: {"outcome": outcome_of(state["request"], state.get("answer"))})
    built.add_edge(START, "demo_ask")
    built.add_edge("demo_ask", "demo_end")
    built.add_edge("demo_end", END)
    return built


graph = build()


def title_of(values: Mapping[str, JSON]) -> str:
    return str(values["title"])


def outcome_of(request: Mapping[str, JSON], answer: JSON) -> dict[str, JSON]:
    """What became of it, in a sentence that says that nothing did."""
    decisions = answer.get("decisions") if isinstance(answer, Mapping) else None
    if not isinstance(decisions, list):
        return _ended(
            "done", f"The workflow got the answer “{answer}” and ended. This is a demo: nothing else happened."
        )
    names = [str(each.get("name")) for each in request.get("action_requests", [])]
    told = "; ".join(_told(name, decision) for name, decision in zip(names, decisions, strict=False))
    rejected = all(decision.get("type") == "reject" for decision in decisions)
    return _ended("rejected" if rejected else "done", f"{told}. This is a demo: nothing was run.")


def _told(name: str, decision: Mapping[str, JSON]) -> str:
    words = _WORDS.get(str(decision.get("type")), "got an answer in place of its result")
    reason = f" (“{decision['message']}”)" if decision.get("message") else ""
    return f"The tool {name} {words}{reason}"


def _ended(status: str, text: str) -> dict[str, JSON]:
    return {"status": status, "text": text, "details": {}}
