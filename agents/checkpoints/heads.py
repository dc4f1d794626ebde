"""What comes next on a thread, from its newest checkpoint alone: no graph, and nothing but names decoded.

A channel that leads to a node (`branch:to:NODE`, a complete `join:...:NODE`,
a `Send`) and that the node has not seen yet is a step still to be taken. So a
run that was killed between two steps, or that stops at a static breakpoint, is
told from one that ended, although neither has left a row of its own.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import ormsgpack

from agents.checkpoints.decoding import Undecodable, as_bytes

START, END = "__start__", "__end__"
_TASKS = "__pregel_tasks"
_BRANCH, _JOIN, _BEGIN = "branch:", "join:", "start:"
_BRANCH_OLD = re.compile(r"start:.+|branch:[^:]*:[^:]*:[^:]*")
_NO_NODES = {"__input__", "__interrupt__"}
"""What was seen when the input came, and at the last stop: by no node."""
_NESTED = 4
"""Extension records opened inside each other: a list of Sends, a Send, its name."""


@dataclass(frozen=True, slots=True)
class Next:
    """What a checkpoint leads to.

    nodes: the nodes that come next, in a fixed order; "__start__" while the input has not been taken in.
    sends: how many of them a node sends off by itself (their names are in `nodes`, each once). steps: tasks
    that come next in all. ran: nodes that the last step ran, as far as the checkpoint tells. known: every node
    that it names. started: a node has run, or a state was given. unclear: an old or unknown layout, from which
    the next nodes cannot be told without the graph; they come after `ends`. renamed: a layout before version 3, whose
    channels LangGraph renames when it reads it, so that no task has the id that its rows lie under.
    """

    nodes: tuple[str, ...] = ()
    sends: int = 0
    steps: int = 0
    ran: tuple[str, ...] = ()
    known: frozenset[str] = frozenset()
    started: bool = False
    unclear: bool = False
    ends: tuple[str, ...] = ()
    renamed: bool = False


@dataclass(frozen=True, slots=True)
class _Record:
    """An extension record, left closed until somebody asks what is in it."""

    code: int
    body: bytes


def next_of(kind: str | None, blob: bytes | None) -> Next:
    """What comes next, from a root checkpoint as stored. Never raises: what cannot be read is `unclear`."""
    checkpoint = _unpacked(kind, blob)
    values, versions, seen = (_dict(checkpoint.get(name)) for name in _PARTS)
    if not versions:
        return Next(unclear=not checkpoint)
    led = sorted({node for name in values for node in _led(name, values[name], versions, seen)})
    sent = [_node_of(each) for each in _list(values.get(_TASKS))]
    named = {node for node in sent if node}
    nodes = (*led, *sorted(named - set(led)))
    known = frozenset(node for node in (*seen, *nodes, *_targets(versions)) if not node.startswith("__"))
    ends = () if nodes else _ends(checkpoint, values, versions, seen)
    return Next(
        nodes=nodes,
        sends=len(sent),
        steps=len(led) + len(sent),
        ran=_ran(versions, seen),
        known=known,
        started=START not in values,
        unclear=bool(ends),
        ends=ends,
        renamed=_old(checkpoint) and any(_BRANCH_OLD.fullmatch(name) for name in versions),
    )


def leads_on(kind: str | None, blob: bytes | None) -> bool:
    """Has `next_of` any nodes or ends? Told without all the rest, for files with very many threads."""
    checkpoint = _unpacked(kind, blob)
    values, versions, seen = (_dict(checkpoint.get(name)) for name in _PARTS)
    if not versions:
        return False
    if any(_led(name, values[name], versions, seen) for name in values):
        return True
    sent = any(_node_of(each) for each in _list(values.get(_TASKS)))
    return sent or bool(_ends(checkpoint, values, versions, seen))


_PARTS = ("channel_values", "channel_versions", "versions_seen")


def _led(name: str, value: Any, versions: dict[str, Any], seen: dict[str, Any]) -> list[str]:
    """The node that this channel leads to, if it has a value that the node has not seen."""
    node = _target(name)
    if name == START:
        took = [each for each in seen.keys() - _NO_NODES if _seen(seen[each], versions, START)]
        return [] if took else [START]
    if node is None or not _available(name, value):
        return []
    return [node] if _newer(versions, _dict(seen.get(node)), name) else []


def _target(name: str) -> str | None:
    """ "branch:to:b", "branch:a:choose:b" (older), "start:b" (older) and "join:a+b:c" lead to a node."""
    if name.startswith((_BRANCH, _JOIN, _BEGIN)):
        return name.rsplit(":", 1)[-1] or None
    return None


def _targets(versions: dict[str, Any]) -> set[str]:
    return {node for name in versions if (node := _target(name))}


def _available(name: str, value: Any) -> bool:
    value = _opened(value)
    if name.startswith(_JOIN):
        return _complete(name, value)
    waits = isinstance(value, list) and len(value) == 2 and isinstance(value[1], bool)
    return bool(value[1]) if waits else True  # a deferred node: only when everything else is done


def _complete(name: str, value: Any) -> bool:
    """A barrier is open when all that it waits for has arrived; of a deferred one, when all else is done."""
    if isinstance(value, list) and len(value) == 2 and isinstance(value[1], bool):
        return value[1] and _complete(name, _opened(value[0]))
    arrived = [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
    awaited = name.removeprefix(_JOIN).rsplit(":", 1)[0]
    return bool(arrived) and len("+".join(arrived)) == len(awaited)


def _newer(versions: dict[str, Any], seen: Any, name: str) -> bool:
    if name not in versions or name not in _dict(seen):
        return True
    try:
        return bool(versions[name] > seen[name])
    except TypeError:
        return True


def _ran(versions: dict[str, Any], seen: dict[str, Any]) -> tuple[str, ...]:
    """The nodes whose channel the last step used up: it has the newest version, and theirs is older."""
    try:
        newest = max(versions.values())
        return tuple(sorted(node for node, of in seen.items() if _used_up(node, _dict(of), versions, newest)))
    except TypeError:
        return ()


def _used_up(node: str, of: dict[str, Any], versions: dict[str, Any], newest: Any) -> bool:
    if node.startswith("__"):
        return False
    return any(_target(name) == node and versions.get(name) == newest and of[name] < newest for name in of)


def _old(checkpoint: dict[str, Any]) -> bool:
    version = checkpoint.get("v", 0)
    return isinstance(version, int) and version < 3


def _ends(
    checkpoint: dict[str, Any], values: dict[str, Any], versions: dict[str, Any], seen: dict[str, Any]
) -> tuple[str, ...]:
    """Before version 3 an edge was a channel with the name of the node it leaves, whether or not it led on."""
    ran = sorted(node for node in seen if node in values and not node.startswith("__")) if _old(checkpoint) else []
    return tuple(node for node in ran if not any(_seen(each, versions, node) for each in seen.values()))


def _seen(of: Any, versions: dict[str, Any], name: str) -> bool:
    return name in _dict(of) and not _newer(versions, of, name)


def _unpacked(kind: str | None, blob: bytes | None) -> dict[str, Any]:
    try:
        data = as_bytes(blob)
        if kind == "msgpack":
            return _dict(ormsgpack.unpackb(data, ext_hook=_Record, option=ormsgpack.OPT_NON_STR_KEYS))
        return _dict(json.loads(data)) if kind == "json" else {}
    except (ValueError, RecursionError, Undecodable):
        return {}


def _opened(value: Any, depth: int = 0) -> Any:
    """What is in a record, one level at a time; a set, a tuple or a Send is kept as one. Plain data stays as it is."""
    if not isinstance(value, _Record) or depth == _NESTED:
        return value
    try:
        inside = ormsgpack.unpackb(value.body, ext_hook=_Record, option=ormsgpack.OPT_NON_STR_KEYS)
    except ValueError:
        return None
    if isinstance(inside, list) and len(inside) >= 3 and isinstance(inside[1], str):
        return _opened(inside[2], depth + 1)
    return _opened(inside, depth + 1)


def _node_of(send: Any) -> str:
    body = _opened(send)
    if isinstance(body, dict):  # as JSON: LangChain's form of an object, or its fields
        body = body.get("args") or [_dict(body.get("kwargs")).get("node") or body.get("node")]
    first = body[0] if isinstance(body, list) and body else None
    return first if isinstance(first, str) else ""


def _list(value: Any) -> list[Any]:
    found = _opened(value)
    return found if isinstance(found, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
