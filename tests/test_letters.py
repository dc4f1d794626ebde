"""Letters and answers: what a reviewer or a script may send back."""

from __future__ import annotations

from typing import Any

import pytest

from agents.domain import DecisionType
from agents.errors import InvalidDecision
from agents.letters import Letter, checked_fields, read_answer, read_letter

WHOLE = {"to": ["ann@x.org"], "subject": "Hello", "body": "Hi"}


def test_a_whole_letter() -> None:
    letter, notes = read_letter(
        {
            "to": ["Ann <ann@x.org>", " "],
            "cc": "bob@x.org",
            "bcc": None,
            "reply_to": "desk@x.org",
            "subject": " Hello ",
            "body": "one\r\ntwo\rthree\n",
        }
    )
    assert letter == Letter(("Ann <ann@x.org>",), ("bob@x.org",), (), "desk@x.org", "Hello", "one\ntwo\nthree\n")
    assert notes == ()
    assert read_letter(letter.as_json()) == (letter, ())
    assert [box.address for box in letter.recipients] == ["ann@x.org", "bob@x.org"]


def test_a_repeated_address_is_kept_where_it_stood_first_and_said() -> None:
    letter, notes = read_letter({**WHOLE, "cc": ["ANN@X.ORG", "bob@x.org"], "bcc": ["Bob <bob@x.org>", "bob@x.org"]})
    assert (letter.to, letter.cc, letter.bcc) == (("ann@x.org",), ("bob@x.org",), ())
    assert notes == (
        "ANN@X.ORG stood there more than once and gets one copy.",
        "bob@x.org stood there more than once and gets one copy.",
    )


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"to": []}, "to", "To: give at least one address."),
        ({"to": None}, "to", "To: give at least one address."),
        ({"to": "a@x.org, b@x.org"}, "to", "To: “a@x.org, b@x.org” holds a comma"),
        ({"to": [1]}, "to", "To: expected text, and it is something else"),
        ({"to": {"a": 1}}, "to", "To: expected an address or a list"),
        ({"to": [f"a{n}@x.org" for n in range(101)]}, "to", "more than 100 recipients"),
        ({"bcc": ["b\n@x.org"]}, "bcc", "Bcc: an address cannot hold a line break"),
        ({"reply_to": "nobody"}, "reply_to", "Reply-To: “nobody” is not an e-mail address"),
        ({"subject": "Hello\r\nBcc: eve@evil.example"}, "subject", "Subject: the subject cannot hold a line break"),
        ({"subject": "Hello\u2028you"}, "subject", "line break"),
        ({"subject": "=?utf-8?q?a=0d=0aBcc:_e@x.org?="}, "subject", "cannot hold the code"),
        ({"to": ["=?utf-8?q?Ann?= <ann@x.org>"]}, "to", "cannot hold the code"),
        ({"subject": "Hello\x07"}, "subject", "U+0007"),
        ({"subject": "Hello\u202egnp.exe"}, "subject", "invisible letter U+202E"),
        ({"subject": "Hel\u00adlo"}, "subject", "invisible letter U+00AD"),
        ({"subject": "x" * 901}, "subject", "901 letters are too many"),
        ({"subject": None}, "subject", "Subject: it is missing"),
        ({"body": None}, "body", "Body: it is missing"),
        ({"body": "a\0b"}, "body", "NUL"),
        ({"body": "a\ud800b"}, "body", "half a letter"),
        ({"attachments": []}, "attachments", "no field 'attachments'"),
    ],
)
def test_a_field_that_will_not_do_is_named(change: dict[str, Any], field: str, sentence: str) -> None:
    with pytest.raises(InvalidDecision) as caught:
        read_letter({**WHOLE, **change})
    assert caught.value.field == field
    assert sentence in str(caught.value)


def test_an_emoji_with_joiners_is_a_fine_subject() -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467 party"
    assert read_letter({**WHOLE, "subject": family})[0].subject == family


def test_what_is_sent_to_a_graph_keeps_a_repeated_address() -> None:
    fields = checked_fields({**WHOLE, "cc": " ANN@x.org ", "bcc": ["bob@x.org", "bob@x.org"]})
    assert (fields["to"], fields["cc"], fields["bcc"]) == (["ann@x.org"], ["ANN@x.org"], ["bob@x.org", "bob@x.org"])
    assert len(read_letter(fields)[1]) == 2
    with pytest.raises(InvalidDecision):
        checked_fields({**WHOLE, "to": []})


@pytest.mark.parametrize(
    ("value", "type_", "message"),
    [
        ({"type": "approve"}, DecisionType.APPROVE, None),
        ("send", DecisionType.APPROVE, None),
        (" Send ", DecisionType.APPROVE, None),
        ("approve", DecisionType.APPROVE, None),
        ({"type": "respond", "message": " shorter "}, DecisionType.RESPOND, "shorter"),
        ("make it shorter", DecisionType.RESPOND, "make it shorter"),
        ({"type": "reject"}, DecisionType.REJECT, None),
        ({"type": "reject", "message": "not now"}, DecisionType.REJECT, "not now"),
        ("cancel", DecisionType.REJECT, None),
    ],
)
def test_answers(value: Any, type_: DecisionType, message: str | None) -> None:
    answer = read_answer(value)
    assert (answer.type, answer.message, answer.letter) == (type_, message, None)


def test_an_edit_brings_the_whole_letter() -> None:
    answer = read_answer({"type": "edit", "args": {**WHOLE, "cc": ["ann@x.org"]}})
    assert answer.type is DecisionType.EDIT
    assert answer.letter == Letter(("ann@x.org",), (), (), None, "Hello", "Hi")
    assert answer.notes == ("ann@x.org stood there more than once and gets one copy.",)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        7,
        [],
        {},
        "",
        "  ",
        {"type": "ignore"},
        {"type": "edit"},
        {"type": "edit", "args": {"body": "only the body"}},
        {"type": "respond"},
        {"type": "respond", "message": " "},
        {"type": "respond", "message": 5},
        {"type": "approve", "typo": 1},
    ],
)
def test_answers_that_will_not_do(value: Any) -> None:
    with pytest.raises(InvalidDecision):
        read_answer(value)
