"""One e-mail address at a time: read strictly, so that a field never grows a second recipient.

Lies beside the domain because the codec checks what a reviewer types, the
graph checks what it is resumed with, and the mail adapter writes headers.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address

from agents.errors import InvalidDecision

FIELD_NAMES = {
    "to": "To",
    "cc": "Cc",
    "bcc": "Bcc",
    "reply_to": "Reply-To",
    "recipient": "Recipient",
    "subject": "Subject",
    "body": "Body",
}

_WITH_NAME = re.compile(r"(?P<name>[^<>]*)<(?P<spec>[^<>]*)>")
_ENCODED_WORD = re.compile(r"=\?.*\?=")
# Some scripts and many emoji are spelled with these two; every other invisible letter hides or turns what is read.
JOINERS = "\u200c\u200d"
_UNSEEN = {"Cc", "Cs", "Cf", "Zl", "Zp"}
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)
_LOCAL_MAX, _DOMAIN_MAX = 64, 253  # octets, RFC 5321


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address that was checked. `domain` is as it was written, `ascii_domain` as DNS knows it."""

    name: str
    local: str
    domain: str
    ascii_domain: str

    @property
    def address(self) -> str:
        """As a person reads it: ann@müller.example."""
        return f"{self.local}@{self.domain}"

    @property
    def envelope(self) -> str:
        """As a mail server takes it: ann@xn--mller-kva.example."""
        return f"{self.local}@{self.ascii_domain}"

    @property
    def text(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address

    @property
    def key(self) -> str:
        """Equal for two spellings of one mailbox: upper case, punycode."""
        return self.envelope.lower()

    @property
    def international(self) -> bool:
        """Needs a server that offers SMTPUTF8; an international domain alone does not."""
        return not self.local.isascii()


@lru_cache(maxsize=1024)
def read_mailbox(text: str, field: str = "to") -> Mailbox:
    """Read "ann@x.org" or "Ann Lee <ann@x.org>".

    Raises InvalidDecision whose sentence names the field: for a comma, a line
    break, an invisible letter, or anything that is not exactly one address.
    """
    label = FIELD_NAMES.get(field, field)
    refuse_breaks(text, field)
    text = text.strip()
    if not text:
        raise InvalidDecision(f"{label}: an address is missing. Write one like ann@example.org.", field)
    if "," in text or ";" in text:
        raise InvalidDecision(
            f"{label}: “{text}” holds a comma or semicolon. Give each address an entry of its own, and no name a comma.",
            field,
        )
    match = _WITH_NAME.fullmatch(text)
    name = " ".join(match["name"].replace('"', " ").split()) if match else ""
    spec = match["spec"].strip() if match else text
    try:
        local, domain = _split(spec)
        return Mailbox(name, local, domain, _to_ascii(domain))
    except ValueError as error:
        raise InvalidDecision(f"{label}: “{text}” is not an e-mail address: {error}.", field) from None


def refuse_breaks(text: str, field: str, *, what: str = "an address") -> None:
    """Raise InvalidDecision for a line break, a control, invisible or broken letter, or a piece in mail code."""
    label = FIELD_NAMES.get(field, field)
    if len(text.splitlines()) > 1 or text.endswith(("\n", "\r")):
        raise InvalidDecision(f"{label}: {what} cannot hold a line break. Write it in one line.", field)
    if _ENCODED_WORD.search(text):  # mail programs would show something else than the reviewer saw
        raise InvalidDecision(f"{label}: {what} cannot hold the code “=?…?=”. Write it in plain letters.", field)
    joiners = JOINERS if field == "subject" else ""
    for letter in text:
        if letter not in joiners and unicodedata.category(letter) in _UNSEEN:
            raise InvalidDecision(
                f"{label}: {what} cannot hold the invisible letter U+{ord(letter):04X}. Remove it, or type it again.",
                field,
            )


def same_or_below(domain: str, parent: str) -> bool:
    """Is `domain` the parent itself or a part of it (mail.x.org of x.org)? Both as DNS knows them."""
    domain, parent = domain.lower(), parent.lower()
    return domain == parent or domain.endswith("." + parent)


def _split(spec: str) -> tuple[str, str]:
    local, at, domain = spec.rpartition("@")
    if not at or not local or not domain:
        raise ValueError("it needs a name, an @ and a domain, like ann@example.org")
    if len(local.encode()) > _LOCAL_MAX:
        raise ValueError(f"the part before the @ is longer than {_LOCAL_MAX} bytes")
    _check_syntax(local, domain)
    return local, domain


def _check_syntax(local: str, domain: str) -> None:
    """The standard library's own parser has the last word; it takes only ASCII before the @."""
    from email.errors import MessageError
    from email.headerregistry import Address  # 25 ms, and `signoff list` reads no address

    plain = "".join(letter if letter.isascii() else "x" for letter in local)
    probe = f"{plain}@{'x.org' if not domain.startswith('[') else domain}"
    try:
        parsed = Address(addr_spec=probe)
    except (MessageError, ValueError, IndexError):
        parsed = None
    if parsed is None or parsed.addr_spec != probe or any(letter.isspace() for letter in local):
        raise ValueError("a letter or dot before the @ does not belong there")


def _to_ascii(domain: str) -> str:
    if domain.startswith("["):
        return _literal(domain)
    labels = domain.split(".")
    ascii_domain = ".".join(_label_to_ascii(label) for label in labels)
    if len(ascii_domain) > _DOMAIN_MAX:
        raise ValueError(f"the domain is longer than {_DOMAIN_MAX} letters")
    if labels[-1].isdigit():
        raise ValueError("the domain ends in a number; write the server's name, or its number as [192.0.2.1]")
    return ascii_domain


def _literal(domain: str) -> str:
    """[192.0.2.1] or [IPv6:2001:db8::1], for mail servers without a name."""
    inner = domain[1:-1] if domain.endswith("]") else ""
    try:
        ip_address(inner[5:] if inner.lower().startswith("ipv6:") else inner)
    except ValueError:
        raise ValueError("what stands in [ ] is not a number of a computer, such as [192.0.2.1]") from None
    return domain


def _label_to_ascii(label: str) -> str:
    try:
        encoded = label if label.isascii() else label.encode("idna").decode("ascii")
    except UnicodeError:
        raise ValueError(f"the domain part “{label}” cannot be written in a domain name") from None
    if not _LABEL.fullmatch(encoded):
        raise ValueError(f"the domain part “{label}” is empty, too long, or holds a letter that a domain cannot have")
    # Python's codec follows the older standard, which folds ß to ss: another domain than the one that was read.
    if not label.isascii() and encoded.encode("ascii").decode("idna") != unicodedata.normalize("NFC", label).lower():
        raise ValueError(f"the domain part “{label}” can be spelled in two ways; write its xn-- form")
    return encoded
