"""Held tool calls as a payload describes them: what is called, with what, and what may be decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.domain import JSON, DecisionType, Pause

TYPES = (DecisionType.APPROVE, DecisionType.EDIT, DecisionType.REJECT, DecisionType.RESPOND)


@dataclass(frozen=True, slots=True)
class ToolAction:
    """One tool call. schema: JSON Schema of its decisions or None. args_schema: of its arguments or None."""

    name: str
    args: Mapping[str, JSON]
    description: str | None
    allowed: tuple[DecisionType, ...]
    schema: Mapping[str, Any] | None = None
    args_schema: Mapping[str, Any] | None = None

    @property
    def about(self) -> str:
        """The description without LangChain's own end of it, which says the call once more."""
        text = self.description or ""
        return text.partition(f"\n\nTool: {self.name}\nArgs: ")[0].strip()


@dataclass(frozen=True, slots=True)
class ToolProposal:
    """The tool calls that wait together. form: batched | per_call | agent_inbox."""

    form: str
    actions: tuple[ToolAction, ...]


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


def branch_of(schema: Mapping[str, Any], kind: str) -> Mapping[str, Any] | None:
    """The one alternative for a decision, with the definitions that it refers to; None when there is none."""
    for each in _branches(schema):
        if kind in _types_of(each):
            return {"$defs": schema.get("$defs", {}), **each}
    return None


def _per_call(value: Mapping[str, JSON], schema: Mapping[str, Any] | None) -> ToolProposal | None:
    """Without a schema every decision is taken; with one that offers none of them it is another kind of question."""
    offered = [kind for each in _branches(schema) for kind in _types_of(each)] if schema else [*TYPES]
    config = {"allowed_decisions": offered, "args_schema": _arguments(schema) if schema else None}
    action = _action(value, config, schema)
    return ToolProposal("per_call", (action,)) if action and action.allowed else None


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
        allowed=tuple(each for each in TYPES if each.value in allowed),
        schema=schema,
        args_schema=args_schema if isinstance(args_schema, Mapping) else None,
    )


def _branches(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The alternatives of a oneOf behind their references; a schema without alternatives is its own one."""
    offered = schema.get("oneOf") or schema.get("anyOf")
    return [_behind(schema, each) for each in offered] if isinstance(offered, list) else [_behind(schema, schema)]


def _behind(root: Mapping[str, Any], schema: Any) -> Mapping[str, Any]:
    """What a definition's reference stands for; {} for one that leads nowhere."""
    reference = schema.get("$ref") if isinstance(schema, Mapping) else None
    if not isinstance(reference, str):
        return schema if isinstance(schema, Mapping) else {}
    definitions = root.get("$defs")
    found = definitions.get(reference.removeprefix("#/$defs/")) if isinstance(definitions, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _types_of(branch: Mapping[str, Any]) -> list[str]:
    """The decisions that an alternative names: the constant or the enum of its `type`."""
    properties = branch.get("properties")
    only = properties.get("type") if isinstance(properties, Mapping) else None
    if not isinstance(only, Mapping):
        return []
    named = [only["const"]] if "const" in only else only.get("enum")
    return [each for each in named if isinstance(each, str)] if isinstance(named, list) else []


def _arguments(schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The schema of the arguments, which lies in the alternative for an edit."""
    found: Any = branch_of(schema, DecisionType.EDIT)
    for name in ("edited_action", "args"):
        properties = _behind(schema, found).get("properties")
        found = properties.get(name) if isinstance(properties, Mapping) else None
    args = _behind(schema, found)
    return {"$defs": schema.get("$defs", {}), **args} if args else None
