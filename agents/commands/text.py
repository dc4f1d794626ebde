"""A review as lines of plain text: the proposal in words, never the raw payload."""

from __future__ import annotations

from collections.abc import Sequence

from agents.domain import Review
from agents.payloads import generic
from agents.payloads.email import EmailProposal, warnings
from agents.payloads.plan_proposal import PlanProposal, PlanStep
from agents.payloads.sample import Sample, SampleProposal
from agents.payloads.standing import Standing
from agents.wording import size

FILES_SHOWN = 20


def lines_of(review: Review) -> list[str]:
    """What a person needs to judge this, one line each; text of a payload is kept free of control characters."""
    proposal = review.proposal
    if isinstance(proposal, PlanProposal):
        lines = _plan(proposal)
    elif isinstance(proposal, EmailProposal):
        lines = _email(proposal)
    elif isinstance(proposal, SampleProposal):
        lines = _sample(proposal)
    elif isinstance(proposal, Standing):
        lines = [proposal.sentence]
    else:
        lines = _generic(review)
    return [printable(line) for line in lines]


def warnings_of(review: Review, known_addresses: frozenset[str]) -> tuple[str, ...]:
    """What to look at twice; for a mail also whether an address was ever written to from here."""
    proposal = review.proposal
    if not isinstance(proposal, EmailProposal):
        return review.warnings
    return warnings(
        proposal,
        known_addresses=known_addresses,
        requested_recipient=proposal.requested_recipient,
        sender=proposal.sender,
    )


def printable(text: str) -> str:
    """One line for a terminal: control characters out, so that no payload can move the cursor."""
    return "".join(char if char.isprintable() else " " for char in text)


def _plan(proposal: PlanProposal) -> list[str]:
    lines = [f"Task: {proposal.task}"] if proposal.task else []
    if not proposal.steps:
        lines += [f"{number}. {sentence}" for number, sentence in enumerate(proposal.sentences, 1)]
    for step in proposal.steps:
        lines += _step(step)
    lines += [f"Refused: {path}: {why}" for path, why in proposal.refused]
    return [*lines, *proposal.notes]


def _step(step: PlanStep) -> list[str]:
    files = list(step.files)
    lines = [f"{step.number}. {step.sentence}"]
    lines += [f"   ! {note}" for note in step.notes]
    lines += [f"   {file.path}  {size(file.size)}" for file in files[:FILES_SHOWN]]
    if len(files) > FILES_SHOWN:
        lines.append(f"   … and {len(files) - FILES_SHOWN} more (all of them: show --json)")
    return lines


def _email(proposal: EmailProposal) -> list[str]:
    named = (("To", proposal.to), ("Cc", proposal.cc), ("Bcc", proposal.bcc))
    lines = [f"{name}: {', '.join(addresses)}" for name, addresses in named if addresses]
    if proposal.reply_to:
        lines.append(f"Reply-To: {proposal.reply_to}")
    return [*lines, f"Subject: {proposal.subject}", "", *proposal.body.splitlines()]


def _sample(proposal: SampleProposal) -> list[str]:
    lines = [proposal.message] if proposal.message else []
    for sample in proposal.samples:
        lines += _item(sample)
    return lines


def _item(sample: Sample) -> list[str]:
    lines = ["Input" if sample.item_no is None else f"Item {sample.item_no}", *_pairs(sample.input)]
    if sample.before is not None:
        lines += ["Result before", *_pairs(sample.before)]
    return [*lines, "Result", *(_pairs(sample.output) if sample.output else [f"  failed: {sample.error}"])]


def _pairs(pairs: Sequence[tuple[str, str]]) -> list[str]:
    lines = []
    for name, text in pairs:
        first, *rest = text.splitlines() or [""]
        lines += [f"  {name}: {first}" if name else f"  {first}", *(f"    {line}" for line in rest)]
    return lines


def _generic(review: Review) -> list[str]:
    shown = generic.CODEC.parse(review.pause).proposal
    lines = shown.text.splitlines() if shown.text else []
    for label, text in shown.fields:
        first, *rest = text.splitlines() or [""]
        lines += [f"{label}: {first}", *(f"  {line}" for line in rest)]
    if shown.options:
        lines.append(f"Answer with one of: {', '.join(shown.options)}")
    return lines
