"""Due times as rows: the frozen type, the queries, and how one row becomes another, each only from what was seen of it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, and_, func, insert, select, type_coerce, update

from agents.audit import Question
from agents.clock import from_text, to_text
from agents.database import deadline as table
from agents.database import decision, job, policy_start
from agents.domain import JSON, DecisionStatus, DecisionType, OnDeadline, Review
from agents.rules import DeadlinePlan, Step

log = logging.getLogger(__name__)
Key = tuple[str, str, str]
"""(source_id, thread_id, pause_key)"""


class State(StrEnum):
    """waiting: something will happen at due_at. paused: a person stopped it. held: an answer is on its way. acted:
    the deadline's own is. spent: nothing is left to happen. over: the question is gone."""

    WAITING = "waiting"
    PAUSED = "paused"
    HELD = "held"
    ACTED = "acted"
    SPENT = "spent"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Deadline:
    """When something happens to a question, and what. steps_done of `steps` are behind; left: while it is stopped."""

    source_id: str
    thread_id: str
    pause_key: str
    graph_id: str | None
    kind: str
    title: str
    policy_id: str | None
    steps: tuple[Step, ...]
    steps_done: int
    state: State
    counted_from: datetime
    due_at: datetime
    left: timedelta | None
    near: timedelta
    grace: timedelta
    outcome: str | None

    @property
    def key(self) -> Key:
        return (self.source_id, self.thread_id, self.pause_key)

    @property
    def about(self) -> Question:
        return Question(*self.key)

    @property
    def step(self) -> Step | None:
        """What happens at due_at."""
        return self.steps[self.steps_done] if self.steps_done < len(self.steps) else None

    @property
    def escalates_to(self) -> str | None:
        """Who was, or is, next in the plan to get it when nobody decides."""
        to = [step.to for step in self.steps if step.do is OnDeadline.ESCALATE]
        return to[-1] if to else None


def first_seen(connection: Connection, review: Review, plan: DeadlinePlan | None, now: datetime) -> None:
    """Keep when a question is due, from now on. A row of the same question that was over, or is damaged, begins anew.

    Counted from the latest of now, when the question was asked, and when its plan was first known here.
    """
    if plan is None:
        return
    pause = review.pause
    since = max(now, pause.paused_at, known_since(connection, plan.policy_id, now))
    row = _planned(plan, since) | {"graph_id": pause.graph_id, "kind": review.kind.value, "title": review.title}
    key = (pause.source_id, pause.thread_id, pause.pause_key)
    found = connection.execute(select(table).where(*_same(key))).mappings().all()
    if not found:
        named = {"source_id": key[0], "thread_id": key[1], "pause_key": key[2]}
        connection.execute(insert(table).values(**named, **row))
    elif all(known.state is State.OVER for known in _legible(found)):
        connection.execute(update(table).where(*_same(key)).values(**row))


def replan(connection: Connection, seen: Deadline, plan: DeadlinePlan | None, now: datetime, no_earlier: bool) -> bool:
    """Another plan holds for a question from now on. no_earlier: a person moved its time, which is not taken back."""
    if plan is None:
        return change(connection, seen, state=State.SPENT.value, policy_id=None, steps=[], steps_done=0)
    row = _planned(plan, max(now, known_since(connection, plan.policy_id, now)))
    if no_earlier:
        row["due_at"] = max(row["due_at"], to_text(seen.due_at))
    if seen.state in (State.PAUSED, State.HELD):  # it stays so
        left = max(plan.steps[0].after, (seen.left or timedelta(0)) if no_earlier else timedelta(0))
        row |= {"state": seen.state.value, "left_seconds": left.total_seconds()}
    return change(connection, seen, **row)


def count_anew(connection: Connection, seen: Deadline, asked_at: datetime) -> bool:
    """It was asked again meanwhile, perhaps in other words: its next step has all of its time again, from then on."""
    if seen.state is not State.WAITING or seen.step is None or asked_at <= seen.counted_from:
        return False
    due_at = max(seen.due_at, asked_at + seen.step.after)
    return change(connection, seen, counted_from=to_text(asked_at), due_at=to_text(due_at))


