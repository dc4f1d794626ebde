"""Held tool calls: exactly what LangChain's middleware and Agent Inbox graphs take, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agents import payloads
from agents.domain import DecisionType, Kind, Said
from agents.errors import InvalidDecision
from tests.payloads.test_generic import pause

APPROVE, EDIT, REJECT, RESPOND = (
    DecisionType.APPROVE,
    DecisionType.EDIT,
    DecisionType.REJECT,
    DecisionType.RESPOND,
)
ALL = ["approve", "edit", "reject", "respond"]


def batched(*allowed: list[str], args: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "action_requests": [
            {"name": "send_email", "args": args or {"to": "a", "n": 1}, "description": "Send"} for _ in allowed
        ],
        "review_configs": [{"action_name": "send_email", "allowed_decisions": each} for each in allowed],
    }


def per_call_schema(*allowed: str) -> dict[str, Any]:
    """As langchain 1.4 publishes it."""
    kinds: dict[str, Any] = {
        each: {"type": "object", "properties": {"type": {"const": each}}, "required": ["type"]} for each in ALL
    }
    kinds["respond"]["properties"]["message"] = {"type": "string"}
    kinds["respond"]["required"] = ["type", "message"]
    kinds["reject"]["properties"]["message"] = {"type": "string"}
    arguments = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["to", "n"]}
    kinds["edit"]["properties"]["edited_action"] = {
        "type": "object",
        "properties": {"name": {"const": "send_email"}, "args": arguments},
        "required": ["name", "args"],
    }
    if len(allowed) == 1:
        return dict(kinds[allowed[0]])
    mapping = {each: f"#/$defs/{each}" for each in allowed}
    return {
        "$defs": {each: kinds[each] for each in allowed},
        "discriminator": {"mapping": mapping, "propertyName": "type"},
        "oneOf": [{"$ref": each} for each in mapping.values()],
    }


PER_CALL = {"type": "tool_approval", "tool_call_id": "1", "name": "send_email", "args": {"to": "a", "n": 1}}
INBOX = {
    "action_request": {"action": "write_email", "args": {"to": "x", "n": 1}},
    "config": {"allow_ignore": True, "allow_respond": True, "allow_edit": True, "allow_accept": True},
    "description": "# Markdown",
}


def test_one_action() -> None:
    held = pause(batched(ALL))
    review = payloads.parse(held)
    assert (review.kind, review.allowed) == (Kind.TOOL, (APPROVE, EDIT, REJECT, RESPOND, DecisionType.IGNORE))
    assert review.labels[APPROVE] == "Approve and run send_email"
    assert payloads.encode(held, Said(APPROVE)) == {"decisions": [{"type": "approve"}]}
    assert payloads.encode(held, Said(REJECT)) == {"decisions": [{"type": "reject"}]}
    assert payloads.encode(held, Said(REJECT, message="no")) == {"decisions": [{"type": "reject", "message": "no"}]}
    assert payloads.encode(held, Said(RESPOND, message="42")) == {"decisions": [{"type": "respond", "message": "42"}]}
    edited = {"name": "send_email", "args": {"to": "b", "n": 2}}
    assert payloads.encode(held, Said(EDIT, args=edited["args"])) == {
        "decisions": [{"type": "edit", "edited_action": edited}]
    }


def test_several_actions_are_decided_together_or_one_by_one() -> None:
    held = pause(batched(ALL, ["approve", "reject"]))
    assert payloads.parse(held).allowed == (APPROVE, REJECT, EDIT, DecisionType.IGNORE)
    assert payloads.encode(held, Said(APPROVE)) == {"decisions": [{"type": "approve"}] * 2}
    mixed = {"decisions": [{"type": "respond", "message": "done"}, {"type": "reject"}]}
    assert payloads.encode(held, Said(EDIT, args=mixed)) == mixed
    assert payloads.encode(held, Said(EDIT, value=mixed)) == mixed
    for wrong in (
        {"decisions": [{"type": "approve"}]},
        {"decisions": [{"type": "reject"}, {"type": "respond", "message": "x"}]},
        {"decisions": "approve"},
        [{"type": "approve"}, {"type": "approve"}],
    ):
        with pytest.raises(InvalidDecision):
            payloads.read(held, wrong)


def test_only_what_is_allowed_is_sent() -> None:
    held = pause(batched(["approve", "reject"]))
    for said in (Said(EDIT, args={"to": "b", "n": 1}), Said(RESPOND, message="x")):
        with pytest.raises(InvalidDecision):
            payloads.encode(held, said)
    with pytest.raises(InvalidDecision):
        payloads.encode(held, Said(APPROVE, value={"decisions": [{"type": "respond", "message": "x"}]}))
    with pytest.raises(InvalidDecision, match="value means reject"):
        payloads.encode(held, Said(APPROVE, value={"decisions": [{"type": "reject"}]}))


def test_edited_values_keep_the_types_that_the_graph_sent() -> None:
    held = pause(batched(ALL, args={"n": 1, "f": 1.5, "on": True, "to": "a", "tags": ["x"]}))
    args = {"n": "2", "f": "2", "on": "false", "to": "3", "tags": '["y"]'}
    sent = payloads.encode(held, Said(EDIT, args=args))["decisions"][0]["edited_action"]["args"]
    assert sent == {"n": 2, "f": 2, "on": False, "to": "3", "tags": ["y"]}
    with pytest.raises(InvalidDecision, match="N: must be a number, like 1") as refused:
        payloads.encode(held, Said(EDIT, args={"n": "many"}))
    assert refused.value.field == "n"


def test_an_args_schema_is_checked() -> None:
    value = batched(ALL)
    value["review_configs"][0]["args_schema"] = {"type": "object", "required": ["to", "n"]}
    with pytest.raises(InvalidDecision, match="N: is missing"):
        payloads.encode(pause(value), Said(EDIT, args={"to": "b"}))


@pytest.mark.parametrize("allowed", [ALL, ["approve", "reject"], ["approve"]])
def test_per_call_allows_what_its_schema_offers(allowed: list[str]) -> None:
    review = payloads.parse(pause(PER_CALL, per_call_schema(*allowed)))
    assert [each.value for each in review.allowed] == [*allowed, "ignore"]


def test_per_call_sends_the_plain_decision() -> None:
    held = pause(PER_CALL, per_call_schema(*ALL))
    assert payloads.encode(held, Said(APPROVE)) == {"type": "approve"}
    assert payloads.encode(held, Said(RESPOND, message="x")) == {"type": "respond", "message": "x"}
    assert payloads.encode(held, Said(EDIT, args={"to": "b", "n": "3"})) == {
        "type": "edit",
        "edited_action": {"name": "send_email", "args": {"to": "b", "n": 3}},
    }
    with pytest.raises(InvalidDecision, match="N: is missing"):
        payloads.encode(held, Said(EDIT, args={"to": "b"}))
    with pytest.raises(InvalidDecision):
        payloads.read(held, {"decisions": [{"type": "approve"}]})
    with pytest.raises(InvalidDecision):
        payloads.read(held, {"type": "edit", "edited_action": {"name": "delete_all", "args": {"to": "a", "n": 1}}})


@pytest.mark.parametrize("value", [INBOX, [INBOX], json.dumps(INBOX), json.dumps([INBOX])])
def test_agent_inbox_takes_a_list_of_one(value: Any) -> None:
    held = pause(value)
    assert payloads.parse(held).kind is Kind.TOOL
    whole = {"action": "write_email", "args": {"to": "x", "n": 1}}
    assert payloads.encode(held, Said(APPROVE)) == [{"type": "accept", "args": whole}]
    assert payloads.encode(held, Said(RESPOND, message="shorter")) == [{"type": "response", "args": "shorter"}]
    assert payloads.encode(held, Said(REJECT)) == [{"type": "ignore", "args": None}]
    edited = {"action": "write_email", "args": {"to": "y", "n": 2}}
    assert payloads.encode(held, Said(EDIT, args={"to": "y", "n": "2"})) == [{"type": "edit", "args": edited}]
    with pytest.raises(InvalidDecision):
        payloads.encode(held, Said(EDIT))
    for wrong in (
        {"type": "accept"},
        [],
        [{"type": "accept", "args": {}}],
        [{"type": "response", "args": 1}],
        ["accept"],
    ):
        with pytest.raises(InvalidDecision):
            payloads.read(held, wrong)


def test_agent_inbox_allows_what_its_config_says() -> None:
    held = pause({**INBOX, "config": {"allow_respond": True}})
    assert payloads.parse(held).allowed == (RESPOND, DecisionType.IGNORE)
    with pytest.raises(InvalidDecision):
        payloads.encode(held, Said(APPROVE))


@pytest.mark.parametrize("value", [batched(ALL), batched(ALL, ALL), PER_CALL, INBOX])
def test_what_is_encoded_reads_back_as_what_was_said(value: Any) -> None:
    held = pause(value)
    for said in (Said(APPROVE), Said(REJECT), Said(RESPOND, message="x")):
        assert payloads.read(held, payloads.encode(held, said)) == said


@pytest.mark.parametrize(
    "value",
    [
        {"action_requests": [], "review_configs": []},
        {"action_requests": [{"name": "x"}], "review_configs": [{}]},
        {"action_requests": [{"name": "x", "args": {}}], "review_configs": []},
        {"action_requests": 1, "review_configs": 1},
        {"type": "tool_approval", "name": 1, "args": {}},
        {"action_request": {"action": "x"}, "config": {}},
    ],
)
def test_what_only_resembles_a_tool_call_is_shown_as_it_is(value: Any) -> None:
    assert payloads.parse(pause(value)).kind is Kind.GENERIC
