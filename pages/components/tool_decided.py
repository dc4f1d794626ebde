"""Tool calls that were decided on: each with its arguments as they were sent, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from agents.domain import JSON, DecisionType
from agents.payloads.tool import ToolProposal
from pages.components.heading import prose
from pages.components.taken import Taken
from pages.components.tool_call import draw_arguments
from pages.components.tool_words import decided


def tool_as_decided(proposal: ToolProposal, taken: Taken) -> None:
    """Nothing can be changed any more."""
    decisions = _decisions(proposal, taken)
    for number, (action, decision) in enumerate(zip(proposal.actions, decisions, strict=True), start=1):
        with st.container(border=len(proposal.actions) > 1):
            prose(f"{number}. {action.name}" if len(proposal.actions) > 1 else action.name, "so-strong")
            prose(decided(decision), "so-muted")
            edited = decision.get("edited_action")
            args = edited.get("args") if isinstance(edited, Mapping) else None
            draw_arguments(args if isinstance(args, Mapping) else action.args, f"{number}-{taken.key}")


def _decisions(proposal: ToolProposal, taken: Taken) -> list[Mapping[str, JSON]]:
    """One for each call, as LangChain writes them, whatever the form of what was sent."""
    value = taken.resume_value
    several = value.get("decisions") if isinstance(value, Mapping) else None
    if isinstance(several, list) and len(several) == len(proposal.actions):
        return [each if isinstance(each, Mapping) else {} for each in several]
    one: dict[str, JSON] = {"type": taken.type.value, "message": taken.message}
    if taken.type is DecisionType.EDIT:
        one["edited_action"] = {"args": taken.args}
    return [one] * len(proposal.actions)
