"""Writers: they draft plans and mails, a person decides about them.

`make_writer` picks the language model where a key or a server is set, and
the built-in offline rules otherwise.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from agents.adapters.model.offline import OfflineWriter
from agents.adapters.model.openai import OpenAIWriter
from agents.adapters.model.schema import (
    Clarification,
    ClarifyRequest,
    EmailDraft,
    EmailRequest,
    ItemAnswer,
    ItemInstruction,
    ItemRequest,
    PlanDraft,
    PlanRequest,
    Question,
    StepDraft,
)
from agents.settings import Settings

__all__ = [
    "Clarification",
    "ClarifyRequest",
    "EmailDraft",
    "EmailRequest",
    "ItemAnswer",
    "ItemInstruction",
    "ItemRequest",
    "PlanDraft",
    "PlanRequest",
    "Question",
    "StepDraft",
    "Writer",
    "make_writer",
]


class Writer(Protocol):
    """Drafts what a person then reviews. Failures raise ModelError with a sentence for the reader.

    label: shown on screen, "Offline rules (no language model)" or "gpt-5-mini at api.openai.com".
    `enrich` makes the task for `plan` from (question, answer) pairs, None for
    an answer that was left open; it asks no model.
    `item` may be called by many threads at once. It waits for nobody: where a
    failure is temporary, its ModelError says so and the caller tries again.
    """

    @property
    def label(self) -> str: ...
    @property
    def offline(self) -> bool: ...
    def clarify(self, request: ClarifyRequest) -> Clarification: ...
    def enrich(self, task: str, answers: Sequence[tuple[str, str | None]]) -> str: ...
    def plan(self, request: PlanRequest) -> PlanDraft: ...
    def email(self, request: EmailRequest) -> EmailDraft: ...
    def item(self, request: ItemRequest) -> ItemAnswer: ...


def make_writer(settings: Settings, sleep: Callable[[float], None] = time.sleep) -> Writer:
    """The language model where a key or a server is set, else the offline rules.

    SIGNOFF_MODEL=offline forces the rules. `sleep` (seconds) waits for a busy server.
    """
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else None
    if settings.model.strip().lower() == "offline" or not (key or settings.openai_base_url):
        return OfflineWriter()
    return OpenAIWriter(settings.model.strip(), base_url=settings.openai_base_url, key=key, sleep=sleep)
