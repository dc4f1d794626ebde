"""The email codec: both payloads, decisions both ways, and what it warns about."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from agents import payloads
from agents.domain import DecisionType, Kind, Pause, PauseStatus, Said, fingerprint
from agents.errors import InvalidDecision
from agents.payloads.email import CODEC, EmailProposal, links, warnings

VALUE: dict[str, Any] = {
    "type": "email_approval",
    "message": "Send this email?",
    "to": "Ann <ann@x.org>",
    "recipients": {"to": ["Ann <ann@x.org>"], "cc": ["bob@x.org"], "bcc": [], "reply_to": None},
    "subject": "Hello",
    "body": "Hi Ann,\nsee you.\n",
    "instructions": "Be kind",
    "sender": "desk@x.org",
    "revision": 2,
    "instruction": "shorter",
    "previous": {"subject": "Hello", "body": "Hi Ann, and so on"},
    "requested_recipient": "Ann <ann@x.org>",
    "model": {"label": "a fake", "offline": True},
    "delivery": "Sent through mail.x.org.",
    "attachments": [],
    "notes": ["a note"],
    "problem": "550 No",
}
LESSON: dict[str, Any] = {
    "message": "Review this email", "to": "ann@x.org", "subject": "Hello", "body": "Hi", "instructions": None,
}  # fmt: skip
EDIT = {"to": ["bob@x.org"], "cc": [], "bcc": [], "reply_to": None, "subject": "New", "body": "Hi Bob"}


def pause(value: Any) -> Pause:
    return Pause(
        source_id="s",
        thread_id="t",
        pause_key="i.0",
        status=PauseStatus.QUESTION,
        interrupt_id="i",
        ask_no=0,
        checkpoint_id="c",
        task_id="k",
        value=value,
        seen=fingerprint(value),
        paused_at=datetime(2026, 1, 31, tzinfo=UTC),
    )


def test_the_payload_as_a_review() -> None:
    review = payloads.parse(pause(VALUE))
    assert review.kind is Kind.EMAIL
    assert review.title == "Email to Ann <ann@x.org> and bob@x.org: Hello"
    assert review.gist == "To Ann <ann@x.org> and bob@x.org: Hello"
    assert review.question == "Send this email?"
    assert (review.revision, review.instruction, review.reversible) == (2, "shorter", False)
    assert review.warnings == ()
    assert review.proposal == EmailProposal(
        to=("Ann <ann@x.org>",),
        cc=("bob@x.org",),
        bcc=(),
        reply_to=None,
        subject="Hello",
        body="Hi Ann,\nsee you.\n",
        instructions="Be kind",
        sender="desk@x.org",
        requested_recipient="Ann <ann@x.org>",
        delivery="Sent through mail.x.org.",
        model_label="a fake",
        offline=True,
        previous=("Hello", "Hi Ann, and so on"),
        problem="550 No",
        notes=("a note",),
    )


def test_buttons_say_what_they_do() -> None:
    recipients = {**VALUE["recipients"], "bcc": ["eve@x.org"]}
    assert payloads.parse(pause({**VALUE, "recipients": recipients})).labels == {
        DecisionType.APPROVE: "Send to Ann <ann@x.org> and 2 others",
        DecisionType.EDIT: "Send the edited mail",
        DecisionType.RESPOND: "Ask for a new draft",
        DecisionType.REJECT: "Cancel, send nothing",
        DecisionType.IGNORE: "Close without an answer",
    }


@pytest.mark.parametrize(
    ("said", "value"),
    [
        (Said(DecisionType.APPROVE), {"type": "approve"}),
        (Said(DecisionType.EDIT, args=EDIT), {"type": "edit", "args": EDIT}),
        (Said(DecisionType.RESPOND, message=" shorter "), {"type": "respond", "message": "shorter"}),
        (Said(DecisionType.REJECT), {"type": "reject", "message": None}),
        (Said(DecisionType.REJECT, message="no"), {"type": "reject", "message": "no"}),
    ],
)
def test_decisions_and_back(said: Said, value: Any) -> None:
    assert payloads.encode(pause(VALUE), said) == value
    back = CODEC.read(pause(VALUE), value)
    assert back.type is said.type
    assert back.value == value
    assert payloads.encode(pause(VALUE), replace(said, value=value)) == value


def test_an_unchanged_form_is_an_edit_that_changes_nothing() -> None:
    fields = payloads.parse(pause(VALUE)).proposal.fields()
    encoded = payloads.encode(pause(VALUE), Said(DecisionType.EDIT, args=fields))
    assert encoded["args"] == {**VALUE["recipients"], "subject": VALUE["subject"], "body": VALUE["body"]}


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (Said(DecisionType.EDIT), "args"),
        (Said(DecisionType.EDIT, args={**EDIT, "to": ["nobody"]}), "to"),
        (Said(DecisionType.EDIT, args={**EDIT, "cc": ["a@x.org, b@x.org"]}), "cc"),
        (Said(DecisionType.EDIT, args={**EDIT, "subject": "a\nb"}), "subject"),
        (Said(DecisionType.RESPOND), "message"),
        (Said(DecisionType.RESPOND, message="  "), "message"),
        (Said(DecisionType.IGNORE), "type"),
        (Said(DecisionType.EDIT, value={"type": "edit", "args": {"to": "nobody"}}), "to"),
        (Said(DecisionType.APPROVE, value=42), "value"),
        (Said(DecisionType.APPROVE, value={"type": "approve", "typo": 1}), "value"),
    ],
)
def test_what_will_not_do_names_its_field(said: Said, field: str) -> None:
    for encode in (CODEC.encode, payloads.encode):
        with pytest.raises(InvalidDecision) as caught:
            encode(pause(VALUE), said)
        assert caught.value.field == field


def test_the_lessons_payload() -> None:
    review = payloads.parse(pause(LESSON))
    assert review.kind is Kind.EMAIL
    assert review.question == "Review this email"
    assert review.proposal.to == ("ann@x.org",)
    assert not review.proposal.editable
    assert DecisionType.EDIT not in review.allowed
    assert DecisionType.EDIT not in review.labels


@pytest.mark.parametrize(
    ("said", "value"),
    [
        (Said(DecisionType.APPROVE), "send"),
        (Said(DecisionType.REJECT, message="never reaches the graph"), "cancel"),
        (Said(DecisionType.RESPOND, message="shorter"), "shorter"),
    ],
)
def test_the_lesson_gets_plain_text(said: Said, value: str) -> None:
    assert payloads.encode(pause(LESSON), said) == value
    assert CODEC.read(pause(LESSON), value).type is said.type


@pytest.mark.parametrize(
    "said",
    [
        Said(DecisionType.EDIT, args=EDIT),
        Said(DecisionType.RESPOND, message="Send"),
        Said(DecisionType.RESPOND, message="cancel"),
        Said(DecisionType.RESPOND, message=""),
        Said(DecisionType.APPROVE, value={"type": "approve"}),
        Said(DecisionType.APPROVE, value="Send"),
        Said(DecisionType.APPROVE, value=""),
    ],
)
def test_what_the_lesson_would_misread(said: Said) -> None:
    with pytest.raises(InvalidDecision):
        CODEC.encode(pause(LESSON), said)


@pytest.mark.parametrize(
    "value",
    [
        {"type": "email_approval"},
        {"type": "email_approval", "recipients": "odd", "to": 7, "subject": None, "body": ["x"], "revision": "many"},
        {"type": "email_approval", "model": [], "previous": "x", "attachments": {"a": 1}, "to": ["not an address", 5]},
        {"message": None, "to": None, "subject": None, "body": None},
    ],
)
def test_odd_payloads_are_shown_and_not_raised(value: Any) -> None:
    review = CODEC.parse(pause(value))
    assert review.kind is Kind.EMAIL
    assert review.warnings


A_TOOL_THAT_ASKS = {"action": "send_email", "to": "a", "subject": "b", "body": "c", "message": "Send it?"}


@pytest.mark.parametrize(
    "value", ["text", None, 7, [VALUE], {"type": "plan_approval"}, {"to": "a", "subject": "b"}, A_TOOL_THAT_ASKS]
)
def test_other_payloads_are_not_its_own(value: Any) -> None:
    assert not CODEC.matches(pause(value))


def check(known: frozenset[str] | None = None, **fields: Any) -> tuple[str, ...]:
    draft = {**EDIT, "to": ["ann@x.org"], **fields}
    return warnings(draft, known_addresses=known, requested_recipient="ann@x.org", sender="desk@own.example")


def test_a_good_mail_has_no_warnings() -> None:
    assert (
        check(frozenset({"ann@x.org"}), body="See https://x.org/a[1] and item [1], [x] done. 3 < 5 > 2. a_b {} $5")
        == ()
    )


@pytest.mark.parametrize(
    "spot",
    [
        "[Name]",
        "[Your Name]",
        "[insert date]",
        "{{name}}",
        "{first_name}",
        "${COMPANY}",
        "<your name>",
        "<Name>",
        "YOUR_NAME",
        "%FIRSTNAME%",
        "TODO",
        "TBD",
        "XXX",
        "Lorem ipsum",
        "____",
    ],
)
def test_placeholders(spot: str) -> None:
    (warning,) = check(body=f"Dear {spot}, how are you?")
    assert warning == f"The body still holds a placeholder: “{spot}”."


def test_placeholders_in_the_subject_but_not_a_tag() -> None:
    assert check(subject="[Project X] weekly") == ()
    assert check(subject="Offer for [Company name]") == ("The subject still holds a placeholder: “[Company name]”.",)


def test_many_placeholders_are_counted() -> None:
    (warning,) = check(body="[One] [Two] [Three] [Four] [One]")
    assert warning == "The body still holds a placeholder: “[One]”, “[Two]”, “[Three]” and 1 more."


@pytest.mark.parametrize(
    "text",
    [
        "Please find attached the report.",
        "I attach the file.",
        "See the attachment.",
        "Enclosed is the invoice.",
        "Im Anhang finden Sie",
        "Anbei die Rechnung",
        "Vous trouverez ci-joint",
        "en pièce jointe",
        "Le adjunto el informe",
        "Segue em anexo",
        "In allegato trova",
        "Zie de bijlage",
        "W załączniku przesyłam",
        "V příloze posílám",
        "Se bifogad fil",
        "Файл во вложении",
        "請見附件",
        "添付ファイル",
    ],
)
def test_an_attachment_mentioned_and_absent(text: str) -> None:
    (warning,) = check(body=text)
    assert warning.startswith("The text mentions an attachment (“")
    assert check(body=text, attachments=["report.pdf"]) == ()


@pytest.mark.parametrize(
    "text", ["There is no attachment.", "> see the attached file\nThanks", "ohne Anhang", "attaché"]
)
def test_no_attachment_is_meant(text: str) -> None:
    assert check(body=text) == ()


def test_an_address_never_written_to() -> None:
    known = frozenset({"ann@x.org"})
    assert check(known) == ()
    assert check(known, to=["ANN@X.ORG"]) == ()
    assert check(known, cc=["bob@x.org"]) == ("Cc: nothing was ever sent to bob@x.org from here.",)


def test_another_domain() -> None:
    assert check(cc=["a@mail.x.org", "b@own.example"]) == ()
    assert check(bcc=["eve@evil.example"]) == (
        "Bcc: eve@evil.example is outside x.org, the domain of the recipient asked for.",
    )
    assert check(reply_to="eve@notx.org") == (
        "Replies would go to eve@notx.org, which is outside x.org, the domain of the recipient asked for.",
    )


def test_an_address_that_looks_like_another() -> None:
    assert check(cc=["p@x.оrg"])[-1].startswith("Cc: the domain x.оrg has letters outside a to z (in full: x.xn--")
    assert check(cc=['"boss@x.org" <eve@x.org>']) == (
        "Cc: the name “boss@x.org” looks like an address, but the mail goes to eve@x.org.",
    )


def test_a_turned_reading_direction() -> None:
    assert check(subject="Hello \u202egnp.exe", body="a \u2066b\u2069 c") == (
        "The subject holds invisible letters that turn the reading direction (“U+202E”): "
        "it may read differently from what it says.",
        "The body holds invisible letters that turn the reading direction (“U+2066”, “U+2069”): "
        "it may read differently from what it says.",
    )
    assert check(body="\u200f\u05e9\u05dc\u05d5\u05dd") == ()  # a mark that right-to-left writing needs


def test_an_edit_leaves_repeated_addresses_to_the_graph_that_says_so() -> None:
    args = {**EDIT, "cc": ["BOB@x.org"]}
    assert payloads.encode(pause(VALUE), Said(DecisionType.EDIT, args=args)) == {"type": "edit", "args": args}


def test_repeated_and_empty() -> None:
    assert check(cc=["Ann@x.org"], subject=" ", body="") == (
        "ann@x.org stands there more than once and gets one copy.",
        "The subject is empty.",
        "The body is empty.",
    )


def test_what_is_being_typed_never_raises() -> None:
    assert check(to="ann@x.org\nbob@")[0].startswith("To: “bob@” is not an e-mail address")
    assert check(to=None, cc=5, bcc=[7], reply_to={}, subject=None, body=3) == (
        "The subject is empty.",
        "The body is empty.",
    )
    assert warnings({}, known_addresses=frozenset(), requested_recipient="", sender="") != ()


def test_a_proposal_is_a_draft_too() -> None:
    proposal = replace(payloads.parse(pause(VALUE)).proposal, body="Dear [Name]")
    found = warnings(proposal, known_addresses=None, requested_recipient="ann@x.org", sender="desk@x.org")
    assert found == ("The body still holds a placeholder: “[Name]”.",)


def test_links() -> None:
    text = (
        "See https://x.org/a?b=1, (http://y.org/a_(b)). Also www.z.org! <https://x.org/a?b=1> "
        "[here](https://w.org/q) mailto:ann@x.org javascript:alert(1) “https://u.org”。"
    )
    assert links(text) == (
        "https://x.org/a?b=1",
        "http://y.org/a_(b)",
        "www.z.org",
        "https://w.org/q",
        "mailto:ann@x.org",
        "https://u.org",
    )
    assert links("nothing here. www... http://") == ()


def test_a_long_text_is_read_quickly() -> None:
    hostile = "[" * 20_000 + "<" * 20_000 + "{" * 20_000 + "http://" + "(" * 20_000 + "_" * 20_000
    assert check(body=hostile)


def test_listing_loads_neither_langgraph_nor_smtp() -> None:
    code = (
        "import sys, agents.payloads.email;"
        "print([name for name in sys.modules if name.split('.')[0] in {'langgraph', 'smtplib', 'langchain_core'}])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
