"""A step in one sentence that says what will happen to how many files."""

from __future__ import annotations

from agents.adapters.workspace.steps import BoundFile, Draft, Replaced
from agents.wording import count, size


def selection(draft: Draft) -> str:
    """Which files: "matching logs/**/*.log, older than 30 days"."""
    terms = [f"matching {draft.pattern}"]
    if draft.older_than_days is not None:
        terms.append(f"older than {_days(draft.older_than_days)}")
    if draft.newer_than_days is not None:
        terms.append(f"changed in the last {_days(draft.newer_than_days)}")
    if draft.larger_than_bytes is not None:
        terms.append(f"larger than {size(draft.larger_than_bytes)}")
    if draft.smaller_than_bytes is not None:
        terms.append(f"smaller than {size(draft.smaller_than_bytes)}")
    return ", ".join(terms)


def _days(number: float) -> str:
    return "day" if number == 1 else f"{number:g} days"


def amount(files: tuple[BoundFile, ...]) -> str:
    """ "3 files (2.1 MB)"."""
    return f"{count(len(files), 'file')} ({size(sum(file.size for file in files))})"


def describe(draft: Draft, files: tuple[BoundFile, ...], target: str | None, replaces: Replaced | None) -> str:
    """What the step will do. target: the shown path that a move, write or archive ends in."""
    if draft.op == "write":
        what = f"Write {target} ({size(files[0].size)})"
        return f"{what}; the file there now goes to the trash" if replaces else what
    if draft.op == "find":
        return f"Find {amount(files)} {selection(draft)}"
    if not files:
        return f"{_NOTHING[draft.op]} {selection(draft)}: there are none"
    if draft.op == "delete":
        return f"Move {amount(files)} {selection(draft)}, to the trash"
    if draft.op == "move":
        return f"Move {amount(files)} {selection(draft)}, to {target}"
    return f"Pack {amount(files)} {selection(draft)}, into {target}; the originals go to the trash"


_NOTHING = {
    "delete": "Move to the trash the files",
    "move": "Move the files",
    "archive": "Pack the files",
}
