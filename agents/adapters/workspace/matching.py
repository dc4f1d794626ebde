"""Which files a step means, and what a reviewer should know about the match."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from agents.adapters.workspace.names import split
from agents.adapters.workspace.patterns import is_broad, is_literal, matcher
from agents.adapters.workspace.steps import Draft
from agents.adapters.workspace.survey import Entry, Survey
from agents.errors import InvalidInput
from agents.wording import count, some

_LEADING_DOT = re.compile(r"(?:^|(?<=/))\.(?=[^/.])")
_DAY_NS = 86_400 * 10**9


@dataclass(frozen=True, slots=True)
class Matched:
    """The files by path, the pattern as it was understood, and sentences that warn."""

    entries: tuple[Entry, ...]
    pattern: str
    notes: tuple[str, ...]


def select_files(survey: Survey, draft: Draft, now: datetime, *, claimed: Mapping[str, int], room: int) -> Matched:
    """The step's files: matched, not left out, not taken by an earlier step, at most `room` of them.

    Raises InvalidInput (OutsideWorkspace) for a pattern that is missing or leaves the workspace.
    """
    pattern, notes = _understood(survey, draft)
    test = matcher(pattern)
    _check_numbers(draft)
    hits = [entry for entry in survey.files.values() if _fits(draft, entry, now) and test(entry.path)]
    notes += _breadth(survey, hits, pattern)
    notes += _passed_over(survey, test)
    is_out = left_out(draft.exclude)
    excluded = {entry.path for entry in hits if is_out(entry.path)}
    free = [entry for entry in hits if entry.path not in excluded and entry.path not in claimed]
    notes += _taken(hits, claimed, excluded)
    if len(free) > room:
        notes.append(
            f"{count(len(free), 'file')} match, but a plan holds at most {room:,} more: "
            "only the first by name are part of it. Make another plan for the rest."
        )
    if not hits:
        notes.append("No file matches.")
    return Matched(tuple(free[:room]), pattern, tuple(notes))


def _understood(survey: Survey, draft: Draft) -> tuple[str, list[str]]:
    pattern = (draft.pattern or "").strip()
    if not pattern:
        raise InvalidInput("The step does not say which files: it has no pattern.")
    if is_literal(pattern):
        name = "/".join(part for part in pattern.split("/") if part not in {"", "."})
        if name in survey.folders or (not name and draft.op == "find"):
            return f"{name}/**" if name else "**", [
                f"{name or 'The workspace'} is a folder: every file in it is meant."
            ]
        split(pattern)
    return (f"{pattern}**" if pattern.endswith("/") else pattern), []


def _check_numbers(draft: Draft) -> None:
    numbers = (draft.older_than_days, draft.newer_than_days, draft.larger_than_bytes, draft.smaller_than_bytes)
    for number in numbers:
        if number is not None and (not math.isfinite(number) or number < 0):
            raise InvalidInput("An age or a size in the step is not a number from 0 up.")


def _fits(draft: Draft, entry: Entry, now: datetime) -> bool:
    if draft.larger_than_bytes is not None and entry.size <= draft.larger_than_bytes:
        return False
    if draft.smaller_than_bytes is not None and entry.size >= draft.smaller_than_bytes:
        return False
    if draft.older_than_days is None and draft.newer_than_days is None:
        return True
    age = (now.timestamp() * 1e9 - entry.mtime_ns) / _DAY_NS
    if draft.older_than_days is not None and age <= draft.older_than_days:
        return False
    return draft.newer_than_days is None or age < draft.newer_than_days


def _breadth(survey: Survey, hits: Collection[Entry], pattern: str) -> list[str]:
    total = len(survey.files)
    if is_broad(pattern) and hits:
        return [f"{pattern} is a broad pattern: it takes any name, and {len(hits):,} of {count(total, 'file')} match."]
    if len(hits) >= 5 and len(hits) * 2 > total:
        return [f"{pattern} matches more than half of the workspace: {len(hits):,} of {count(total, 'file')}."]
    return []


def _passed_over(survey: Survey, test: Callable[[str], bool]) -> list[str]:
    notes = []
    links = [path for path in survey.links if test(path)]
    if links:
        notes.append(f"{count(len(links), 'link')} left alone, because links are never followed: {some(links)}.")
    special = [path for path in survey.special if test(path)]
    if special:
        notes.append(f"Left alone, because it is no ordinary file: {some(special)}.")
    return notes


def left_out(exclude: Collection[str]) -> Callable[[str], bool]:
    """A test for shown paths that are left out: by exact path (a reviewer's), or by a pattern with a `*` (a writer's).

    Such a pattern holds whatever the case of the letters and inside hidden
    folders too: what is to be left alone is rather read too widely.
    """
    exact = set(exclude)
    globs = [each.casefold() for each in exclude if "*" in each]
    tests = [matcher(each) for each in globs]
    shown = [matcher(_unhidden(each)) for each in globs]

    def is_out(path: str) -> bool:
        if path in exact:
            return True
        folded = path.casefold()
        return any(test(folded) for test in tests) or any(test(_unhidden(folded)) for test in shown)

    return is_out


def _unhidden(path: str) -> str:
    """With another letter for the leading dots that hide a name from wildcards."""
    return _LEADING_DOT.sub("·", path)


def _taken(hits: Collection[Entry], claimed: Mapping[str, int], excluded: Collection[str]) -> list[str]:
    by_step: dict[int, int] = {}
    left_out = 0
    for entry in hits:
        if entry.path in excluded:
            left_out += 1
        elif entry.path in claimed:
            by_step[claimed[entry.path]] = by_step.get(claimed[entry.path], 0) + 1
    notes = [
        f"{count(number, 'file')} already taken by step {step}, not counted again." for step, number in by_step.items()
    ]
    if left_out:
        notes.append(f"{count(left_out, 'file')} left out, as asked.")
    return notes
