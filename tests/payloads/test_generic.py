"""Payloads of no known schema, and the registry that sends only what was checked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from agents import payloads
from agents.domain import UNSET, DecisionType, Kind, Pause, PauseStatus, Said, fingerprint
from agents.errors import InvalidDecision
from agents.payloads.generic import GenericProposal

RESPOND, IGNORE = DecisionType.RESPOND, DecisionType.IGNORE


def pause(value: Any, schema: dict[str, Any] | None = None, **changes: Any) -> Pause:
    fields: dict[str, Any] = {
        "source_id": "s",
        "thread_id": "t",
        "pause_key": "a.0",
        "status": PauseStatus.QUESTION,
        "interrupt_id": "a" * 32,
        "ask_no": 0,
        "checkpoint_id": "c",
        "task_id": None,
        "value": value,
        "seen": fingerprint(value),
        "paused_at": datetime.now(UTC),
        "response_schema": schema,
    }
    return Pause(**{**fields, **changes})


def respond(payload: Any, message: str | None = None, schema: dict[str, Any] | None = None, **said: Any) -> Any:
    return payloads.encode(pause(payload, schema), Said(RESPOND, message=message, **said))


def test_a_bare_string() -> None:
    review = payloads.parse(pause("What is your name?"))
    assert (review.kind, review.title, review.gist) == (Kind.GENERIC, "What is your name?", "What is your name?")
    assert review.proposal == GenericProposal("What is your name?", (), (), None)
    assert review.allowed == (RESPOND, IGNORE)
    assert set(review.labels) >= set(review.allowed)
    assert respond("What is your name?", "Ada ") == "Ada "


@pytest.mark.parametrize("message", [None, "", "  \n"])
def test_an_empty_answer_is_refused(message: str | None) -> None:
    with pytest.raises(InvalidDecision) as refused:
        respond("What?", message)
    assert refused.value.field == "message"


def test_everything_in_an_object_is_shown_once() -> None:
    value = {"orderId": 7, "message": "Ship it?", "lines": [{"sku": "a"}], "empty": None}
    review = payloads.parse(pause(value))
    assert review.question == "Ship it?"
    assert review.proposal.text == "Ship it?"
    assert review.proposal.fields == (
        ("Order Id", "7"),
        ("Lines", '[\n  {\n    "sku": "a"\n  }\n]'),
        ("Empty", "null"),
    )


def test_an_instruction_is_the_question_and_the_text_stands_beside_it() -> None:
    review = payloads.parse(pause({"text": "Bees inside!", "instruction": "Edit the sign."}))
    assert (review.question, review.title) == ("Edit the sign.", "Edit the sign.")
    assert review.proposal.fields == (("Text", "Bees inside!"),)


def test_a_text_that_no_key_calls_the_message_keeps_its_name() -> None:
    review = payloads.parse(pause({"bed": "chillies", "threshold": 0.3}))
    assert review.title == "chillies"
    assert (review.proposal.text, review.proposal.fields) == (None, (("Bed", "chillies"), ("Threshold", "0.3")))


@pytest.mark.parametrize("value", [None, 0, True, 1.5, [], {}, [1, [2]], "", {"": ""}, [None], {"options": []}, "\x00"])
def test_any_value_is_shown_and_can_be_answered(value: Any) -> None:
    review = payloads.parse(pause(value))
    assert review.kind is Kind.GENERIC
    assert isinstance(review.title, str)
    assert isinstance(review.proposal, GenericProposal)
    assert respond(value, "fine") == "fine"


def test_options_are_sent_exactly() -> None:
    value = {"question": "Deploy?", "options": ["Yes, now", "no"]}
    assert payloads.parse(pause(value)).proposal.options == ("Yes, now", "no")
    assert respond(value, "Yes, now") == "Yes, now"
    assert respond(value, " NO ") == "no"
    with pytest.raises(InvalidDecision, match="Yes, now, no"):
        respond(value, "perhaps")
    with pytest.raises(InvalidDecision):
        respond(value, value="perhaps")
    assert respond(value, value="no") == "no"


def test_options_keep_their_types_and_values() -> None:
    assert respond({"options": [1, 2, True]}, "2") == 2
    assert respond({"options": [1, 2, True]}, "true") is True
    with pytest.raises(InvalidDecision):
        respond({"options": [1, 2]}, value=True)
    labelled = {"choices": [{"label": "Go", "value": {"go": 1}}, {"label": "Stop", "value": None}]}
    assert payloads.parse(pause(labelled)).proposal.options == ("Go", "Stop")
    assert respond(labelled, "Go") == {"go": 1}
    assert respond(labelled, "Stop") is None


def test_options_of_one_name_say_what_each_sends() -> None:
    two = {"options": [{"label": "Yes", "value": True}, {"label": "Yes", "value": False}, "no", "no"]}
    assert payloads.parse(pause(two)).proposal.options == ("Yes (true)", "Yes (false)", "no")
    assert [respond(two, each) for each in ("Yes (true)", "Yes (false)", "no")] == [True, False, "no"]
    assert [respond({"options": [1, "1"]}, each) for each in ("1 (1)", '1 ("1")')] == [1, "1"]
    with pytest.raises(InvalidDecision, match="Answer with one of"):
        respond(two, "Yes")


def test_options_of_a_form_nobody_knows_leave_the_answer_open_and_stay_visible() -> None:
    value = {"question": "Which?", "options": [{"odd": 1}]}
    review = payloads.parse(pause(value))
    assert review.proposal.options == ()
    assert review.proposal.fields == (("Options", '[\n  {\n    "odd": 1\n  }\n]'),)
    assert respond(value, "that one") == "that one"


def test_exact_json_is_sent_as_it_is() -> None:
    for value in (None, False, 0, "", [], {"a": [1]}):
        assert respond("?", value=value) == value
        assert payloads.read(pause("?"), value).type is RESPOND
    assert respond("?", args={"a": 1}) == {"a": 1}


SCHEMA = {
    "type": "object",
    "properties": {"amount": {"type": "integer", "minimum": 1}, "why": {"type": "string"}},
    "required": ["amount"],
}


def test_a_schema_is_checked_before_anything_is_sent() -> None:
    assert respond("?", '{"amount": 3}', SCHEMA) == {"amount": 3}
    assert respond("?", schema=SCHEMA, value={"amount": 3}) == {"amount": 3}
    assert respond("?", schema=SCHEMA, args={"amount": 3}) == {"amount": 3}
    with pytest.raises(InvalidDecision, match="Amount: must be at least 1") as refused:
        respond("?", '{"amount": 0}', SCHEMA)
    assert refused.value.field == "amount"
    with pytest.raises(InvalidDecision, match="Amount: is missing"):
        respond("?", schema=SCHEMA, value={})
    with pytest.raises(InvalidDecision, match="must be an object"):
        respond("?", "three", SCHEMA)


def test_a_schema_for_text_takes_text_as_it_is() -> None:
    assert respond("?", "12", {"type": "string"}) == "12"
    assert respond("?", "12", {"type": "integer"}) == 12
    assert respond("?", "true", {"type": "boolean"}) is True
    assert respond("?", "blue", {"enum": ["red", "blue"]}) == "blue"
    with pytest.raises(InvalidDecision):
        respond("?", "NaN", {"type": "number"})


@pytest.mark.parametrize(
    "schema",
    [{"type": "no such type"}, {"$ref": "http://127.0.0.1:9/schema.json"}, {"$ref": "#"}, {"$ref": "#/$defs/no"}],
)
def test_a_broken_schema_neither_stops_the_answer_nor_fetches_anything(schema: dict[str, Any]) -> None:
    assert respond("?", "text", schema) == "text"


def test_what_is_not_allowed_is_refused() -> None:
    with pytest.raises(InvalidDecision, match=r"approve is not allowed.*respond, ignore"):
        payloads.encode(pause("?"), Said(DecisionType.APPROVE))
    with pytest.raises(InvalidDecision, match="closes the thread without an answer"):
        payloads.encode(pause("?"), Said(IGNORE))


@pytest.mark.parametrize("status", [PauseStatus.STUCK, PauseStatus.QUESTION])
def test_without_an_id_nothing_but_closing_is_offered(status: PauseStatus) -> None:
    stuck = pause({"type": "quality_check"}, status=status, interrupt_id=None)
    review = payloads.parse(stuck)
    assert (review.kind, review.allowed) == (Kind.SAMPLE, (IGNORE,))
    with pytest.raises(InvalidDecision):
        payloads.encode(stuck, Said(DecisionType.APPROVE))


def test_a_breakpoint_is_continued() -> None:
    stopped = pause(None, status=PauseStatus.BREAKPOINT, interrupt_id=None)
    review = payloads.parse(stopped)
    assert review.allowed == (DecisionType.APPROVE, IGNORE)
    assert "Continue" in review.question
    assert payloads.encode(stopped, Said(DecisionType.APPROVE)) is None


def test_odd_payloads_of_every_known_type_never_stop_the_inbox() -> None:
    odd = [None, 7, "x", [], [{}], {"a": 1}, {"to": None}]
    for name in (
        "plan_approval",
        "email_approval",
        "clarification_needed",
        "quality_check",
        "tool_approval",
        "in_doubt",
    ):
        for value in odd:
            keys = (
                "plan",
                "steps",
                "questions",
                "to",
                "subject",
                "body",
                "recipients",
                "args",
                "name",
                "sample_output",
                "options",
            )
            review = payloads.parse(pause({"type": name, **dict.fromkeys(keys, value)}))
            assert set(review.labels) >= set(review.allowed)
            assert IGNORE in review.allowed


def test_what_no_codec_can_show_hides_nothing_else() -> None:
    """No file holds such a value; it stands for a fault in a codec."""
    asked = replace(pause("fine"), value={"question": "Well?", "about": object()}, title=None)
    review = payloads.parse(asked)
    assert review.allowed == (DecisionType.IGNORE,)
    assert review.question.startswith("This question cannot be shown here (TypeError(")
    with pytest.raises(TypeError):
        payloads.encode(asked, Said(DecisionType.RESPOND, message="yes"))


def test_a_long_text_gives_one_short_line() -> None:
    review = payloads.parse(pause({"message": "word " * 500}))
    assert len(review.title) <= 80
    assert len(review.gist) <= 120
    assert "\n" not in review.gist
    assert review.proposal.text == ("word " * 500).strip()


def test_unset_is_not_none() -> None:
    assert Said(RESPOND).value is UNSET
    assert respond("?", "text") == "text"
