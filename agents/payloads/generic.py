"""Any payload that no other codec reads: shown as it is, answered by an option, a text or exact JSON.

There is nothing to approve here, because nobody told what an approval would
send. So the decisions are respond and ignore; a static breakpoint, which takes
no answer, is approved to go on.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.domain import JSON, UNSET, DecisionType, Kind, Pause, PauseStatus, Review, Said, canonical
from agents.errors import InvalidDecision
from agents.payloads.jsonschemas import check, problem
from agents.payloads.messages import spoken
from agents.payloads.wording import is_message, label, one_line, readable, telling

ASKED = 300
"""Characters of a bare text that is taken for the question itself."""
_OPTION_KEYS = ("options", "choices")
_QUESTION_KEYS = ("question", "message", "prompt", "query", "instruction", "instructions")


@dataclass(frozen=True, slots=True)
class GenericProposal:
    """A payload made readable.

    text: its most telling string; None where no key says that it is a message. fields: the rest as (label, text) pairs.
    options: what may be answered, when the payload limits it; each is sent
    exactly. schema: the JSON Schema of the answer, when the payload has one.
    """

    text: str | None
    fields: tuple[tuple[str, str], ...]
    options: tuple[str, ...]
    schema: Mapping[str, Any] | None


FIELDS = 200
"""Of an object that are told one by one; what more there is stands behind them as data."""


class GenericCodec:
    """allowed: respond and ignore; for a breakpoint approve and ignore.

    respond sends, in this order: the exact `args` (an object), the option that
    the message names, JSON where the schema wants something else than text, or
    the message as plain text.
    """

    kind = Kind.GENERIC

    def matches(self, pause: Pause) -> bool:
        return True

    def parse(self, pause: Pause) -> Review:
        told = None if (said := spoken(pause.value)) else telling(pause.value)
        text = said[-1][1] if said else told or readable(pause.value)
        named = isinstance(pause.value, Mapping) and told is not None and not is_message(pause.value)
        proposal = GenericProposal(
            text=None if said or named else text,
            fields=_fields(pause.value, None if named else told),
            options=tuple(choices(pause.value)),
            schema=pause.response_schema,
        )
        first = DecisionType.APPROVE if pause.status is PauseStatus.BREAKPOINT else DecisionType.RESPOND
        return Review(
            pause=pause,
            kind=self.kind,
            title=one_line(pause.title or text, 80),
            gist=one_line(text),
            question=_question(pause, proposal),
            allowed=(first, DecisionType.IGNORE),
            labels={
                DecisionType.APPROVE: "Continue",
                DecisionType.RESPOND: "Send the answer",
                DecisionType.IGNORE: "Close without an answer",
            },
            proposal=proposal,
        )

    def encode(self, pause: Pause, said: Said) -> JSON:
        if pause.status is PauseStatus.BREAKPOINT:
            return None
        answer = _answer(pause, said)
        _check(pause, answer)
        return answer

    def read(self, pause: Pause, value: JSON) -> Said:
        if pause.status is PauseStatus.BREAKPOINT:
            return Said(DecisionType.APPROVE)
        _check(pause, value)
        return Said(DecisionType.RESPOND, message=readable(value), value=value)


def choices(value: JSON) -> dict[str, JSON]:
    """What a payload offers to choose from: shown text -> exact answer; {} when it leaves the answer open."""
    if not isinstance(value, Mapping):
        return {}
    offered: list[JSON] = next((value[key] for key in _OPTION_KEYS if isinstance(value.get(key), list)), [])
    found = [_choice(each) for each in offered]
    return _told_apart(found) if all(shown for shown, _ in found) else {}


def _told_apart(offered: Sequence[tuple[str, JSON]]) -> dict[str, JSON]:
    """Two options of one name with different answers say what each of them sends, so that neither hides the other."""
    different = {(shown, canonical(answer)): (shown, answer) for shown, answer in offered}
    times = Counter(shown for shown, _ in different)
    exact = {key: f"{shown} ({json.dumps(answer, ensure_ascii=False)})" for key, (shown, answer) in different.items()}
    return {shown if times[shown] == 1 else exact[shown, text]: each for (shown, text), (_, each) in different.items()}


def _choice(option: JSON) -> tuple[str, JSON]:
    if isinstance(option, str):
        return option, option
    if isinstance(option, bool | int | float):
        return json.dumps(option), option
    if isinstance(option, Mapping):
        answer = next((option[key] for key in ("value", "id") if key in option), UNSET)
        shown = option.get("label") or option.get("title") or option.get("name") or answer
        if answer is not UNSET and isinstance(shown, str):
            return shown, answer
    return "", None


def _answer(pause: Pause, said: Said) -> JSON:
    if said.args is not None:
        return dict(said.args)
    message = said.message or ""
    offered = choices(pause.value)
    if offered:
        return _chosen(message, offered)
    if not message.strip():
        raise InvalidDecision("Write an answer first: it is what the graph gets.", field="message")
    return _as_json(message, pause.response_schema) if pause.response_schema else message


def _chosen(message: str, offered: Mapping[str, JSON]) -> JSON:
    if message in offered:
        return offered[message]
    alike = [shown for shown in offered if shown.casefold() == message.strip().casefold()]
    if len(alike) == 1:
        return offered[alike[0]]
    raise InvalidDecision(f"Answer with one of: {', '.join(offered)}.", field="message")


def _as_json(message: str, schema: Mapping[str, Any]) -> JSON:
    """Text where the schema takes text, otherwise what the text says as JSON."""
    if schema.get("type") == "string":
        return message
    try:
        meant = json.loads(message, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return message
    return message if problem(meant, schema) is not None and problem(message, schema) is None else meant


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _check(pause: Pause, answer: JSON) -> None:
    offered = choices(pause.value)
    if offered and not any(answer == each and type(answer) is type(each) for each in offered.values()):
        raise InvalidDecision(f"The graph takes only one of: {', '.join(offered)}.", field="value")
    if pause.response_schema:
        check(answer, pause.response_schema, "message")


def _question(pause: Pause, proposal: GenericProposal) -> str:
    if pause.status is PauseStatus.BREAKPOINT:
        return "The run stopped here as its graph says. Continue?"
    asked = (
        next((pause.value[key] for key in _QUESTION_KEYS if key in pause.value), None)
        if isinstance(pause.value, Mapping)
        else None
    )
    if isinstance(pause.value, str) and len(pause.value) <= ASKED:
        asked = pause.value
    if isinstance(asked, str) and asked.strip():
        return asked.strip()
    return "Choose an answer." if proposal.options else "What is the answer?"


def _fields(value: JSON, shown: str | None) -> tuple[tuple[str, str], ...]:
    if said := spoken(value):
        return said
    if not isinstance(value, Mapping):
        whole = shown is not None and isinstance(value, str)
        return () if whole or not isinstance(value, list) else (("Value", readable(value)),)
    left = {key: each for key, each in value.items() if key not in _OPTION_KEYS or not choices(value)}
    for key, each in left.items():
        if isinstance(each, str) and each.strip() == shown:
            del left[key]
            break
    rest = dict(list(left.items())[FIELDS:])
    if rest:
        left = {**dict(list(left.items())[:FIELDS]), f"{len(rest):,} more": rest}
    return tuple(pair for key, each in left.items() for pair in spoken(each) or ((label(key), readable(each)),))


CODEC = GenericCodec()
