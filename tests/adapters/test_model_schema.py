"""Drafts as they are validated, and their shape on the wire."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from agents.adapters.model import EmailDraft, PlanDraft, StepDraft
from agents.adapters.model.answers import UnusableAnswer, problems, read_draft, wire_schema

BAD: list[tuple[dict[str, Any], str]] = [
    ({"op": "delete"}, "a delete step needs a pattern"),
    ({"op": "delete", "pattern": " "}, "a delete step needs a pattern"),
    ({"op": "move", "pattern": "*"}, "a move step needs a destination"),
    ({"op": "archive", "pattern": "*"}, "an archive step needs a destination"),
    ({"op": "write", "content": "x"}, "a write step needs a path"),
    ({"op": "write", "path": "x"}, "a write step needs content"),
    ({"op": "write", "path": "x\ny", "content": ""}, "path: must be one line"),
    ({"op": "burn", "pattern": "*"}, "op: Input should be"),
    ({"op": "find", "pattern": "*", "older_than_days": -1}, "older_than_days: "),
    ({"op": "find", "pattern": "*", "older_than_days": float("inf")}, "older_than_days: "),
    ({"op": "find", "pattern": "*", "older_than_days": float("nan")}, "older_than_days: "),
    ({"op": "find", "pattern": "*", "larger_than_bytes": 1.5}, "larger_than_bytes: "),
    ({"op": "find", "pattern": "*", "colour": "red"}, "colour: Extra inputs are not permitted"),
]


@pytest.mark.parametrize(("data", "problem"), BAD)
def test_a_step_that_cannot_be_done_says_what_is_wrong(data: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError) as caught:
        StepDraft.model_validate(data)
    assert any(problem in each for each in problems(caught.value))


def test_a_step_keeps_only_the_fields_of_its_operation() -> None:
    step = StepDraft.model_validate(
        {"op": "write", "path": "a", "content": "", "pattern": "*", "exclude": ["x"], "older_than_days": 3}
    )
    assert step.model_dump(exclude_defaults=True) == {"op": "write", "path": "a", "content": ""}


def test_drafts_are_plain_data_and_back() -> None:
    plan = PlanDraft(
        summary="s", steps=[StepDraft(op="find", pattern="**/*.log", older_than_days=1.5, exclude=["a.log"])]
    )
    assert PlanDraft.model_validate_json(json.dumps(plan.model_dump(mode="json"))) == plan


def test_null_is_a_field_that_is_not_used() -> None:
    assert StepDraft.model_validate({"op": "find", "pattern": "*", "why": None, "exclude": None}).exclude == []
    assert EmailDraft.model_validate({"subject": "a", "body": "b", "cc": None, "bcc": None, "reply_to": None}).cc == []


@pytest.mark.parametrize("count", [0, 21])
def test_a_plan_has_one_to_twenty_steps(count: int) -> None:
    with pytest.raises(ValidationError, match="steps"):
        PlanDraft(summary="s", steps=[StepDraft(op="find", pattern="*")] * count)


def test_a_subject_is_one_line_and_blank_addresses_are_dropped() -> None:
    draft = EmailDraft(subject=" a\r\n b ", body="x", cc=["", " b@x.org "], reply_to="  ")
    assert (draft.subject, draft.cc, draft.reply_to) == ("a b", ["b@x.org"], None)


@pytest.mark.parametrize("data", [{"subject": " ", "body": "x"}, {"subject": "x", "body": "\n"}])
def test_a_mail_says_something(data: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="is empty"):
        EmailDraft.model_validate(data)


def objects(node: Any) -> list[dict[str, Any]]:
    """Every object schema within a schema."""
    if isinstance(node, list):
        return [found for item in node for found in objects(item)]
    if not isinstance(node, dict):
        return []
    own = [node] if node.get("type") == "object" else []
    return own + [found for value in node.values() for found in objects(value)]


@pytest.mark.parametrize("kind", [PlanDraft, EmailDraft])
def test_the_wire_schema_is_in_the_strict_subset(kind: type[BaseModel]) -> None:
    schema = wire_schema(kind)
    text = json.dumps(schema)
    assert all(
        word not in text
        for word in ('"$ref"', '"$defs"', '"default"', '"title"', '"maxLength"', '"minimum"', '"minItems"')
    )
    found = objects(schema)
    assert len(found) == (2 if kind is PlanDraft else 1)
    for each in found:
        assert each["additionalProperties"] is False
        assert each["required"] == list(each["properties"])


@pytest.mark.parametrize(
    ("text", "problem"),
    [("", "the answer is empty"), ("none", "no complete JSON object"), ('{"subject": "a"', "no complete JSON object"), ("[1]", "no complete JSON object"), ('{"subject": "a"}', "body: Field required")],
)  # fmt: skip
def test_text_without_a_draft_says_why(text: str, problem: str) -> None:
    with pytest.raises(UnusableAnswer, match=problem):
        read_draft(EmailDraft, text)


def test_braces_without_end_are_given_up_quickly() -> None:
    with pytest.raises(UnusableAnswer):
        read_draft(EmailDraft, '{"a":' * 5000)
