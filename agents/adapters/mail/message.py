"""Building the message: headers from checked parts only, the same bytes every time.

Date and Message-ID come in from outside, so that a send that runs again after
a crash builds the same message and not a second one.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from agents.addresses import Mailbox, read_mailbox
from agents.letters import Letter

# 7bit: encoded words, quoted-printable and base64 pass every server, offered 8BITMIME or not.
_PLAIN = policy.SMTP.clone(cte_type="7bit", raise_on_defect=False)
_INTERNATIONAL = _PLAIN.clone(utf8=True)


def message_id(key: str, letter: Letter, sender: str) -> str:
    """The Message-ID of one approval of one letter: the same for the same key and content.

    The content is part of it because a key may repeat in another database.
    """
    digest = hashlib.sha256(repr((key, letter)).encode()).hexdigest()[:40]
    domain = read_mailbox(sender, "sender").ascii_domain.strip("[]").replace(":", ".")
    return f"<signoff.{digest}@{domain}>"


def build_message(letter: Letter, *, sender: str, date: datetime, message_id: str) -> EmailMessage:
    """The message as it goes out: To, Cc and Reply-To in the headers, Bcc nowhere.

    Raises InvalidDecision where a field of the letter is not valid.
    """
    origin = read_mailbox(sender, "sender")
    boxes = (*letter.recipients, origin, *_boxes([letter.reply_to] if letter.reply_to else [], "reply_to"))
    international = any(box.international for box in boxes)
    message = EmailMessage(policy=_INTERNATIONAL if international else _PLAIN)
    message["Subject"] = letter.subject
    message["From"] = _header(origin)
    message["To"] = _headers(letter.to, "to")
    if letter.cc:
        message["Cc"] = _headers(letter.cc, "cc")
    if letter.reply_to:
        message["Reply-To"] = _headers([letter.reply_to], "reply_to")
    message["Date"] = format_datetime(date)
    message["Message-ID"] = message_id
    message.set_content(letter.body, subtype="plain", charset="utf-8")
    return message


def _boxes(texts: list[str] | tuple[str, ...], field: str) -> tuple[Mailbox, ...]:
    return tuple(read_mailbox(text, field) for text in texts)


def _headers(texts: list[str] | tuple[str, ...], field: str) -> tuple[Address, ...]:
    return tuple(_header(box) for box in _boxes(texts, field))


def _header(box: Mailbox) -> Address:
    """The domain always in its ASCII form: every server and reader knows it."""
    if box.international:  # addr_spec takes ASCII only; read_mailbox has checked the parts
        return Address(display_name=box.name, username=box.local, domain=box.ascii_domain)
    return Address(display_name=box.name, addr_spec=box.envelope)
