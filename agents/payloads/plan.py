"""The codec of a plan that waits for approval: `plan_approval`, and the lesson's own payload.

    {"type": "plan_approval", "task", "steps", "totals", ...}        resume: an object per decision
    {"question", "plan", "options": ["approve", "reject", "modify"]}   resume: one of the options; "modify: TEXT"

Knows neither LangGraph nor the workspace: listing reviews must not load them.
"""

from __future__ import annotations

from collections.abc import Mapping

from agents.domain import JSON, UNSET, DecisionType, Kind, Pause, Review, Said
from agents.errors import InvalidDecision
from agents.payloads.plan_answers import needed_message, optional_message, read_answer, read_edit
from agents.payloads.plan_proposal import PlanFile, PlanProposal, PlanStep, effect_words, read_proposal
from agents.payloads.wording import one_line

__all__ = ["CODEC", "TYPE", "PlanCodec", "PlanFile", "PlanProposal", "PlanStep", "edit_words"]

TYPE = "plan_approval"
OURS = (TYPE, "clarification")
"""The graphs that ask about plans of this kind."""
_LESSON_KEYS = frozenset({"question", "plan", "options"})
_WORD = {DecisionType.APPROVE: "approve", DecisionType.RESPOND: "modify", DecisionType.REJECT: "reject"}


class PlanCodec:
    """Two-way translation for both payloads."""

    kind = Kind.PLAN

    def matches(self, pause: Pause) -> bool:
        value = pause.value
        return isinstance(value, dict) and (value.get("type") == TYPE or _is_lesson(value))

    def parse(self, pause: Pause) -> Review:
        """Odd or missing fields become empty ones; they are not raised."""
        value: dict[str, JSON] = pause.value
        proposal = read_proposal(value, editable=not _is_lesson(value))
        allowed = _allowed(value)
        words = effect_words(proposal)
        return Review(
            pause=pause,
            kind=Kind.PLAN,
            title=pause.title or one_line(proposal.task or "A plan", 80),
            gist=one_line(words if proposal.editable else "; ".join(proposal.sentences)),
            question=str(value.get("question") or "Approve this plan?"),
            allowed=allowed,
            labels=_labels(proposal, words, allowed),
            proposal=proposal,
            # Only our own graphs' word counts: anybody's payload could say that it is reversible.
            reversible=proposal.reversible and pause.graph_id in OURS,
            revision=proposal.revision,
            instruction=proposal.instruction,
            warnings=proposal.warnings,
        )

    def encode(self, pause: Pause, said: Said) -> JSON:
        """The exact resume value. Raises InvalidDecision(field=...) for what does not validate."""
        if said.value is not UNSET:
            self.read(pause, said.value)
            return said.value
        return _encode_lesson(said) if _is_lesson(pause.value) else _encode(said, _steps(pause.value))

    def read(self, pause: Pause, value: JSON) -> Said:
        """What a raw resume value says. Raises InvalidDecision for one that the graph would not take."""
        if _is_lesson(pause.value):
            return _read_lesson(value)
        answer = read_answer(value, _steps(pause.value))
        args = {"steps": list(answer.steps)} if answer.type is DecisionType.EDIT else None
        return Said(answer.type, message=answer.message, args=args, value=value)


CODEC = PlanCodec()


def edit_words(proposal: PlanProposal, args: Mapping[str, JSON]) -> str:
    """What sending this edit will do, for its button: run what is left, or look again first.

    Raises InvalidDecision with the field at fault, so a page can check as people type.
    """
    answer = read_edit(args.get("steps"), proposal.raw_steps)
    if answer.kept is None:
        return "Look again: the changed plan comes back to you"
    return f"Approve the rest: {effect_words(proposal.without(answer.kept))}"


def _encode(said: Said, steps: list[JSON]) -> JSON:
    if said.type is DecisionType.APPROVE:
        return {"type": "approve"}
    if said.type is DecisionType.EDIT:
        edited = read_edit((said.args or {}).get("steps"), steps)
        return {"type": "edit", "steps": list(edited.steps)}
    if said.type is DecisionType.RESPOND:
        return {"type": "respond", "message": needed_message(said.message)}
    if said.type is DecisionType.REJECT:
        return {"type": "reject", "message": optional_message(said.message)}
    raise InvalidDecision("Ignore closes the thread without an answer; there is nothing to send.", "type")


def _encode_lesson(said: Said) -> str:
    if said.type in {DecisionType.APPROVE, DecisionType.REJECT}:
        return _WORD[said.type]
    if said.type is DecisionType.RESPOND:
        return f"modify: {needed_message(said.message)}"
    raise InvalidDecision("This graph takes no edited plan: approve, reject, or say what should be different.", "type")


def _read_lesson(value: JSON) -> Said:
    if not isinstance(value, str):
        raise InvalidDecision('This graph takes text only: "approve", "reject" or "modify: ...".', "value")
    answer = read_answer(value, ())
    word = _WORD.get(answer.type)
    if answer.type is not DecisionType.RESPOND and value != word:
        raise InvalidDecision(f"Write it exactly: “{word}”, in small letters, without spaces.", "value")
    return Said(answer.type, message=answer.message, value=value)


def _is_lesson(value: JSON) -> bool:
    if not isinstance(value, dict) or "type" in value or not value.keys() >= _LESSON_KEYS:
        return False
    options = value["options"]
    return isinstance(options, list) and "approve" in options


def _steps(value: JSON) -> list[JSON]:
    steps = value.get("steps")
    return steps if isinstance(steps, list) else []


def _allowed(value: Mapping[str, JSON]) -> tuple[DecisionType, ...]:
    every = (DecisionType.APPROVE, DecisionType.EDIT, DecisionType.RESPOND, DecisionType.REJECT)
    offered = [kind for kind in every if not _is_lesson(value) or _WORD.get(kind) in value["options"]]
    return (*offered, DecisionType.IGNORE)


def _labels(proposal: PlanProposal, words: str, allowed: tuple[DecisionType, ...]) -> dict[DecisionType, str]:
    labels = {
        DecisionType.APPROVE: f"Approve: {words}",
        DecisionType.EDIT: "Use the edited plan",
        DecisionType.RESPOND: "Ask for another plan",
        DecisionType.REJECT: "Reject: change nothing",
        DecisionType.IGNORE: "Close without an answer",
    }
    return {kind: labels[kind] for kind in allowed}
