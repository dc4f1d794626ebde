"""A plan's steps as a person may edit them: checked, pure, no I/O.

The limits are those of the writers' `StepDraft`, so that an edited step can
also be given to a writer as the plan to improve.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from agents.domain import JSON
from agents.errors import InvalidDecision

MAX_STEPS = 20
_SELECTING = ("pattern", "older_than_days", "newer_than_days", "larger_than_bytes", "smaller_than_bytes")
FIELDS: dict[str, tuple[str, ...]] = {
    "find": _SELECTING,
    "delete": _SELECTING,
    "move": (*_SELECTING, "destination"),
    "archive": (*_SELECTING, "destination"),
    "write": ("path", "content"),
}
_NEEDED = {
    "pattern": "says which files, such as logs/*.log",
    "destination": "says where to",
    "path": "says which file is written",
    "content": "is the text of the file",
}
_EDITABLE = frozenset({"op", "why", "exclude", "files", *_SELECTING, "destination", "path", "content"})
# What the dry run adds for people to read; an edit may carry it along.
_SHOWN = frozenset({"number", "sentence", "total_files", "total_bytes", "newest", "notes", "replaces"})


def check_steps(value: JSON, proposed: Sequence[JSON]) -> list[dict[str, JSON]]:
    """The edited steps as drafts: their own fields, `why`, and `exclude` (paths left out).

    `files`, where an edited step has it, lists the paths that stay; the others
    of the proposed step with the same number or the same fields are left out.
    Raises InvalidDecision with the field at fault, such as "steps[0].pattern".
    """
    if not isinstance(value, list) or not value:
        raise InvalidDecision("An edited plan needs at least one step. To do nothing, reject the plan.", "steps")
    if len(value) > MAX_STEPS:
        raise InvalidDecision(f"A plan has at most {MAX_STEPS} steps; this one has {len(value)}.", "steps")
    originals = [_draft_or_none(step) for step in proposed]
    return [_check_step(step, index, proposed, originals) for index, step in enumerate(value)]


def kept_steps(edited: Sequence[Mapping[str, JSON]], proposed: Sequence[JSON]) -> list[tuple[int, set[str]]] | None:
    """For an edit that only removes: per remaining step its old index and the paths left out. Else None."""
    kept: list[tuple[int, set[str]]] = []
    start = 0
    for step in edited:
        found = next((index for index in range(start, len(proposed)) if _same(step, proposed[index])), None)
        if found is None:
            return None
        exclude, before = set(step["exclude"]), set(_list(proposed[found], "exclude"))
        if not before <= exclude:
            return None
        kept.append((found, exclude))
        start = found + 1
    return kept


def paths_of(step: JSON) -> list[str]:
    """The paths of a proposed step's files; [] where it has none."""
    return [str(file["path"]) for file in _list(step, "files") if isinstance(file, Mapping) and "path" in file]


def _check_step(
    step: JSON, index: int, proposed: Sequence[JSON], originals: Sequence[dict[str, JSON] | None]
) -> dict[str, JSON]:
    where = f"steps[{index}]"
    if not isinstance(step, Mapping):
        raise InvalidDecision(f"Step {index + 1} is not an object.", where)
    unknown = sorted(set(map(str, step)) - _EDITABLE - _SHOWN)
    if unknown:
        raise InvalidDecision(f"Step {index + 1} has a field that no step has: {unknown[0]}.", f"{where}.{unknown[0]}")
    draft = _draft(step, index)
    return {**draft, "exclude": _exclude(step, index, draft, proposed, originals)}


def _draft(step: Mapping[str, JSON], index: int) -> dict[str, JSON]:
    op = step.get("op")
    if not isinstance(op, str) or op not in FIELDS:
        raise InvalidDecision(f"Step {index + 1}: expected one of {', '.join(FIELDS)}.", f"steps[{index}].op")
    draft: dict[str, JSON] = {"op": op, "why": _text(step.get("why"), index, "why") or ""}
    for name in FIELDS[op]:
        draft[name] = _READ[name](step.get(name), index, name)
        if draft[name] is None and name in _NEEDED:
            raise InvalidDecision(f"Step {index + 1}: fill in {name}, which {_NEEDED[name]}.", f"steps[{index}].{name}")
    return draft


