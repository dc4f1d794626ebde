"""What changed between two texts, word by word, as tokens and as escaped HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from html import escape
from typing import Literal, TypeAlias

Tag: TypeAlias = Literal["equal", "delete", "insert"]
Token: TypeAlias = tuple[Tag, str]

MAX_WORDS = 5000
"""Above this many words in either text whole lines are compared: a word diff would take seconds."""

_UNITS = (
    "[kKMGT]i?B|B|bytes?|ms|s|seconds?|min|minutes?|h|hours?|days?|weeks?|months?|years?|"
    "files?|[kmcµ]?m|k?g|°C|EUR|USD|GBP|euros?|dollars?"
)
# A number and its unit are one token: "30 days" to "2 weeks" reads better than two halves of each.
_NUMBER = rf"[€$£]?\d+(?:[.,:]\d+)*(?:[ \u00a0]?(?:(?:{_UNITS})\b|[%€$£]))?(?!\w)"
_WORDS = re.compile(rf"\s+|{_NUMBER}|\w+|[^\w\s]")
_ELEMENTS = {"delete": "del", "insert": "ins"}


def diff(before: str, after: str) -> list[Token]:
    """Tokens in reading order; those not inserted join to `before`, those not deleted to `after`."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if max(len(old), len(new)) > MAX_WORDS:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    made: list[Token] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            _add(made, "equal", old[i1:i2])
        else:
            _add(made, "delete", old[i1:i2])
            _add(made, "insert", new[j1:j2])
    return made


def html(tokens: Iterable[Token]) -> str:
    """The tokens as text with <del> and <ins>, every token escaped; show it with white-space: pre-wrap."""
    return "".join(_element(tag, text) for tag, text in tokens)


def _add(made: list[Token], tag: Tag, words: list[str]) -> None:
    if words:
        made.append((tag, "".join(words)))


def _element(tag: Tag, text: str) -> str:
    name = _ELEMENTS.get(tag)
    return f"<{name}>{escape(text)}</{name}>" if name else escape(text)
