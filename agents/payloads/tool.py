"""Tool calls held for approval by LangChain's HumanInTheLoopMiddleware, batched or one per interrupt.

Batched wants {"decisions": [...]}, one per action by position; per call wants
the plain decision. A decision that is not allowed, or a wrong count, raises in
the graph and is saved all the same, so everything is checked here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.domain import JSON, DecisionType, Kind, Pause, Review, Said
from agents.errors import InvalidDecision
from agents.payloads.jsonschemas import check
from agents.payloads.wording import one_line

_TYPES = (DecisionType.APPROVE, DecisionType.EDIT, DecisionType.REJECT, DecisionType.RESPOND)


@dataclass(frozen=True, slots=True)
class ToolAction:
    """One tool call. schema: JSON Schema of its decisions or None. args_schema: of its arguments or None."""

    name: str
    args: Mapping[str, JSON]
    description: str | None
    allowed: tuple[DecisionType, ...]
    schema: Mapping[str, Any] | None = None
    args_schema: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ToolProposal:
    """The tool calls that wait together. form: batched | per_call | agent_inbox."""

    form: str
    actions: tuple[ToolAction, ...]


class ToolCodec:
    """approve, reject and respond hold for every action of a batch.

    edit: args are the whole new arguments of the one action; for a batch of
    several {"decisions": [...]}, LangChain's own decisions, one per action.
    """

    kind = Kind.TOOL

    def matches(self, pause: Pause) -> bool:
        return proposal_of(pause) is not None

    def parse(self, pause: Pause) -> Review:
        proposal = _proposal(pause)
        return tool_review(pause, proposal, _allowed(proposal))

    def encode(self, pause: Pause, said: Said) -> JSON:
        proposal = _proposal(pause)
        decisions = _decisions(proposal, said)
        for number, (action, decision) in enumerate(zip(proposal.actions, decisions, strict=True)):
            _check(action, decision, number)
        return {"decisions": decisions} if proposal.form == "batched" else decisions[0]

    def read(self, pause: Pause, value: JSON) -> Said:
        proposal = _proposal(pause)
        decisions = _unwrapped(proposal, value)
        for number, (action, decision) in enumerate(zip(proposal.actions, decisions, strict=True)):
            _check(action, decision, number)
        types = {decision["type"] for decision in decisions}
        if len(types) > 1 or (len(decisions) > 1 and types == {"edit"}):
            return Said(DecisionType.EDIT, args={"decisions": decisions})
        only = decisions[0]
        args = only["edited_action"]["args"] if only["type"] == "edit" else None
        return Said(DecisionType(only["type"]), message=only.get("message"), args=args)


def tool_review(pause: Pause, proposal: ToolProposal, allowed: Sequence[DecisionType]) -> Review:
    """The review of held tool calls, in either codec's form."""
    names = ", ".join(action.name for action in proposal.actions)
    several = len(proposal.actions) > 1
    told = next((each.description for each in proposal.actions if each.description), None)
    what = f"{len(proposal.actions)} tool calls" if several else names
    return Review(
        pause=pause,
        kind=Kind.TOOL,
        title=one_line(pause.title or f"Run {names}", 80),
        gist=one_line(told or "; ".join(f"{each.name} {json.dumps(each.args)}" for each in proposal.actions)),
        question=f"Run {'these' if several else 'this'} tool call{'s' if several else ''}?",
        allowed=(*allowed, DecisionType.IGNORE),
        labels={
            DecisionType.APPROVE: f"Approve and run {what}",
            DecisionType.EDIT: "Decide each call" if several else f"Run {names} with my changes",
            DecisionType.REJECT: f"Reject: do not run {what}",
            DecisionType.RESPOND: f"Answer instead of running {what}",
            DecisionType.IGNORE: "Close without an answer",
        },
        proposal=proposal,
    )


def proposal_of(pause: Pause) -> ToolProposal | None:
    """The tool calls that a payload holds; None when it is not of this schema."""
    value = pause.value
    if not isinstance(value, Mapping):
        return None
    if value.get("type") == "tool_approval":
        return _per_call(value, pause.response_schema)
    requests, configs = value.get("action_requests"), value.get("review_configs")
    if not (isinstance(requests, list) and isinstance(configs, list) and requests and len(requests) == len(configs)):
        return None
    actions = [_action(request, config) for request, config in zip(requests, configs, strict=True)]
    return ToolProposal("batched", tuple(each for each in actions if each)) if all(actions) else None


def typed(before: Mapping[str, JSON], after: Mapping[str, JSON]) -> dict[str, JSON]:
    """Edited arguments with the types that the graph sent: "2" becomes 2 where a number was."""
    return {key: _typed(key, before[key], each) if key in before else each for key, each in after.items()}


def text_of(said: Said, why: str) -> str:
    """The message, which must not be blank. Raises InvalidDecision."""
    if not said.message or not said.message.strip():
        raise InvalidDecision(why, field="message")
    return said.message


def _proposal(pause: Pause) -> ToolProposal:
    found = proposal_of(pause)
    if found is None:
        raise InvalidDecision("This question is not about a tool call.")
    return found


def _per_call(value: Mapping[str, JSON], schema: Mapping[str, Any] | None) -> ToolProposal | None:
    config = {"allowed_decisions": _types_in(schema) if schema else [each.value for each in _TYPES]}
    action = _action(value, config, schema)
    return ToolProposal("per_call", (action,)) if action else None


