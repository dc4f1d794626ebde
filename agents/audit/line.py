"""A line of the log for every event of the record, once it stands: who did what to which thread, and nothing of what it says."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from agents.domain import JSON

log = logging.getLogger("signoff.record")
WORDS = {
    "decided": "decision accepted",
    "delivered": "decision delivered",
    "refused": "decision refused",
    "superseded": "decision superseded",
    "undone": "decision taken back",
    "failed": "run failed",
}
TROUBLE = ("refused", "failed")
_TOLD = ("decision_id", "type", "graph_id")
"""Details that are ids, and no words of anybody's."""


def write_line(row: Mapping[str, JSON]) -> None:
    """row: of the table of events."""
    level = logging.WARNING if row["action"] in TROUBLE else logging.INFO
    names = ("source_id", "thread_id", "pause_key", "actor", "action")
    told = {name: row[name] for name in names} | {name: row["fields"].get(name) for name in _TOLD}
    message = WORDS.get(row["action"], str(row["action"]).replace("_", " "))
    log.log(level, message, extra={**told, "event": row["seq"]})
