"""Addresses and letters: what is taken, and the sentence for what is not."""

from __future__ import annotations

import pytest

from agents.addresses import read_mailbox, same_or_below
from agents.errors import InvalidDecision


@pytest.mark.parametrize(
    ("text", "address", "envelope", "name"),
    [
        ("ann@x.org", "ann@x.org", "ann@x.org", ""),
        ("  Ann Lee  <ann@x.org> ", "ann@x.org", "ann@x.org", "Ann Lee"),
        ('"Ann Lee" <ann@x.org>', "ann@x.org", "ann@x.org", "Ann Lee"),
        ("<ann@x.org>", "ann@x.org", "ann@x.org", ""),
        ("first.last+tag@mail.x.org", "first.last+tag@mail.x.org", "first.last+tag@mail.x.org", ""),
        ("root@localhost", "root@localhost", "root@localhost", ""),
        ("ann@müller.example", "ann@müller.example", "ann@xn--mller-kva.example", ""),
        ("李@例え.example", "李@例え.example", "李@xn--r8jz45g.example", ""),
        ("ann@[192.0.2.1]", "ann@[192.0.2.1]", "ann@[192.0.2.1]", ""),
        ("ann@[IPv6:2001:db8::1]", "ann@[IPv6:2001:db8::1]", "ann@[IPv6:2001:db8::1]", ""),
    ],
)
def test_what_is_an_address(text: str, address: str, envelope: str, name: str) -> None:
    box = read_mailbox(text)
    assert (box.address, box.envelope, box.name) == (address, envelope, name)
    assert read_mailbox(box.text) == box


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Cc: an address is missing."),
        ("ann", "Cc: “ann” is not an e-mail address: it needs a name, an @ and a domain"),
        ("ann@", "it needs a name"),
        ("@x.org", "it needs a name"),
        ("ann@@x.org", "before the @"),
        ("ann..lee@x.org", "before the @"),
        (".ann@x.org", "before the @"),
        ("ann lee@x.org", "before the @"),
        ("ann(home)@x.org", "before the @"),
        ("Ann <ann@x.org", "before the @"),
        ("a" * 65 + "@x.org", "longer than 64 bytes"),
        ("ann@x..org", "the domain part “” is empty"),
        ("ann@-x.org", "the domain part “-x”"),
        ("ann@x_y.org", "the domain part “x_y”"),
        ("ann@x.org.", "the domain part “” is empty"),
        ("ann@" + "x" * 64 + ".org", "too long"),
        ("ann@" + ".".join(["x" * 60] * 5), "longer than 253"),
        ("ann@192.0.2.1", "ends in a number"),
        ("ann@[300.0.0.1]", "such as [192.0.2.1]"),
        ("ann@straße.example", "can be spelled in two ways; write its xn-- form"),
        ("a@x.org,b@x.org", "Cc: “a@x.org,b@x.org” holds a comma"),
        ('"Lee, Ann" <ann@x.org>', "holds a comma"),
        ("a@x.org;b@x.org", "comma or semicolon"),
        ("a@x.org\nBcc: b@x.org", "Cc: an address cannot hold a line break"),
        ("a@x.org\r\n", "line break"),
        ("a@x.org\u2028b", "line break"),
        ("ann\u200b@x.org", "the invisible letter U+200B"),
        ("\u202eann@x.org", "the invisible letter U+202E"),
        ("ann\x00@x.org", "U+0000"),
        ("ann\ud800@x.org", "U+D800"),
    ],
)
def test_what_is_not_and_why(text: str, sentence: str) -> None:
    with pytest.raises(InvalidDecision) as caught:
        read_mailbox(text, "cc")
    assert sentence in str(caught.value)
    assert str(caught.value).startswith("Cc: ")
    assert caught.value.field == "cc"


def test_two_spellings_of_one_mailbox_have_one_key() -> None:
    assert read_mailbox("Ann@MÜLLER.example").key == read_mailbox("ann@xn--mller-kva.example").key
    assert read_mailbox("ann@x.org").key != read_mailbox("bob@x.org").key


def test_only_the_local_part_needs_smtputf8() -> None:
    assert read_mailbox("jürgen@x.org").international
    assert not read_mailbox("ann@müller.example").international


def test_a_domain_and_what_lies_below() -> None:
    assert same_or_below("mail.x.org", "X.org")
    assert same_or_below("x.org", "x.org")
    assert not same_or_below("notx.org", "x.org")
    assert not same_or_below("x.org", "mail.x.org")
