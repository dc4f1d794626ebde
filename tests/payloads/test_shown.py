"""What a person changed of a proposal, for each kind that can be edited: the patch applied gives the edit."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agents import payloads
from agents.audit import applied, patch
from agents.domain import DecisionType, Said, canonical
from agents.payloads.shown import edit_of
from tests.payloads.test_generic import pause
from tests.payloads.test_tool import batched
from tests.test_docs import ANSWERS, Example

EDIT = DecisionType.EDIT
EDITS = [(example, answer) for example, answer in ANSWERS if answer["decision"]["type"] == "edit"]


@pytest.mark.parametrize(("example", "answer"), EDITS)
def test_every_documented_edit_is_a_patch_of_what_was_shown(example: Example, answer: dict[str, Any]) -> None:
    review = payloads.parse(example.pause())
    given = answer["decision"]
    for said in (Said(EDIT, given.get("message"), given["args"]), Said(EDIT, value=answer["resume"])):
        found = edit_of(review, said)
        assert found is not None
        shown, after = found
        made = patch(shown, after)
        assert made, "something was changed"
        assert canonical(applied(shown, json.loads(json.dumps(made)))) == canonical(after)


def test_a_changed_argument_keeps_its_type() -> None:
    review = payloads.parse(pause(batched(["approve", "edit"], args={"to": "a", "n": 1, "dry": True})))
    found = edit_of(review, Said(EDIT, args={"to": "b", "n": "2", "dry": True}))
    assert found is not None
    assert patch(*found) == [
        {"op": "replace", "path": "/to", "value": "b"},
        {"op": "replace", "path": "/n", "value": 2},
    ]


def test_of_several_calls_only_the_edited_ones_are_told() -> None:
    review = payloads.parse(pause(batched(["approve", "edit"], ["approve", "edit"])))
    edited = {"type": "edit", "edited_action": {"name": "send_email", "args": {"to": "b", "n": 1}}}
    found = edit_of(review, Said(EDIT, args={"decisions": [{"type": "approve"}, edited]}))
    assert found is not None
    assert patch(*found) == [{"op": "replace", "path": "/2/to", "value": "b"}]


@pytest.mark.parametrize("said", [Said(DecisionType.APPROVE), Said(DecisionType.REJECT, "no")])
def test_what_is_no_edit_changes_nothing(said: Said) -> None:
    assert edit_of(payloads.parse(pause(batched(["approve", "edit", "reject"]))), said) is None
