"""The codec of a sample of a batch: `batch_sampling`, and the lesson's own payload.

    {"type": "quality_check", "accepts": "sample/1", "samples", ...}     resume: an object per decision
    {"type": "quality_check", "sample_input", "sample_output", ...}      resume: "continue", or what is wrong

A graph of the second kind takes plain text only, so an edit and a stop are
said in words that hold as a description of the problem too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agents.domain import JSON, UNSET, DecisionType, Kind, Pause, Review, Said
from agents.errors import InvalidDecision
from agents.payloads.sample_answers import CONTINUE, STOP, checked, read_answer
from agents.payloads.wording import one_line, readable
from agents.wording import count

__all__ = [
    "ACCEPTS",
    "CODEC",
    "TYPE",
    "Place",
    "Sample",
    "SampleCodec",
    "SampleProposal",
    "continue_words",
    "edit_words",
]

TYPE = "quality_check"
ACCEPTS = "sample/1"
_CORRECTED = "Corrected output: "


@dataclass(frozen=True, slots=True)
class Sample:
    """One item with what was made of it: (column, text) and (field, text) pairs, ("", text) where they have no names.

    error: why there is no output. before: the output of the generation before, after a redo.
    """

    item_no: int | None
    input: tuple[tuple[str, str], ...]
    output: tuple[tuple[str, str], ...]
    error: str | None = None
    before: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where in its batch a sample stands: items `first` to `last` of `size` are judged by it."""

    lot_id: str
    name: str
    first: int
    last: int
    size: int
    every: int
    generation: int


@dataclass(frozen=True, slots=True)
class SampleProposal:
    """Samples to judge. place: None in a stranger's payload, which also takes text only (structured is False then).

    costs: what "continue", "problem" and the "rest" of the batch mean, in numbers named as in the payload.
    failed: the first failed items of the chunk, failed_count how many there are. problem: why it is asked again.
    """

    message: str
    samples: tuple[Sample, ...]
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    place: Place | None = None
    costs: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    failed: tuple[int, ...] = ()
    failed_count: int = 0
    fields: tuple[str, ...] = ()
    sample_no: int = 0
    sample_count: int = 0
    model: Mapping[str, JSON] = field(default_factory=dict)
    problem: str | None = None
    structured: bool = False


class SampleCodec:
    """approve = continue; edit = corrected outputs; respond = a problem; reject = stop, with the reason when there is one.

    EDIT takes args {"corrections": {item: {field: text}}, "inspected": [item]}, APPROVE {"inspected"}, RESPOND
    {"corrections"} as examples. For a graph that takes text only, EDIT takes args {"sample_output": text}.
    """

    kind = Kind.SAMPLE

    def matches(self, pause: Pause) -> bool:
        return isinstance(pause.value, Mapping) and pause.value.get("type") == TYPE

    def parse(self, pause: Pause) -> Review:
        value = pause.value
        proposal = _proposal(value)
        shown = proposal.samples[-1]
        return Review(
            pause=pause,
            kind=self.kind,
            title=one_line(pause.title or proposal.message or "Check a sample", 80),
            gist=one_line(_gist(proposal, shown)),
            question=readable(value.get("question") or "Is this result good?"),
            allowed=tuple(DecisionType[name] for name in ("APPROVE", "EDIT", "RESPOND", "REJECT", "IGNORE")),
            labels=_labels(proposal),
            proposal=proposal,
            revision=_whole(value.get("revision")) or 1,
            instruction=_text(value.get("instruction")) or None,
            warnings=_warnings(proposal),
        )

    def encode(self, pause: Pause, said: Said) -> JSON:
        """The exact resume value. Raises InvalidDecision(field=...) for what does not validate."""
        if said.value is not UNSET:
            self.read(pause, said.value)
            return said.value
        if not _structured(pause.value):
            return _encode_words(said)
        args = said.args or {}
        for name in set(args) - {"corrections", "inspected"}:
            raise InvalidDecision(f"A sample takes no field {name}.", name)
        return checked(
            said.type,
            pause.value,
            message=said.message,
            corrections=args.get("corrections"),
            inspected=args.get("inspected"),
        ).value()

    def read(self, pause: Pause, value: JSON) -> Said:
        """What a raw resume value says. Raises InvalidDecision for one that the graph would not take."""
        if not _structured(pause.value):
            return _read_words(value)
        answer = read_answer(value, pause.value)
        said = answer.value()
        args: dict[str, JSON] = {name: said[name] for name in ("corrections", "inspected") if name in said}
        return Said(answer.type, message=answer.message, args=args or None, value=value)


CODEC = SampleCodec()


def edit_words(proposal: SampleProposal, corrected: int) -> str:
    """What sending this many corrected items does, for its button."""
    sent = f"Send {count(corrected, 'corrected item')}"
    return f"{sent}, {continue_words(proposal)}" if proposal.place else sent


def continue_words(proposal: SampleProposal) -> str:
    """What happens once the cursor moves on: "continue with the next 20 items", "finish the batch"."""
    following = proposal.costs.get("continue", {}).get("items", 0)
    if not proposal.place:
        return "continue the batch"
    if not following:
        return "finish the batch"
    return f"continue with the {'next' if following > 1 else 'last'} {count(following, 'item')}"


