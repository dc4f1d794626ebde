"""Threads that must not be written to: what they hold would be stored as something else."""

from __future__ import annotations

from collections.abc import Sequence

from agents import jobs, trust
from agents.audit import append
from agents.database import reading, writing
from agents.decisions import Decision
from agents.runs.run import ACTOR, Run
from agents.runs.threads import OpenThread
from agents.threads.data_types import sentence


def damage_of(run: Run, thread: OpenThread, held_back: Sequence[Decision] = ()) -> str | None:
    """Why this thread must not be written to: types that decoding turns into plain data, for good. None when it may.

    It goes on record, with the names and the answers that are held back, so that a person can allow them.
    """
    names = thread.refused_types()
    if not names:
        return None
    state = run.desk.state(run.held.thread_id, run.held.source_id)
    with reading(run.desk.engine) as connection:
        trusted = trust.types_of(connection, thread.graph_id)
    with writing(run.desk.engine) as connection:
        jobs.still_mine(connection, run.held)
        append(
            connection,
            at=run.desk.clock(),
            actor=ACTOR,
            action=trust.REFUSED,
            about=run.about,
            graph_id=thread.graph_id,
            types=list(names),
            checkpoint_id=state.head.checkpoint_id if state else None,
            decisions=[each.decision_id for each in held_back],
        )
    return sentence(thread.graph_id, names, trusted)
