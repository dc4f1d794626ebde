from __future__ import annotations

import pytest

from agents import payloads
from agents.domain import DecisionType, Kind, Said
from agents.errors import InvalidDecision
from tests.payloads.test_generic import pause

ASKED = {
    "type": "clarification_needed",
    "original_task": "Clean up",
    "questions": ["Which folder?", "How old?"],
}


def test_questions_are_answered_with_plain_text() -> None:
    held = pause(ASKED)
    review = payloads.parse(held)
    assert (review.kind, review.title) == (Kind.QUESTION, "Clean up")
    assert review.proposal.questions == ("Which folder?", "How old?")
    assert review.allowed == (DecisionType.RESPOND, DecisionType.IGNORE)
    assert payloads.encode(held, Said(DecisionType.RESPOND, message="logs, 30 days")) == "logs, 30 days"
    assert payloads.read(held, "logs").message == "logs"


@pytest.mark.parametrize("value", [None, "", 7, {"answers": []}])
def test_anything_but_text_is_refused(value: object) -> None:
    with pytest.raises(InvalidDecision):
        payloads.encode(pause(ASKED), Said(DecisionType.RESPOND, value=value))
