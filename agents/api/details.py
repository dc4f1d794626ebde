"""One thread with all that is known of it: its state, what it asks, and its history."""

from __future__ import annotations

from contextlib import suppress

from agents import history
from agents.api.standing import as_json, standing
from agents.desk import Desk
from agents.domain import JSON, Actor
from agents.effects import Effect
from agents.errors import UnknownReview
from agents.history import Entry, Story
from agents.reviews import record_look


def detail(desk: Desk, thread_id: str, source_id: str, caller: Actor | None) -> dict[str, JSON]:
    """The thread's page as data. Who looked, where that is known, goes on record. Raises UnknownReview, Busy or SourceUnreadable."""
    found = standing(desk, thread_id, source_id, with_result=False)
    if caller is not None:
        for row in found.questions:
            record_look(desk, row.review, caller)
    state = desk.reader(source_id).values(thread_id) if desk.state(thread_id, source_id) is not None else {}
    told = {**as_json(found), "state": state}
    if "result" in told:
        told["result"] = state
    with suppress(UnknownReview):  # nothing is on record of a thread that some other program runs
        told |= _story(history.story(desk, thread_id, source_id))
    return told


def entry_json(entry: Entry) -> dict[str, JSON]:
    return {"at": entry.at, "who": entry.who, "what": entry.what, "details": dict(entry.details)}


def _story(story: Story) -> dict[str, JSON]:
    return {
        "started_by": story.started_by,
        "started_at": story.started_at,
        "input": story.input,
        "history": [entry_json(each) for each in story.entries],
        "decisions": [
            {
                "decision_id": each.decision_id,
                "pause_key": each.pause_key,
                "decision": each.type.value,
                "status": each.status.value,
                "decided_by": each.actor,
                "decided_at": each.decided_at,
                "message": each.message,
                "reason": each.reason,
                "value": each.resume_value,
            }
            for each in story.decisions
        ],
        "effects": [_effect(each) for each in story.effects],
        "progress": list(story.progress),
    }


def _effect(each: Effect) -> dict[str, JSON]:
    return {"key": each.key, "kind": each.kind, "status": each.status.value, "result": each.result}
