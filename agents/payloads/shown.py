"""What a person changed of a proposal: the part that they edited, as it was shown and as they left it."""

from __future__ import annotations

from collections.abc import Mapping

from agents.domain import JSON, UNSET, DecisionType, Review, Said
from agents.payloads import read
from agents.payloads.email import EmailProposal
from agents.payloads.plan_proposal import PlanProposal
from agents.payloads.sample import SampleProposal
from agents.payloads.tool import edited_args
from agents.payloads.tool_proposal import ToolAction, ToolProposal


def edit_of(review: Review, said: Said) -> tuple[JSON, JSON] | None:
    """(as shown, as edited), in the form of an edit's args; None for what is no edit. `said` has been encoded before."""
    if said.type is not DecisionType.EDIT:
        return None
    args = said.args
    if args is None and said.value is not UNSET:
        args = read(review.pause, said.value).args
    if args is None:
        return None
    match review.proposal:
        case PlanProposal() as plan:
            return plan.fields(), dict(args)
        case EmailProposal() as mail:
            return mail.fields(), dict(args)
        case ToolProposal() as tool:
            return _calls(tool, args)
        case SampleProposal() as sample:
            return _corrections(sample, args)
    return None


def _calls(proposal: ToolProposal, args: Mapping[str, JSON]) -> tuple[JSON, JSON]:
    """Of several calls only those that were edited, under their number."""
    decisions = args.get("decisions")
    if len(proposal.actions) == 1 and not isinstance(decisions, list):
        only = proposal.actions[0]
        return dict(only.args), edited_args(only, args)
    given = decisions if isinstance(decisions, list) else []
    pairs = {
        str(number): (dict(action.args), _args(action, decision))
        for number, (action, decision) in enumerate(zip(proposal.actions, given, strict=False), start=1)
        if isinstance(decision, Mapping) and decision.get("type") == DecisionType.EDIT.value
    }
    return {number: was for number, (was, _) in pairs.items()}, {number: now for number, (_, now) in pairs.items()}


def _args(action: ToolAction, decision: Mapping[str, JSON]) -> JSON:
    edited = decision.get("edited_action")
    args = edited.get("args") if isinstance(edited, Mapping) else None
    return edited_args(action, args) if isinstance(args, Mapping) else dict(action.args)


def _corrections(proposal: SampleProposal, args: Mapping[str, JSON]) -> tuple[JSON, JSON]:
    outputs = {str(each.item_no): dict(each.output) for each in proposal.samples}
    if "sample_output" in args:
        last = proposal.samples[-1].output if proposal.samples else ()
        return {"sample_output": "".join(text for _, text in last)}, {"sample_output": args["sample_output"]}
    corrected = {str(number): output for number, output in (args.get("corrections") or {}).items()}
    shown = {number: outputs[number] for number in corrected if number in outputs}
    return {"corrections": shown}, {"corrections": corrected}
