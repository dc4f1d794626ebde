"""A thread that stands still without asking: at a breakpoint of its graph, or stuck. There is no payload to read.

Not among the codecs that are asked what they match: a pause without a question always comes here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agents.domain import JSON, DecisionType, Kind, Pause, PauseStatus, Review, Said
from agents.payloads.wording import one_line


@dataclass(frozen=True, slots=True)
class Standing:
    """sentence: where it stands and why. nodes: the graph's steps that come next."""

    sentence: str
    nodes: tuple[str, ...]


class StandingCodec:
    """A breakpoint is approved, which goes on and sends nothing; what is stuck can only be repaired or closed."""

    kind = Kind.GENERIC

    def matches(self, pause: Pause) -> bool:
        return pause.status is PauseStatus.BREAKPOINT or (
            pause.status is PauseStatus.STUCK and pause.value is None and pause.task_id is None
        )

    def parse(self, pause: Pause) -> Review:
        at_breakpoint = pause.status is PauseStatus.BREAKPOINT
        sentence = place_of(pause) if at_breakpoint else pause.note or "This thread does not go on."
        asked = f"{sentence} Its graph says so. Continue?" if at_breakpoint else sentence
        return Review(
            pause=pause,
            kind=self.kind,
            title=one_line(pause.title or (place_of(pause) if at_breakpoint else "A run that stopped"), 80),
            gist=one_line(sentence),
            question=asked,
            allowed=(DecisionType.APPROVE, DecisionType.IGNORE) if at_breakpoint else (DecisionType.IGNORE,),
            labels={
                DecisionType.APPROVE: f"Continue with {_names(pause.nodes)}" if pause.nodes else "Continue",
                DecisionType.IGNORE: "Close without an answer",
            },
            proposal=Standing(sentence, pause.nodes),
        )

    def encode(self, pause: Pause, said: Said) -> JSON:
        return None

    def read(self, pause: Pause, value: JSON) -> Said:
        return Said(DecisionType.APPROVE)


def place_of(pause: Pause) -> str:
    """ "Paused before “act”."; of what is no breakpoint "Paused."."""
    value = pause.value if isinstance(pause.value, dict) else {}
    for place in ("before", "after"):
        named = [str(each) for each in value.get(place) or ()]
        if named:
            return f"Paused {place} {_names(named)}."
    return "Paused."


def _names(nodes: Sequence[str]) -> str:
    named = [f"“{node}”" for node in nodes]
    return named[0] if len(named) == 1 else ", ".join(named[:-1]) + f" and {named[-1]}"


CODEC = StandingCodec()
