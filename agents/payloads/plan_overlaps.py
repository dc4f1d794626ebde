"""Files that more than one plan would touch: what the first does, the second was not approved for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agents.payloads.plan_proposal import PlanProposal


def touched(proposal: PlanProposal) -> frozenset[str]:
    """Every path that carrying out the plan takes away, fills or replaces; relative to its workspace."""
    return frozenset(
        path
        for step in proposal.steps
        if step.op != "find"
        for file in step.files
        for path in (file.path, file.to)
        if path
    )


def overlaps(proposals: Sequence[PlanProposal]) -> list[tuple[str, tuple[int, ...]]]:
    """(path, indexes of the plans that touch it) for each path of two or more plans on one workspace, sorted."""
    users: dict[tuple[str, str], list[int]] = {}
    for index, proposal in enumerate(proposals):
        for path in touched(proposal):
            users.setdefault((proposal.workspace, path), []).append(index)
    return sorted((path, tuple(plans)) for (_, path), plans in users.items() if len(plans) > 1)


def overlapping(proposals: Iterable[object]) -> list[tuple[str, tuple[int, ...]]]:
    """`overlaps` of those among the proposals that are plans; the indexes count the plans alone."""
    return overlaps([each for each in proposals if isinstance(each, PlanProposal)])
