"""What a run did to the outside world, on record: once for each act that was settled."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from agents import effects
from agents.audit import append, of_thread
from agents.runs.run import ACTOR, Run

ACTED = "acted"


def tell_effects(run: Run, connection: Connection, at: datetime) -> None:
    """Put on record what the journal says of the thread and the record does not say yet.

    The journal is the graph's own and knows no record; a run that died before it could say so is told of by the next one.
    """
    source_id, thread_id = run.held.source_id, run.held.thread_id
    settled = [each for each in effects.of_thread(connection, source_id, thread_id) if each.settled_at]
    if not settled:
        return
    events = of_thread(connection, source_id, thread_id, ACTED)
    told = {(each.fields.get("effect"), each.fields.get("settled_at")) for each in events}
    for each in settled:
        if (each.key, each.settled_at) in told:
            continue
        append(
            connection,
            at=at,
            actor=ACTOR,
            action=ACTED,
            about=run.about,
            effect=each.key,
            kind=each.kind,
            status=each.status.value,
            request=each.request,
            result=each.result,
            settled_at=each.settled_at,
        )
