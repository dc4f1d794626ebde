"""A sample as it was judged: what was said of each item that was looked at."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from agents import payloads
from agents.batches.chunk import item_of
from agents.domain import JSON, DecisionType, Review
from agents.errors import SignoffError
from agents.payloads.sample import Sample, SampleProposal
from pages.components.heading import banner, prose
from pages.components.sample_item import show_compared, show_texts
from pages.components.session import the_desk
from pages.components.taken import Taken

SAID = {
    DecisionType.APPROVE: "good",
    DecisionType.EDIT: "good",
    DecisionType.RESPOND: "a problem",
}


def sample_as_decided(review: Review, proposal: SampleProposal, taken: Taken) -> None:
    """Every item of the decision with its verdict; nothing can be changed any more."""
    corrected, inspected = _said(review, taken)
    prose(proposal.message or review.question, "so-strong")
    shown = [*proposal.samples, *_extras(proposal, inspected)]
    for sample in shown:
        with st.container(border=len(shown) > 1):
            _item(sample, taken, corrected.get(str(sample.item_no)))


def _item(sample: Sample, taken: Taken, correction: Mapping[str, str] | None) -> None:
    key = f"{sample.item_no}-{taken.key}"
    prose(f"Item {sample.item_no}: {_verdict(taken.type, sample, correction)}", "so-strong")
    left, right = st.columns(2, gap="medium")
    with left:
        show_texts(sample.input, f"input-{key}")
    with right:
        if sample.error:
            banner(sample.error, "red", title="This item failed.")
        if correction is None:
            show_texts(sample.output, f"output-{key}")
        else:
            show_compared(dict(sample.output), correction, ("The model's", "Corrected"))


def _verdict(type_: DecisionType, sample: Sample, correction: Mapping[str, str] | None) -> str:
    if correction is not None:
        return "corrected" if type_ is DecisionType.EDIT else "a problem, with a corrected example"
    return SAID.get(type_) or ("failed" if sample.error else "not judged")


def _said(review: Review, taken: Taken) -> tuple[Mapping[str, Mapping[str, str]], list[int]]:
    """The corrections by item number, and the items that were looked at beside the plan's."""
    if taken.type is DecisionType.IGNORE:
        return {}, []
    args: Mapping[str, JSON] = payloads.read(review.pause, taken.resume_value).args or {}
    return args.get("corrections") or {}, list(args.get("inspected") or ())


def _extras(proposal: SampleProposal, inspected: list[int]) -> list[Sample]:
    place = proposal.place
    planned = {sample.item_no for sample in proposal.samples}
    found = []
    for number in inspected:
        if place is None or number in planned:
            continue
        try:
            found.append(item_of(the_desk(), place, number, [name for name, _ in proposal.samples[-1].input]))
        except SignoffError:
            continue  # the rows may be gone by now; the decision itself is on record
    return found
