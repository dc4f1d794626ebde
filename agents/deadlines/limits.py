"""What a deadline may not decide. Checked where decisions are made; the words on a card only say so before."""

from __future__ import annotations

from agents.domain import DecisionType, Kind, Review
from agents.rules import GraphRule, Rules

ACTOR = "system:deadline"
REDRAFTED = (Kind.PLAN, Kind.EMAIL, Kind.SAMPLE, Kind.TOOL)
"""Kinds whose respond asks for another proposal, and so does nothing by itself; elsewhere it is the answer."""
HARMLESS = (DecisionType.REJECT, DecisionType.IGNORE)


def refused_to_deadline(rules: Rules, review: Review, type_: DecisionType) -> str | None:
    """Why a deadline may not decide this, as a sentence; None when it may."""
    if type_ in HARMLESS or (type_ is DecisionType.RESPOND and review.kind in REDRAFTED):
        return None
    rule = rules.graphs.get(review.pause.graph_id or "", GraphRule())
    if rule.four_eyes:
        return "Two people must agree here, and a deadline is nobody."
    if review.reversible or type_ in rule.by_deadline:
        return None
    return f"Nothing says that it can be undone, and the rules do not name {type_.value} in by_deadline for its graph."
