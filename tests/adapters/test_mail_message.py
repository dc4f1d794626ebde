"""Messages: the same bytes every time, nothing injected, nothing lost on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest

from agents.adapters.mail import build_message, message_id
from agents.errors import InvalidDecision
from agents.letters import Letter

DAY = datetime(2026, 1, 31, 8, tzinfo=UTC)
LETTER = Letter(("Ann Lee <ann@x.org>",), ("bob@x.org",), ("secret@z.org",), "desk@x.org", "Hello", "Hi\n")


def build(letter: Letter, sender: str = "desk@x.org") -> bytes:
    return build_message(letter, sender=sender, date=DAY, message_id=message_id("t:mail:1", letter, sender)).as_bytes()


def test_headers() -> None:
    message = message_from_bytes(build(LETTER), policy=policy.default)
    assert str(message["To"]) == "Ann Lee <ann@x.org>"
    assert str(message["Cc"]) == "bob@x.org"
    assert str(message["Reply-To"]) == "desk@x.org"
    assert str(message["Date"]) == "Sat, 31 Jan 2026 08:00:00 +0000"
    assert message.get_content_type() == "text/plain"
    assert message.get_content_charset() == "utf-8"


def test_bcc_is_nowhere_in_the_message() -> None:
    content = build(LETTER).lower()
    assert b"bcc" not in content
    assert b"secret@z.org" not in content


def test_the_same_approval_builds_the_same_bytes() -> None:
    assert build(LETTER) == build(LETTER)


def test_a_message_id_is_the_approvals_own() -> None:
    first = message_id("t:mail:1", LETTER, "desk@x.org")
    assert first == message_id("t:mail:1", LETTER, "desk@x.org")
    assert first.endswith("@x.org>")
    assert first != message_id("t:mail:2", LETTER, "desk@x.org")
    assert first != message_id("t:mail:1", replace(LETTER, body="Other"), "desk@x.org")
    assert message_id("k", LETTER, "desk@[IPv6:2001:db8::1]").isascii()


@pytest.mark.parametrize(
    "body",
    [
        "Hi\n",
        "no line end",
        "Grüße, 李 \U0001f600\n",
        ".\n..\nFrom me\n",
        "x" * 5000 + "\n",
        "trailing space \n\n\n",
        "\n",
        "tab\tand = sign =20\n",
    ],
)
def test_a_body_arrives_as_it_was_approved(body: str) -> None:
    message = message_from_bytes(build(replace(LETTER, body=body)), policy=policy.default)
    wanted = body if body.endswith("\n") else body + "\n"
    assert message.get_content().replace("\r\n", "\n") == wanted


@pytest.mark.parametrize("subject", ["Grüße " + "an alle " * 60, "李" * 200, "a" * 900, "=? = ?", ""])
def test_a_subject_arrives_as_it_was_approved(subject: str) -> None:
    content = build(replace(LETTER, subject=subject.strip()))
    head = content.partition(b"\r\n\r\n")[0]
    assert all(len(line) <= 998 for line in head.split(b"\r\n"))
    assert head.isascii()
    assert message_from_bytes(content, policy=policy.default)["Subject"] == subject.strip()


@pytest.mark.parametrize("field", ["to", "cc", "reply_to", "subject"])
def test_no_field_can_add_a_header(field: str) -> None:
    bad = "Hello\r\nBcc: eve@evil.example" if field == "subject" else "ann@x.org\r\nBcc: eve@evil.example"
    value = bad if field in {"reply_to", "subject"} else (bad,)
    with pytest.raises((InvalidDecision, ValueError)):
        build(replace(LETTER, **{field: value}))


def test_a_name_with_special_letters_is_one_recipient() -> None:
    letter = replace(LETTER, to=("Ann (Ops) <ann@x.org>", "Jürgen. O'Neil [x] <j@x.org>"))
    message = message_from_bytes(build(letter), policy=policy.default)
    assert [address.addr_spec for address in message["To"].addresses] == ["ann@x.org", "j@x.org"]
    assert [address.display_name for address in message["To"].addresses] == ["Ann (Ops)", "Jürgen. O'Neil [x]"]
