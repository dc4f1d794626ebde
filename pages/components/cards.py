"""The card for a review: made for its kind, or the general one."""

from __future__ import annotations

from collections.abc import Mapping

from agents.domain import JSON, Review
from agents.payloads.email import EmailProposal
from agents.payloads.plan import PlanProposal
from agents.reviews import Opened
from pages.components.answer import Answer
from pages.components.email_card import email_card
from pages.components.generic_card import generic_card
from pages.components.plan_card import plan_card


def draw_card(opened: Opened, review: Review, kept: Mapping[str, JSON], key: str) -> Answer:
    """Draw it; what its main button would send. kept: the draft as it was loaded."""
    proposal = review.proposal
    if isinstance(proposal, EmailProposal):
        return email_card(review, proposal, kept, key, known=opened.known_addresses)
    if isinstance(proposal, PlanProposal):
        return plan_card(review, proposal, kept, key)
    return generic_card(review, kept, key)
