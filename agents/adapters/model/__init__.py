"""Writers: they draft plans and mails, a person decides about them.

`make_writer` picks the language model where a key or a server is set, and
the built-in offline rules otherwise.
"""

from __future__ import annotations

from typing import Protocol

from agents.adapters.model.schema import (
    EmailDraft,
    EmailRequest,
    PlanDraft,
    PlanRequest,
    StepDraft,
)

__all__ = ["EmailDraft", "EmailRequest", "PlanDraft", "PlanRequest", "StepDraft", "Writer"]


class Writer(Protocol):
    """Drafts what a person then reviews. Failures raise ModelError with a sentence for the reader.

    label: shown on screen, "Offline rules (no language model)" or "gpt-5-mini at api.openai.com".
    """

    @property
    def label(self) -> str: ...
    @property
    def offline(self) -> bool: ...
    def plan(self, request: PlanRequest) -> PlanDraft: ...
    def email(self, request: EmailRequest) -> EmailDraft: ...