def _action(request: JSON, config: JSON, schema: Mapping[str, Any] | None = None) -> ToolAction | None:
    if not isinstance(request, Mapping) or not isinstance(config, Mapping):
        return None
    name, args, allowed = request.get("name"), request.get("args"), config.get("allowed_decisions")
    if not isinstance(name, str) or not isinstance(args, Mapping) or not isinstance(allowed, list):
        return None
    description, args_schema = request.get("description"), config.get("args_schema")
    return ToolAction(
        name=name,
        args=args,
        description=description if isinstance(description, str) else None,
        allowed=tuple(each for each in _TYPES if each.value in allowed),
        schema=schema,
        args_schema=args_schema if isinstance(args_schema, Mapping) else None,
    )


def _types_in(schema: Mapping[str, Any]) -> list[str]:
    """The decisions that a per-call schema offers: its discriminator's keys, or its one constant."""
    mapping = (schema.get("discriminator") or {}).get("mapping")
    if isinstance(mapping, Mapping):
        return [str(each) for each in mapping]
    only = (schema.get("properties") or {}).get("type") or {}
    return [only["const"]] if "const" in only else list(only.get("enum") or [])


def _allowed(proposal: ToolProposal) -> tuple[DecisionType, ...]:
    """What every action allows; a batch of several can always be decided one by one."""
    shared = [each for each in _TYPES if all(each in action.allowed for action in proposal.actions)]
    if len(proposal.actions) > 1 and DecisionType.EDIT not in shared:
        shared.append(DecisionType.EDIT)
    return tuple(shared)


def _decisions(proposal: ToolProposal, said: Said) -> list[dict[str, JSON]]:
    if said.type is not DecisionType.EDIT:
        return [_plain_decision(said) for _ in proposal.actions]
    if len(proposal.actions) > 1:
        return _unwrapped(proposal, dict(said.args or {}))
    action = proposal.actions[0]
    if said.args is None:
        raise InvalidDecision(f"Give the whole arguments of {action.name} as an object.", field="args")
    args = typed(action.args, said.args)
    return [{"type": "edit", "edited_action": {"name": action.name, "args": args}}]


def _plain_decision(said: Said) -> dict[str, JSON]:
    if said.type is DecisionType.RESPOND:
        return {
            "type": "respond",
            "message": text_of(said, "Write the answer that takes the place of the tool's result."),
        }
    if said.type is DecisionType.REJECT and said.message and said.message.strip():
        return {"type": "reject", "message": said.message}
    return {"type": said.type.value}


def _unwrapped(proposal: ToolProposal, value: JSON) -> list[dict[str, JSON]]:
    found = value.get("decisions") if proposal.form == "batched" and isinstance(value, Mapping) else [value]
    count = len(proposal.actions)
    if not isinstance(found, list) or len(found) != count or not all(isinstance(each, Mapping) for each in found):
        wanted = f'{{"decisions": [...]}} with {count}' if proposal.form == "batched" else "one"
        raise InvalidDecision(f"The graph takes {wanted} decision object{'s' if count > 1 else ''}.", field="value")
    return [dict(each) for each in found]


def _check(action: ToolAction, decision: Mapping[str, JSON], number: int) -> None:
    kind = decision.get("type")
    if kind not in [each.value for each in action.allowed]:
        names = ", ".join(each.value for each in action.allowed) or "nothing"
        raise InvalidDecision(f"{action.name} (call {number + 1}) allows {names}, not {kind!r}.", field="type")
    if kind == "respond" and not isinstance(decision.get("message"), str):
        raise InvalidDecision(f"respond to {action.name} (call {number + 1}) needs a message.", field="message")
    if not isinstance(decision.get("message", ""), str | None):
        raise InvalidDecision("The message must be text.", field="message")
    if kind == "edit":
        _check_edit(action, decision.get("edited_action"))
    if action.schema:
        check(decision, _branch(action.schema, str(kind)), "args" if kind == "edit" else "message")


def _check_edit(action: ToolAction, edited: JSON) -> None:
    named = isinstance(edited, Mapping) and isinstance(edited.get("name"), str)
    if not named or not isinstance(edited.get("args"), Mapping):
        raise InvalidDecision('edit needs "edited_action" with "name" and the whole "args".', field="args")
    if action.args_schema:
        check(edited["args"], action.args_schema, "args")


def _branch(schema: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """The one alternative of a oneOf that the type names, so that the error is about that one."""
    reference = ((schema.get("discriminator") or {}).get("mapping") or {}).get(kind)
    return {"$defs": schema.get("$defs", {}), "$ref": reference} if isinstance(reference, str) else schema


def _typed(key: str, before: JSON, after: JSON) -> JSON:
    if not isinstance(after, str) or before is None or isinstance(before, str):
        return after
    try:
        meant = json.loads(after)
    except ValueError:
        meant = None
    numbers = isinstance(before, int | float) and not isinstance(before, bool)
    if (numbers and isinstance(meant, int | float) and not isinstance(meant, bool)) or type(meant) is type(before):
        return meant
    raise InvalidDecision(f"{key} must stay a {type(before).__name__}, like {json.dumps(before)}.", field=key)


CODEC = ToolCodec()
