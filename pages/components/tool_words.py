"""What happens to held tool calls, in words. Pure functions; names of tools are a stranger's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from agents.domain import JSON, DecisionType
from agents.payloads.tool import ToolAction, ToolProposal
from agents.payloads.wording import label, one_line, outlined
from agents.wording import count

CHOOSE = {
    DecisionType.APPROVE: "Run as it is",
    DecisionType.EDIT: "Change and run",
    DecisionType.REJECT: "Do not run",
    DecisionType.RESPOND: "Answer instead",
}
MEANS = {
    DecisionType.APPROVE: "Run as it is: the tool runs with exactly these arguments.",
    DecisionType.EDIT: "Change and run: the tool runs with the arguments as you leave them.",
    DecisionType.REJECT: "Do not run: the tool is left out, and the agent is told so, with your reason.",
    DecisionType.RESPOND: "Answer instead: the tool does not run, and your text is taken for its result.",
}
INBOX_MEANS = {
    **MEANS,
    DecisionType.REJECT: "Do not run, or leave it unanswered: the workflow is told to ignore it; most end there.",
    DecisionType.RESPOND: "Answer: the workflow gets your text, as an answer or as a new instruction.",
}
ASKS = {
    DecisionType.REJECT: "Why? (optional; the agent reads it)",
    DecisionType.RESPOND: "What the agent gets as the tool's result",
}
INBOX_ASKS = {**ASKS, DecisionType.RESPOND: "What the workflow gets as your answer"}
SHOWN = 6
"""Changed arguments that are listed for a call."""


class Decided(Protocol):
    """What these words need to know of a call."""

    @property
    def decision(self) -> DecisionType | None: ...

    @property
    def args(self) -> Mapping[str, JSON] | None: ...


def means(proposal: ToolProposal) -> list[str]:
    """What each decision that is offered does."""
    said = INBOX_MEANS if proposal.form == "agent_inbox" else MEANS
    return [words for kind, words in said.items() if any(kind in action.allowed for action in proposal.actions)]


def asks(proposal: ToolProposal) -> Mapping[DecisionType, str]:
    """What stands over the text of a decision."""
    return INBOX_ASKS if proposal.form == "agent_inbox" else ASKS


def main_words(actions: Sequence[ToolAction], calls: Sequence[Decided], labels: Mapping[DecisionType, str]) -> str:
    """The main button: "Approve all 3 calls", "Send 3 decisions: 2 run, 1 rejected"."""
    kinds = [call.decision for call in calls if call.decision]
    if len(calls) == 1 or (len(set(kinds)) == 1 and kinds[0] in (DecisionType.APPROVE, DecisionType.REJECT)):
        return labels.get(kinds[0], "Send")
    return f"Send {count(len(calls), 'decision')}: {_counted(kinds)}"


def happens(proposal: ToolProposal, calls: Sequence[Decided]) -> Iterable[str]:
    """A sentence for each call, and one for each argument that was changed."""
    inbox = proposal.form == "agent_inbox"
    for number, (action, call) in enumerate(zip(proposal.actions, calls, strict=True), start=1):
        name = f"{number}. {action.name}" if len(calls) > 1 else action.name
        if inbox and call.decision is DecisionType.RESPOND:
            yield f"The workflow that asks with {name} gets your text."
            continue
        yield f"{name} {_outcome(call.decision)}"
        if call.decision is DecisionType.EDIT and call.args is not None:
            yield from (f"– {each}" for each in changed(action.args, call.args))


def changed(before: Mapping[str, JSON], after: Mapping[str, JSON]) -> list[str]:
    """ "Amount: 5 becomes 7", for the first few."""
    names = [*before, *(name for name in after if name not in before)]
    differ = [name for name in names if before.get(name, ...) != after.get(name, ...)]
    said = [f"{label(name)}: {_short(before, name)} becomes {_short(after, name)}" for name in differ[:SHOWN]]
    return said + ([f"and {len(differ) - SHOWN} more"] if len(differ) > SHOWN else [])


def decided(decision: Mapping[str, JSON]) -> str:
    """What became of a call, after its name."""
    message = decision.get("message")
    tail = f": “{message}”" if isinstance(message, str) and message else ""
    match decision.get("type"):
        case "approve":
            return "run as it was"
        case "edit":
            return "run with changes"
        case "reject":
            return f"not run{tail}"
        case "respond":
            return f"answered instead{tail}"
    return "closed without an answer"


def _counted(kinds: Iterable[DecisionType]) -> str:
    found = Counter(kinds)
    run = found[DecisionType.APPROVE] + found[DecisionType.EDIT]
    changed = f" ({found[DecisionType.EDIT]} changed)" if found[DecisionType.EDIT] else ""
    parts = [
        (run, f"run{changed}"),
        (found[DecisionType.REJECT], "rejected"),
        (found[DecisionType.RESPOND], "answered"),
    ]
    return ", ".join(f"{number} {words}" for number, words in parts if number)


def _outcome(kind: DecisionType | None) -> str:
    match kind:
        case DecisionType.APPROVE:
            return "runs as it is shown."
        case DecisionType.EDIT:
            return "runs with your changes."
        case DecisionType.REJECT:
            return "does not run; the agent is told so."
        case DecisionType.RESPOND:
            return "does not run; your text takes the place of its result."
    return "is not decided yet."


def _short(args: Mapping[str, JSON], name: str) -> str:
    return one_line(outlined(args[name]), 60) if name in args else "left out"
