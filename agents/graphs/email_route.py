"""Who sends and by which way: what an approval is bound to, besides the mail itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from agents.adapters.mail import Mailer
from agents.domain import JSON


@dataclass(frozen=True, slots=True)
class Route:
    """sender: an address. key: the mailer's route. delivery: the sentence that the reviewer sees."""

    sender: str
    key: str
    delivery: str

    @classmethod
    def of(cls, mailer: Mailer, sender: str) -> Route:
        return cls(sender, mailer.route, mailer.describe())

    def as_json(self) -> dict[str, JSON]:
        return asdict(self)


def approved_sender(state: Mapping[str, Any], here: Route) -> str:
    """The sender that the reviewer saw: the mail that was approved is always built with it."""
    return str((state.get("route") or {}).get("sender") or here.sender)


def route_changed(approved: Mapping[str, Any] | None, here: Route) -> str | None:
    """Why this worker may not send what was approved, as a sentence; None when it may."""
    if not approved:
        return "Who would send this mail, and how, was not on record when it was approved, so it was not sent."
    before = Route(**approved)
    changes = []
    if before.sender != here.sender:
        changes.append(f"the sender changed from {before.sender} to {here.sender}")
    if before.key != here.key:
        changes.append(f"the way out changed (before: {before.delivery.rstrip('.')}; now: {here.delivery.rstrip('.')})")
    return f"Since this mail was shown, {' and '.join(changes)}, so it was not sent." if changes else None
