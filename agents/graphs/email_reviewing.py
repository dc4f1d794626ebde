"""The two questions of an email approval, and what an answer to them does to the state. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from langgraph.graph import END

from agents.adapters.model import Writer
from agents.clock import to_text
from agents.domain import JSON, DecisionType
from agents.errors import InvalidDecision
from agents.letters import Letter, read_answer, read_letter

MARK_DONE, DO_AGAIN = "mark as done", "do it again"


def review_payload(state: Mapping[str, Any], *, route: Mapping[str, str], writer: Writer) -> dict[str, JSON]:
    """The `email_approval` payload; holds the lesson's keys too. `route`: Route.as_json()."""
    letter = state["letter"]
    return {
        "type": "email_approval",
        "message": "Send this email?",
        "to": ", ".join(letter["to"]),
        "recipients": {name: letter[name] for name in ("to", "cc", "bcc", "reply_to")},
        "subject": letter["subject"],
        "body": letter["body"],
        "instructions": state.get("instructions"),
        "sender": route["sender"],
        "revision": state["revision"],
        "instruction": state.get("instruction"),
        "previous": state.get("previous"),
        "requested_recipient": state["recipient"],
        "model": {"label": writer.label, "offline": writer.offline},
        "delivery": route["delivery"],
        "attachments": [],
        "notes": state.get("notes") or [],
        "problem": state.get("problem"),
    }


def hear(state: Mapping[str, Any], value: JSON, now: datetime) -> dict[str, JSON]:
    """What a reviewer's answer does. One that does not validate is asked again, since raising would brick the thread."""
    try:
        answer = read_answer(value)
        letter = answer.letter or read_letter(state["letter"])[0]
    except InvalidDecision as error:
        return {"problem": f"{error} Nothing was sent.", "next": "review"}
    if answer.type is DecisionType.REJECT:
        return {"outcome": _cancelled(answer.message), "problem": None, "next": END}
    if answer.type is DecisionType.RESPOND:
        return {"feedback": [*(state.get("feedback") or []), answer.message], "problem": None, "next": "compose"}
    return _approved(state, letter, answer.notes, now)


def doubt_payload(state: Mapping[str, Any]) -> dict[str, JSON]:
    """The `in_doubt` payload."""
    doubt = state["doubt"]
    return {
        "type": "in_doubt",
        "question": "Was this mail sent?",
        "what": f"Mail to {_names(doubt['recipients'])}: {state['letter']['subject']}",
        "why": " ".join([doubt["why"], *_certain(doubt)]),
        "effect_key": doubt["key"],
        "options": [MARK_DONE, DO_AGAIN],
        "problem": state.get("problem"),
    }


def hear_doubt(state: Mapping[str, Any], value: JSON) -> dict[str, JSON]:
    """Takes one of the two options; anything else is asked again."""
    word = value.strip().lower() if isinstance(value, str) else None
    if word not in {MARK_DONE, DO_AGAIN}:
        return {"problem": f"Answer “{MARK_DONE}” or “{DO_AGAIN}”.", "next": "doubt"}
    return {"doubt_answer": word, "problem": None, "next": "settle"}


def _certain(doubt: Mapping[str, Any]) -> Iterator[str]:
    """The part of a doubtful try that is no question."""
    for name, words in (doubt.get("refused") or {}).items():
        yield f"{name} was refused and gets no copy: {words}."
    for name, words in (doubt.get("deferred") or {}).items():
        yield f"{name} was put off ({words}) and is tried again after your answer."


def _approved(state: Mapping[str, Any], letter: Letter, notes: tuple[str, ...], now: datetime) -> dict[str, JSON]:
    number = int(state.get("approval_no") or 0) + 1
    return {
        "letter": letter.as_json(),
        "notes": list(notes),
        "problem": None,
        "approval_no": number,
        "letter_no": number,
        "approved_at": to_text(now),
        "recipients_left": [box.address for box in letter.recipients],
        "accepted": [],
        "refused": {},
        "said": [],
        "marked": [],
        "doubt": None,
        "next": "send",
    }


def _cancelled(reason: str | None) -> dict[str, JSON]:
    because = f" Reason: {reason}" if reason else ""
    return {"status": "cancelled", "text": f"Cancelled, nothing was sent.{because}", "details": {"reason": reason}}


def _names(addresses: list[str]) -> str:
    return ", ".join(addresses)
