"""What is asked of a writer and what it gives back: the drafts that a person reviews.

The drafts are validated here, whoever wrote them: the offline rules, a
language model or a reviewer who edits. Validation messages are sentences,
since they are told to the model and shown to the reviewer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Operation: TypeAlias = Literal["find", "delete", "move", "write", "archive"]

MAX_STEPS = 20

_SELECTION = frozenset(
    {"pattern", "older_than_days", "newer_than_days", "larger_than_bytes", "smaller_than_bytes", "exclude"}
)
_FIELDS: dict[str, frozenset[str]] = {
    "find": _SELECTION,
    "delete": _SELECTION,
    "move": _SELECTION | {"destination"},
    "archive": _SELECTION | {"destination"},
    "write": frozenset({"path", "content"}),
}
_NEEDED: dict[str, dict[str, str]] = {
    "find": {"pattern": "a find step needs a pattern that says which files"},
    "delete": {"pattern": "a delete step needs a pattern that says which files"},
    "move": {
        "pattern": "a move step needs a pattern that says which files",
        "destination": "a move step needs a destination: the folder that the files go to",
    },
    "archive": {
        "pattern": "an archive step needs a pattern that says which files",
        "destination": "an archive step needs a destination: the .zip file that the files go into",
    },
    "write": {
        "path": "a write step needs a path: the file that is written",
        "content": "a write step needs content: the text of the file",
    },
}


class _Draft(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _null_is_unset(cls, data: Any) -> Any:
        """Models write null for every field that they do not use, also for lists."""
        return {key: value for key, value in data.items() if value is not None} if isinstance(data, Mapping) else data


class StepDraft(_Draft):
    """One step of a plan, not yet matched against real files.

    pattern: glob relative to the workspace; `*` stays within a folder, `**/`
    is any depth including none, so `**/*.log` is every log file.
    older_than_days / newer_than_days: age by last change, in days.
    larger_than_bytes / smaller_than_bytes: strictly larger, strictly smaller.
    destination: a folder for move, a .zip file for archive.
    exclude: relative paths, or globs with a `*`, that the pattern matches and that are left alone.
    path, content: for write only. Fields that an operation does not use are
    cleared; a field that it needs and lacks is a validation error.
    """

    op: Operation
    why: str = Field(default="", max_length=1000)
    pattern: str | None = Field(default=None, max_length=1000)
    older_than_days: float | None = Field(default=None, ge=0, le=100_000)
    newer_than_days: float | None = Field(default=None, ge=0, le=100_000)
    larger_than_bytes: int | None = Field(default=None, ge=0, le=2**62)
    smaller_than_bytes: int | None = Field(default=None, ge=0, le=2**62)
    destination: str | None = Field(default=None, max_length=1000)
    path: str | None = Field(default=None, max_length=1000)
    content: str | None = Field(default=None, max_length=200_000)
    exclude: list[str] = Field(default_factory=list, max_length=1000)

    @model_validator(mode="before")
    @classmethod
    def _only_its_own_fields(cls, data: Any) -> Any:
        if not isinstance(data, Mapping) or data.get("op") not in _FIELDS:
            return data
        keep = _FIELDS[data["op"]] | {"op", "why"}
        return {key: value for key, value in data.items() if key in keep or key not in cls.model_fields}

    @field_validator("pattern", "destination", "path", mode="after")
    @classmethod
    def _one_line(cls, value: str | None) -> str | None:
        value = (value or "").strip()
        if any(ord(letter) < 32 for letter in value):
            raise ValueError("must be one line without control characters")
        return value or None

    @field_validator("older_than_days", "newer_than_days", mode="after")
    @classmethod
    def _finite(cls, value: float | None) -> float | None:
        if value is not None and not math.isfinite(value):
            raise ValueError("must be a number of days")
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for name, sentence in _NEEDED[self.op].items():
            if getattr(self, name) is None:
                raise ValueError(sentence)
        return self


class PlanDraft(_Draft):
    """A plan of 1 to 20 steps, with what it does in a sentence or two."""

    summary: str = Field(max_length=4000)
    steps: list[StepDraft] = Field(min_length=1, max_length=MAX_STEPS)


class PlanRequest(_Draft):
    """What a plan is made from.

    listing: a bounded sample of the workspace's files, as relative paths.
    instruction: what the reviewer wants changed about `previous`.
    """

    task: str
    today: date
    listing: list[str] = Field(default_factory=list)
    instruction: str | None = None
    previous: list[StepDraft] | None = None


class EmailDraft(_Draft):
    """A mail as proposed: one-line subject, plain text body, address lists as text.

    Addresses are checked by the mail adapter, not here.
    """

    subject: str = Field(max_length=900)
    body: str = Field(max_length=200_000)
    cc: list[str] = Field(default_factory=list, max_length=100)
    bcc: list[str] = Field(default_factory=list, max_length=100)
    reply_to: str | None = None

    @field_validator("subject", mode="after")
    @classmethod
    def _subject_in_one_line(cls, value: str) -> str:
        value = " ".join(value.split())
        if not value:
            raise ValueError("the subject is empty")
        return value

    @field_validator("body", mode="after")
    @classmethod
    def _body_says_something(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("the body is empty")
        return value

    @field_validator("cc", "bcc", mode="after")
    @classmethod
    def _without_blanks(cls, value: list[str]) -> list[str]:
        return [address.strip() for address in value if address.strip()]

    @field_validator("reply_to", mode="after")
    @classmethod
    def _none_if_blank(cls, value: str | None) -> str | None:
        return (value or "").strip() or None


class EmailRequest(_Draft):
    """What a mail is written from.

    recipient: an address, also as "Name <a@b.org>". sender: likewise; its name
    signs the mail. feedback: the reviewer's instructions, oldest first; with
    `previous` set it already follows all but the last of them.
    """

    recipient: str
    subject: str
    instructions: str | None = None
    sender: str
    previous: EmailDraft | None = None
    feedback: list[str] = Field(default_factory=list)


class Question(_Draft):
    """One thing that a task leaves open. hint: an example of an answer."""

    text: str = Field(min_length=1, max_length=1000)
    hint: str = Field(default="", max_length=1000)


class ClarifyRequest(_Draft):
    """What is looked at before a plan is made. listing: a bounded sample of the workspace's files, as relative paths."""

    task: str
    today: date
    listing: list[str] = Field(default_factory=list)


class Clarification(_Draft):
    """The questions that a task leaves open, most important first; none where it is clear."""

    questions: list[Question] = Field(default_factory=list, max_length=3)


class ItemInstruction(_Draft):
    """A problem that a reviewer described; with an example where the reviewer corrected one.

    input: the example's row, column by column. output: what it should have become, field by field.
    """

    text: str
    input: dict[str, str] | None = None
    output: dict[str, str] | None = None


class ItemRequest(_Draft):
    """One item of a batch.

    data: the chosen columns of its row. prompt: what to do, already filled in
    for this row; used by the task "prompt" only. fields: names of the output's
    fields, in order. choices: the allowed values of a field; the others are
    free text. instructions: what reviewers said about earlier items, oldest first.
    """

    data: dict[str, str]
    task: Literal["classify", "prompt"] = "classify"
    prompt: str = ""
    fields: list[str] = Field(min_length=1)
    choices: dict[str, list[str]] = Field(default_factory=dict)
    instructions: list[ItemInstruction] = Field(default_factory=list)


class ItemAnswer(_Draft):
    """What became of an item. output: exactly the request's fields, in their order. calls: requests made to the model."""

    output: dict[str, str]
    calls: int = 1
