"""Any question without a card of its own: an answer by button, option, form or text, and exactly what would be sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from agents import payloads
from agents.domain import JSON, DecisionType, Review, Said
from agents.errors import InvalidDecision
from agents.payloads.generic import GenericProposal
from pages.components.answer import Answer
from pages.components.choices import choose
from pages.components.draft import first
from pages.components.form import input_form
from pages.components.heading import banner, bullets, prose, section
from pages.components.long_text import long_code, long_prose
from pages.components.proposals import draw_proposal, is_lengthy

NO_PREVIEW = "Nothing yet: choose or write an answer."


def generic_card(review: Review, kept: Mapping[str, JSON], key: str) -> Answer:
    """Draw the question; the main button sends the answer as previewed."""
    main, aside = st.columns([7, 4], gap="medium")
    with main, st.container(border=True):
        if review.question != review.title:
            long_prose(review.question, "so-strong", key=f"question-{key}")
        if review.pause.note:
            banner(review.pause.note, "orange")
        answer = _read_and_answered(review, kept, key)
    with aside, st.container(border=True):
        answer = _preview(review, answer, key)
        if review.warnings:
            section("Look at these twice")
            bullets(review.warnings, "so-warn")
    return answer


def _read_and_answered(review: Review, kept: Mapping[str, JSON], key: str) -> Answer:
    """The proposal, then the answer; the other way round where nobody would scroll past the proposal."""
    if is_lengthy(review):
        answer = _answer(review, None, kept, key)
        draw_proposal(review, kept, key)
        return answer
    try:
        edited = draw_proposal(review, kept, key)
    except ValueError as error:
        return Answer(DecisionType.EDIT, None, _words(review, DecisionType.EDIT), problem=str(error))
    return _answer(review, edited, kept, key)


def _answer(review: Review, edited: Mapping[str, JSON] | None, kept: Mapping[str, JSON], key: str) -> Answer:
    if edited is not None:
        fields = edited if "sample_output" in edited else {"args": dict(edited)}
        said = Said(DecisionType.EDIT, args=edited)
        return Answer(DecisionType.EDIT, said, _words(review, DecisionType.EDIT), fields)
    if DecisionType.APPROVE in review.allowed:
        return Answer(DecisionType.APPROVE, Said(DecisionType.APPROVE), _words(review, DecisionType.APPROVE))
    if DecisionType.RESPOND not in review.allowed:
        return Answer(None, None)
    words = _words(review, DecisionType.RESPOND)
    proposal = review.proposal
    if isinstance(proposal, GenericProposal) and proposal.options:
        return _by_option(proposal.options, words, kept, key)
    if isinstance(proposal, GenericProposal) and proposal.schema and proposal.schema.get("properties"):
        section("Your answer")
        values = input_form(proposal.schema, sample=None, key=f"answer-{key}")
        return Answer(DecisionType.RESPOND, Said(DecisionType.RESPOND, args=values), words)
    begin = first(f"answer-{key}", str(kept.get("answer") or ""))
    text = st.text_area("Your answer", value=begin, key=f"answer-{key}", height=140) or ""
    fields = {"answer": text} if text else {}
    said_text = Said(DecisionType.RESPOND, message=text) if text.strip() else None
    return Answer(DecisionType.RESPOND, said_text, words, fields)


def _words(review: Review, kind: DecisionType) -> str:
    return review.labels.get(kind, kind.value.capitalize())


def _by_option(options: tuple[str, ...], words: str, kept: Mapping[str, JSON], key: str) -> Answer:
    before = options.index(str(kept["option"])) if kept.get("option") in options else -1
    chosen = choose(options, chosen=before, key=f"options-{key}")
    if chosen < 0:
        return Answer(DecisionType.RESPOND, None, words)
    said = Said(DecisionType.RESPOND, message=options[chosen])
    return Answer(DecisionType.RESPOND, said, words, {"option": options[chosen]})


def _preview(review: Review, answer: Answer, key: str) -> Answer:
    """Show the exact value, and hold back an answer that would not be taken."""
    section("What will be sent, exactly")
    if answer.said is None:
        prose(NO_PREVIEW if not answer.problem else answer.problem, "so-muted")
        return answer
    try:
        value = payloads.encode(review.pause, answer.said)
    except InvalidDecision as error:
        prose(str(error), "so-muted")
        return replace(answer, said=None, problem=str(error))
    long_code(value if not isinstance(value, str) else json.dumps(value, ensure_ascii=False), key=f"preview-{key}")
    return answer
