"""What every decision is checked against, and how it is written down; all inside its maker's transaction."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert

from agents import choosing, claims, deadlines, jobs, payloads, people
from agents.audit import Question, append
from agents.clock import to_text
from agents.database import decision as table
from agents.decisions import four_eyes, opinions
from agents.decisions.four_eyes import Answer, Weighed
from agents.decisions.rows import Decision, from_row, live, overtake, went_back
from agents.desk import Desk
from agents.domain import JSON, UNSET, DecisionStatus, Pause, PauseStatus, Review, Said, Who, is_text
from agents.errors import AlreadyDecided, GraphUnavailable, InvalidDecision, NotAllowed, NotPending, QuestionChanged
from agents.jobs import JobKind
from agents.wording import did

ACTOR = "system:desk"
ALONE = Weighed()


@dataclass(frozen=True, slots=True)
class Act:
    """Who decides, when, and the order that their answer goes out with. Answers of one act share all of it."""

    actor: str
    now: datetime
    due: datetime
    job_id: str


def checked(
    connection: Connection,
    desk: Desk,
    pauses: Sequence[Pause],
    asked: tuple[str, str, str],
    said: Said,
    *,
    actor: Who,
    seen: str | None,
) -> Pause:
    """The pause to decide on, of the thread's own. asked: (source, thread, pause key or interrupt id).

    seen: the fingerprint of what the person looked at; None when they did not say.
    Raises AlreadyDecided, NotPending, QuestionChanged or InvalidDecision; NotAllowed; GraphUnavailable
    when the thread's graph is not known or does not load, so that nothing could be sent.
    """
    people.permit(connection, desk, actor, people.Act.DECIDE)
    source_id, thread_id, key = asked
    pause = next((pause for pause in pauses if key in (pause.pause_key, pause.interrupt_id)), None)
    _refuse_if_decided(connection, desk, source_id, thread_id, pause, key)
    if pause is None:
        raise NotPending(
            f"Thread {thread_id} does not wait for this question any more, or it never did. `signoff list` shows what waits."
        )
    claims.refuse(connection, desk, _about(pause), permit_on(connection, desk, actor, pause))
    _refuse_half_characters(said, str(actor))
    if seen is not None and seen != pause.seen:
        raise QuestionChanged("The question changed since you looked at it. Look again before you decide.")
    _refuse_to_deadline(desk, pause, said, actor)
    unusable = choosing.problem(desk, thread_id, source_id)
    if unusable is not None:
        raise GraphUnavailable(unusable)
    return pause


def permit_on(connection: Connection, desk: Desk, who: Who, pause: Pause, act: people.Act = people.Act.DECIDE) -> str:
    """The name to write down, if this person may decide questions of this graph and kind. Raises NotAllowed."""
    kind = payloads.parse(pause).kind
    return people.permit(connection, desk, who, act, graph_id=pause.graph_id, kind=kind)


def understood(pause: Pause, said: Said) -> tuple[Review, JSON]:
    """The review, and the exact value that its graph gets; a breakpoint gets none. Raises InvalidDecision."""
    if pause.status is PauseStatus.BREAKPOINT:
        return payloads.parse(pause), payloads.encode(pause, said)
    if pause.status is not PauseStatus.QUESTION or pause.interrupt_id is None:
        raise InvalidDecision(
            f"This thread is {pause.status.value}: it asks nothing that could be answered. {_instead(pause)}",
            field="type",
        )
    if pause.repairs and pause.situation is not None:
        raise InvalidDecision(f"This cannot be answered as it stands. {_instead(pause)}", field="type")
    return payloads.parse(pause), payloads.encode(pause, said)


def _instead(pause: Pause) -> str:
    offered = [each.value for each in pause.repairs]
    return f"Repair it ({', '.join(offered)}), or close it." if offered else "Close it, or go on where its agent runs."


def due(desk: Desk, now: datetime, review: Review, wait_for_undo: bool) -> datetime:
    """When the answer may be sent: what cannot be undone later can be taken back first."""
    wait = desk.settings.undo_seconds if wait_for_undo and not review.reversible else 0
    return now + timedelta(seconds=wait)


def order(
    connection: Connection,
    pause: Pause,
    actor: str,
    now: datetime,
    late: datetime,
    *,
    kind: JobKind = JobKind.RESUME,
    override: bool = False,
) -> Act:
    """Order the work on the thread that an answer needs, from `late` on."""
    if kind is JobKind.RESUME and pause.status is PauseStatus.BREAKPOINT:
        kind = JobKind.CONTINUE
    job_id = jobs.enqueue(
        connection,
        source_id=pause.source_id,
        thread_id=pause.thread_id,
        kind=kind,
        now=now,
        due_at=late,
        graph_id=pause.graph_id,
        override=override,
        input={"decided": True} if kind is JobKind.CONTINUE else None,
    )
    return Act(actor, now, late, job_id)


def record(
    connection: Connection,
    pause: Pause,
    review: Review,
    said: Said,
    value: JSON,
    act: Act,
    together_with: int | None = None,
    weighed: Weighed = ALONE,
) -> Decision:
    """Write an accepted decision and its event. together_with: how many others were decided in the same act.

    weighed: who agrees with it, where two must.
    """
    row: dict[str, JSON] = {
        "decision_id": uuid.uuid4().hex,
        "source_id": pause.source_id,
        "thread_id": pause.thread_id,
        "pause_key": pause.pause_key,
        "interrupt_id": pause.interrupt_id,
        "ask_no": pause.ask_no,
        "checkpoint_id": pause.checkpoint_id,
        "seen": pause.seen,
        "graph_id": pause.graph_id,
        "kind": review.kind.value,
        "title": review.title,
        "type": said.type.value,
        "message": said.message,
        "args": dict(said.args) if said.args is not None else None,
        "resume_value": value,
        "payload": pause.value,
        "status": DecisionStatus.ACCEPTED.value,
        "reason": None,
        "actor": act.actor,
        "decided_at": to_text(act.now),
        "due_at": to_text(act.due),
        "sent_at": None,
        "settled_at": None,
        "job_id": act.job_id,
    }
    connection.execute(insert(table).values(**row))
    append(
        connection,
        at=act.now,
        actor=act.actor,
        action="decided",
        about=_about(pause),
        decision_id=row["decision_id"],
        type=row["type"],
        message=said.message,
        args=row["args"],
        resume_value=value,
        seen=pause.seen,
        graph_id=pause.graph_id,
        kind=row["kind"],
        title=row["title"],
        **opinions.changed(review, said),
        **({} if together_with is None else {"together_with": together_with}),
        **_agreed(connection, Answer(pause, said, value), act, row["decision_id"], weighed),
    )
    claims.let_go(connection, _about(pause))
    return from_row(row)


def _agreed(connection: Connection, answer: Answer, act: Act, decision_id: str, weighed: Weighed) -> dict[str, JSON]:
    """Whose opinions make this decision, for its event."""
    other = weighed.agreed.get(answer.pause.pause_key)
    if other is None:
        opinions.put_aside(connection, answer.about, decision_id)
        return {}
    return {"with_opinions": four_eyes.join(connection, answer, other, act.actor, act.now, decision_id)}


def _about(pause: Pause) -> Question:
    return Question(pause.source_id, pause.thread_id, pause.pause_key)


def by_whom(winner: Decision) -> str:
    """Who was first, in the words of the question's kind."""
    reason = f" (“{winner.message}”)" if winner.message else ""
    return f"Already decided: {winner.actor} {did(winner.kind, winner.type)}{reason} at {winner.decided_at[:19]}Z."


