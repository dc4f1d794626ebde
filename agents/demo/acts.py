"""What a scene of the demo is made of: a thread that began some time ago, and what was said to it since."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from agents.domain import JSON, Pause, Said

ADA, BEN = "Ada (demo)", "Ben (demo)"
"""Nobody's real name: the record says who decided, and nobody did."""

Answer: TypeAlias = Said | Callable[[Pause], Said]
"""What is said to a question; made from the question where it depends on what was proposed."""


@dataclass(frozen=True, slots=True)
class Act:
    """One decision, `ago` before now."""

    ago: timedelta
    who: str
    answer: Answer

    def said(self, pause: Pause) -> Said:
        return self.answer if isinstance(self.answer, Said) else self.answer(pause)


@dataclass(frozen=True, slots=True)
class Scene:
    """One thread. name: the end of its id. ago: when it was started; acts: oldest first."""

    name: str
    about: str
    graph_id: str
    given: Mapping[str, JSON]
    ago: timedelta
    acts: Sequence[Act] = ()
    tickets: tuple[int, int] | None = None
    """For a batch: the first and the last of its sample tickets."""
