"""The codec of a mail that waits for approval: `email_approval`, and the lesson's own payload.

    {"type": "email_approval", "to", "recipients", "subject", "body", ...}   resume: an object per decision
    {"message", "to", "subject", "body", "instructions"}                    resume: "send", "cancel", other text

Knows neither LangGraph nor SMTP: listing reviews must not load them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from agents.domain import JSON, UNSET, DecisionType, Kind, Pause, Review, Said
from agents.errors import InvalidDecision
from agents.letters import checked_fields, read_answer, read_message
from agents.payloads import email_warnings
from agents.payloads.email_warnings import links

__all__ = ["CODEC", "EmailCodec", "EmailProposal", "links", "warnings"]

TYPE = "email_approval"
_LESSON_KEYS = frozenset({"message", "to", "subject", "body"})
_SEND, _CANCEL = "send", "cancel"


@dataclass(frozen=True, slots=True)
class EmailProposal:
    """A mail as it would go out, and what it takes to judge it.

    to, cc, bcc: addresses as text, also "Ann <ann@x.org>". previous: subject
    and body of the revision before. problem: why the question is asked again,
    often the mail server's words. editable: False for the lesson's payload.
    """

    to: tuple[str, ...]
    cc: tuple[str, ...]
    bcc: tuple[str, ...]
    reply_to: str | None
    subject: str
    body: str
    instructions: str | None = None
    sender: str = ""
    requested_recipient: str = ""
    delivery: str = ""
    model_label: str = ""
    offline: bool = False
    previous: tuple[str, str] | None = None
    attachments: tuple[str, ...] = ()
    problem: str | None = None
    notes: tuple[str, ...] = ()
    editable: bool = True

    def fields(self) -> dict[str, JSON]:
        """The `args` of an edit that changes nothing: the start of a form."""
        return {
            "to": list(self.to),
            "cc": list(self.cc),
            "bcc": list(self.bcc),
            "reply_to": self.reply_to,
            "subject": self.subject,
            "body": self.body,
        }


def warnings(
    draft: EmailProposal | Mapping[str, JSON],
    *,
    known_addresses: Collection[str] | None,
    requested_recipient: str,
    sender: str,
) -> tuple[str, ...]:
    """What to look at twice in a draft: a proposal, or the fields of an edit as they are typed.

    Never raises. known_addresses: lower-cased addresses written to before;
    None leaves that check out.
    """
    if isinstance(draft, EmailProposal):
        draft = {**draft.fields(), "attachments": list(draft.attachments)}
    return email_warnings.warnings(
        draft, known_addresses=known_addresses, requested_recipient=requested_recipient, sender=sender
    )


class EmailCodec:
    """Two-way translation for both payloads."""

    kind = Kind.EMAIL

    def matches(self, pause: Pause) -> bool:
        value = pause.value
        return isinstance(value, dict) and (value.get("type") == TYPE or _is_lesson(value))

    def parse(self, pause: Pause) -> Review:
        """Odd or missing fields become empty ones; they are warned about, not raised."""
        value: dict[str, JSON] = pause.value
        proposal = _proposal(value)
        who = _people(proposal.to, proposal.cc, proposal.bcc) or "nobody"
        subject = proposal.subject or "(no subject)"
        found = warnings(
            proposal,
            known_addresses=None,
            requested_recipient=proposal.requested_recipient,
            sender=proposal.sender,
        )
        revision = value.get("revision")
        return Review(
            pause=pause,
            kind=Kind.EMAIL,
            title=pause.title or f"Email to {who}: {subject}",
            gist=f"To {who}: {subject}",
            question=_string(value.get("message")) or "Send this email?",
            allowed=_allowed(proposal),
            labels=_labels(who, proposal),
            proposal=proposal,
            reversible=False,
            revision=revision if isinstance(revision, int) and not isinstance(revision, bool) else 1,
            instruction=_string(value.get("instruction")) or None,
            warnings=found,
        )

    def encode(self, pause: Pause, said: Said) -> JSON:
        """The exact resume value. Raises InvalidDecision(field=...) for what does not validate."""
        if said.value is not UNSET:
            self.read(pause, said.value)
            return said.value
        return _encode_lesson(said) if _is_lesson(pause.value) else _encode(said)

    def read(self, pause: Pause, value: JSON) -> Said:
        """What a raw resume value says. Raises InvalidDecision for one that the graph would not take."""
        if _is_lesson(pause.value):
            return _read_lesson(value)
        answer = read_answer(value)
        args = answer.letter.as_json() if answer.letter else None
        return Said(answer.type, message=answer.message, args=args, value=value)


CODEC = EmailCodec()


def _encode(said: Said) -> JSON:
    if said.type is DecisionType.APPROVE:
        return {"type": "approve"}
    if said.type is DecisionType.EDIT:
        return {"type": "edit", "args": checked_fields(said.args)}
    if said.type is DecisionType.RESPOND:
        return {"type": "respond", "message": read_message(said.message, needed=True)}
    if said.type is DecisionType.REJECT:
        return {"type": "reject", "message": read_message(said.message, needed=False)}
    raise InvalidDecision("Ignore closes the thread without an answer; there is nothing to send.", "type")


def _encode_lesson(said: Said) -> str:
    if said.type is DecisionType.APPROVE:
        return _SEND
    if said.type is DecisionType.REJECT:
        return _CANCEL
    if said.type is DecisionType.RESPOND:
        text = read_message(said.message, needed=True) or ""
        if text.lower() in {_SEND, _CANCEL}:
            raise InvalidDecision(
                f"The graph would take the single word “{text}” as the order to {text.lower()}. Use other words.",
                "message",
            )
        return text
    if said.type is DecisionType.EDIT:
        raise InvalidDecision("This graph takes no edited mail: send it, cancel it, or give new instructions.", "type")
    raise InvalidDecision("Ignore closes the thread without an answer; there is nothing to send.", "type")


def _read_lesson(value: JSON) -> Said:
    if not isinstance(value, str) or not value.strip():
        raise InvalidDecision('This graph takes text only: "send", "cancel", or new instructions.', "value")
    if value == _SEND:
        return Said(DecisionType.APPROVE, value=value)
    if value == _CANCEL:
        return Said(DecisionType.REJECT, value=value)
    if value.strip().lower() in {_SEND, _CANCEL}:
        raise InvalidDecision(
            f"Write it exactly: “{value.strip().lower()}”, in small letters, without spaces.", "value"
        )
    return Said(DecisionType.RESPOND, message=value, value=value)


def _is_lesson(value: JSON) -> bool:
    # No other keys: a tool that asks for itself sends {"action", "to", "subject", ...} and wants an object back, not "send".
    return isinstance(value, dict) and _LESSON_KEYS <= value.keys() <= _LESSON_KEYS | {"instructions"}


def _proposal(value: Mapping[str, JSON]) -> EmailProposal:
    recipients = _mapping(value.get("recipients"))
    model = _mapping(value.get("model"))
    previous = _mapping(value.get("previous"))
    to = _strings(recipients.get("to")) or _strings(value.get("to"))
    return EmailProposal(
        to=to,
        cc=_strings(recipients.get("cc")),
        bcc=_strings(recipients.get("bcc")),
        reply_to=_string(recipients.get("reply_to")) or None,
        subject=_string(value.get("subject")),
        body=_string(value.get("body")),
        instructions=_string(value.get("instructions")) or None,
        sender=_string(value.get("sender")),
        requested_recipient=_string(value.get("requested_recipient")) or (to[0] if to else ""),
        delivery=_string(value.get("delivery")),
        model_label=_string(model.get("label")),
        offline=bool(model.get("offline")),
        previous=(_string(previous.get("subject")), _string(previous.get("body"))) if previous else None,
        attachments=_strings(value.get("attachments")),
        problem=_string(value.get("problem")) or None,
        notes=_strings(value.get("notes")),
        editable=not _is_lesson(value),
    )


def _allowed(proposal: EmailProposal) -> tuple[DecisionType, ...]:
    every = (
        DecisionType.APPROVE,
        DecisionType.EDIT,
        DecisionType.RESPOND,
        DecisionType.REJECT,
        DecisionType.IGNORE,
    )
    return every if proposal.editable else tuple(each for each in every if each is not DecisionType.EDIT)


def _labels(who: str, proposal: EmailProposal) -> dict[DecisionType, str]:
    labels = {
        DecisionType.APPROVE: f"Send to {who}",
        DecisionType.EDIT: "Send the edited mail",
        DecisionType.RESPOND: "Ask for a new draft",
        DecisionType.REJECT: "Cancel, send nothing",
        DecisionType.IGNORE: "Close without an answer",
    }
    return {type_: labels[type_] for type_ in _allowed(proposal)}


def _people(*groups: tuple[str, ...]) -> str:
    """ann@x.org, "ann@x.org and bob@x.org", "ann@x.org and 3 others"."""
    everyone = [text for group in groups for text in group]
    if len(everyone) <= 2:
        return " and ".join(everyone)
    return f"{everyone[0]} and {len(everyone) - 1} others"


def _mapping(value: JSON) -> Mapping[str, JSON]:
    return value if isinstance(value, Mapping) else {}


def _string(value: JSON) -> str:
    return value if isinstance(value, str) else ("" if value is None else str(value))


def _strings(value: JSON) -> tuple[str, ...]:
    entries = [value] if isinstance(value, str) else (value if isinstance(value, list | tuple) else [])
    return tuple(_string(entry) for entry in entries if _string(entry).strip())
