"""Held tool calls: a block for each, with its arguments and what is decided on it; one button sends it all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from agents import payloads
from agents.domain import JSON, DecisionType, Review, Said
from agents.errors import InvalidDecision
from agents.payloads.jsonschemas import is_checkable
from agents.payloads.tool import ToolProposal
from pages.components.answer import Answer
from pages.components.heading import banner, bullets, section
from pages.components.tool_call import Call, draw_call
from pages.components.tool_words import asks, happens, main_words, means

UNCHECKED = "The tool's own schema cannot be read here, so only the tool checks the arguments."


def tool_card(review: Review, proposal: ToolProposal, kept: Mapping[str, JSON], key: str) -> Answer:
    """Draw the calls; the main button sends the decisions as its words say."""
    drafts = _drafts(proposal, kept)
    main, aside = st.columns([7, 4], gap="medium")
    with main:
        if review.pause.note:
            banner(review.pause.note, "orange")
        calls = [_block(proposal, number, draft, f"{number}-{key}") for number, draft in enumerate(drafts)]
    answer = _answer(review, proposal, calls)
    with aside, st.container(border=True):
        section("What will happen")
        bullets(happens(proposal, calls), "so-plain")
        offered = means(proposal)
        if offered:
            section("What each answer does")
            bullets(offered)
        warnings = [*review.warnings, *_unchecked(proposal)]
        if warnings:
            section("Look at these twice")
            bullets(warnings, "so-warn")
    kept_now = [call.draft for call in calls]
    return replace(answer, fields={"calls": kept_now} if any(kept_now) else {}, warnings=len(warnings))


def _block(proposal: ToolProposal, number: int, draft: Mapping[str, JSON], key: str) -> Call:
    action, several = proposal.actions[number], len(proposal.actions) > 1
    with st.container(border=True, key=f"calls-{key}"):
        return draw_call(action, number + 1 if several else None, draft, key, asks(proposal))


def _drafts(proposal: ToolProposal, kept: Mapping[str, JSON]) -> list[Mapping[str, JSON]]:
    """What was kept of each call; nothing where the calls are others by now."""
    found = kept.get("calls")
    drafts = found if isinstance(found, list) and len(found) == len(proposal.actions) else [{}] * len(proposal.actions)
    return [each if isinstance(each, dict) else {} for each in drafts]


def _answer(review: Review, proposal: ToolProposal, calls: Sequence[Call]) -> Answer:
    open_call = next((n for n, call in enumerate(calls) if call.decision is None), None)
    if open_call is not None:
        only_closing = len(calls) == 1 and not proposal.actions[0].allowed
        kind = None if only_closing or len(calls) == 1 else DecisionType.EDIT
        return Answer(kind, None, f"Decide call {open_call + 1} first")
    kind = _kind(calls)
    words = main_words(proposal.actions, calls, review.labels)
    problem = next((_where(proposal, n, call) for n, call in enumerate(calls) if call.problem), "")
    if problem or any(call.incomplete for call in calls):
        return Answer(kind, None, words, problem=problem)
    said = _said(kind, calls)
    try:
        payloads.encode(review.pause, said)
    except InvalidDecision as error:
        return Answer(kind, None, words, problem=str(error))
    return Answer(
        kind, said, words, asks=asks(proposal), shortcut="A" if kind is DecisionType.APPROVE else "Ctrl+Enter"
    )


def _kind(calls: Sequence[Call]) -> DecisionType:
    kinds = {call.decision for call in calls if call.decision}
    return kinds.pop() if len(kinds) == 1 else DecisionType.EDIT


def _said(kind: DecisionType, calls: Sequence[Call]) -> Said:
    if len(calls) > 1:
        alike = kind is DecisionType.APPROVE
        return Said(kind) if alike else Said(kind, args={"decisions": [call.sent() for call in calls]})
    return Said(kind, message=calls[0].message, args=calls[0].args if kind is DecisionType.EDIT else None)


def _where(proposal: ToolProposal, number: int, call: Call) -> str:
    return (
        f"Call {number + 1}, {proposal.actions[number].name}: {call.problem}"
        if len(proposal.actions) > 1
        else call.problem
    )


def _unchecked(proposal: ToolProposal) -> list[str]:
    broken = [each.name for each in proposal.actions if each.args_schema and not is_checkable(each.args_schema)]
    return [f"{', '.join(broken)}: {UNCHECKED}"] if broken else []
