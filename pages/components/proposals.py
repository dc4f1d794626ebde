"""Proposals without a card of their own: drawn as text, with fields for what may be edited."""

from __future__ import annotations

import json
from collections.abc import Mapping

import streamlit as st

from agents.domain import JSON, DecisionType, Review
from agents.payloads.generic import GenericProposal
from agents.payloads.sample import SampleProposal
from agents.payloads.standing import Standing
from agents.payloads.wording import outlined
from pages.components.diff import show_changes
from pages.components.draft import first
from pages.components.heading import section
from pages.components.long_text import CUT, is_long, long_code, long_facts, long_prose


def draw_proposal(review: Review, kept: Mapping[str, JSON], key: str) -> Mapping[str, JSON] | None:
    """Draw what is proposed; the whole edited arguments when they were changed, else None."""
    proposal = review.proposal
    editable = DecisionType.EDIT in review.allowed
    if isinstance(proposal, GenericProposal):
        _generic(review, proposal, key)
    elif isinstance(proposal, SampleProposal):
        return _sample(proposal, kept, key, editable=editable)
    elif not isinstance(proposal, Standing):
        long_code(review.pause.value, key=f"value-{key}")
    return None


def is_lengthy(review: Review) -> bool:
    """Is there so much to read that an answer's field below it would not be found?"""
    proposal = review.proposal
    texts = (
        (proposal.text or "", *(text for _, text in proposal.fields)) if isinstance(proposal, GenericProposal) else ()
    )
    return sum(map(len, texts)) > CUT


def _generic(review: Review, proposal: GenericProposal, key: str) -> None:
    if proposal.text and proposal.text != review.question:
        long_prose(proposal.text, key=f"text-{key}")
    if proposal.fields:
        long_facts([(name, _in_lines(text)) for name, text in proposal.fields], key=f"fields-{key}")


def _in_lines(text: str) -> str:
    """Data as lines of words, such as "Passed: 118" or "– 06:00"; other text as it is."""
    if is_long(text):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return outlined(value) if isinstance(value, dict | list) else text


def _sample(
    proposal: SampleProposal, kept: Mapping[str, JSON], key: str, *, editable: bool
) -> Mapping[str, JSON] | None:
    given, made = proposal.samples[0].input[0][1], proposal.samples[0].output[0][1]
    if proposal.message:
        long_prose(proposal.message, key=f"message-of-{key}")
    left, right = st.columns(2, gap="medium")
    with left:
        section("Input")
        long_prose(given, key=f"input-of-{key}")
    with right:
        section("Output")
        if not editable:
            long_prose(made, key=f"output-of-{key}")
            return None
        begin = first(f"output-{key}", str(kept.get("sample_output") or made))
        text = st.text_area("Output", value=begin, key=f"output-{key}", height=200, label_visibility="collapsed") or ""
        show_changes("Your changes", made, text)
    return {"sample_output": text} if text != made else None
