"""Composing: the writer's draft becomes a letter to the recipient that was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from unicodedata import category

from pydantic import ValidationError

from agents.adapters.model import EmailDraft, EmailRequest, Writer
from agents.addresses import FIELD_NAMES, JOINERS, read_mailbox
from agents.domain import JSON
from agents.errors import InvalidDecision, InvalidInput, ModelError
from agents.graphs.email_input import EmailInput
from agents.letters import read_letter


class Composer:
    """Asks the writer. The recipient never comes from it, and an address that it makes up wrong is left out, said."""

    def __init__(self, writer: Writer, sender: str) -> None:
        self._writer = writer
        self._sender = sender

    def compose(self, state: Mapping[str, Any]) -> dict[str, JSON]:
        """The update with the first draft, or with the next one that follows the newest instruction.

        When the writer fails on a new instruction, the draft under review stays
        and is asked about again, with the reason in `problem`. Raises InvalidInput
        for an input that Start would have refused, and ModelError for a first draft.
        """
        wanted = _input(state)
        feedback = list(state.get("feedback") or [])
        old = state.get("letter") if feedback else None
        request = EmailRequest(
            recipient=wanted.recipient,
            subject=wanted.subject,
            instructions=wanted.instructions,
            sender=self._sender,
            previous=_as_draft(old) if old else None,
            feedback=feedback,
        )
        try:
            draft = self._writer.email(request)
        except ModelError as error:
            if old is None:
                raise
            return {"feedback": feedback[:-1], "problem": f"No new draft for “{feedback[-1]}”. {error}"}
        letter, notes = _letter(wanted, draft)
        return {
            "letter": letter,
            "notes": notes,
            "problem": None,
            "revision": int(state.get("revision") or 0) + 1,
            "instruction": feedback[-1] if feedback else None,
            "previous": {"subject": old["subject"], "body": old["body"]} if old else None,
        }


def _input(state: Mapping[str, Any]) -> EmailInput:
    values = {name: state[name] for name in EmailInput.model_fields if name in state}
    try:
        return EmailInput.model_validate(values)
    except ValidationError as error:
        raise InvalidInput(f"This mail cannot be started. {'; '.join(map(_sentence, error.errors()))}") from None


def _sentence(item: Any) -> str:
    field = str(item["loc"][0])
    return f"{FIELD_NAMES.get(field, field)}: {item['msg'].removeprefix('Value error, ')}"


def _as_draft(letter: Mapping[str, Any]) -> EmailDraft:
    """The letter under review as the writer knows it; a reviewer may have emptied what a draft must have."""
    return EmailDraft(
        subject=letter["subject"].strip() or "(empty)",
        body=letter["body"] if letter["body"].strip() else "(empty)",
        cc=letter["cc"],
        bcc=letter["bcc"],
        reply_to=letter["reply_to"],
    )


def _letter(wanted: EmailInput, draft: EmailDraft) -> tuple[dict[str, JSON], list[str]]:
    notes: list[str] = []
    cc = _merged(wanted.cc, _usable(draft.cc, "cc", notes))
    bcc = _merged(wanted.bcc, _usable(draft.bcc, "bcc", notes))
    reply_to = _usable([draft.reply_to], "reply_to", notes) if draft.reply_to else []
    letter, repeated = read_letter(
        {
            "to": [wanted.recipient],
            "cc": cc,
            "bcc": bcc,
            "reply_to": reply_to[0] if reply_to else wanted.reply_to,
            "subject": _one_line(draft.subject) or wanted.subject,
            "body": _carriable(draft.body),
        }
    )
    return letter.as_json(), [*notes, *repeated]


def _merged(asked: list[str], proposed: list[str]) -> list[str]:
    """Who was asked for stays; what the writer repeats of it is no repetition to talk about."""
    known = {read_mailbox(text).key for text in asked}
    return [*asked, *(text for text in proposed if read_mailbox(text).key not in known)]


def _usable(texts: list[str], field: str, notes: list[str]) -> list[str]:
    good = []
    for text in texts:
        try:
            good.append(read_mailbox(text, field).text)
        except InvalidDecision:
            notes.append(f"{FIELD_NAMES[field]}: “{text}” in the draft is not an e-mail address and was left out.")
    return good


def _one_line(text: str) -> str:
    """A subject as it may stand: without line breaks, mail code, and letters that cannot be seen."""
    seen = (letter for letter in text.replace("=?", "= ?") if letter in JOINERS or category(letter) != "Cf")
    text = "".join(letter if letter in JOINERS or letter.isprintable() else " " for letter in seen)
    return _carriable(" ".join(text.split()))


def _carriable(text: str) -> str:
    """Without what no mail can carry: NUL and halves of letters."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")
