"""Signoff's own tables: schema, engine, migrations, and short write transactions."""

from agents.database.engine import open_database, reading, writing
from agents.database.schema import (
    allowed_type,
    decision,
    demo_file,
    demo_thread,
    draft,
    effect,
    event,
    job,
    look,
    lot,
    lot_item,
    lot_result,
    lot_verdict,
    progress,
    thread,
    thread_graph,
)

__all__ = [
    "allowed_type",
    "decision",
    "demo_file",
    "demo_thread",
    "draft",
    "effect",
    "event",
    "job",
    "look",
    "lot",
    "lot_item",
    "lot_result",
    "lot_verdict",
    "open_database",
    "progress",
    "reading",
    "thread",
    "thread_graph",
    "writing",
]
