"""Patterns made narrower: to a folder, to a kind of file."""

from __future__ import annotations

import re


def within(pattern: str, folder: str) -> str | None:
    """The part of a pattern that lies in a folder; None where there is none.

    `**/*.log` in app -> `app/**/*.log`; `logs/**/*` in logs/old -> `logs/old/**/*`.
    """
    folder = folder.strip("/")
    choices = alternatives(pattern)
    if len(choices) > 1:
        inner = [each for each in (within(choice, folder) for choice in choices) if each]
        return "{" + ",".join(dict.fromkeys(inner)) + "}" if len(inner) > 1 else next(iter(inner), None)
    if pattern.startswith(f"{folder}/"):
        return pattern
    if pattern.startswith("**/"):
        return f"{folder}/{pattern}"
    before, star, after = pattern.partition("/**/")
    if star and folder.startswith(f"{before}/"):
        return f"{folder}/**/{after}"
    if "/" not in pattern and re.search(r"[*?]", pattern):
        return f"{folder}/{pattern}"
    return None


def narrowed_to(pattern: str, kind: str) -> str:
    """A pattern with the kind of another one: `inbox/**/*` to `**/*.pdf` -> `inbox/**/*.pdf`.

    A name without an ending gets the ending; else the other kind takes the name's place.
    """
    choices = alternatives(pattern)
    if len(choices) > 1:
        return "{" + ",".join(dict.fromkeys(narrowed_to(choice, kind) for choice in choices)) + "}"
    tail = kind.removeprefix("**/")
    if "/" in tail:
        return kind
    folder, _, name = pattern.rpartition("/")
    ending = tail.removeprefix("*")
    if name.endswith("*") and tail.startswith("*.") and not re.search(r"\.[^*]*\*?$", name.rstrip("*")):
        tail = name[:-1] + ending if name != "*" else tail
        tail = re.sub(r"^\*\*", "*", f"{name}{ending}") if name not in {"*", ""} else tail
    return f"{folder}/{tail}" if folder else tail


def alternatives(pattern: str) -> list[str]:
    """The choices of a pattern that is braces as a whole and holds folders: "{a/**/*,**/*b*}"."""
    if not (pattern.startswith("{") and pattern.endswith("}") and "/" in pattern):
        return [pattern]
    choices, depth, begin = [], 0, 1
    for at, letter in enumerate(pattern):
        depth += (letter == "{") - (letter == "}")
        if depth == 0 and at < len(pattern) - 1:
            return [pattern]
        if (letter == "," and depth == 1) or at == len(pattern) - 1:
            choices.append(pattern[begin:at])
            begin = at + 1
    return choices
