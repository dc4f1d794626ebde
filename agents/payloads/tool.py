"""Tool calls held for approval by LangChain's HumanInTheLoopMiddleware, batched or one per interrupt.

Batched wants {"decisions": [...]}, one per action by position; per call wants
the plain decision. A decision that is not allowed, or a wrong count, raises in
the graph and is saved all the same, so everything is checked here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from agents.domain import JSON, DecisionType, Kind, Pause, Review, Said
from agents.errors import InvalidDecision
from agents.payloads.faults import sentence
from agents.payloads.jsonschemas import check, problem
from agents.payloads.tool_proposal import TYPES, ToolAction, ToolProposal, branch_of, proposal_of
from agents.payloads.typed import typed
from agents.payloads.wording import one_line, readable

__all__ = ["CODEC", "ToolAction", "ToolProposal", "edited_args", "proposal_of", "text_of", "tool_review"]


class ToolCodec:
    """approve, reject and respond hold for every action of a batch.

    edit: args are the whole new arguments of the one action; for a batch of
    several {"decisions": [...]}, LangChain's own decisions, one per action.
    Any other decision may bring them too, when all of them are of its type.
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
        _check_all(proposal, decisions)
        return {"decisions": decisions} if proposal.form == "batched" else decisions[0]

    def read(self, pause: Pause, value: JSON) -> Said:
        proposal = _proposal(pause)
        decisions = _unwrapped(proposal, value)
        _check_all(proposal, decisions)
        types = {decision["type"] for decision in decisions}
        alike = all(decision == decisions[0] for decision in decisions)
        if len(types) > 1 or (len(decisions) > 1 and (types == {"edit"} or not alike)):
            kind = DecisionType(types.pop()) if len(types) == 1 else DecisionType.EDIT
            return Said(kind, args={"decisions": decisions})
        only = decisions[0]
        args = only["edited_action"]["args"] if only["type"] == "edit" else None
        return Said(DecisionType(only["type"]), message=only.get("message"), args=args)


def tool_review(pause: Pause, proposal: ToolProposal, allowed: Sequence[DecisionType]) -> Review:
    """The review of held tool calls, in either codec's form."""
    names = ", ".join(action.name for action in proposal.actions)
    several = len(proposal.actions) > 1
    runs = DecisionType.APPROVE in allowed or DecisionType.EDIT in allowed
    told = next((each.about for each in proposal.actions if each.about), None)
    calls = "; ".join(f"{each.name} {json.dumps(each.args, ensure_ascii=False)[:200]}" for each in proposal.actions)
    all_of = f"{'both' if len(proposal.actions) == 2 else f'all {len(proposal.actions)}'} calls" if several else names
    return Review(
        pause=pause,
        kind=Kind.TOOL,
        title=one_line(pause.title or (f"Run {names}" if runs else names), 80),
        gist=one_line(told if told and told != DEFAULT else calls),
        question=f"Run {'these' if several else 'this'} tool call{'s' if several else ''}?"
        if runs
        else "What is the answer?",
        allowed=(*allowed, DecisionType.IGNORE),
        labels={
            DecisionType.APPROVE: f"Approve {all_of}" if several else f"Approve and run {names}",
            DecisionType.EDIT: "Decide each call" if several else f"Run {names} with my changes",
            DecisionType.REJECT: f"Reject {all_of}"
            if several
            else f"Do not run {names}"
            if runs
            else "Leave it unanswered",
            DecisionType.RESPOND: f"Answer {all_of} with one text"
            if several
            else "Answer instead"
            if runs
            else "Send the answer",
            DecisionType.IGNORE: "Close without an answer",
        },
        proposal=proposal,
    )


DEFAULT = "Tool execution requires approval"
"""LangChain's description where its graph gives none: it says nothing about the call."""


def edited_args(action: ToolAction, after: Mapping[str, JSON]) -> dict[str, JSON]:
    """Edited arguments as they are sent: what fits the tool's schema as it is, else with the types that were there.

    Raises InvalidDecision that names the argument.
    """
    if action.args_schema is not None and problem(dict(after), action.args_schema) is None:
        return dict(after)
    args = typed(action.args, after, action.args_schema)
    if action.args_schema is not None:
        check(args, action.args_schema, "args")
    return args


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


