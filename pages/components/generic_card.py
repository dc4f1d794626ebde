"""Any question without a card of its own: an answer by button, option, form, text or JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from agents import payloads
from agents.domain import JSON, DecisionType, Review, Said
from agents.errors import InvalidDecision
from agents.payloads.forms import FieldKind, form_of
from agents.payloads.generic import GenericProposal
from agents.payloads.jsonschemas import is_checkable
from pages.components.answer import Answer
from pages.components.choices import choose
from pages.components.draft import first
from pages.components.heading import banner, bullets, prose, section
from pages.components.long_text import long_prose
from pages.components.proposals import draw_proposal, is_lengthy
from pages.components.schema_form import draw

NO_PREVIEW = "Nothing yet: choose or write an answer."
LISTED = 12
"""Fields that are listed as still to be filled in."""
TEXT, DATA = "As text", "As JSON"
_YES_OR_NO = ("yes", "no", "true", "false", "y", "n", "0", "1", "none", "null")
UNCHECKED = (
    "The form that the workflow gave for its answer cannot be read here, so only the workflow checks the answer."
)


def generic_card(review: Review, kept: Mapping[str, JSON], key: str) -> Answer:
    """Draw the question; the main button sends the answer."""
    main, aside = st.columns([7, 4], gap="medium")
    left: list[str] = []
    with main, st.container(border=True):
        if review.question != review.title:
            long_prose(review.question, "so-strong", key=f"question-{key}")
        if review.pause.note:
            banner(review.pause.note, "orange")
        answer = _read_and_answered(review, kept, key, left)
    warnings = [*review.warnings, *_unchecked(review), *_no_text_meant(review, answer)]
    with aside, st.container(border=True):
        section("What the workflow takes")
        prose(_takes(review), "so-muted")
        if left:
            section("Before it can be sent")
            bullets(left[:LISTED])
            if len(left) > LISTED:
                prose(f"and {len(left) - LISTED} more", "so-muted")
        if warnings:
            section("Look at these twice")
            bullets(warnings, "so-warn")
    return replace(_checked(review, answer), warnings=len(warnings))


def _read_and_answered(review: Review, kept: Mapping[str, JSON], key: str, left: list[str]) -> Answer:
    """The proposal, then the answer; the other way round where nobody would scroll past the proposal."""
    if is_lengthy(review):
        answer = _answer(review, None, kept, key, left)
        draw_proposal(review, kept, key)
        return answer
    return _answer(review, draw_proposal(review, kept, key), kept, key, left)


def _answer(
    review: Review, edited: Mapping[str, JSON] | None, kept: Mapping[str, JSON], key: str, left: list[str]
) -> Answer:
    if edited is not None:
        said = Said(DecisionType.EDIT, args=edited)
        return Answer(DecisionType.EDIT, said, _words(review, DecisionType.EDIT), edited)
    if DecisionType.APPROVE in review.allowed:
        return Answer(DecisionType.APPROVE, Said(DecisionType.APPROVE), _words(review, DecisionType.APPROVE))
    if DecisionType.RESPOND not in review.allowed:
        return Answer(None, None)
    proposal = review.proposal
    if isinstance(proposal, GenericProposal) and proposal.options:
        return _by_option(proposal.options, _words(review, DecisionType.RESPOND), kept, key)
    if isinstance(proposal, GenericProposal) and proposal.schema:
        return _by_form(review, proposal.schema, kept, key, left)
    return _free(review, kept, key)


def _by_option(options: tuple[str, ...], words: str, kept: Mapping[str, JSON], key: str) -> Answer:
    before = options.index(str(kept["option"])) if kept.get("option") in options else -1
    chosen = choose(options, chosen=before, key=f"options-{key}")
    if chosen < 0:
        return Answer(DecisionType.RESPOND, None, words)
    said = Said(DecisionType.RESPOND, message=options[chosen])
    return Answer(DecisionType.RESPOND, said, words, {"option": options[chosen]})


def _by_form(review: Review, schema: Mapping[str, JSON], kept: Mapping[str, JSON], key: str, left: list[str]) -> Answer:
    """left: takes what is still to be filled in or put right, for the list beside the form."""
    section("Your answer")
    drawn = draw(form_of(schema), kept.get("form"), key)
    fields = {"form": drawn.kept} if drawn.kept is not None else {}
    words = _words(review, DecisionType.RESPOND)
    if drawn.faults:
        left.extend(drawn.faults.values())
        problem = (drawn.problem or "") if fields else ""
        return Answer(DecisionType.RESPOND, None, words, fields, problem, shortcut="Ctrl+Enter")
    said = Said(DecisionType.RESPOND, value=drawn.value)
    return Answer(DecisionType.RESPOND, said, words, fields, shortcut="Ctrl+Enter")


def _free(review: Review, kept: Mapping[str, JSON], key: str) -> Answer:
    """Text, which is sent as it stands, or a JSON value; which of the two is chosen, never guessed."""
    name = f"pick-form-{key}"
    begin = first(name, DATA if kept.get("as") == "json" else TEXT)
    form = st.segmented_control(
        "How it is sent", [TEXT, DATA], default=begin, required=True, key=name, label_visibility="collapsed"
    )
    as_json = form == DATA
    words, draft = _words(review, DecisionType.RESPOND), {"as": "json"} if as_json else {}
    begun = first(f"answer-{key}", str(kept.get("answer") or ""))
    hint = 'Such as 3, true, null, ["a", "b"] or {"amount": 3}' if as_json else None
    text = st.text_area("Your answer", value=begun, key=f"answer-{key}", height=140, placeholder=hint)
    fields: dict[str, JSON] = {**draft, **({"answer": text} if text else {})}
    if not text or not text.strip():
        return Answer(DecisionType.RESPOND, None, words, fields, shortcut="Ctrl+Enter")
    if not as_json:
        return Answer(
            DecisionType.RESPOND, Said(DecisionType.RESPOND, message=text), words, fields, shortcut="Ctrl+Enter"
        )
    try:
        value = json.loads(text)
        json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError) as error:
        problem = f"This is not JSON yet{_where(error)}. To send it as it stands, choose “{TEXT}”."
        return Answer(DecisionType.RESPOND, None, words, fields, problem, shortcut="Ctrl+Enter")
    return Answer(DecisionType.RESPOND, Said(DecisionType.RESPOND, value=value), words, fields, shortcut="Ctrl+Enter")


def _where(error: Exception) -> str:
    """The place of the first fault, where it is one of the notation."""
    return f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""


def _checked(review: Review, answer: Answer) -> Answer:
    """Hold back an answer that would not be taken."""
    if answer.said is None:
        return answer
    try:
        payloads.encode(review.pause, answer.said)
    except InvalidDecision as error:
        return replace(answer, said=None, problem=str(error))
    return answer


def _words(review: Review, kind: DecisionType) -> str:
    return review.labels.get(kind, kind.value.capitalize())


def _takes(review: Review) -> str:
    """What may be sent, before anything was typed."""
    proposal = review.proposal
    if DecisionType.RESPOND not in review.allowed:
        return (
            "Nothing: it goes on, or it is closed." if DecisionType.APPROVE in review.allowed else "No answer any more."
        )
    if not isinstance(proposal, GenericProposal):
        return "Your decision, and text with it."
    if proposal.options:
        return "One of the answers that it offers, exactly as it wrote them."
    if proposal.schema:
        one = form_of(proposal.schema).kind is FieldKind.JSON
        fields = "JSON that fits the schema it gave" if one else "What its form asks for"
        return f"{fields}. It is checked before it is sent, and numbers are sent as numbers."
    return "It does not say. Text is sent as you write it; JSON is for true or false, numbers, lists and named values."


def _no_text_meant(review: Review, answer: Answer) -> list[str]:
    """A node that asks for yes or no and takes any text for yes would take the text “no” for yes."""
    text = (answer.said.message or "").strip() if answer.said else ""
    free = isinstance(review.proposal, GenericProposal) and not review.proposal.options and not review.proposal.schema
    if not free or text.casefold() not in _YES_OR_NO:
        return []
    return [
        f"“{text}” goes out as a text. A workflow that wants true or false may take any text for yes: see “{DATA}”."
    ]


def _unchecked(review: Review) -> list[str]:
    schema = review.pause.response_schema
    return [UNCHECKED] if schema and not is_checkable(schema) else []