def known_since(connection: Connection, policy_id: str, now: datetime) -> datetime:
    """When this plan was first known here; now, if it was not."""
    where = policy_start.c.policy_id == policy_id
    since = connection.execute(select(policy_start.c.since).where(where)).scalar()
    if since is None:
        connection.execute(insert(policy_start).values(policy_id=policy_id, since=to_text(now)))
    return from_text(since) if since else now


def _planned(plan: DeadlinePlan, since: datetime) -> dict[str, JSON]:
    return {
        "policy_id": plan.policy_id,
        "steps": [_as_json(step) for step in plan.steps],
        "steps_done": 0,
        "state": State.WAITING.value,
        "counted_from": to_text(since),
        "due_at": to_text(since + plan.steps[0].after),
        "left_seconds": None,
        "near_seconds": plan.near.total_seconds(),
        "grace_seconds": plan.grace.total_seconds(),
        "settled_at": None,
        "outcome": None,
    }


def change(connection: Connection, seen: Deadline, **values: JSON) -> bool:
    """Change a row, if it still is as it was seen; False, and nothing changed, when somebody else was first."""
    unchanged = (
        table.c.state == seen.state.value,
        table.c.due_at == to_text(seen.due_at),
        table.c.steps_done == seen.steps_done,
        table.c.policy_id.is_(None) if seen.policy_id is None else table.c.policy_id == seen.policy_id,
    )
    done = connection.execute(update(table).where(*_same(seen.key), *unchanged).values(**values))
    return done.rowcount == 1


def stop(connection: Connection, seen: Deadline, state: State, at: datetime) -> bool:
    """Stop the clock of a waiting row: paused or held, with what is left of its time."""
    left = max(timedelta(0), seen.due_at - at)
    return change(connection, seen, state=state.value, left_seconds=left.total_seconds())


def go_on(connection: Connection, seen: Deadline, now: datetime, at_least: timedelta = timedelta(0)) -> datetime | None:
    """Let the clock of a stopped row run again; when it is due now, None when somebody else was first."""
    due = now + max(seen.left or timedelta(0), at_least)
    done = change(connection, seen, state=State.WAITING.value, due_at=to_text(due), left_seconds=None)
    return due if done else None


def settle(connection: Connection, keys: Iterable[Key], now: datetime) -> None:
    """These questions wait no more. What the deadline did, if it did anything, stays as their outcome."""
    for key in keys:
        values = {"state": State.OVER.value, "settled_at": to_text(now)}
        connection.execute(update(table).where(*_same(key), table.c.state != State.OVER.value).values(**values))


def of_question(connection: Connection, key: Key) -> Deadline | None:
    """The row of a question, over or not."""
    row = connection.execute(select(table).where(*_same(key))).mappings().first()
    return from_row(row) if row else None


def in_state(connection: Connection, *states: State) -> list[Deadline]:
    """Rows in these states, the next due first."""
    query = select(table).where(table.c.state.in_([each.value for each in states])).order_by(table.c.due_at)
    return _legible(connection.execute(query).mappings())


def due(connection: Connection, now: datetime) -> list[Deadline]:
    """What should have happened by now, oldest first."""
    where = (_is(State.WAITING), table.c.due_at <= to_text(now))
    return _legible(connection.execute(select(table).where(*where).order_by(table.c.due_at)).mappings())


def answered(connection: Connection) -> list[tuple[Deadline, datetime]]:
    """Rows whose clock still runs although an answer to their question is on its way, and since when it is."""
    at_work = job.c.status.in_(["waiting", "running"])
    ours = and_(decision.c.source_id == job.c.source_id, decision.c.thread_id == job.c.thread_id)
    same = and_(*(table.c[name] == decision.c[name] for name in ("source_id", "thread_id", "pause_key")))
    query = (
        select(table, decision.c.decided_at)
        .select_from(job.join(decision, ours).join(table, same))
        .where(at_work, decision.c.status == DecisionStatus.ACCEPTED.value, _is(State.WAITING))
    )
    found = {
        (row["source_id"], row["thread_id"], row["pause_key"]): row for row in connection.execute(query).mappings()
    }
    return [(row, from_text(found[row.key]["decided_at"])) for row in _legible(found.values())]


