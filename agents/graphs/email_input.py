"""What starts an email approval."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from agents.addresses import FIELD_NAMES, read_mailbox
from agents.domain import JSON
from agents.errors import InvalidDecision
from agents.letters import read_list, read_subject

T = TypeVar("T")


class EmailInput(BaseModel):
    """The input of `email_approval`; also the form on the Start page."""

    model_config = ConfigDict(extra="forbid")

    recipient: str = Field(
        title="Recipient", description="One address, such as ann@example.org or Ann Lee <ann@example.org>."
    )
    subject: str = Field(title="Subject", description="What the mail is about, in one line.")
    instructions: str | None = Field(
        None, title="Instructions", description="What the mail should say, in your own words."
    )
    cc: list[str] = Field(default_factory=list, title="Cc", description="More recipients, everybody sees them.")
    bcc: list[str] = Field(default_factory=list, title="Bcc", description="More recipients, nobody sees them.")
    reply_to: str | None = Field(None, title="Reply-To", description="Where answers go, if not to the sender.")

    @field_validator("recipient", mode="after")
    @classmethod
    def _recipient(cls, value: str) -> str:
        return _checked(lambda: read_mailbox(value, "recipient").text)

    @field_validator("subject", mode="after")
    @classmethod
    def _subject(cls, value: str) -> str:
        subject = _checked(lambda: read_subject(value))
        if not subject:
            raise ValueError("Say in a few words what the mail is about.")
        return subject

    @field_validator("cc", "bcc", mode="before")
    @classmethod
    def _lines(cls, value: JSON) -> JSON:
        """A form sends one address per line."""
        return value.splitlines() if isinstance(value, str) else ([] if value is None else value)

    @field_validator("cc", mode="after")
    @classmethod
    def _cc(cls, value: list[str]) -> list[str]:
        return _checked(lambda: list(read_list(value, "cc")))

    @field_validator("bcc", mode="after")
    @classmethod
    def _bcc(cls, value: list[str]) -> list[str]:
        return _checked(lambda: list(read_list(value, "bcc")))

    @field_validator("instructions", "reply_to", mode="after")
    @classmethod
    def _none_if_blank(cls, value: str | None) -> str | None:
        return (value or "").strip() or None

    @field_validator("reply_to", mode="after")
    @classmethod
    def _reply_to(cls, value: str | None) -> str | None:
        return value and _checked(lambda: read_mailbox(value, "reply_to").text)


def _checked(read: Callable[[], T]) -> T:
    """pydantic wants a ValueError, and whoever shows it names the field."""
    try:
        return read()
    except InvalidDecision as error:
        raise ValueError(str(error).removeprefix(f"{FIELD_NAMES.get(error.field or '', '')}: ")) from None
