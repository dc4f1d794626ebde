"""For every codec and every decision that it allows: a real paused graph, and the value that its node received."""

from __future__ import annotations

import json
from dataclasses import make_dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from pydantic import BaseModel, Field, create_model

from agents import payloads
from agents.domain import UNSET, DecisionType, Kind, Said
from agents.errors import InvalidDecision
from agents.payloads.forms import draft_of, form_of, read_form
from tests.payloads.resuming import pauses, received
from tests.payloads.test_generic import pause
from tests.test_docs import EXAMPLES, Example

APPROVE, EDIT, REJECT, RESPOND = DecisionType.APPROVE, DecisionType.EDIT, DecisionType.REJECT, DecisionType.RESPOND
DOCUMENTED = [(example, answer) for example in EXAMPLES for answer in example.answers]


@pytest.mark.parametrize(("example", "answer"), DOCUMENTED)
def test_the_node_gets_what_is_documented(example: Example, answer: dict[str, Any], tmp_path: Path) -> None:
    decision = answer["decision"]
    said = Said(DecisionType(decision["type"]), decision.get("message"), decision.get("args"))
    got = received(tmp_path / "file.sqlite", example.payload, said, example.schema)
    assert json.dumps(got, sort_keys=True) == json.dumps(answer["resume"], sort_keys=True)


REQUEST = {
    "action_request": {
        "action": "write_email",
        "args": {"to": "x", "n": 1, "f": 1.0, "deep": {"tags": ["a"], "none": None}},
    },
    "config": {"allow_ignore": True, "allow_respond": True, "allow_edit": True, "allow_accept": True},
    "description": "text",
}
ARGS = REQUEST["action_request"]["args"]
INBOX = {
    Said(APPROVE): [{"type": "accept", "args": {"action": "write_email", "args": ARGS}}],
    Said(REJECT): [{"type": "ignore", "args": None}],
    Said(RESPOND, message="shorter "): [{"type": "response", "args": "shorter "}],
}


@pytest.mark.parametrize("form", [REQUEST, [REQUEST], json.dumps(REQUEST)], ids=["bare", "list", "text"])
@pytest.mark.parametrize(("said", "value"), INBOX.items(), ids=lambda each: str(getattr(each, "type", "")))
def test_agent_inbox(form: Any, said: Said, value: Any, tmp_path: Path) -> None:
    assert received(tmp_path / "file.sqlite", form, said) == value


@pytest.mark.parametrize("form", [REQUEST, [REQUEST], json.dumps(REQUEST)], ids=["bare", "list", "text"])
def test_agent_inbox_edits_keep_every_type(form: Any, tmp_path: Path) -> None:
    args = {**ARGS, "n": "2", "deep": {"tags": ["a", "b"], "none": None}}
    ((got),) = received(tmp_path / "file.sqlite", form, Said(EDIT, args=args))
    assert got["type"] == "edit"
    assert repr(got["args"]["args"]) == repr({**args, "n": 2})


class Colour(BaseModel):
    name: Literal["red", "blue"]
    shade: float = 1.0


class Order(BaseModel):
    count: int = Field(ge=1)
    due: date
    at: datetime
    colours: list[Colour]
    note: str | None = None


ORDER = {
    "count": 2**63,
    "due": "2026-01-31",
    "at": "2026-01-31T14:30:00Z",
    "colours": [{"name": "red"}, {"name": "blue", "shade": 0.5}],
}


@pytest.mark.parametrize(
    "said", [Said(RESPOND, value=ORDER), Said(RESPOND, args=ORDER), Said(RESPOND, json.dumps(ORDER))]
)
def test_a_typed_interrupt_gets_its_type(said: Said, tmp_path: Path) -> None:
    got = received(tmp_path / "file.sqlite", "What should be ordered?", said, Order)
    assert got == Order.model_validate(ORDER)
    assert (got.count, got.due, got.at) == (2**63, date(2026, 1, 31), datetime(2026, 1, 31, 14, 30, tzinfo=UTC))


def test_a_typed_interrupt_is_answered_by_its_form(tmp_path: Path) -> None:
    form = form_of(Order.model_json_schema())
    raw = draft_of(form, {key: each for key, each in ORDER.items() if key != "count"})
    raw["count"] = "12"
    got = received(tmp_path / "file.sqlite", "?", Said(RESPOND, value=read_form(form, raw)), Order)
    assert got == Order.model_validate({**ORDER, "count": 12})


