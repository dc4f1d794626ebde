"""A plan to judge: every step with the exact files it would touch; steps, files and fields can be changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import streamlit as st

from agents.domain import JSON, DecisionType, Review, Said
from agents.errors import InvalidDecision
from agents.payloads.plan import PlanProposal, PlanStep, edit_words
from agents.wording import count, size
from pages.components.answer import Answer
from pages.components.diff import show_changes
from pages.components.heading import banner, bullets, facts, prose, section
from pages.components.plan_step import StepEdit, draw_step, says_none
from pages.components.session import the_desk
from pages.components.words import age

NOTHING = "Finish: there is nothing to do"
"""What approving a plan without a file does; its steps may still look real."""


def plan_card(review: Review, proposal: PlanProposal, kept: Mapping[str, JSON], key: str) -> Answer:
    """Draw the plan. The main button approves it, or what is left of it, or has a changed one looked at again."""
    main, aside = st.columns([7, 4], gap="medium")
    with aside, st.container(border=True):
        _aside(review, proposal)
    if not proposal.editable:
        with main, st.container(border=True):
            _sentences(proposal)
        words = review.labels.get(DecisionType.APPROVE, "Approve")
        can = DecisionType.APPROVE in review.allowed
        return Answer(DecisionType.APPROVE, Said(DecisionType.APPROVE), words) if can else Answer(None, None)
    drafts = kept.get("steps")
    with main:
        edits = [_step(step, drafts if isinstance(drafts, dict) else {}, key) for step in proposal.steps]
    return _answer(review, proposal, edits)


def _step(step: PlanStep, drafts: Mapping[str, JSON], key: str) -> StepEdit:
    with st.container(border=True, key=f"step-{step.number}-{key}"):
        return draw_step(step, drafts.get(str(step.number)) or {}, f"{step.number}-{key}", the_desk().clock())


def _answer(review: Review, proposal: PlanProposal, edits: list[StepEdit]) -> Answer:
    if not any(edit.changed for edit in edits):
        words = review.labels.get(DecisionType.APPROVE, "Approve")
        return Answer(DecisionType.APPROVE, Said(DecisionType.APPROVE), words if proposal.files else NOTHING)
    args: dict[str, JSON] = {"steps": [edit.step for edit in edits if edit.step is not None]}
    draft = {"steps": {str(edit.number): edit.draft for edit in edits if edit.changed}}
    try:
        words = edit_words(proposal, args)
    except InvalidDecision as error:
        return Answer(DecisionType.EDIT, None, "Use the edited plan", draft, str(error))
    return Answer(DecisionType.EDIT, Said(DecisionType.EDIT, args=args), words, draft)


def _sentences(proposal: PlanProposal) -> None:
    section("The plan")
    for number, sentence in enumerate(proposal.sentences, start=1):
        prose(f"{number}. {sentence}")


def _aside(review: Review, proposal: PlanProposal) -> None:
    if proposal.problem:
        banner(proposal.problem, "red")
    found = plan_warnings(proposal)
    section("Look at these twice" if found else "Checks")
    if found:
        bullets(found, "so-warn")
    elif proposal.editable:
        prose("Nothing found: no broad patterns, nothing changed today, nothing is overwritten.", "so-muted")
    else:
        prose("This graph says only what it wants to do, not which files it would touch.", "so-muted")
    if review.instruction:
        section("Answers your instruction")
        prose(f"“{review.instruction}”")
    if proposal.previous:
        show_changes("Changed since the last revision", "\n".join(proposal.previous), "\n".join(proposal.sentences))
    if proposal.clarified:
        section("Cleared up first")
        bullets(f"{question} {f'“{answer}”' if answer else 'Left open'}" for question, answer in proposal.clarified)
    section("About this plan")
    facts(
        [
            ("Asked for", proposal.original_task or proposal.task),
            ("In short", proposal.summary),
            ("Changes", _totals(proposal)),
            ("Newest file", _newest(proposal)),
            ("Folder", proposal.workspace),
            ("Way back", _way_back(review) if proposal.editable and proposal.files else ""),
            ("Planned by", proposal.model_label),
        ]
    )


def plan_warnings(proposal: PlanProposal) -> list[str]:
    """What stands under "Look at these twice"."""
    return [warning for warning in proposal.warnings if warning != proposal.problem and not says_none(warning)]


def _totals(proposal: PlanProposal) -> str:
    return f"{count(proposal.files, 'file')}, {size(proposal.size)}" if proposal.editable and proposal.files else ""


def _newest(proposal: PlanProposal) -> str:
    dated = [step.newest for step in proposal.steps if step.newest and step.op != "find"]
    if not dated:
        return ""
    path, mtime_ns = max(dated, key=lambda pair: pair[1])
    return f"{path}, changed {age(datetime.fromtimestamp(mtime_ns / 1e9, UTC), the_desk().clock())}"


def _way_back(review: Review) -> str:
    return "All of it can be restored from the trash." if review.reversible else "It cannot be taken back by Signoff."
