"""Types that a person trusts the threads of a graph with, and threads that wait for such a word.

Trusting a type means that its module is imported and the type built with what
the file holds: code of that module runs. So nobody is asked in general, only
for the names that a thread was refused for, graph by graph, and on record.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, insert, select

from agents import audit, decisions, payloads, starts
from agents.audit import Question
from agents.clock import to_text
from agents.database import allowed_type, reading, writing
from agents.decisions import Decision
from agents.desk import Desk
from agents.domain import DecisionType, Pause, Said, Who
from agents.errors import InvalidDecision, InvalidInput, NotPending
from agents.jobs import Job
from agents.people import Act, permit, permitted
from agents.threads.data_types import DAMAGE

REFUSED = "types_refused"
"""The action of the event by which a run tells that it wrote nothing, and because of which types."""
MEANING = (
    "Trusting a type means: whenever a thread of this graph is resumed, its module is imported and the type is built "
    "with what the file holds, so code of that module runs. Do it for types of the graph's own project, and for no others."
)
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Allowed:
    """graph_id's threads may hold module.name."""

    graph_id: str
    module: str
    name: str
    allowed_by: str
    allowed_at: str

    @property
    def dotted(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(frozen=True, slots=True)
class Refused:
    """A thread that was not written to. names: its types that nobody trusts yet. never: those that cannot be trusted.

    decisions: the answers that were not sent; () where a run was to go on.
    """

    graph_id: str
    names: tuple[str, ...]
    never: tuple[str, ...]
    decisions: tuple[str, ...]


def allowed(connection: Connection, graph_id: str | None = None) -> list[Allowed]:
    """What is trusted, of one graph or of all, by name."""
    query = select(allowed_type).order_by(allowed_type.c.graph_id, allowed_type.c.module, allowed_type.c.name)
    if graph_id is not None:
        query = query.where(allowed_type.c.graph_id == graph_id)
    return [Allowed(**row) for row in connection.execute(query).mappings()]


def types_of(connection: Connection, graph_id: str) -> tuple[tuple[str, str], ...]:
    """(module, name) of each type that this graph's threads may hold."""
    return tuple((each.module, each.name) for each in allowed(connection, graph_id))


def refused(connection: Connection, source_id: str, thread_id: str, checkpoint_id: str) -> Refused | None:
    """What keeps a thread whose newest checkpoint is this one from being written to; None when nothing does any more."""
    event = audit.latest(connection, source_id, thread_id, REFUSED)
    if event is None or event.fields.get("checkpoint_id") != checkpoint_id:
        return None
    graph_id = str(event.fields.get("graph_id"))
    known = {each.dotted for each in allowed(connection, graph_id)}
    names = [str(name) for name in event.fields.get("types") or [] if name not in known]
    if not names:
        return None
    return Refused(
        graph_id=graph_id,
        names=tuple(name for name in names if problem(name) is None),
        never=tuple(name for name in names if problem(name) is not None),
        decisions=tuple(str(each) for each in event.fields.get("decisions") or []),
    )


def held_at(connection: Connection, failed: Sequence[Job]) -> dict[tuple[str, str], str]:
    """(source_id, thread_id) -> the checkpoint that may not be written to, of the threads whose last run failed like this."""
    found: dict[tuple[str, str], str] = {}
    for job in failed:
        if DAMAGE not in (job.error or ""):
            continue  # a desk may have failed runs by the hundred, and few of them ended like this
        event = audit.latest(connection, job.source_id, job.thread_id, REFUSED)
        checkpoint_id = str(event.fields.get("checkpoint_id")) if event else ""
        if refused(connection, job.source_id, job.thread_id, checkpoint_id) is not None:
            found[job.source_id, job.thread_id] = checkpoint_id
    return found


def held_back(desk: Desk, pause: Pause) -> Refused | None:
    """What keeps the thread of a pause from being written to; None when nothing does."""
    with reading(desk.engine) as connection:
        return refused(connection, pause.source_id, pause.thread_id, pause.checkpoint_id)


def problem(dotted: str) -> str | None:
    """Why a name cannot be trusted, as a sentence; None when it can."""
    module, _, name = dotted.rpartition(".")
    parts = [*module.split("."), name]
    if not module or len(dotted) > LONGEST or not all(part.isidentifier() for part in parts):
        return f"{dotted[:LONGEST]!r} is no name of a type. Expected module.Name, as in myproject.models.Order."
    if parts[0] in sys.stdlib_module_names:
        return (
            f"{dotted} belongs to Python itself and cannot be trusted: "
            "no graph needs it in its state, and a file that names it may be made to do harm."
        )
    return None


def trust(
    desk: Desk, graph_id: str, names: Sequence[str], *, actor: Who, about: Question | None = None
) -> tuple[Allowed, ...]:
    """Let the threads of a graph hold these types; those that are new, on record in the same transaction.

    Raises UnknownGraph, NotAllowed, or InvalidInput with the name at fault.
    """
    if graph_id not in desk.registry.ids():
        desk.registry.info(graph_id)
    for name in names:
        fault = problem(name)
        if fault is not None:
            raise InvalidInput(fault)
    now = desk.clock()
    with writing(desk.engine) as connection:
        who = permit(connection, desk, actor, Act.TRUST)
        known = {each.dotted for each in allowed(connection, graph_id)}
        new = [name for name in dict.fromkeys(names) if name not in known]
        made = tuple(Allowed(graph_id, *_parts(name), who, to_text(now)) for name in new)
        for each in made:
            row = {column.name: getattr(each, column.name) for column in allowed_type.columns}
            connection.execute(insert(allowed_type).values(**row))
        if made:
            audit.append(
                connection, at=now, actor=who, action="trusted", about=about, graph_id=graph_id, types=list(new)
            )
    return made


def trust_and_go_on(desk: Desk, thread_id: str, *, actor: Who, source_id: str | None = None) -> tuple[Decision, ...]:
    """Trust what this thread was refused for and order again what was not done: its answers, or its run.

    Returns the decisions that were made anew. Raises NotPending when nothing is
    refused any more, InvalidInput for a name that cannot be trusted, NotAllowed,
    and as decisions.decide_thread and starts.retry do.
    """
    for act in (Act.TRUST, Act.DECIDE):  # a token may be made for one of the two; half of it must not be done
        permitted(desk, actor, act)
    source_id = desk.source_of(thread_id, source_id)
    state = desk.state(thread_id, source_id)
    with reading(desk.engine) as connection:
        found = refused(connection, source_id, thread_id, state.head.checkpoint_id) if state else None
        before = [decisions.get(connection, each) for each in (found.decisions if found else ())]
    if found is None:
        raise NotPending("Nothing of this thread is held back because of its types any more.")
    if found.never:
        raise InvalidInput(str(problem(found.never[0])))
    trust(desk, found.graph_id, found.names, actor=actor, about=Question(source_id, thread_id))
    again = [each for each in before if each is not None]
    if not again:
        starts.retry(desk, thread_id, actor=actor, source_id=source_id)
        return ()
    return _again(desk, source_id, thread_id, again, actor)


def _again(desk: Desk, source_id: str, thread_id: str, before: Sequence[Decision], actor: Who) -> tuple[Decision, ...]:
    """The same answers to the same texts."""
    pauses = {pause.pause_key: pause for pause in desk.pauses(thread_id, source_id)}
    answers = [(each.pause_key, _said(each, pauses.get(each.pause_key)), each.seen) for each in before]
    if len(answers) == 1 or before[0].type is DecisionType.IGNORE:
        key, said, seen = answers[0]
        return (decisions.decide(desk, thread_id, key, said, seen=seen, actor=actor, source_id=source_id),)
    return tuple(decisions.decide_thread(desk, thread_id, answers, actor=actor, source_id=source_id))


def _said(before: Decision, pause: Pause | None) -> Said:
    """What was said then; with the exact value, where that was given instead of words."""
    said = Said(before.type, before.message, before.args)
    if before.type is DecisionType.IGNORE or pause is None:
        return said
    try:
        if payloads.encode(pause, said) == before.resume_value:
            return said
    except InvalidDecision:
        pass
    return replace(said, value=before.resume_value)


def _parts(dotted: str) -> tuple[str, str]:
    module, _, name = dotted.rpartition(".")
    return module, name
