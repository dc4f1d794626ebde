"""What somebody has said to a question, whether it counts already or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from agents.domain import JSON, DecisionType


class Taken(Protocol):
    """A decision, or the opinion of one of two who must agree. key: names it among all that are drawn."""

    @property
    def key(self) -> str: ...
    @property
    def type(self) -> DecisionType: ...
    @property
    def message(self) -> str | None: ...
    @property
    def args(self) -> Mapping[str, JSON] | None: ...
    @property
    def resume_value(self) -> JSON: ...
