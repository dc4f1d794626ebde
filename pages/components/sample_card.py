"""Samples of a batch to judge: each item can be corrected in place, and what each choice costs stands beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from agents.batches.chunk import item_of
from agents.domain import JSON, DecisionType, Review, Said
from agents.errors import SignoffError
from agents.payloads.sample import Place, Sample, SampleProposal, edit_words
from pages.components.answer import Answer
from pages.components.heading import banner, bullets, facts, prose, section
from pages.components.sample_item import ItemEdit, draw_item
from pages.components.sample_words import STOP_LABEL, choices, chunk_words, items_words, problem_label
from pages.components.session import the_desk

EXTRAS = 20
"""How many items of a chunk can be asked for beside the plan's."""


def sample_card(review: Review, proposal: SampleProposal, kept: Mapping[str, JSON], key: str) -> Answer:
    """Draw the samples. The main button goes on with the batch, or sends what was corrected first."""
    main, aside = st.columns([7, 4], gap="medium")
    with aside, st.container(border=True):
        _warnings(review, proposal)
        costs = st.container()
        extras = _inspect(proposal, kept, key) if proposal.place else []
        _about(proposal)
    with main, st.container(border=True):
        _head(review, proposal)
        edits = _items((*proposal.samples, *extras), proposal, _mapping(kept.get("corrections")), key)
    ready = [edit for edit in edits if edit.changed and not edit.problem]
    corrected = [edit.item_no for edit in ready if edit.item_no is not None]
    with costs:
        section("What each choice does")
        facts(choices(proposal, corrected))
    return _answer(review, proposal, edits, [extra.item_no for extra in extras if extra.item_no is not None])


def _warnings(review: Review, proposal: SampleProposal) -> None:
    found = [warning for warning in review.warnings if warning != proposal.problem]
    if proposal.failed:
        found.append(f"Failed: {items_words(proposal.failed, proposal.failed_count)}. Show one below to fill it in.")
    if found:
        section("Look at these twice")
        bullets(found, "so-warn")


def _head(review: Review, proposal: SampleProposal) -> None:
    told = [text for text in (proposal.message, review.question) if text and text != review.title]
    prose(" ".join(f"{text}." if text[-1].isalnum() else text for text in told), "so-strong")
    if proposal.problem:
        banner(proposal.problem, "red")
    if review.instruction:
        banner(f"“{review.instruction}”", "blue", title="Done again, because of this problem:")


def _items(shown: tuple[Sample, ...], proposal: SampleProposal, drafts: Mapping[str, JSON], key: str) -> list[ItemEdit]:
    def draw(sample: Sample) -> ItemEdit:
        kept = _mapping(drafts.get(str(sample.item_no)))
        return draw_item(sample, proposal, kept, key)

    if len(shown) == 1:
        return [draw(shown[0])]
    names = [_tab(sample, proposal) for sample in shown]
    newest = names[-1] if len(shown) > len(proposal.samples) else names[0]
    edits = []
    for place, sample in zip(st.tabs(names, default=newest, key=f"tabs-{len(names)}-{key}"), shown, strict=True):
        with place:
            edits.append(draw(sample))
    return edits


def _tab(sample: Sample, proposal: SampleProposal) -> str:
    return f"Item {sample.item_no}" if sample in proposal.samples else f"Item {sample.item_no}, asked for"


def _inspect(proposal: SampleProposal, kept: Mapping[str, JSON], key: str) -> list[Sample]:
    """The items that were asked for beside the plan's; one more with a click."""
    place = proposal.place
    assert place is not None
    asked = _asked(proposal, place, kept, key)
    if place.first < place.last:
        section("Inspect another item of this chunk")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            wanted = st.number_input(
                f"Item {place.first:,} to {place.last:,}",
                place.first,
                place.last,
                value=(proposal.failed or (place.first,))[0],
                key=f"wanted-{key}",
                width=180,
            )
            if st.button("Show it", key=f"inspect-{key}", icon=":material/search:"):
                _ask_for(int(wanted), proposal, asked)
        prose("It counts as inspected, and you can correct it.", "so-muted")
    return _read(place, asked, [name for name, _ in proposal.samples[-1].input])


def _asked(proposal: SampleProposal, place: Place, kept: Mapping[str, JSON], key: str) -> list[int]:
    planned = {sample.item_no for sample in proposal.samples}
    before = [number for number in kept.get("inspected") or () if isinstance(number, int)]
    fit = [number for number in before if place.first <= number <= place.last and number not in planned]
    asked: list[int] = st.session_state.setdefault(f"extra-{key}", fit)
    return asked


def _ask_for(item_no: int, proposal: SampleProposal, asked: list[int]) -> None:
    if item_no in asked or item_no in {sample.item_no for sample in proposal.samples}:
        banner(f"Item {item_no} is shown already.", "gray")
    elif len(asked) >= EXTRAS:
        banner(f"{EXTRAS} more items are shown already. Judge these first.", "orange")
    else:
        asked.append(item_no)


def _read(place: Place, asked: list[int], columns: list[str]) -> list[Sample]:
    found = []
    for number in asked:
        try:
            found.append(item_of(the_desk(), place, number, columns))
        except SignoffError as error:
            banner(str(error), "orange")
    return found


def _about(proposal: SampleProposal) -> None:
    place = proposal.place
    if place is None:
        return
    section("About this batch")
    number = f"{proposal.sample_no} of {proposal.sample_count}" if proposal.sample_count else ""
    facts(
        [
            ("File", place.name),
            ("This chunk", chunk_words(place)),
            ("Sample", number),
            ("Done by", str(proposal.model.get("label") or "")),
        ]
    )


def _answer(review: Review, proposal: SampleProposal, edits: list[ItemEdit], extras: list[int]) -> Answer:
    changed = {str(edit.item_no): dict(edit.output) for edit in edits if edit.changed}
    ready = {str(edit.item_no): dict(edit.output) for edit in edits if edit.changed and not edit.problem}
    draft: dict[str, Any] = {"corrections": changed} if changed else {}
    args: dict[str, Any] = {"corrections": changed} if changed else {}
    if extras:
        draft["inspected"] = args["inspected"] = extras
    kind = DecisionType.EDIT if changed else DecisionType.APPROVE
    words = edit_words(proposal, len(changed)) if changed else review.labels.get(kind, "Continue")
    return Answer(
        kind,
        Said(kind, args=args or None),
        words,
        draft,
        next((edit.problem for edit in edits if edit.problem), ""),
        asks={
            DecisionType.RESPOND: problem_label([int(number) for number in ready]),
            DecisionType.REJECT: STOP_LABEL,
        },
        along={DecisionType.RESPOND: {"corrections": ready}} if ready else {},
    )


def _mapping(value: JSON) -> Mapping[str, JSON]:
    return value if isinstance(value, Mapping) else {}
