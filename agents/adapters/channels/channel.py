"""A channel: where a message can go, and what came of an attempt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from pydantic import SecretStr

from agents.adapters.channels.message import Message


class Outcome(StrEnum):
    """REFUSED: it did not arrive, for certain. HOPELESS: nor will it, until a person changes something.

    UNKNOWN: it went out, and nobody can say whether it arrived.
    """

    SENT = "sent"
    REFUSED = "refused"
    HOPELESS = "hopeless"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """reason: a sentence for people; it holds no address and nothing that the other side wrote."""

    outcome: Outcome
    reason: str | None = None


class Channel(Protocol):
    def send(self, message: Message) -> Answer:
        """Hand it over; raises nothing that the other side can cause. May take as long as the other side takes."""
        ...

    def describe(self) -> str:
        """What it is, without its address."""
        ...

    def problem(self) -> str | None:
        """Why nothing can go out here; a sentence. Connects to nothing."""
        ...


def open_channel(name: str, address: SecretStr, webhook_secret: SecretStr | None) -> Channel:
    """The channel of one entry of SIGNOFF_CHANNELS. Connects to nothing and imports no extra."""
    from agents.adapters.channels.services import Services
    from agents.adapters.channels.webhook import Webhook

    if address.get_secret_value().partition("://")[0].lower() in ("http", "https"):
        return Webhook(name, address, webhook_secret)
    return Services(name, address)


def problem_of(name: str, address: SecretStr, webhook_secret: SecretStr | None) -> str | None:
    return open_channel(name, address, webhook_secret).problem()