def _refuse_to_deadline(desk: Desk, pause: Pause, said: Said, actor: Who) -> None:
    """What cannot be undone is never decided because nobody came, unless the rules name it."""
    refused = deadlines.refused_to_deadline(desk.rules, payloads.parse(pause), said.type)
    if str(actor) == deadlines.ACTOR and refused is not None:
        raise NotAllowed(refused)


def _refuse_half_characters(said: Said, actor: str) -> None:
    value = None if said.value is UNSET else said.value
    for field, given in (("actor", actor), ("message", said.message), ("args", said.args), ("value", value)):
        if not is_text(given):
            raise InvalidDecision("It holds half of a character, which no text has. Write it again.", field)


def _refuse_if_decided(
    connection: Connection, desk: Desk, source_id: str, thread_id: str, pause: Pause | None, key: str
) -> None:
    winner = live(connection, source_id, thread_id, pause.pause_key if pause else key)
    if winner is None:
        return
    if not went_back(winner, pause):
        raise AlreadyDecided(by_whom(winner))
    now = desk.clock()
    reason = "the checkpointer file went back to before this answer"
    overtake(connection, winner, at=now, reason=reason)
    about, decision_id = winner.about, winner.decision_id
    append(connection, at=now, actor=ACTOR, action="superseded", about=about, decision_id=decision_id, reason=reason)
