"""What says in words how files are called: "named X", "starting with a", "ending in .tmp"."""

from __future__ import annotations

import re
from collections.abc import Collection

from agents.adapters.model.offline.names import Name, escape
from agents.adapters.model.offline.reader import MARK, Quotes, Reader
from agents.adapters.model.offline.words import ENDINGS

_WORD = rf"(?:{MARK}|[^\s,\ue002]+)"
_WHOSE = (
    r"(?:whose|with|having|where)\s+(?:the\s+|a\s+|their\s+|file)?(?:file\s*)?names?\s+(?:that\s+)?(?:is\s+|are\s+)?"
)
_MORE = rf"(?P<x>{_WORD})(?:\s*(?P<sep>or|and|,)\s*(?P<y>{MARK}|[\w*?-]*[.*?][\w*?.-]*))?"
_FORMS = (
    (rf"(?:{_WHOSE})?(?:that\s+)?(?:starts?|begins?|starting|beginning)\s+(?:with|in)\s+{_MORE}", "{}*"),
    (rf"(?:{_WHOSE})?(?:that\s+)?(?:ends?|ending)\s+(?:with|in|on)\s+{_MORE}", "*{}"),
    (rf"{_WHOSE}(?:contains?|containing|includes?|has|have)\s+{_MORE}", "*{}*"),
    (
        rf"(?:with|having|containing|that contain|that have)\s+(?P<x>{_WORD})(?P<y>)\s+in\s+(?:the|their|its)\s+(?:file\s*)?names?",
        "*{}*",
    ),
    (rf"with\s+(?:the\s+|an?\s+)?(?:file\s+)?(?:extension|ending|suffix)s?\s+{_MORE}", "*.{}"),
    (rf"(?P<one>(?:the|one)\s+file\s+)(?:named|called)\s+(?P<x>{_WORD})(?P<y>)", "="),
    (rf"(?:that are\s+|which are\s+)?(?:named|called|matching|like)\s+{_MORE}", "{}"),
)


def read_names(reader: Reader, quotes: Quotes, listing: Collection[str]) -> list[list[Name]]:
    """Cut it out of the clause: of each condition the alternatives. A file has to fulfil all conditions."""
    found: list[list[Name]] = []
    for form, shape in _FORMS:
        for match in reader.take_all(form):
            words = [quotes.plain(word) for word in (match["x"], match["y"]) if word]
            found.append([_shaped(word, shape, listing) for word in words])
    return found


def _shaped(word: str, shape: str, listing: Collection[str]) -> Name:
    if shape in {"{}", "="}:
        return _called(word, listing, exactly=shape == "=")
    if shape == "*{}" and re.fullmatch(r"\.?\w+", word) and word.lstrip(".").lower() in ENDINGS:
        return Name(literal=f"*.{word.lstrip('.')}")
    return Name(literal=shape.format(escape(word.removeprefix(".") if shape == "*.{}" else word)))


def _called(word: str, listing: Collection[str], *, exactly: bool) -> Name:
    """A file that is there by that very name comes before a pattern; a name without an ending may have any one."""
    there = any(path.rsplit("/", 1)[-1] == word for path in listing)
    if re.search(r"[*?]", word) and not there and not exactly:
        return Name(literal=word)
    if there or "." in word or exactly:
        return Name(literal=escape(word))
    return Name(stem=word)
