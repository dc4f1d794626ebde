"""Clarifying questions: {"type": "clarification_needed", "original_task", "questions"}.

A graph that says `"accepts": "answers/1"`, as `clarification` does, gets
{"answers": [text or null, ...]}, one per question. Any other gets one text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agents.domain import JSON, DecisionType, Kind, Pause, Review, Said
from agents.errors import InvalidDecision
from agents.payloads.question_answers import ACCEPTS, Pairs, check_answers, needed_text, read_answers
from agents.payloads.wording import one_line, readable


@dataclass(frozen=True, slots=True)
class QuestionProposal:
    """What an agent wants to know before it goes on.

    hints: an example of an answer for each question, "" where there is none.
    structured: each question has an answer of its own, and may be left open.
    problem: why it is asked again. model_label: who asks.
    """

    task: str
    questions: tuple[str, ...]
    hints: tuple[str, ...] = ()
    structured: bool = False
    problem: str | None = None
    model_label: str = ""


class QuestionCodec:
    """respond: `args` {"answers": [...]} with a text or None for each question, or `message`, one text for all."""

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
            warnings=(proposal.problem,) if proposal.problem else (),
        )

    def encode(self, pause: Pause, said: Said) -> JSON:
        proposal = _proposal(pause.value)
        if said.args is None:
            return _one_text(proposal, said.message)
        if set(said.args) != {"answers"}:
            raise InvalidDecision('Give the answers as {"answers": [...]}, one for each question.', "answers")
        answers = check_answers(said.args["answers"], len(proposal.questions))
        return {"answers": answers} if proposal.structured else _as_text(proposal.questions, answers)

    def read(self, pause: Pause, value: JSON) -> Said:
        proposal = _proposal(pause.value)
        if not proposal.structured:
            return Said(DecisionType.RESPOND, message=needed_text(value), value=value)
        if isinstance(value, str):
            read_answers(value, proposal.questions)
            return Said(DecisionType.RESPOND, message=value, value=value)
        pairs = read_answers(value, proposal.questions)
        return Said(DecisionType.RESPOND, args={"answers": [answer for _, answer in pairs]}, value=value)


def answered(proposal: QuestionProposal, args: Mapping[str, JSON] | None, value: JSON) -> Pairs:
    """What a decision on record answered to which question, from its arguments or the value that was sent."""
    given = {"answers": args["answers"]} if args and "answers" in args else value
    try:
        return read_answers(given, proposal.questions)
    except InvalidDecision:
        return [(question, None) for question in proposal.questions]


def _proposal(value: Mapping[str, JSON]) -> QuestionProposal:
    questions = tuple(readable(each) for each in _listed(value.get("questions")))
    hints = [readable(each) for each in _listed(value.get("hints"))][: len(questions)]
    model, problem = value.get("model"), value.get("problem")
    return QuestionProposal(
        task=readable(value.get("original_task") or value.get("task") or ""),
        questions=questions,
        hints=(*hints, *("" for _ in questions[len(hints) :])),
        structured=value.get("accepts") == ACCEPTS and bool(questions),
        problem=problem if isinstance(problem, str) and problem else None,
        model_label=str(model.get("label") or "") if isinstance(model, Mapping) else "",
    )


def _listed(value: JSON) -> list[JSON]:
    return value if isinstance(value, list) else [value] if value else []


def _one_text(proposal: QuestionProposal, message: str | None) -> JSON:
    text = needed_text(message)
    if not proposal.structured:
        return text
    ((_, answer),) = read_answers(text, proposal.questions)
    return {"answers": [answer]} if len(proposal.questions) == 1 else text


def _as_text(questions: tuple[str, ...], answers: list[str | None]) -> str:
    """For a graph that takes text: the bare answer to one question, else each answer under its question."""
    given = [(question, answer) for question, answer in zip(questions, answers, strict=True) if answer]
    if not given:
        raise InvalidDecision("Write at least one answer: this graph does not go on without.", "answers")
    return given[0][1] if len(questions) == 1 else "\n\n".join(f"{question}\n{answer}" for question, answer in given)


CODEC = QuestionCodec()
