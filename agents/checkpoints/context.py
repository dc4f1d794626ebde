"""What led to a pause: the conversation, and what the last steps changed; read without the graph."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agents.checkpoints.glimpse import Glimpse, glimpse, unpacked
from agents.checkpoints.questions import time_of
from agents.checkpoints.trail import BYTES, Purse, Saved, Trail, answers, below, row_of, state_values, trail_of, written
from agents.checkpoints.transcript import Transcript, is_conversation, messages_of, whole_text
from agents.domain import JSON

STEPS = 6
FIELDS = 40
"""Changed fields that are told of one step."""
_INTERNAL = ("branch:", "__", "start:", "join:")
_MISSING: Any = object()


@dataclass(frozen=True, slots=True)
class Change:
    """A field of the state that a step wrote. before None: it was not there. after None: it is gone.

    added: entries that were put to a list, and then `after` shows only those; it is None for messages, which the transcript tells.
    """

    name: str
    before: Glimpse | None
    after: Glimpse | None
    added: int = 0


@dataclass(frozen=True, slots=True)
class Passage:
    """One step. number: LangGraph's. nodes: that ran. answers: given to them by people. place: of the subgraph, "" for none.

    unread: the state is too large to be compared here. more: changed fields that are left out. before_id: the checkpoint
    that the step began at.
    """

    namespace: str
    checkpoint_id: str
    before_id: str | None
    place: str
    number: int | None
    at: datetime | None
    source: str
    nodes: tuple[str, ...]
    answers: tuple[Glimpse, ...]
    changes: tuple[Change, ...]
    unread: bool = False
    more: int = 0


@dataclass(frozen=True, slots=True)
class LedHere:
    """transcripts: the conversations at the end. passages: the last steps, oldest first. earlier: there are older ones."""

    transcripts: tuple[Transcript, ...] = ()
    passages: tuple[Passage, ...] = ()
    earlier: bool = False


def led_here(connection: sqlite3.Connection, thread_id: str, *, steps: int = STEPS, most: int = BYTES) -> LedHere:
    """steps: of the graph, and of each subgraph that asks now. most: bytes of checkpoints. Nothing for an unknown thread."""
    purse = Purse(most)
    spaces = ("", *below(connection, thread_id))
    trails = [trail_of(connection, thread_id, space, steps, purse) for space in spaces]
    found = [trail for trail in trails if trail.saved]
    passages = [passage for trail in found for passage in _passages(connection, thread_id, trail, steps)]
    root = trails[0].saved
    return LedHere(
        transcripts=_transcripts(connection, thread_id, found),
        passages=tuple(passages),
        earlier=len(root) > steps and root[-1].parent is not None,
    )


def whole(connection: sqlite3.Connection, thread_id: str, namespace: str, checkpoint_id: str, channel: str) -> str:
    """A field of the state in full, as text; "" when it is not there. channel: its name as it was told."""
    values = state_values(row_of(connection, thread_id, namespace, checkpoint_id))
    found: JSON = next((value for name, value in values.items() if _name(name) == channel), "")
    return found if isinstance(found, str) else json.dumps(found, indent=2, ensure_ascii=False)


def whole_message(
    connection: sqlite3.Connection, thread_id: str, namespace: str, checkpoint_id: str, channel: str, index: int
) -> str:
    """One message in full, as text; "" when it is not there."""
    values = state_values(row_of(connection, thread_id, namespace, checkpoint_id))
    found: JSON = next((value for name, value in values.items() if _name(name) == channel), [])
    entries = found if isinstance(found, list) else [found]
    return whole_text(entries[index]) if 0 <= index < len(entries) else ""


def _passages(connection: sqlite3.Connection, thread_id: str, trail: Trail, steps: int) -> list[Passage]:
    made: list[Passage] = []
    for after, before in zip(trail.saved, [*trail.saved[1:], None], strict=True):
        if len(made) == steps:
            break
        if after.metadata.get("source") == "input" and not _told(after.part("channel_values")):
            continue  # what was given is told with the step that took it in
        made.append(_passage(connection, thread_id, trail, after, before))
    return made[::-1]


def _passage(
    connection: sqlite3.Connection, thread_id: str, trail: Trail, after: Saved, before: Saved | None
) -> Passage:
    changes = _changes(connection, thread_id, trail.namespace, after, before)
    given_to = answers(connection, thread_id, trail.namespace, before.checkpoint_id) if before else []
    number = after.metadata.get("step")
    given = before is not None and before.metadata.get("source") == "input"
    unread = after.state is None or (before is None and after.parent is not None)
    return Passage(
        namespace=trail.namespace,
        checkpoint_id=after.checkpoint_id,
        before_id=before.checkpoint_id if before else None,
        place=trail.place,
        number=number if isinstance(number, int) else None,
        at=time_of(after.checkpoint_id),
        source="input" if given else glimpse(after.metadata.get("source") or "", 40).text,
        nodes=_nodes(after, before),
        answers=tuple(glimpse(each) for each in given_to),
        changes=tuple(changes[:FIELDS]),
        unread=unread or (before is not None and before.state is None),
        more=max(0, len(changes) - FIELDS),
    )


def _told(values: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in values.items() if not str(name).startswith(_INTERNAL)}


def _changes(
    connection: sqlite3.Connection, thread_id: str, namespace: str, after: Saved, before: Saved | None
) -> list[Change]:
    """Fields whose value is another one now. A step may write a field anew without changing it."""
    if after.state is None or (before is None and after.parent is not None):
        return []
    if before is not None and before.state is None:
        return []
    now, then = _told(after.part("channel_values")), _told(before.part("channel_values") if before else {})
    found = [
        _change(name, now.get(name, _MISSING), then.get(name, _MISSING))
        for name in sorted({*now, *then})
        if not _same(now.get(name, _MISSING), then.get(name, _MISSING))
    ]
    return [*found, *_added(connection, thread_id, namespace, after, before)]


def _change(name: str, now: Any, then: Any) -> Change:
    grown = isinstance(now, list) and (then is _MISSING or (isinstance(then, list) and len(then) < len(now)))
    before: list[Any] = then if isinstance(then, list) else []
    if grown and is_conversation(now):
        if _same(now[: len(before)], before):
            return Change(_name(name), None, None, len(now) - len(before))
    elif grown and before and _same(now[: len(before)], before):
        return Change(_name(name), None, glimpse(now[len(before) :]), len(now) - len(before))
    return Change(_name(name), _shown(then), _shown(now))


def _added(
    connection: sqlite3.Connection, thread_id: str, namespace: str, after: Saved, before: Saved | None
) -> list[Change]:
    """Fields that a checkpoint does not hold, only what each step put to them (LangGraph's DeltaChannel)."""
    values, versions = after.part("channel_values"), _told(after.part("channel_versions"))
    old = before.part("channel_versions") if before else {}
    names = [name for name, each in versions.items() if name not in values and old.get(name) != each]
    return [
        Change(_name(name), None, None if is_conversation(value) else glimpse(value), _entries(value))
        for name, value in written(connection, thread_id, namespace, before, names)
    ]


def _nodes(after: Saved, before: Saved | None) -> tuple[str, ...]:
    """Those whose view of the state moved on, those that were sent a packet, and those of older files' metadata."""
    if before is None:
        return ()
    seen, old = after.part("versions_seen"), before.part("versions_seen")
    names = [name for name, each in seen.items() if old.get(name, _MISSING) != each]
    sends = before.part("channel_values").get("__pregel_tasks")
    packets = [unpacked(each) for each in sends[:100]] if isinstance(sends, list) else []
    names += [each["node"] for each in packets if isinstance(each, dict) and "node" in each]
    written = after.metadata.get("writes")
    names += list(written) if isinstance(written, dict) else []
    return tuple(dict.fromkeys(_name(name) for name in names if not str(name).startswith("__")))[:20]


def _name(name: Any) -> str:
    return glimpse(str(name), 80).text


def _entries(value: Any) -> int:
    return len(value) if isinstance(value, list) else 1


def _same(one: Any, other: Any) -> bool:
    try:
        return bool(one == other)
    except RecursionError:
        return False


def _shown(value: Any) -> Glimpse | None:
    return None if value is _MISSING else glimpse(value)


def _transcripts(connection: sqlite3.Connection, thread_id: str, trails: list[Trail]) -> tuple[Transcript, ...]:
    """One conversation that begins like another one goes on with it: only the longer is told."""
    kept: list[tuple[Trail, str, list[Any]]] = []
    for trail in trails[::-1]:
        for channel, value in _conversations(connection, thread_id, trail).items():
            if not any(_same(value, longer[: len(value)]) for _, _, longer in kept):
                kept.append((trail, channel, value))
    return tuple(_transcript(*each) for each in kept[::-1])


def _transcript(trail: Trail, channel: str, value: list[Any]) -> Transcript:
    told = messages_of(value)
    head = trail.saved[0].checkpoint_id
    return Transcript(trail.namespace, head, _name(channel), trail.place, told, len(value) - len(told))


def _conversations(connection: sqlite3.Connection, thread_id: str, trail: Trail) -> dict[str, list[Any]]:
    head = trail.saved[0]
    values = _told(head.part("channel_values"))
    found = {name: value if isinstance(value, list) else [value] for name, value in values.items()}
    found = {name: value for name, value in found.items() if is_conversation(value)}
    missing = [name for name in _told(head.part("channel_versions")) if name not in values]
    for before in trail.saved[:0:-1] if missing else ():
        for name, value in written(connection, thread_id, trail.namespace, before, missing):
            more = value if isinstance(value, list) else [value]
            if is_conversation(more):
                found.setdefault(name, []).extend(more)
    return found
