"""Signoff's own tables: schema, engine, migrations, and short write transactions."""

from agents.database.engine import open_database, reading, writing
from agents.database.schema import decision, draft, effect, event, job, look, progress, thread

__all__ = [
    "decision",
    "draft",
    "effect",
    "event",
    "job",
    "look",
    "open_database",
    "progress",
    "reading",
    "thread",
    "writing",
]
