"""Agent Inbox's HumanInterrupt (`langgraph.prebuilt.interrupt`): always answered with a list of one.

Its words differ from ours: accept = approve, response = respond, and ignore,
which the graph hears and ends on, is our reject. Ours ignore sends nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeGuard

from agents.domain import JSON, DecisionType, Kind, Pause, Review, Said
from agents.errors import InvalidDecision
from agents.payloads.tool import ToolAction, ToolProposal, edited_args, text_of, tool_review

_FLAGS = {
    "allow_accept": DecisionType.APPROVE,
    "allow_edit": DecisionType.EDIT,
    "allow_ignore": DecisionType.REJECT,
    "allow_respond": DecisionType.RESPOND,
}
_WORDS = {
    DecisionType.APPROVE: "accept",
    DecisionType.EDIT: "edit",
    DecisionType.REJECT: "ignore",
    DecisionType.RESPOND: "response",
}


class AgentInboxCodec:
    """approve | edit (args: the whole new arguments) | respond (message) | reject, as the payload's config allows."""

    kind = Kind.TOOL

    def matches(self, pause: Pause) -> bool:
        return _action(pause.value) is not None

    def parse(self, pause: Pause) -> Review:
        action = _required(pause)
        return tool_review(pause, ToolProposal("agent_inbox", (action,)), action.allowed)

    def encode(self, pause: Pause, said: Said) -> JSON:
        action = _required(pause)
        value = [{"type": _WORDS.get(said.type), "args": _args(action, said)}]
        self.read(pause, value)
        return value

    def read(self, pause: Pause, value: JSON) -> Said:
        action = _required(pause)
        if not isinstance(value, list) or len(value) != 1 or not isinstance(value[0], Mapping):
            raise InvalidDecision('The graph takes a list with one {"type": ..., "args": ...}.', field="value")
        word, args = value[0].get("type"), value[0].get("args")
        kind = next((each for each, name in _WORDS.items() if name == word), None)
        if kind not in action.allowed:
            names = ", ".join(_WORDS[each] for each in action.allowed) or "nothing"
            raise InvalidDecision(f"The graph takes {names}, not {word!r}.", field="type")
        if kind is DecisionType.RESPOND and not (isinstance(args, str) and args.strip()):
            raise InvalidDecision("A response needs text.", field="message")
        if kind in (DecisionType.APPROVE, DecisionType.EDIT) and not (
            _is_request(args) and args["action"] == action.name
        ):
            raise InvalidDecision(
                '"args" must be the whole {"action": ..., "args": {...}} of the same action.', field="args"
            )
        edited = args["args"] if kind is DecisionType.EDIT and _is_request(args) else None
        return Said(kind, message=args if kind is DecisionType.RESPOND else None, args=edited)


def _args(action: ToolAction, said: Said) -> JSON:
    match said.type:
        case DecisionType.APPROVE:
            return {"action": action.name, "args": dict(action.args)}
        case DecisionType.EDIT if said.args is not None:
            return {"action": action.name, "args": edited_args(action, said.args)}
        case DecisionType.RESPOND:
            return text_of(said, "Write the answer or the new instruction.")
    return None


def _action(value: JSON) -> ToolAction | None:
    request = _request(value)
    if request is None:
        return None
    asked, flags, description = request["action_request"], request["config"], request.get("description")
    return ToolAction(
        name=asked["action"],
        args=asked["args"],
        description=description if isinstance(description, str) else None,
        allowed=tuple(kind for flag, kind in _FLAGS.items() if flags.get(flag) is True),
    )


def _request(value: JSON) -> Mapping[str, JSON] | None:
    """The request, which comes bare, in a list of one, or as a JSON string. Without a config nobody knows what it takes."""
    if isinstance(value, str) and "action_request" in value:
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    found = (
        isinstance(value, Mapping)
        and _is_request(value.get("action_request"))
        and isinstance(value.get("config"), Mapping)
    )
    return value if found else None


def _is_request(value: JSON) -> TypeGuard[Mapping[str, JSON]]:
    return (
        isinstance(value, Mapping) and isinstance(value.get("action"), str) and isinstance(value.get("args"), Mapping)
    )


def _required(pause: Pause) -> ToolAction:
    found = _action(pause.value)
    if found is None:
        raise InvalidDecision("This question is not an Agent Inbox request.")
    return found


CODEC = AgentInboxCodec()
