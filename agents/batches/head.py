"""What the state of a batch's thread says, as frozen values; read without its graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agents.desk import Desk
from agents.domain import JSON, Pause, PauseStatus
from agents.lots import Span

FIRST = ((1, 0),)


@dataclass(frozen=True, slots=True)
class Instruction:
    """A problem that a reviewer described, and what came of it: another generation.

    input and output: the corrected item that goes along as an example, where there is one.
    """

    generation: int
    text: str
    input: Mapping[str, str] | None
    output: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Head:
    """The newest state of a batch. lot_id: None before its rows are read in. cursor: items behind a decision.
    done: items of the chunks that the model is through with.

    options: what the batch was started with. question: what waits for a person. stuck: it waits, but no answer could reach it. unfinished: steps are left to run.
    """

    lot_id: str | None
    cursor: int
    done: int
    spans: Sequence[Span]
    instructions: tuple[Instruction, ...]
    options: Mapping[str, JSON]
    outcome: Mapping[str, JSON] | None
    question: Pause | None
    stuck: bool
    unfinished: bool

    @property
    def every(self) -> int:
        """Items per chunk; 0 before the first step."""
        return whole(self.options.get("every"))

    @property
    def samples(self) -> int:
        """Items of a chunk that are shown; 0 before the first step."""
        return whole(self.options.get("samples"))

    @property
    def fields(self) -> list[str]:
        """The names of the output's fields."""
        return [str(each) for each in self.options.get("fields") or ()]

    @property
    def settled(self) -> int:
        """Up to this item a failed one may be tried again; what follows is under review, or still worked on."""
        return self.cursor if self.question is not None else self.done


def head_of(desk: Desk, thread_id: str, source_id: str) -> Head:
    """Raises Busy when the checkpointer file is locked, SourceUnreadable when it is none."""
    state = desk.state(thread_id, source_id)
    if state is None:
        return Head(None, 0, 0, FIRST, (), {}, None, None, False, False)
    values = desk.reader(source_id).values(thread_id)
    questions = [pause for pause in state.pauses if pause.status is PauseStatus.QUESTION]
    outcome, options = values.get("outcome"), values.get("options")
    return Head(
        lot_id=values.get("lot_id") if isinstance(values.get("lot_id"), str) else None,
        cursor=whole(values.get("cursor")),
        done=whole(values.get("done")),
        spans=_spans(values.get("spans")),
        instructions=tuple(_instruction(each) for each in values.get("instructions") or () if isinstance(each, dict)),
        options=options if isinstance(options, dict) else {},
        outcome=outcome if isinstance(outcome, dict) else None,
        question=questions[0] if questions else None,
        stuck=bool(state.pauses) and not questions,
        unfinished=state.unfinished,
    )


def whole(value: JSON) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _spans(value: JSON) -> Sequence[Span]:
    found = [(whole(each[0]), whole(each[1])) for each in value or () if isinstance(each, list) and len(each) == 2]
    return tuple(found) or FIRST


def _instruction(value: Mapping[str, JSON]) -> Instruction:
    return Instruction(
        whole(value.get("generation")), str(value.get("text", "")), value.get("input"), value.get("output")
    )
