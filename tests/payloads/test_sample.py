from __future__ import annotations

import pytest

from agents import payloads
from agents.domain import DecisionType, Kind, Said
from agents.errors import InvalidDecision
from tests.payloads.test_generic import pause

CHECK = {
    "type": "quality_check",
    "message": "Processed 10 items",
    "sample_input": {"name": "a"},
    "sample_output": "A",
    "question": "Continue?",
}


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
    assert payloads.parse(held).kind is Kind.SAMPLE
    assert payloads.encode(held, said) == sent
    assert payloads.read(held, sent) == said


@pytest.mark.parametrize("message", ["continue", " Continue ", "stop", "", None])
def test_a_reported_problem_never_waves_the_batch_through(message: str | None) -> None:
    with pytest.raises(InvalidDecision):
        payloads.encode(pause(CHECK), Said(DecisionType.RESPOND, message=message))