def _labels(proposal: SampleProposal) -> dict[DecisionType, str]:
    labels = {
        DecisionType.APPROVE: f"Good: {continue_words(proposal)}",
        DecisionType.EDIT: "Send the corrected output",
        DecisionType.RESPOND: "Report a problem",
        DecisionType.REJECT: "Stop the batch",
        DecisionType.IGNORE: "Close without an answer",
    }
    place, again = proposal.place, proposal.costs.get("problem", {}).get("items", 0)
    if place:
        labels[DecisionType.EDIT] = "Send the corrected items"
        labels[DecisionType.RESPOND] = f"Problem: redo {count(again, 'item')}"
        labels[DecisionType.REJECT] += " here"
    return labels


def _warnings(proposal: SampleProposal) -> tuple[str, ...]:
    found = [proposal.problem] if proposal.problem else []
    place = proposal.place
    if place and proposal.failed_count:
        items = place.last - place.first + 1
        found.append(f"{proposal.failed_count:,} of the {count(items, 'item')} since the last sample failed.")
    return tuple(found)


def _gist(proposal: SampleProposal, shown: Sample) -> str:
    output = ", ".join(text for _, text in shown.output) or shown.error or ""
    if not proposal.structured:
        return output
    return f"Item {shown.item_no}: {output}" if shown.output else f"Item {shown.item_no} failed: {output}"


def _proposal(value: Mapping[str, JSON]) -> SampleProposal:
    message = readable(value.get("message") or "")
    if not _structured(value):
        made = Sample(None, (("", readable(value.get("sample_input"))),), (("", readable(value.get("sample_output"))),))
        return SampleProposal(message, (made,))
    numbers = [value.get(name) for name in ("first", "last", "size", "every", "generation")]
    return SampleProposal(
        message=message,
        samples=_samples(value),
        choices={str(name): tuple(map(str, known)) for name, known in _mapping(value.get("choices")).items()},
        place=Place(_text(value.get("lot_id")), _text(value.get("name")), *map(_whole, numbers)),
        costs={name: {key: _whole(n) for key, n in _mapping(cost).items()} for name, cost in _costs(value)},
        failed=tuple(_whole(number) for number in value.get("failed_items") or ()),
        failed_count=_whole(value.get("failed")),
        fields=tuple(str(name) for name in value.get("fields") or ()),
        sample_no=_whole(value.get("sample_no")),
        sample_count=_whole(value.get("sample_count")),
        model=_mapping(value.get("model")),
        problem=_text(value.get("problem")) or None,
        structured=True,
    )


def _samples(value: Mapping[str, JSON]) -> tuple[Sample, ...]:
    alone = {"item_no": value.get("item_no"), "input": value.get("sample_input"), "output": value.get("sample_output")}
    listed: Sequence[JSON] = value.get("samples") or [alone]
    return tuple(
        Sample(
            each.get("item_no"),
            _pairs(each.get("input")),
            _pairs(each.get("output")),
            _text(each.get("error")) or None,
            _pairs(each["before"]) if each.get("before") is not None else None,
        )
        for each in listed
    )


def _costs(value: Mapping[str, JSON]) -> list[tuple[str, JSON]]:
    return [(str(name), cost) for name, cost in _mapping(value.get("costs")).items()]


def _structured(value: Mapping[str, JSON]) -> bool:
    return value.get("accepts") == ACCEPTS


def _encode_words(said: Said) -> str:
    match said.type:
        case DecisionType.APPROVE:
            return CONTINUE
        case DecisionType.EDIT:
            return _CORRECTED + _needed((said.args or {}).get("sample_output"), "sample_output")
        case DecisionType.REJECT:
            return f"{STOP}: {said.message}" if said.message and said.message.strip() else STOP
    return _problem(said.message)


def _read_words(value: JSON) -> Said:
    text = _needed(value, "value")
    if text.strip().casefold() == CONTINUE:
        return Said(DecisionType.APPROVE)
    if text.strip().casefold() == STOP or text.startswith(f"{STOP}: "):
        return Said(DecisionType.REJECT, message=text[len(STOP) + 2 :] or None)
    if text.startswith(_CORRECTED):
        return Said(DecisionType.EDIT, args={"sample_output": text.removeprefix(_CORRECTED)})
    return Said(DecisionType.RESPOND, message=text)


def _problem(message: str | None) -> str:
    """Text that the graph cannot take for "continue": a reviewer who reports a problem never waves it through."""
    text = _needed(message, "message")
    if text.strip().casefold() in (CONTINUE, STOP):
        raise InvalidDecision(f'"{text.strip()}" is a command to the graph. Describe the problem.', field="message")
    return text


def _needed(value: JSON, name: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidDecision("Write what the graph should get, as text.", field=name)
    return value


def _pairs(value: JSON) -> tuple[tuple[str, str], ...]:
    if value is None:
        return ()
    if isinstance(value, Mapping):
        return tuple((str(name), readable(text)) for name, text in value.items())
    return (("", readable(value)),)


def _mapping(value: JSON) -> Mapping[str, JSON]:
    return value if isinstance(value, Mapping) else {}


def _text(value: JSON) -> str:
    return value if isinstance(value, str) else ("" if value is None else str(value))


def _whole(value: JSON) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