def _allowed(proposal: ToolProposal) -> tuple[DecisionType, ...]:
    """What every action allows; a batch of several can always be decided one by one."""
    shared = [each for each in TYPES if all(each in action.allowed for action in proposal.actions)]
    each_has_one = all(action.allowed for action in proposal.actions)
    if len(proposal.actions) > 1 and DecisionType.EDIT not in shared and each_has_one:
        shared.append(DecisionType.EDIT)
    return tuple(shared)


def _decisions(proposal: ToolProposal, said: Said) -> list[dict[str, JSON]]:
    several = len(proposal.actions) > 1
    if several and said.args is not None and (said.type is DecisionType.EDIT or "decisions" in said.args):
        return _each_typed(proposal, _of_one_type(said, _unwrapped(proposal, dict(said.args))))
    if said.type is not DecisionType.EDIT:
        return [_plain_decision(said) for _ in proposal.actions]
    if several or said.args is None:
        raise InvalidDecision(
            'Give {"decisions": [...]}, one decision for each call.'
            if several
            else f"Give the whole arguments of {proposal.actions[0].name} as an object.",
            field="args",
        )
    action = proposal.actions[0]
    return [_edit(action, said.args)]


def _of_one_type(said: Said, decisions: list[dict[str, JSON]]) -> list[dict[str, JSON]]:
    if said.type is not DecisionType.EDIT and {each.get("type") for each in decisions} != {said.type.value}:
        raise InvalidDecision(f"Every decision must be {said.type.value}; send a mix as edit.", field="decisions")
    return decisions


def _each_typed(proposal: ToolProposal, decisions: list[dict[str, JSON]]) -> list[dict[str, JSON]]:
    """Edits among the decisions get the types of their own call."""
    made = []
    for number, (action, decision) in enumerate(zip(proposal.actions, decisions, strict=True), start=1):
        edited = decision.get("edited_action")
        args = edited.get("args") if isinstance(edited, Mapping) else None
        if decision.get("type") != "edit" or not isinstance(args, Mapping):
            made.append(decision)
            continue
        try:
            made.append({**decision, "edited_action": {**dict(edited or {}), "args": edited_args(action, args)}})
        except InvalidDecision as error:
            raise InvalidDecision(f"Call {number}, {action.name}: {error}", field=error.field) from None
    return made


def _edit(action: ToolAction, args: Mapping[str, JSON]) -> dict[str, JSON]:
    return {"type": "edit", "edited_action": {"name": action.name, "args": edited_args(action, args)}}


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


def _check_all(proposal: ToolProposal, decisions: Sequence[Mapping[str, JSON]]) -> None:
    for number, (action, decision) in enumerate(zip(proposal.actions, decisions, strict=True), start=1):
        _check(action, decision, f"{action.name} (call {number})")


def _check(action: ToolAction, decision: Mapping[str, JSON], which: str) -> None:
    kind = decision.get("type")
    if kind not in [each.value for each in action.allowed]:
        names = ", ".join(each.value for each in action.allowed) or "nothing"
        raise InvalidDecision(f"{which} allows {names}, not {readable(kind)}.", field="type")
    message = decision.get("message")
    if kind == "respond" and not (isinstance(message, str) and message.strip()):
        raise InvalidDecision(f"An answer in place of {which} needs a text.", field="message")
    if not isinstance(message, str | None):
        raise InvalidDecision("The message must be text.", field="message")
    if kind == "edit":
        _check_edit(action, decision.get("edited_action"))
    if action.schema:
        check(
            dict(decision),
            branch_of(action.schema, str(kind)) or action.schema,
            "args" if kind == "edit" else "message",
        )


def _check_edit(action: ToolAction, edited: JSON) -> None:
    if not isinstance(edited, Mapping) or not isinstance(edited.get("args"), Mapping):
        raise InvalidDecision('edit needs "edited_action" with "name" and the whole "args".', field="args")
    if edited.get("name") != action.name:
        said = f"stays {action.name}: an edit changes the arguments, not which tool runs"
        raise InvalidDecision(sentence(("edited_action", "name"), said), field="edited_action.name")
    if action.args_schema:
        check(dict(edited["args"]), action.args_schema, "args")


CODEC = ToolCodec()
