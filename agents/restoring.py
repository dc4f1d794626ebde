"""Putting back what an approved plan moved or took away; on record like a decision."""

from __future__ import annotations

from agents import choosing
from agents.adapters.workspace import RestoreReport, open_workspace
from agents.audit import Question, append
from agents.database import writing
from agents.desk import Desk
from agents.domain import Kind, Who
from agents.people import Act, permitted


def restore_files(desk: Desk, thread_id: str, *, actor: Who, source_id: str | None = None) -> RestoreReport:
    """Restore a thread's files. Never replaces one that took their place; the report names those.

    Raises SignoffError when the workspace cannot be used, Busy while the plan is still being carried out, NotAllowed,
    and as Desk.source_of does.
    """
    name = permitted(desk, actor, Act.RESTORE)
    source_id = desk.source_of(thread_id, source_id)
    known = choosing.belongs(desk, thread_id, source_id)
    permitted(desk, actor, Act.RESTORE, graph_id=known[0] if known else None, kind=Kind.PLAN)
    report = open_workspace(desk.settings).restore(thread_id)
    if report.restored:
        with writing(desk.engine) as connection:
            about = Question(source_id, thread_id)
            left = [{"path": each.path, "why": each.why} for each in report.left]
            append(
                connection,
                at=desk.clock(),
                actor=name,
                action="restored",
                about=about,
                text=report.text,
                files=list(report.restored),
                left=left,
            )
    return report


def restorable_files(desk: Desk, thread_id: str) -> int:
    """How many files of this thread could be put back now; 0 where there is no trash."""
    return open_workspace(desk.settings).restorable(thread_id)