def test_a_plain_schema_is_checked_here_for_its_graph_does_not(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer", "maximum": 5}}, "required": ["n"]}
    path = tmp_path / "file.sqlite"
    with pytest.raises(InvalidDecision, match="N: must be at most 5"):
        received(path, "?", Said(RESPOND, value={"n": 7}), schema)
    assert received(tmp_path / "other.sqlite", "?", Said(RESPOND, value={"n": 5}), schema) == {"n": 5}


VALUES = [None, False, 0, 1.0, "", [], {"a": [None]}, 2**64 - 1]


@pytest.mark.parametrize(
    ("payload", "value"),
    [*(("What?", each) for each in VALUES), *((each, UNSET) for each in (7, None, [1], {"a": 1}, "What?"))],
)
def test_anything_gets_exactly_the_text_or_the_json(payload: Any, value: Any, tmp_path: Path) -> None:
    said = Said(RESPOND, message=" as it stands\n") if value is UNSET else Said(RESPOND, value=value)
    got = received(tmp_path / "file.sqlite", payload, said)
    assert repr(got) == repr(" as it stands\n" if value is UNSET else value)


@pytest.mark.parametrize("value", [2**64, {"a": [-(2**63) - 1]}, [float("nan")], "half \ud800", {"\udfff": 1}])
def test_what_no_file_of_langgraph_keeps_is_not_sent(value: Any) -> None:
    with pytest.raises(InvalidDecision):
        payloads.encode(pause("?"), Said(RESPOND, value=value))
    deep: Any = []
    for _ in range(200):
        deep = [deep]
    with pytest.raises(InvalidDecision, match="nested deeper"):
        payloads.encode(pause("?"), Said(RESPOND, value=deep))


@pytest.mark.parametrize(
    ("option", "value"), [("yes", "yes"), ("2", 2), ("true", True), ("Go on", {"go": [1]}), ("Nothing", None)]
)
def test_an_option_is_sent_with_its_type(option: str, value: Any, tmp_path: Path) -> None:
    options = ["yes", 2, True, {"label": "Go on", "value": {"go": [1]}}, {"label": "Nothing", "value": None}]
    got = received(tmp_path / "file.sqlite", {"options": options}, Said(RESPOND, option))
    assert repr(got) == repr(value)


def test_objects_that_do_not_import_here_are_shown_and_answered(tmp_path: Path) -> None:
    receipt = make_dataclass("Receipt", [("number", int)])(7)
    stub = create_model("Stub", total=(float, ...))(total=1.5)
    path = tmp_path / "file.sqlite"
    with pytest.raises(InvalidDecision):
        received(path, {"receipt": receipt, "stub": stub}, Said(RESPOND, message=""))
    (waiting,) = pauses(path)
    assert waiting.value == {"receipt": {"number": 7}, "stub": {"total": 1.5}}
    assert received(tmp_path / "again.sqlite", [receipt, stub], Said(RESPOND, "fine")) == "fine"


def test_messages_are_shown_as_who_said_what() -> None:
    said = [
        {"type": "human", "content": "Hello"},
        {"type": "ai", "content": [{"type": "text", "text": "Hi"}], "tool_calls": [{"name": "look", "args": {"q": 1}}]},
    ]
    proposal = payloads.parse(pause(said)).proposal
    assert proposal.fields == (("Person", "Hello"), ("Agent", 'Hi\ncalls look with {"q": 1}'))
    beside = payloads.parse(pause({"question": "Go on?", "history": said})).proposal
    assert beside.text == "Go on?"
    assert beside.fields == proposal.fields


def test_langchains_messages_from_a_file_are_messages(tmp_path: Path) -> None:
    path = tmp_path / "file.sqlite"
    with pytest.raises(InvalidDecision):
        received(path, [HumanMessage("Hello"), AIMessage("Hi")], Said(RESPOND, message=""))
    (waiting,) = pauses(path)
    assert payloads.parse(waiting).proposal.fields == (("Person", "Hello"), ("Agent", "Hi"))


def test_a_schema_decides_over_what_the_payload_looks_like(tmp_path: Path) -> None:
    lesson = {"question": "Approve?", "plan": ["a"], "options": ["approve", "reject", "modify"]}
    schema = {"type": "object", "properties": {"verdict": {"enum": ["approve", "reject"]}}, "required": ["verdict"]}
    assert payloads.parse(pause(lesson)).kind is Kind.PLAN
    asked = {key: each for key, each in lesson.items() if key != "options"}
    assert payloads.parse(pause(asked, schema)).kind is Kind.GENERIC
    assert received(tmp_path / "file.sqlite", asked, Said(RESPOND, args={"verdict": "reject"}), schema) == {
        "verdict": "reject"
    }
