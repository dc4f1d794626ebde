"""Numbers and deeds in words, the same everywhere: "3 files", "2.1 MB", "approved this mail"."""

from __future__ import annotations

from collections.abc import Sequence

from agents.domain import DecisionType

DRAFTED = {
    ("plan", DecisionType.EDIT): "changed the plan",
    ("plan", DecisionType.RESPOND): "asked for another plan",
    ("email", DecisionType.APPROVE): "approved this mail",
    ("email", DecisionType.EDIT): "edited and approved this mail",
    ("email", DecisionType.RESPOND): "asked for a new draft",
    ("email", DecisionType.REJECT): "cancelled this mail",
    ("sample", DecisionType.APPROVE): "found this sample good",
    ("sample", DecisionType.EDIT): "corrected this sample",
    ("sample", DecisionType.RESPOND): "reported a problem",
    ("sample", DecisionType.REJECT): "stopped the batch",
    ("tool", DecisionType.EDIT): "changed what runs",
    ("generic", DecisionType.APPROVE): "let the run go on",
}
DONE = {
    DecisionType.APPROVE: "approved this",
    DecisionType.EDIT: "approved this with changes",
    DecisionType.RESPOND: "answered this",
    DecisionType.REJECT: "rejected this",
    DecisionType.IGNORE: "closed this without an answer",
}


WOULD_DRAFTED = {
    ("plan", DecisionType.EDIT): "change the plan",
    ("plan", DecisionType.RESPOND): "ask for another plan",
    ("email", DecisionType.APPROVE): "send this mail",
    ("email", DecisionType.EDIT): "send this mail with changes",
    ("email", DecisionType.RESPOND): "ask for a new draft",
    ("email", DecisionType.REJECT): "cancel this mail",
    ("sample", DecisionType.APPROVE): "find this sample good",
    ("sample", DecisionType.EDIT): "correct this sample",
    ("sample", DecisionType.RESPOND): "report a problem",
    ("sample", DecisionType.REJECT): "stop the batch",
    ("tool", DecisionType.EDIT): "change what runs",
    ("generic", DecisionType.APPROVE): "let the run go on",
}
WOULD = {
    DecisionType.APPROVE: "approve this",
    DecisionType.EDIT: "approve this with changes",
    DecisionType.RESPOND: "answer this",
    DecisionType.REJECT: "reject this",
    DecisionType.IGNORE: "close this without an answer",
}


def would(kind: str, type_: DecisionType) -> str:
    """What a person would do, after "would": "approve this", "ask for a new draft"."""
    return WOULD_DRAFTED.get((kind, type_)) or WOULD[type_]


def whom(assignee: str) -> str:
    """A person, or a role, to whom something is given: "ann", "a lead" for "role:lead"."""
    role = assignee.removeprefix("role:")
    if role == assignee:
        return assignee
    return f"an {role}" if role == "admin" else f"a {role}"


def did(kind: str, type_: DecisionType) -> str:
    """What a person did, after their name: "approved this", "asked for a new draft"."""
    return DRAFTED.get((kind, type_)) or DONE[type_]


def count(number: int, noun: str) -> str:
    """3, "file" -> "3 files"; 1 -> "1 file"; thousands get a comma."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def size(number: int) -> str:
    """Bytes in decimal units: 999 -> "999 bytes", 2_100_000 -> "2.1 MB"."""
    if number < 1000:
        return count(number, "byte")
    amount = float(number)
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 999.95:
            return f"{amount:.1f} {unit}"
    return f"{amount / 1000:,.1f} TB"


def some(names: Sequence[str], shown: int = 3) -> str:
    """A list cut short, and by how much: "a, b, c and 7 more"."""
    rest = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {rest:,} more" if rest > 0 else "")
