from __future__ import annotations

from typing import Any

import pytest

from agents import payloads
from agents.domain import JSON, DecisionType, Kind, Said
from agents.errors import InvalidDecision
from agents.payloads.question import QuestionProposal, answered
from tests.payloads.test_generic import pause

ASKED = {
    "type": "clarification_needed",
    "original_task": "Clean up",
    "questions": ["Which folder?", "How old?"],
}
OURS = {
    **ASKED,
    "hints": ["logs/", "30 days"],
    "accepts": "answers/1",
    "model": {"label": "a model", "offline": False},
    "problem": None,
}
ONE = {**OURS, "questions": ["Which folder?"], "hints": ["logs/"]}


def respond(message: str | None = None, answers: JSON = None) -> Said:
    return Said(DecisionType.RESPOND, message, None if answers is None else {"answers": answers})


def test_questions_are_answered_with_plain_text() -> None:
    held = pause(ASKED)
    review = payloads.parse(held)
    assert (review.kind, review.title) == (Kind.QUESTION, "Clean up")
    assert review.proposal.questions == ("Which folder?", "How old?")
    assert review.proposal.structured is False
    assert review.allowed == (DecisionType.RESPOND, DecisionType.IGNORE)
    assert payloads.encode(held, respond("logs, 30 days")) == "logs, 30 days"
    assert payloads.encode(held, respond("x" * 9000)) == "x" * 9000
    assert payloads.read(held, "logs").message == "logs"


def test_a_strangers_graph_gets_the_answers_under_their_questions() -> None:
    assert (
        payloads.encode(pause(ASKED), respond(answers=["logs", " 30 days "]))
        == "Which folder?\nlogs\n\nHow old?\n30 days"
    )
    assert payloads.encode(pause(ASKED), respond(answers=[None, "30 days"])) == "How old?\n30 days"
    assert payloads.encode(pause({**ASKED, "questions": "Which folder?"}), respond(answers=["logs"])) == "logs"
    with pytest.raises(InvalidDecision, match="at least one answer"):
        payloads.encode(pause(ASKED), respond(answers=[None, ""]))


def test_our_own_graph_gets_an_answer_or_null_for_each_question() -> None:
    held = pause(OURS)
    proposal = payloads.parse(held).proposal
    assert proposal == QuestionProposal(
        "Clean up", ("Which folder?", "How old?"), ("logs/", "30 days"), True, None, "a model"
    )
    assert payloads.encode(held, respond(answers=["logs", " "])) == {"answers": ["logs", None]}
    assert payloads.encode(held, respond(answers=[None, None])) == {"answers": [None, None]}
    assert payloads.encode(held, respond("logs, 30 days")) == "logs, 30 days"
    assert payloads.encode(pause(ONE), respond("logs")) == {"answers": ["logs"]}
    assert payloads.read(held, {"answers": ["logs", None]}).args == {"answers": ["logs", None]}
    assert payloads.read(held, "logs, 30 days").message == "logs, 30 days"


BAD: list[JSON] = [
    None, "", " ", 7, [], {}, {"answers": []}, {"answers": ["a"]}, {"answers": ["a", 7]}, {"answers": ["a", "x" * 4001]},
    {"answers": ["a", "b"], "more": 1}, {"type": "respond"}, "x" * 4001,
]  # fmt: skip


@pytest.mark.parametrize("value", BAD, ids=lambda value: str(value)[:40])
def test_what_our_graph_would_ask_about_again_is_refused(value: JSON) -> None:
    with pytest.raises(InvalidDecision):
        payloads.read(pause(OURS), value)


@pytest.mark.parametrize("value", [None, "", 7, {"answers": []}, {"answers": ["a", "b"]}])
def test_a_strangers_graph_gets_nothing_but_text(value: JSON) -> None:
    with pytest.raises(InvalidDecision):
        payloads.encode(pause(ASKED), Said(DecisionType.RESPOND, value=value))


def test_other_arguments_are_refused() -> None:
    with pytest.raises(InvalidDecision, match="one for each question"):
        payloads.encode(pause(OURS), Said(DecisionType.RESPOND, args={"answer": "a"}))


@pytest.mark.parametrize(
    "odd",
    [{"questions": None}, {"questions": "One?"}, {"questions": [{"q": 1}], "hints": "x"}, {"hints": ["a", "b", "c"]}, {"model": "gpt", "problem": 7}],
)  # fmt: skip
def test_odd_payloads_are_read(odd: dict[str, Any]) -> None:
    proposal = payloads.parse(pause({**OURS, **odd})).proposal
    assert len(proposal.hints) == len(proposal.questions)
    assert proposal.problem is None


def test_what_was_answered_is_told_question_by_question() -> None:
    proposal = payloads.parse(pause(OURS)).proposal
    pairs = [("Which folder?", "logs"), ("How old?", None)]
    assert answered(proposal, {"answers": ["logs", None]}, "Which folder?\nlogs") == pairs
    assert answered(proposal, None, {"answers": ["logs", None]}) == pairs
    assert answered(proposal, None, "all of it") == [("Which folder? How old?", "all of it")]
    assert answered(proposal, None, None) == [("Which folder?", None), ("How old?", None)]


def test_a_question_that_is_asked_again_says_why() -> None:
    review = payloads.parse(pause({**OURS, "problem": "That answer could not be used."}))
    assert review.warnings == ("That answer could not be used.",)
