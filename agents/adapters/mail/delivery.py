"""What every way of sending has in common: the mailer's interface and its possible ends.

A send ends in exactly one of five ways:
    Delivery          taken over for at least one recipient; says for whom
    MailTemporary     nobody got it for certain, and later it may work
    MailRejected      nobody got it for certain, and a person must change something
    DeliveryUnknown   handed over, but the answer never came: it may have gone out
    any other error   a bug; the journal then treats it as unknown
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Protocol

from agents.errors import SignoffError


@dataclass(frozen=True, slots=True)
class Delivery:
    """Who got it. All addresses are as they were given to `send`.

    refused: address -> the server's words, for good. deferred: address -> the
    server's words, may be tried again. place: the .eml file, for an outbox.
    """

    accepted: tuple[str, ...]
    refused: Mapping[str, str] = field(default_factory=dict)
    deferred: Mapping[str, str] = field(default_factory=dict)
    place: str | None = None


class DeliveryUnknown(SignoffError):
    """The mail was handed over and the server's answer never arrived: it may or may not have gone out.

    known: `accepted` there are the addresses in doubt, `refused` and `deferred`
    are certain. None when nothing is known, not even that.
    """

    def __init__(self, message: str, known: Delivery | None = None) -> None:
        super().__init__(message)
        self.known = known


class Mailer(Protocol):
    """A way out for mails."""

    @property
    def route(self) -> str:
        """Where mails are handed over: equal for two mailers only if it is the same place. Holds no secret."""
        ...

    def describe(self) -> str:
        """One sentence for the reviewer: where an approved mail goes. Holds no secret."""
        ...

    def send(self, message: EmailMessage, recipients: Sequence[str]) -> Delivery:
        """Send to exactly these addresses, whatever the headers say.

        Raises MailTemporary, MailRejected, DeliveryUnknown: see above.
        """
        ...

    def delivered(self, message_id: str) -> bool | None:
        """Did this message go out before? None: this way of sending cannot tell.

        A mailer that answers True or False also promises that `send`, called
        again with the same Message-ID, leaves one mail.
        """
        ...
