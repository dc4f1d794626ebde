"""The card for a review: made for its kind, or the general one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from agents.domain import JSON, DecisionType, Review
from agents.payloads.email import EmailProposal
from agents.payloads.plan import PlanProposal
from agents.payloads.question import QuestionProposal
from agents.payloads.sample import SampleProposal
from agents.payloads.tool import ToolProposal
from agents.reviews import Opened
from pages.components.answer import Answer
from pages.components.email_card import email_as_decided, email_card
from pages.components.generic_card import generic_card
from pages.components.heading import bullets
from pages.components.long_text import long_prose
from pages.components.plan_card import plan_card, plan_warnings
from pages.components.proposals import draw_proposal
from pages.components.question_card import question_as_decided, question_card
from pages.components.sample_card import sample_card
from pages.components.sample_decided import sample_as_decided
from pages.components.stuck_card import stuck_card, takes_no_answer
from pages.components.taken import Taken
from pages.components.tool_card import tool_card
from pages.components.tool_decided import tool_as_decided


def draw_decided(review: Review, taken: Taken) -> None:
    """What was decided on, as it was or as it was edited; nothing can be changed any more."""
    proposal = review.proposal
    edited = taken.args if taken.type is DecisionType.EDIT and taken.args else None
    if isinstance(proposal, EmailProposal):
        email_as_decided(proposal, edited)
    elif isinstance(proposal, PlanProposal):
        bullets(f"{number}. {sentence}" for number, sentence in enumerate(proposal.sentences, start=1))
    elif isinstance(proposal, QuestionProposal):
        question_as_decided(proposal, taken)
    elif isinstance(proposal, SampleProposal) and proposal.structured:
        sample_as_decided(review, proposal, taken)
    elif isinstance(proposal, ToolProposal):
        tool_as_decided(proposal, taken)
    else:
        long_prose(review.question, "so-strong", key=f"question-{taken.key}")
        draw_proposal(replace(review, allowed=()), {}, f"decided-{taken.key}")


def draw_card(opened: Opened, review: Review, kept: Mapping[str, JSON], key: str) -> Answer:
    """Draw it; what its main button would send. kept: the draft as it was loaded."""
    if takes_no_answer(review.pause):
        return stuck_card(review, key)
    proposal = review.proposal
    if isinstance(proposal, EmailProposal):
        return email_card(review, proposal, kept, key, known=opened.known_addresses)
    if isinstance(proposal, PlanProposal):
        return replace(plan_card(review, proposal, kept, key), warnings=len(plan_warnings(proposal)))
    if isinstance(proposal, QuestionProposal):
        return replace(question_card(review, proposal, kept, key), warnings=len(review.warnings))
    if isinstance(proposal, SampleProposal) and proposal.structured:
        return replace(sample_card(review, proposal, kept, key), warnings=len(review.warnings))
    if isinstance(proposal, ToolProposal):
        return tool_card(review, proposal, kept, key)
    return generic_card(review, kept, key)