def near(connection: Connection, now: datetime) -> list[Deadline]:
    """What happens soon: as near as its plan calls near. For those who should be told."""
    widest = connection.execute(select(func.max(table.c.near_seconds)).where(_is(State.WAITING))).scalar()
    where = (_is(State.WAITING), table.c.due_at <= to_text(now + timedelta(seconds=widest or 0)))
    rows = connection.execute(select(table).where(*where).order_by(table.c.due_at)).mappings()
    return [each for each in _legible(rows) if now >= each.due_at - each.near]


def ahead(connection: Connection, most: int = 100) -> list[Deadline]:
    """What will happen next, the soonest first."""
    query = select(table).where(_is(State.WAITING)).order_by(table.c.due_at).limit(most)
    return _legible(connection.execute(query).mappings())


def shown(connection: Connection) -> dict[Key, Any]:
    """What a list says of due times, by question, as rows for `from_row`: most of them are on no page."""
    columns = [each if each.name != "steps" else type_coerce(each, Text).label("steps") for each in table.columns]
    query = select(*columns).where(table.c.state.in_([State.WAITING.value, State.PAUSED.value]))
    found = connection.execute(query).mappings()
    return {(row["source_id"], row["thread_id"], row["pause_key"]): row for row in found}


def keys_open(connection: Connection, source_id: str) -> set[tuple[str, str]]:
    """(thread_id, pause_key) of what is not over in a file."""
    states = [each.value for each in State if each is not State.OVER]
    query = select(table.c.thread_id, table.c.pause_key).where(
        table.c.state.in_(states), table.c.source_id == source_id
    )
    return {(row.thread_id, row.pause_key) for row in connection.execute(query)}


def of_thread(connection: Connection, source_id: str, thread_id: str) -> list[Deadline]:
    """The rows of a thread's questions, over or not, the next due first."""
    where = (table.c.source_id == source_id, table.c.thread_id == thread_id)
    return _legible(connection.execute(select(table).where(*where).order_by(table.c.due_at)).mappings())


def _legible(found: Iterable[JSON]) -> list[Deadline]:
    """One row that somebody damaged does not keep the others from their time."""
    legible = []
    for row in found:
        try:
            legible.append(from_row(row))
        except (ValueError, TypeError, KeyError) as error:
            log.warning("The deadline of thread %s cannot be read: %s", row["thread_id"], type(error).__name__)
    return legible


def from_row(row: JSON) -> Deadline:
    left, steps = row["left_seconds"], row["steps"]
    return Deadline(
        source_id=row["source_id"],
        thread_id=row["thread_id"],
        pause_key=row["pause_key"],
        graph_id=row["graph_id"],
        kind=row["kind"],
        title=row["title"],
        policy_id=row["policy_id"],
        steps=tuple(_from_json(step) for step in (json.loads(steps) if isinstance(steps, str) else steps)),
        steps_done=row["steps_done"],
        state=State(row["state"]),
        counted_from=from_text(row["counted_from"]),
        due_at=from_text(row["due_at"]),
        left=timedelta(seconds=left) if left is not None else None,
        near=timedelta(seconds=row["near_seconds"]),
        grace=timedelta(seconds=row["grace_seconds"]),
        outcome=row["outcome"],
    )


def _as_json(step: Step) -> JSON:
    return step.model_dump(mode="json") | {"after": step.after.total_seconds()}


def _from_json(step: JSON) -> Step:
    """Checked when it was written: a stricter check of today stops nothing that was ordered before."""
    return Step.model_construct(
        after=timedelta(seconds=step["after"]),
        do=OnDeadline(step["do"]),
        to=step["to"],
        decision=DecisionType(step["decision"]) if step["decision"] else None,
        message=step["message"],
    )


def _is(state: State) -> ColumnElement[bool]:
    return table.c.state == state.value


def _same(key: Key) -> tuple[ColumnElement[bool], ...]:
    return (table.c.source_id == key[0], table.c.thread_id == key[1], table.c.pause_key == key[2])
