"""The pauses of one thread from its rows: what it asks, or what is the matter with it. Pure logic, no I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from agents.checkpoints.questions import Question, questions, time_of
from agents.checkpoints.rows import ThreadRows
from agents.checkpoints.stuck import QUIET, Matter, loose_answer, matter_of, of_question, shown_from
from agents.domain import GraphFacts, Pause, PauseStatus, Situation, fingerprint

_NOT_BY_ID = frozenset(
    {Situation.UNREADABLE, Situation.POISONED, Situation.ABANDONED, Situation.UNREACHABLE, Situation.NO_ID}
)


@dataclass(frozen=True, slots=True)
class _Thread:
    """What all pauses of a thread share."""

    source_id: str
    rows: ThreadRows
    paused_at: datetime
    newest: datetime
    graph_id: str | None


def pauses(
    source_id: str,
    rows: ThreadRows,
    otherwise: datetime,
    *,
    answered: bool = False,
    facts: GraphFacts | None = None,
) -> tuple[Pause, ...]:
    """The thread's pauses as the domain knows them; () when it has ended.

    otherwise: the time to use when the checkpoint id tells none. answered: what
    may still be running is shown at once, so that `shown_from` is None. facts:
    of the thread's graph, where known; without them no static breakpoint is told
    from a run that stopped.
    """
    paused_at = time_of(rows.head.checkpoint_id) or otherwise
    newest = time_of(rows.latest) or paused_at
    thread = _Thread(source_id, rows, paused_at, newest, _graph_id(rows, facts))
    made = [] if rows.hidden else _asked(thread)
    if not made:
        matter = matter_of(rows, facts)
        made = [_stuck(thread, matter)] if matter else []
    return tuple(replace(pause, shown_from=None) if answered else pause for pause in made)


def shown(found: Iterable[Pause], now: datetime) -> tuple[Pause, ...]:
    """Those that a listing shows now: a run that has just been written to may be going on elsewhere."""
    return tuple(pause for pause in found if pause.shown_from is None or pause.shown_from <= now)


def _asked(thread: _Thread) -> list[Pause]:
    made: list[Pause] = []
    taken: set[str] = set()
    loose = loose_answer(thread.rows)
    for question in questions(thread.rows):
        made.append(_question(thread, question, loose, taken))
        taken.add(made[-1].pause_key)
    if any(pause.interrupt_id for pause in made):  # what was answered already goes on with the others' answers
        return [pause for pause in made if pause.situation is not Situation.ABANDONED]
    return made


def _question(thread: _Thread, question: Question, loose: bool, taken: set[str]) -> Pause:
    state, ask = question.state, question.ask
    situation, repairs, note = of_question(question, loose)
    stuck = situation in _NOT_BY_ID
    status = PauseStatus.STUCK if stuck else PauseStatus.QUESTION
    interrupt_id = None if stuck else state.interrupt_id
    head = thread.rows.head
    key = f"{interrupt_id}.{state.ask_no}" if interrupt_id else f"{status.value}.{head.checkpoint_id}"
    return Pause(
        source_id=thread.source_id,
        thread_id=thread.rows.thread_id,
        pause_key=_unused(key, taken),
        status=status,
        interrupt_id=interrupt_id,
        ask_no=state.ask_no,
        checkpoint_id=head.checkpoint_id,
        task_id=state.task_id,
        value=ask.value,
        seen=fingerprint(ask.value),
        paused_at=thread.paused_at,
        graph_id=thread.graph_id,
        title=_text(head.metadata.get("title")),
        response_schema=ask.schema,
        note=note,
        situation=situation,
        repairs=repairs,
        nodes=(question.node,) if question.node else (),
        shown_from=thread.newest + QUIET if situation is Situation.ABANDONED else None,
    )


def _stuck(thread: _Thread, matter: Matter) -> Pause:
    rows, head = thread.rows, thread.rows.head
    return Pause(
        source_id=thread.source_id,
        thread_id=rows.thread_id,
        pause_key=f"{matter.status.value}.{head.checkpoint_id}",
        status=matter.status,
        interrupt_id=None,
        ask_no=0,
        checkpoint_id=head.checkpoint_id,
        task_id=None,
        value=matter.value,
        seen=fingerprint([matter.value, max((write.rowid for write in rows.root), default=0)]),
        paused_at=thread.paused_at,
        graph_id=thread.graph_id,
        title=_text(head.metadata.get("title")),
        note=matter.note or None,
        situation=matter.situation,
        repairs=matter.repairs,
        nodes=matter.nodes,
        shown_from=shown_from(matter, thread.newest),
    )


def _graph_id(rows: ThreadRows, facts: GraphFacts | None) -> str | None:
    return _text(rows.head.metadata.get("graph_id")) or (facts.graph_id if facts else None)


def _unused(key: str, taken: set[str]) -> str:
    number, made = 1, key
    while made in taken:
        number += 1
        made = f"{key}.{number}"
    return made


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
