"""Questions to answer: a field for each, and what stays empty is passed on as open where the workflow takes that."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import streamlit as st

from agents import payloads
from agents.domain import JSON, DecisionType, Review, Said
from agents.errors import InvalidDecision
from agents.payloads.question import QuestionProposal, answered
from pages.components.answer import Answer
from pages.components.draft import first
from pages.components.generic_card import NO_PREVIEW
from pages.components.heading import banner, bullets, facts, prose, section
from pages.components.long_text import long_prose
from pages.components.taken import Taken
from pages.components.words import label

NOTHING = "Go on without answers"
OPEN = "Left open"
UNASKED = "What is the answer?"
"""Stands where a stranger's graph asks for a clarification without a question."""


def question_card(review: Review, proposal: QuestionProposal, kept: Mapping[str, JSON], key: str) -> Answer:
    """Draw the questions. The main button sends the answers, or goes on without them where that is allowed."""
    main, aside = st.columns([7, 4], gap="medium")
    with main, st.container(border=True, key=f"questions-{key}"):
        if proposal.problem:
            banner(proposal.problem, "red")
        questions = proposal.questions or (UNASKED,)
        hints = proposal.hints or ("",)
        texts = [
            _field(question, hint, number, kept, key)
            for number, (question, hint) in enumerate(zip(questions, hints, strict=True), start=1)
        ]
    answer = _answer(review, proposal, texts)
    with aside, st.container(border=True):
        _aside(review, proposal, answer, texts, key)
    return answer


def _field(question: str, hint: str, number: int, kept: Mapping[str, JSON], key: str) -> str:
    """The question is drawn as text: as a label it could be cut, or read as markup."""
    name = f"answer-{number}"
    long_prose(question, "so-strong", key=f"question-{number}-{key}")
    begin = first(f"{name}-{key}", str(kept.get(name) or ""))
    text = st.text_area(
        label(question) or f"Answer {number}",
        value=begin,
        placeholder=f"For example: {hint}" if hint else None,
        height=70,
        label_visibility="collapsed",
        key=f"{name}-{key}",
    )
    return text or ""


def _answer(review: Review, proposal: QuestionProposal, texts: Sequence[str]) -> Answer:
    fields: dict[str, JSON] = {f"answer-{number}": text for number, text in enumerate(texts, start=1) if text}
    given = [text.strip() or None for text in texts]
    words = review.labels.get(DecisionType.RESPOND, "Send the answers")
    if not any(given):
        said = Said(DecisionType.RESPOND, args={"answers": given}) if proposal.structured else None
        return Answer(DecisionType.RESPOND, said, NOTHING if said else words, fields, shortcut="Ctrl+Enter")
    said = (
        Said(DecisionType.RESPOND, args={"answers": given})
        if proposal.questions
        else Said(DecisionType.RESPOND, message=given[0])
    )
    try:
        payloads.encode(review.pause, said)
    except InvalidDecision as error:
        return Answer(DecisionType.RESPOND, None, words, fields, str(error), shortcut="Ctrl+Enter")
    return Answer(DecisionType.RESPOND, said, words, fields, shortcut="Ctrl+Enter")


def _aside(review: Review, proposal: QuestionProposal, answer: Answer, texts: Sequence[str], key: str) -> None:
    section("About this task")
    facts([("Task", proposal.task), ("Asked by", proposal.model_label)])
    if review.pause.note:
        banner(review.pause.note, "orange")
    if proposal.structured:
        left = [question for question, text in zip(proposal.questions, texts, strict=True) if not text.strip()]
        section("Stays open" if left else "All answered")
        if left:
            bullets(left)
        prose(
            "What you leave empty is passed on as open. Nothing is changed on a guess, and you see the plan before anything is changed.",
            "so-muted",
        )
        return
    section("What will be sent, exactly")
    if answer.said is None:
        prose(answer.problem or NO_PREVIEW, "so-muted")
        return
    st.code(json.dumps(payloads.encode(review.pause, answer.said), ensure_ascii=False), language=None, wrap_lines=True)


def question_as_decided(proposal: QuestionProposal, taken: Taken) -> None:
    """Each question with its answer."""
    for question, answer in answered(proposal, taken.args, taken.resume_value):
        prose(question, "so-strong")
        prose(answer or OPEN, "" if answer else "so-muted")