def _draft_or_none(step: JSON) -> dict[str, JSON] | None:
    try:
        return _draft(step, 0) if isinstance(step, Mapping) else None
    except InvalidDecision:
        return None


def _exclude(
    step: Mapping[str, JSON],
    index: int,
    draft: dict[str, JSON],
    proposed: Sequence[JSON],
    originals: Sequence[dict[str, JSON] | None],
) -> list[str]:
    exclude = _strings(step.get("exclude"), f"steps[{index}].exclude")
    if step.get("files") is None:
        return sorted(exclude)
    where = f"steps[{index}].files"
    if not isinstance(step["files"], list):
        raise InvalidDecision(f"Step {index + 1}: files must be a list of paths.", where)
    kept = _strings([file.get("path") if isinstance(file, Mapping) else file for file in step["files"]], where)
    number = step.get("number")
    if isinstance(number, int) and not isinstance(number, bool) and 1 <= number <= len(proposed):
        original: JSON = proposed[number - 1]
    else:
        original = next((proposed[i] for i, one in enumerate(originals) if one and _same(draft, one)), None)
    known = set(paths_of(original))
    if original is not None and _same(draft, original) and not kept <= known:
        extra = sorted(kept - known)[0]
        raise InvalidDecision(
            f"Step {index + 1}: {extra} is not one of its files. Files cannot be added by hand; change the pattern.",
            where,
        )
    return sorted(exclude | (known - kept))


def _same(step: Mapping[str, JSON], proposed: JSON) -> bool:
    """The same operation on the same selection; why and exclude aside."""
    original = _draft_or_none(proposed)
    if original is None:
        return False
    return all(step.get(name) == original[name] for name in ("op", *FIELDS[original["op"]]))


def _list(step: JSON, name: str) -> list[JSON]:
    found = step.get(name) if isinstance(step, Mapping) else None
    return found if isinstance(found, list) else []


def _strings(value: JSON, where: str) -> set[str]:
    if value is None:
        return set()
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise InvalidDecision(f"{where} must be a list of paths.", where)
    return set(value)


def _text(value: JSON, index: int, name: str) -> str | None:
    where = f"steps[{index}].{name}"
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > 1000:
        raise InvalidDecision(f"Step {index + 1}: {name} must be text of at most 1,000 characters.", where)
    text = value.strip()
    if name != "why" and any(ord(letter) < 32 for letter in text):
        raise InvalidDecision(f"Step {index + 1}: {name} must be one line.", where)
    return text or None


def _content(value: JSON, index: int, name: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > 200_000:
        raise InvalidDecision(
            f"Step {index + 1}: {name} must be text of at most 200,000 characters.", f"steps[{index}].{name}"
        )
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise InvalidDecision(f"Step {index + 1}: {name} holds half a character.", f"steps[{index}].{name}") from None
    return value


def _number(value: JSON, index: int, name: str) -> float | int | None:
    if value is None:
        return None
    limit = 100_000 if name.endswith("days") else 2**62
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not good or not 0 <= value <= limit or (name.endswith("bytes") and value != int(value)):
        unit = "days" if name.endswith("days") else "whole bytes"
        raise InvalidDecision(
            f"Step {index + 1}: {name} must be a number of {unit}, 0 or more.", f"steps[{index}].{name}"
        )
    return int(value) if name.endswith("bytes") else float(value)


_READ = {
    "pattern": _text,
    "destination": _text,
    "path": _text,
    "content": _content,
    "older_than_days": _number,
    "newer_than_days": _number,
    "larger_than_bytes": _number,
    "smaller_than_bytes": _number,
}
