"""What may be answered to a plan: the same reader for the codec and for the graph that is resumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agents.domain import JSON, DecisionType
from agents.errors import InvalidDecision
from agents.payloads.plan_steps import check_steps, kept_steps, paths_of

MESSAGE_MAX = 10_000
_KEYS = {
    DecisionType.APPROVE: {"type"},
    DecisionType.EDIT: {"type", "steps"},
    DecisionType.RESPOND: {"type", "message"},
    DecisionType.REJECT: {"type", "message"},
}
_EXPECTED = (
    'Answer {"type": "approve"}, {"type": "edit", "steps": [...]}, {"type": "respond", "message": ...}, '
    '{"type": "reject"}, or the words "approve", "reject", "modify: ...".'
)


@dataclass(frozen=True, slots=True)
class PlanAnswer:
    """What a resume value says.

    steps: for an edit the drafts, with `exclude`. kept: for an edit that only
    removes, per remaining step its old index and all paths left out; None for
    an edit that needs a new dry run.
    """

    type: DecisionType
    message: str | None = None
    steps: tuple[dict[str, JSON], ...] = ()
    kept: tuple[tuple[int, frozenset[str]], ...] | None = None


def read_answer(value: JSON, proposed: Sequence[JSON]) -> PlanAnswer:
    """What a resume value says about the proposed steps. Raises InvalidDecision with the field at fault.

    Plain words: "approve", "reject", "modify: TEXT"; any other text is an instruction.
    """
    if isinstance(value, str):
        return _read_words(value)
    if not isinstance(value, Mapping):
        raise InvalidDecision(f"The answer is neither text nor an object. {_EXPECTED}", "value")
    try:
        kind = DecisionType(str(value.get("type")))
        extra = set(map(str, value)) - _KEYS[kind]
    except (ValueError, KeyError):
        raise InvalidDecision(f"The answer has no known type. {_EXPECTED}", "type") from None
    if extra:
        raise InvalidDecision(f"The answer {kind.value} takes no field {sorted(extra)[0]}. {_EXPECTED}", "value")
    if kind is DecisionType.EDIT:
        return read_edit(value.get("steps"), proposed)
    if kind is DecisionType.RESPOND:
        return PlanAnswer(kind, needed_message(value.get("message")))
    if kind is DecisionType.REJECT:
        return PlanAnswer(kind, optional_message(value.get("message")))
    return PlanAnswer(kind)


def read_edit(steps: JSON, proposed: Sequence[JSON]) -> PlanAnswer:
    """An edit of the proposed steps. Raises InvalidDecision, also for one that leaves nothing to do."""
    edited = check_steps(steps, proposed)
    kept = kept_steps(edited, proposed)
    if kept is None:
        return PlanAnswer(DecisionType.EDIT, steps=tuple(edited))
    if not any(set(paths_of(proposed[index])) - exclude for index, exclude in kept):
        raise InvalidDecision("No file is left in the plan. To do nothing, reject it.", "steps")
    return PlanAnswer(
        DecisionType.EDIT,
        steps=tuple(edited),
        kept=tuple((index, frozenset(exclude)) for index, exclude in kept),
    )


def needed_message(value: JSON) -> str:
    text = optional_message(value)
    if not text:
        raise InvalidDecision("Say what should be different about the plan.", "message")
    return text


def optional_message(value: JSON) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > MESSAGE_MAX:
        raise InvalidDecision(f"The message must be text of at most {MESSAGE_MAX:,} characters.", "message")
    return value.strip() or None


def _read_words(value: str) -> PlanAnswer:
    text = value.strip()
    word = text.casefold()
    if word == "approve":
        return PlanAnswer(DecisionType.APPROVE)
    if word == "reject":
        return PlanAnswer(DecisionType.REJECT)
    if word == "modify" or word.startswith("modify:"):
        text = text[len("modify") :].removeprefix(":")
    return PlanAnswer(DecisionType.RESPOND, needed_message(text))
