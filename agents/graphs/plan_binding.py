"""Is the workspace at hand the one that a person approved the plan for?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.adapters.workspace import ACTING, Place, Workspace
from agents.effects import EffectStatus
from agents.errors import SignoffError
from agents.graphs.plan_execution import EffectJournal, effect_key


def elsewhere(proposal: Mapping[str, Any], thread_id: str, workspace: Workspace, journal: EffectJournal) -> str | None:
    """Why nothing may be changed here, as a sentence; None when it may, or when nothing is left to do.

    Raises SignoffError when the workspace is missing, or when the plan was
    begun in another one: that has to be finished where it was begun.
    """
    steps = [step for step in proposal["steps"] if step["op"] in ACTING and step["files"]]
    keys = [effect_key(Place(thread_id, proposal["plan_id"], step["number"])) for step in steps]
    begun = [journal.get(key) for key in keys]
    if all(effect is not None and effect.status is EffectStatus.DONE for effect in begun):
        return None
    if workspace.path == proposal["workspace"] and workspace.identity() == proposal.get("workspace_id"):
        return None
    before, now = proposal["workspace"], workspace.path
    what = f"another folder stands at {now} now" if now == before else f"it was {before} and is {now} now"
    if any(begun):
        raise SignoffError(
            f"This plan was begun in another workspace: {what}. "
            "Put the old one back (SIGNOFF_WORKSPACE) and continue the thread."
        )
    return f"The workspace is not the one that the plan was shown for: {what}. Nothing was changed; look at it again."
