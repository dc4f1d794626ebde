from __future__ import annotations

from typing import Any

import pytest

from agents import payloads
from agents.domain import DecisionType, Kind, Review, Said
from agents.errors import InvalidDecision
from agents.payloads.sample import Place, Sample, SampleProposal, edit_words
from tests.payloads.test_generic import pause

CHECK = {
    "type": "quality_check",
    "message": "Processed 10 items",
    "sample_input": {"name": "a"},
    "sample_output": "A",
    "question": "Continue?",
}
OUTPUT = {"category": "billing", "reason": "asks about an invoice"}
SAMPLES: list[dict[str, Any]] = [
    {"item_no": 30, "input": {"text": "Hi"}, "output": OUTPUT, "error": None, "before": {**OUTPUT, "reason": "none"}},
    {"item_no": 40, "input": {"text": "Where?"}, "output": None, "error": "The model timed out.", "before": None},
]
ASKED: dict[str, Any] = {
    "type": "quality_check",
    "accepts": "sample/1",
    "message": "Sample 2 of 3: item 40 of 50",
    "question": "Is this result good?",
    "sample_input": {"text": "Where?"},
    "sample_output": None,
    "lot_id": "f00",
    "name": "tickets.csv",
    "generation": 1,
    "item_no": 40,
    "first": 21,
    "last": 40,
    "size": 50,
    "every": 20,
    "sample_no": 2,
    "sample_count": 3,
    "samples": SAMPLES,
    "fields": ["category", "reason"],
    "choices": {"category": ["billing", "other"]},
    "failed": 1,
    "failed_items": [40],
    "costs": {
        "continue": {"items": 10, "calls": 10},
        "problem": {"items": 19, "calls": 19, "first": 21, "kept": 1},
        "rest": {"items": 10, "reviews": 1},
    },
    "revision": 2,
    "instruction": "Irony is not recognised",
    "model": {"label": "a fake", "offline": True},
    "problem": None,
}
FIX = {"category": "other", "reason": "a question"}


def review(value: Any) -> tuple[Review, SampleProposal]:
    found = payloads.parse(pause(value))
    assert found.kind is Kind.SAMPLE
    return found, found.proposal


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        (Said(DecisionType.APPROVE), "continue"),
        (Said(DecisionType.RESPOND, message="The name is missing."), "The name is missing."),
        (Said(DecisionType.EDIT, args={"sample_output": "B"}), "Corrected output: B"),
        (Said(DecisionType.REJECT), "stop"),
        (Said(DecisionType.REJECT, message="all wrong"), "stop: all wrong"),
    ],
)
def test_each_decision_is_plain_text_and_reads_back(said: Said, sent: str) -> None:
    held = pause(CHECK)
    assert payloads.encode(held, said) == sent
    assert payloads.read(held, sent) == said


@pytest.mark.parametrize("asked", [CHECK, ASKED])
@pytest.mark.parametrize("message", ["continue", " Continue ", "stop", "", None])
def test_a_reported_problem_never_waves_the_batch_through(asked: Any, message: str | None) -> None:
    with pytest.raises(InvalidDecision):
        payloads.encode(pause(asked), Said(DecisionType.RESPOND, message=message))


def test_a_strangers_sample_is_one_input_and_one_output() -> None:
    found, proposal = review(CHECK)
    assert proposal.samples == (Sample(None, (("", '{\n  "name": "a"\n}'),), (("", "A"),)),)
    assert (proposal.place, proposal.structured, found.gist) == (None, False, "A")
    assert edit_words(proposal, 1) == "Send 1 corrected item"


def test_a_sample_of_ours_says_where_it_stands_and_what_each_answer_costs() -> None:
    found, proposal = review(ASKED)
    assert proposal.place == Place("f00", "tickets.csv", 21, 40, 50, 20, 1)
    assert [sample.item_no for sample in proposal.samples] == [30, 40]
    assert proposal.samples[0].before == (("category", "billing"), ("reason", "none"))
    assert (proposal.samples[1].output, proposal.samples[1].error) == ((), "The model timed out.")
    assert proposal.choices == {"category": ("billing", "other")}
    assert found.labels[DecisionType.APPROVE] == "Good: continue with the next 10 items"
    assert found.labels[DecisionType.RESPOND] == "Problem: redo 19 items"
    assert found.labels[DecisionType.REJECT] == "Stop the batch here"
    assert edit_words(proposal, 2) == "Send 2 corrected items, continue with the next 10 items"
    assert found.warnings == ("1 of the 20 items since the last sample failed.",)
    assert (found.gist, found.revision, found.reversible) == ("Item 40 failed: The model timed out.", 2, False)


