"""One result of a batch, shown to be checked: {"type": "quality_check", "sample_input", "sample_output", ...}.

The graph takes plain text: "continue", or what is wrong. So an edit and a stop
are said in words that hold as a description of the problem too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agents.domain import JSON, DecisionType, Kind, Pause, Review, Said
from agents.errors import InvalidDecision
from agents.payloads.wording import one_line, readable

_CONTINUE, _STOP, _CORRECTED = "continue", "stop", "Corrected output: "


@dataclass(frozen=True, slots=True)
class SampleProposal:
    """An input of the batch and what was made of it, as text."""

    message: str
    sample_input: str
    sample_output: str


class SampleCodec:
    """approve = "continue"; respond = the problem; edit = the corrected output (args {"sample_output": text});
    reject = "stop", with the reason when there is one."""

    kind = Kind.SAMPLE

    def matches(self, pause: Pause) -> bool:
        return isinstance(pause.value, Mapping) and pause.value.get("type") == "quality_check"

    def parse(self, pause: Pause) -> Review:
        value = pause.value
        proposal = SampleProposal(
            readable(value.get("message") or ""),
            readable(value.get("sample_input")),
            readable(value.get("sample_output")),
        )
        return Review(
            pause=pause,
            kind=self.kind,
            title=one_line(pause.title or proposal.message or "Check a sample", 80),
            gist=one_line(proposal.sample_output),
            question=readable(value.get("question") or "Is this result good?"),
            allowed=(
                DecisionType.APPROVE,
                DecisionType.EDIT,
                DecisionType.RESPOND,
                DecisionType.REJECT,
                DecisionType.IGNORE,
            ),
            labels={
                DecisionType.APPROVE: "Good: continue the batch",
                DecisionType.EDIT: "Send the corrected output",
                DecisionType.RESPOND: "Report a problem",
                DecisionType.REJECT: "Stop the batch",
                DecisionType.IGNORE: "Close without an answer",
            },
            proposal=proposal,
        )

    def encode(self, pause: Pause, said: Said) -> JSON:
        match said.type:
            case DecisionType.APPROVE:
                return _CONTINUE
            case DecisionType.EDIT:
                return _CORRECTED + _text((said.args or {}).get("sample_output"), "sample_output")
            case DecisionType.REJECT:
                return f"{_STOP}: {said.message}" if said.message and said.message.strip() else _STOP
        return _problem(said.message)

    def read(self, pause: Pause, value: JSON) -> Said:
        text = _text(value, "value")
        if text.strip().casefold() == _CONTINUE:
            return Said(DecisionType.APPROVE)
        if text.strip().casefold() == _STOP or text.startswith(f"{_STOP}: "):
            return Said(DecisionType.REJECT, message=text[len(_STOP) + 2 :] or None)
        if text.startswith(_CORRECTED):
            return Said(DecisionType.EDIT, args={"sample_output": text.removeprefix(_CORRECTED)})
        return Said(DecisionType.RESPOND, message=text)


def _problem(message: str | None) -> str:
    """Text that the graph cannot take for "continue": a reviewer who reports a problem never waves it through."""
    text = _text(message, "message")
    if text.strip().casefold() in (_CONTINUE, _STOP):
        raise InvalidDecision(f'"{text.strip()}" is a command to the graph. Describe the problem.', field="message")
    return text


def _text(value: JSON, field: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidDecision("Write what the graph should get, as text.", field=field)
    return value


CODEC = SampleCodec()
