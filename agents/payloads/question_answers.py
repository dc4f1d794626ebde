"""What may be answered to clarifying questions: the same reader for the codec and for the graph that is resumed."""

from __future__ import annotations

from collections.abc import Sequence

from agents.domain import JSON
from agents.errors import InvalidDecision

ACCEPTS = "answers/1"
"""What a payload's `accepts` says when its graph takes an answer for each question."""

ANSWER_MAX = 4000
_EXPECTED = 'Answer {"answers": [...]} with a text or null for each question, or one text for all of them.'

Pairs = list[tuple[str, str | None]]
"""(question, answer or None); None was left open."""


def read_answers(value: JSON, questions: Sequence[str]) -> Pairs:
    """The answers that a resume value holds. One text stands under all questions together.

    Raises InvalidDecision with the field at fault.
    """
    if isinstance(value, str):
        return [(" ".join(questions), needed_text(_optional_text(value)))]
    if not isinstance(value, dict) or set(value) != {"answers"}:
        raise InvalidDecision(f"That is no answer to these questions. {_EXPECTED}", "value")
    return list(zip(questions, check_answers(value["answers"], len(questions)), strict=True))


def check_answers(answers: JSON, number: int) -> list[str | None]:
    """A text or None for each question, blank ones as None. Raises InvalidDecision."""
    if not isinstance(answers, list | tuple) or len(answers) != number:
        many = "1 answer" if number == 1 else f"{number} answers"
        raise InvalidDecision(f"Expected a list of {many}, null where one is left open. {_EXPECTED}", "answers")
    return [_optional_text(answer) for answer in answers]


def needed_text(value: JSON) -> str:
    """The text as it is. Raises InvalidDecision for anything else and for a blank one."""
    if not isinstance(value, str) or not value.strip():
        raise InvalidDecision("Write the answers as text: that is what the graph gets.", "message")
    return value


def _optional_text(value: JSON) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > ANSWER_MAX:
        raise InvalidDecision(f"An answer must be text of at most {ANSWER_MAX:,} characters, or null.", "answers")
    return value.strip() or None