def test_the_last_sample_finishes_the_batch() -> None:
    found, proposal = review({**ASKED, "costs": {**ASKED["costs"], "continue": {"items": 0, "calls": 0}}})
    assert found.labels[DecisionType.APPROVE] == "Good: finish the batch"
    assert edit_words(proposal, 1) == "Send 1 corrected item, finish the batch"


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        (Said(DecisionType.APPROVE), {"action": "continue"}),
        (Said(DecisionType.APPROVE, args={"inspected": [25, 22, 25]}), {"action": "continue", "inspected": [22, 25]}),
        (
            Said(DecisionType.EDIT, args={"corrections": {"40": FIX}, "inspected": [21]}),
            {"action": "correct", "corrections": {"40": FIX}, "inspected": [21]},
        ),
        (Said(DecisionType.RESPOND, message=" Irony "), {"action": "problem", "problem": "Irony"}),
        (
            Said(DecisionType.RESPOND, message="Irony", args={"corrections": {"40": FIX}}),
            {"action": "problem", "problem": "Irony", "corrections": {"40": FIX}},
        ),
        (Said(DecisionType.REJECT), {"action": "stop", "reason": None}),
        (Said(DecisionType.REJECT, message="All wrong"), {"action": "stop", "reason": "All wrong"}),
    ],
)
def test_each_decision_is_an_object_and_reads_back(said: Said, sent: Any) -> None:
    held = pause(ASKED)
    assert payloads.encode(held, said) == sent
    back = payloads.read(held, sent)
    assert back.type is said.type
    assert payloads.encode(held, Said(back.type, back.message, back.args)) == sent


@pytest.mark.parametrize(
    ("value", "means", "message"),
    [
        ("continue", DecisionType.APPROVE, None),
        (" Stop ", DecisionType.REJECT, None),
        ("stop: too slow", DecisionType.REJECT, "too slow"),
        ("Irony is missed", DecisionType.RESPOND, "Irony is missed"),
    ],
)
def test_the_plain_words_are_taken_too(value: str, means: DecisionType, message: str | None) -> None:
    said = payloads.read(pause(ASKED), value)
    assert (said.type, said.message) == (means, message)


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (None, "value"),
        (["continue"], "value"),
        ("  ", "message"),
        ({}, "action"),
        ({"action": "approve"}, "action"),
        ({"action": []}, "action"),
        ({"action": "continue", "corrections": {}}, "value"),
        ({"action": "continue", "inspected": [41]}, "inspected"),
        ({"action": "continue", "inspected": [True]}, "inspected"),
        ({"action": "continue", "inspected": "22"}, "inspected"),
        ({"action": "correct"}, "corrections"),
        ({"action": "correct", "corrections": {}}, "corrections"),
        ({"action": "correct", "corrections": [FIX]}, "corrections"),
        ({"action": "correct", "corrections": {"20": FIX}}, "corrections"),
        ({"action": "correct", "corrections": {"40": {"category": "other"}}}, "corrections"),
        ({"action": "correct", "corrections": {"40": {**FIX, "more": "x"}}}, "corrections"),
        ({"action": "correct", "corrections": {"40": {**FIX, "reason": 1}}}, "corrections"),
        ({"action": "correct", "corrections": {"40": {**FIX, "category": "invoices"}}}, "corrections"),
        ({"action": "correct", "corrections": {"40": {**FIX, "reason": "x" * 10_001}}}, "corrections"),
        ({"action": "correct", "corrections": {"30": OUTPUT}}, "corrections"),
        ({"action": "correct", "corrections": {"40": FIX, 40: FIX}}, "corrections"),
        ({"action": "problem"}, "message"),
        ({"action": "problem", "problem": "stop"}, "message"),
        ({"action": "problem", "problem": ["a"]}, "message"),
        ({"action": "stop", "reason": 3}, "message"),
    ],
)
def test_a_value_that_the_graph_would_not_take_names_the_field(value: Any, field: str) -> None:
    with pytest.raises(InvalidDecision) as raised:
        payloads.read(pause(ASKED), value)
    assert raised.value.field == field


def test_an_argument_that_nobody_knows_is_refused() -> None:
    with pytest.raises(InvalidDecision, match="takes no field sample_output"):
        payloads.encode(pause(ASKED), Said(DecisionType.EDIT, args={"sample_output": "B"}))


@pytest.mark.parametrize("missing", sorted(ASKED.keys() - {"type", "accepts"}))
def test_a_missing_key_never_hides_the_sample(missing: str) -> None:
    review({name: value for name, value in ASKED.items() if name != missing})
