"""What may be answered to a sample of a batch: the same reader for the codec and for the graph that is resumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agents.domain import JSON, DecisionType
from agents.errors import InvalidDecision
from agents.wording import some

TEXT_MAX = 10_000
CONTINUE, STOP = "continue", "stop"
_ACTIONS = {
    CONTINUE: (DecisionType.APPROVE, {"inspected"}),
    "correct": (DecisionType.EDIT, {"corrections", "inspected"}),
    "problem": (DecisionType.RESPOND, {"problem", "corrections"}),
    STOP: (DecisionType.REJECT, {"reason"}),
}
_EXPECTED = (
    'Answer {"action": "continue"}, {"action": "correct", "corrections": {...}}, {"action": "problem", "problem": ...}, '
    '{"action": "stop"}, or the words "continue", "stop", or what is wrong.'
)


@dataclass(frozen=True, slots=True)
class SampleAnswer:
    """What a resume value says.

    message: the problem, or the reason to stop. corrections: item number -> its whole output, with RESPOND an
    example and no verdict. inspected: items that were looked at beside the samples, ascending.
    """

    type: DecisionType
    message: str | None = None
    corrections: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    inspected: tuple[int, ...] = ()

    def value(self) -> dict[str, JSON]:
        """The resume value that says this."""
        action = next(word for word, (kind, _) in _ACTIONS.items() if kind is self.type)
        said: dict[str, JSON] = {"action": action}
        if self.type is DecisionType.RESPOND:
            said["problem"] = self.message
        if self.type is DecisionType.REJECT:
            said["reason"] = self.message
        if self.corrections:
            said["corrections"] = {str(number): dict(output) for number, output in self.corrections.items()}
        if self.inspected:
            said["inspected"] = list(self.inspected)
        return said


def read_answer(value: JSON, asked: Mapping[str, JSON]) -> SampleAnswer:
    """What a resume value says about the samples of the payload `asked`. Raises InvalidDecision with the field at fault.

    Plain words: "continue", "stop", "stop: REASON"; any other text is a problem.
    """
    if isinstance(value, str):
        return _read_words(value)
    if not isinstance(value, Mapping):
        raise InvalidDecision(f"The answer is neither text nor an object. {_EXPECTED}", "value")
    action = value.get("action")
    if not isinstance(action, str) or action not in _ACTIONS:
        raise InvalidDecision(f"The answer has no known action. {_EXPECTED}", "action")
    kind, known = _ACTIONS[action]
    extra = set(map(str, value)) - known - {"action"}
    if extra:
        raise InvalidDecision(f"The answer {action} takes no field {sorted(extra)[0]}. {_EXPECTED}", "value")
    message = value.get("problem") if kind is DecisionType.RESPOND else value.get("reason")
    return checked(
        kind,
        asked,
        message=message,
        corrections=value.get("corrections"),
        inspected=value.get("inspected"),
    )


def checked(
    kind: DecisionType, asked: Mapping[str, JSON], *, message: JSON, corrections: JSON, inspected: JSON
) -> SampleAnswer:
    """An answer from its parts. Raises InvalidDecision with the field at fault."""
    corrected = read_corrections(corrections, asked)
    if kind is DecisionType.EDIT and not corrected:
        raise InvalidDecision("No item is corrected. Correct one, or continue.", "corrections")
    return SampleAnswer(
        kind,
        _problem(message) if kind is DecisionType.RESPOND else _optional(message),
        corrected,
        _inspected(inspected, asked),
    )


def read_corrections(value: JSON, asked: Mapping[str, JSON]) -> dict[int, dict[str, str]]:
    """Item number -> whole output, ascending; every item in the chunk, each with exactly the fields of the output.

    Raises InvalidDecision for anything else, and for a sample that is sent back as it was.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidDecision(
            'The corrections must be an object such as {"40": {"category": "billing"}}.', "corrections"
        )
    numbers = {_item_no(number, asked, "corrections"): output for number, output in value.items()}
    if len(numbers) < len(value):
        raise InvalidDecision("An item is corrected twice.", "corrections")
    return {number: _output(number, numbers[number], asked) for number in sorted(numbers)}


def _output(number: int, output: JSON, asked: Mapping[str, JSON]) -> dict[str, str]:
    names = [str(name) for name in asked.get("fields") or ()]
    if not isinstance(output, Mapping) or set(output) != set(names):
        raise InvalidDecision(
            f"Item {number}: a corrected item has exactly the fields {some(names, 20)}.", "corrections"
        )
    choices = asked.get("choices") or {}
    for name in names:
        _check_text(number, name, output[name], choices.get(name) or ())
    found = {name: output[name] for name in names}
    shown = next((each for each in asked.get("samples") or () if each.get("item_no") == number), None)
    if shown and shown.get("output") == found:
        raise InvalidDecision(f"Item {number} is sent back as it was. Change it, or leave it out.", "corrections")
    return found


def _check_text(number: int, name: str, text: JSON, choices: Sequence[str]) -> None:
    if not isinstance(text, str) or len(text) > TEXT_MAX:
        raise InvalidDecision(
            f"Item {number}, {name}: expected text of at most {TEXT_MAX:,} characters.", "corrections"
        )
    if choices and text not in choices:
        raise InvalidDecision(f"Item {number}, {name}: choose one of {some(list(choices), 20)}.", "corrections")


def _inspected(value: JSON, asked: Mapping[str, JSON]) -> tuple[int, ...]:
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise InvalidDecision("The inspected items must be a list of numbers.", "inspected")
    return tuple(sorted({_item_no(each, asked, "inspected") for each in value}))


def _item_no(value: JSON, asked: Mapping[str, JSON], where: str) -> int:
    first, last = asked.get("first"), asked.get("last")
    number = int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() else value
    if isinstance(number, bool) or not isinstance(number, int) or not (first or 0) <= number <= (last or 0):
        raise InvalidDecision(f"{value!r} is no item of this sample: they are items {first} to {last}.", where)
    return number


def _read_words(value: str) -> SampleAnswer:
    text = value.strip()
    if text.casefold() == CONTINUE:
        return SampleAnswer(DecisionType.APPROVE)
    if text.casefold() == STOP:
        return SampleAnswer(DecisionType.REJECT)
    if text.startswith(f"{STOP}: "):
        return SampleAnswer(DecisionType.REJECT, _optional(text[len(STOP) + 2 :]))
    return SampleAnswer(DecisionType.RESPOND, _problem(text))


def _problem(value: JSON) -> str:
    """A reviewer who reports a problem never waves it through: a command to the graph is no problem."""
    text = _optional(value)
    if not text:
        raise InvalidDecision("Describe the problem: it is what the model gets.", "message")
    if text.casefold() in (CONTINUE, STOP):
        raise InvalidDecision(f"“{text}” is a command to the graph. Describe the problem.", "message")
    return text


def _optional(value: JSON) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > TEXT_MAX:
        raise InvalidDecision(f"The message must be text of at most {TEXT_MAX:,} characters.", "message")
    return value.strip() or None
