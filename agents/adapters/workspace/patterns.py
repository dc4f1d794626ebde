"""Globs over shown paths: `*` and `?` within a name, `**` over folders, `{a,b}` for either.

As in a shell, a wildcard never matches a name that begins with a dot unless
the pattern's own name does. What a pattern matches is what the listing shows.
"""

from __future__ import annotations

import fnmatch
import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import islice

from agents.adapters.workspace.names import TRASH, refuse_outside
from agents.errors import OutsideWorkspace

MAX_ALTERNATIVES = 64
_WILD = re.compile(r"[*?\[{]")
_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")
_ONLY_WILD = re.compile(r"[*?.]+")


def matcher(pattern: str) -> Callable[[str], bool]:
    """A test for shown paths. Raises OutsideWorkspace for a pattern that leaves the workspace."""
    alternatives = _alternatives(pattern)
    for each in (pattern, *alternatives):
        refuse_outside(each)
    rules = [_compile(_names(each)) for each in alternatives]
    return lambda path: any(_matches(rule, _plain(path).split("/")) for rule in rules)


def is_literal(pattern: str) -> bool:
    return _WILD.search(pattern) is None


def fixed_folder(pattern: str) -> str:
    """The folder before the first wildcard: "logs/**/*.log" -> "logs"; "*.txt" -> ""."""
    names = _names(pattern)
    fixed = names[:-1]
    for index, name in enumerate(names):
        if not is_literal(name):
            fixed = names[:index]
            break
    return "/".join(fixed)


def is_broad(pattern: str) -> bool:
    """True when the pattern says nothing about the file's own name."""
    return _ONLY_WILD.fullmatch(_names(pattern)[-1]) is not None


def _names(pattern: str) -> list[str]:
    names = [name for name in pattern.split("/") if name not in {"", "."}]
    if not names:
        raise OutsideWorkspace(f"“{pattern}” names no files.")
    if names[0].casefold() == TRASH:
        raise OutsideWorkspace(f"“{pattern}” is in the trash, which plans leave alone.")
    if names[-1] == "**":
        names.append("*")
    return names


def _alternatives(pattern: str) -> list[str]:
    found = list(islice(_expand(pattern), MAX_ALTERNATIVES + 1))
    if len(found) > MAX_ALTERNATIVES:
        raise OutsideWorkspace(f"“{pattern}” has more than {MAX_ALTERNATIVES} alternatives in braces.")
    return found


def _expand(pattern: str) -> Iterator[str]:
    braces = _BRACES.search(pattern)
    if braces is None:
        yield pattern
        return
    for choice in braces.group(1).split(","):
        yield from _expand(pattern[: braces.start()] + choice + pattern[braces.end() :])


def _compile(names: list[str]) -> list[tuple[re.Pattern[str] | None, bool]]:
    """Per name its expression (None for `**`) and whether it may match a name with a leading dot."""
    return [
        (None if name == "**" else re.compile(fnmatch.translate(_plain(name))), name.startswith(".")) for name in names
    ]


def _matches(rule: list[tuple[re.Pattern[str] | None, bool]], names: list[str]) -> bool:
    """Walks all readings of the rule at once, so that many `**` cost no more than their number."""
    states = _reach(rule, {0})
    for name in names:
        hidden = name.startswith(".")
        following: set[int] = set()
        for state in states:
            if state == len(rule):
                continue
            expression, dotted = rule[state]
            if hidden and not dotted:
                continue
            if expression is None:
                following.add(state)
            elif expression.match(name):
                following.add(state + 1)
        states = _reach(rule, following)
        if not states:
            return False
    return len(rule) in states


def _reach(rule: list[tuple[re.Pattern[str] | None, bool]], states: set[int]) -> set[int]:
    """Adds what can be reached by letting `**` stand for no folder at all."""
    reached = set(states)
    for state in states:
        while state < len(rule) and rule[state][0] is None:
            state += 1
            reached.add(state)
    return reached


def _plain(text: str) -> str:
    # One spelling for letters that Unicode writes in two ways.
    return text if text.isascii() else unicodedata.normalize("NFC", text)
