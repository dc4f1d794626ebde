"""Clarifying questions: {"type": "clarification_needed", "original_task", "questions"}, answered with free text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agents.domain import JSON, DecisionType, Kind, Pause, Review, Said
from agents.errors import InvalidDecision
from agents.payloads.wording import one_line, readable


@dataclass(frozen=True, slots=True)
class QuestionProposal:
    """What an agent wants to know before it goes on."""

    task: str
    questions: tuple[str, ...]


class QuestionCodec:
    """respond sends the message as plain text; nothing else is sent."""

    kind = Kind.QUESTION

    def matches(self, pause: Pause) -> bool:
        return isinstance(pause.value, Mapping) and pause.value.get("type") == "clarification_needed"

    def parse(self, pause: Pause) -> Review:
        proposal = _proposal(pause.value)
        count = len(proposal.questions)
        return Review(
            pause=pause,
            kind=self.kind,
            title=one_line(pause.title or proposal.task or "Questions before going on", 80),
            gist=one_line(" ".join(proposal.questions) or proposal.task),
            question="What is the answer?" if count == 1 else "What are the answers?",
            allowed=(DecisionType.RESPOND, DecisionType.IGNORE),
            labels={
                DecisionType.RESPOND: "Send the answer" if count == 1 else "Send the answers",
                DecisionType.IGNORE: "Close without an answer",
            },
            proposal=proposal,
        )

    def encode(self, pause: Pause, said: Said) -> JSON:
        return _text(said.message)

    def read(self, pause: Pause, value: JSON) -> Said:
        return Said(DecisionType.RESPOND, message=_text(value))


def _proposal(value: Mapping[str, JSON]) -> QuestionProposal:
    asked = value.get("questions")
    questions = asked if isinstance(asked, list) else [asked] if asked else []
    return QuestionProposal(
        task=readable(value.get("original_task") or value.get("task") or ""),
        questions=tuple(readable(each) for each in questions),
    )


def _text(value: JSON) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidDecision("Write the answers as text: that is what the graph gets.", field="message")
    return value


CODEC = QuestionCodec()
