"""Starting, answering and closing: what a request changes. Each is one call of the desk's own, in a thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection

from agents import choosing, decisions, payloads, starts
from agents.api.bodies import Response, Resume, Start
from agents.api.errors import Refusal, decided
from agents.api.idempotency import Held, note
from agents.api.standing import open_questions, question_json, standing
from agents.database import reading
from agents.decisions import Decision
from agents.desk import Desk
from agents.domain import JSON, UNSET, Actor, DecisionStatus, DecisionType, Pause, PauseStatus, Said
from agents.errors import AlreadyDecided, InvalidDecision, NotPending, SecondNeeded
from agents.people import Act, permitted
from agents.reviews.rows import row_of

About = tuple[str, str]
"""(source_id, thread_id)"""
CONTINUES = ("approve", "continue")
"""What the short form may say to a thread that stands at a breakpoint."""


def start(desk: Desk, caller: Actor, given: Start | Mapping[str, Any], held: Held | None) -> About:
    """Order the thread. Raises Refusal, or what `starts.start` raises."""
    source_id = desk.reader().source.source_id
    if held is not None and held.made:
        return source_id, str(held.made["thread_id"])
    wanted = given if isinstance(given, Start) else _short(desk, given)

    def noted(connection: Connection, thread_id: str) -> None:
        note(connection, held, thread_id=thread_id)

    thread_id = starts.start(
        desk,
        wanted.graph_id,
        wanted.input,
        actor=caller,
        thread_id=wanted.thread_id,
        deadline=wanted.deadline,
        files=desk.settings.workspace_path,
        inside=noted,
    )
    return source_id, thread_id


def resume(desk: Desk, caller: Actor, about: About, given: Resume | Response, held: Held | None) -> Decision:
    """Decide. Raises Refusal, or what `decisions.decide` raises."""
    permitted(desk, caller, Act.DECIDE)  # before a refusal tells what waits, or who decided what
    if held is not None and held.made:
        return _made(desk, held)
    source_id, thread_id = about
    choosing.prepare(desk, thread_id, source_id)
    if isinstance(given, Response):
        pause = _only_one(desk, about)
        key, said, override = pause.pause_key, _read(pause, given.response), False
    else:
        key, override = _named(given), given.send_now
        said = _said(desk, about, key, given)
    return _decide(desk, caller, about, key, said, held, seen=given.seen, override=override)


def close(desk: Desk, caller: Actor, about: About, reason: str, held: Held | None) -> Decision:
    """Close the thread without an answer. Raises Refusal, or what `decisions.decide` raises."""
    permitted(desk, caller, Act.DECIDE)
    if held is not None and held.made:
        return _made(desk, held)
    source_id, thread_id = about
    choosing.prepare(desk, thread_id, source_id)
    found = standing(desk, thread_id, source_id, with_result=False)
    if found.status == "running":
        raise Refusal(409, "at_work", "This thread runs. Close it once it waits or has ended.")
    if not found.questions:
        raise NotPending("This thread has ended, so there is nothing to close.")
    said = Said(DecisionType.IGNORE, reason.strip())
    return _decide(desk, caller, about, found.questions[0].pause_key, said, held)


def _decide(
    desk: Desk,
    caller: Actor,
    about: About,
    key: str,
    said: Said,
    held: Held | None,
    *,
    seen: str | None = None,
    override: bool = False,
) -> Decision:
    source_id, thread_id = about
    try:
        return decisions.decide(
            desk,
            thread_id,
            key,
            said,
            actor=caller,
            seen=seen,
            source_id=source_id,
            wait_for_undo=False,
            override=override,
            inside=partial(_noted, held),
        )
    except AlreadyDecided as error:
        with reading(desk.engine) as connection:
            winner = decisions.live(connection, source_id, thread_id, key)
        raise Refusal(409, "already_decided", str(error), **(decided(winner) if winner else {})) from None
    except NotPending:
        standing(desk, thread_id, source_id, with_result=False)  # a thread that nobody knows is another matter
        raise


def _noted(held: Held | None, connection: Connection, made: Decision | None) -> None:
    note(connection, held, decision_id=made.decision_id if made else None)


def _made(desk: Desk, held: Held) -> Decision:
    """What an earlier try of the same request decided before it was cut off."""
    with reading(desk.engine) as connection:
        found = decisions.get(connection, str(held.made["decision_id"]))
    if found is None:
        raise SecondNeeded("Recorded; a second person must agree before it is sent.", "")
    return found


def _short(desk: Desk, given: Mapping[str, Any]) -> Start:
    if desk.settings.default_graph is None:
        known = ", ".join(desk.registry.ids())
        sentence = (
            f"graph_id: is missing. Name one of {known}, or set SIGNOFF_DEFAULT_GRAPH for bodies that are an input."
        )
        raise Refusal(422, "invalid", sentence, field="graph_id")
    return Start(graph_id=desk.settings.default_graph, input=dict(given), thread_id=None)


def _only_one(desk: Desk, about: About) -> Pause:
    """The question that the short form answers. Raises Refusal when there is not exactly one."""
    source_id, thread_id = about
    found = open_questions(desk, thread_id, source_id)
    if len(found) == 1:
        return found[0]
    if found:
        listed = [question_json(row_of(each)) for each in found]
        sentence = f"{len(found)} questions wait. Name one by its pause_key."
        raise Refusal(409, "several_questions", sentence, questions=listed)
    now = standing(desk, thread_id, source_id, with_result=False)
    winner = _last(desk, about)
    if now.status == "running" and winner is not None:
        sentence = f"Already decided: {winner.actor} answered at {winner.decided_at[:19]}Z, and the thread runs."
        raise Refusal(409, "already_decided", sentence, **decided(winner))
    if now.status == "running":
        raise Refusal(409, "at_work", "The thread runs and asks nothing yet.", headers={"Retry-After": "1"})
    sentence = "No question of this thread waits any more." if winner else "This thread asks nothing."
    raise Refusal(410, "not_pending", sentence, status=now.status, **(decided(winner) if winner else {}))


def _last(desk: Desk, about: About) -> Decision | None:
    with reading(desk.engine) as connection:
        made: Sequence[Decision] = decisions.of_thread(connection, *about)
    return next((each for each in reversed(made) if each.status is not DecisionStatus.SUPERSEDED), None)


def _read(pause: Pause, response: JSON) -> Said:
    if pause.status is not PauseStatus.BREAKPOINT:
        return payloads.read(pause, response)
    if isinstance(response, str) and response.strip().casefold() in CONTINUES:
        return Said(DecisionType.APPROVE)
    raise InvalidDecision(
        'The run stopped where its graph says and takes no answer: "approve" lets it go on, DELETE closes it.',
        "response",
    )


def _named(given: Resume) -> str:
    key = given.pause_key or given.interrupt_id
    if key is None:
        sentence = "pause_key: is missing. Name the question by its pause_key or its interrupt_id."
        raise Refusal(422, "invalid", sentence, field="pause_key")
    return key


def _said(desk: Desk, about: About, key: str, given: Resume) -> Said:
    value = given.value if "value" in given.model_fields_set else UNSET
    if given.decision is None and value is UNSET:
        sentence = "decision: is missing. Give a decision, or value with the exact resume value."
        raise Refusal(422, "invalid", sentence, field="decision")
    return Said(given.decision or _meant(desk, about, key, value), given.message, given.args, value)


def _meant(desk: Desk, about: About, key: str, value: JSON) -> DecisionType:
    for pause in desk.pauses(about[1], about[0]):
        if key in (pause.pause_key, pause.interrupt_id):
            return payloads.read(pause, value).type
    return DecisionType.RESPOND  # nothing waits under this name; deciding says why
