"""Looking for terms in a text, and for the words that two texts share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from agents.adapters.model.offline.lexicon import STOP

_WORD = re.compile(r"[^\W\d_]{3,}")
_ENDINGS = ("ations", "ation", "ments", "ment", "ings", "ing", "ies", "ed", "es", "s", "y")


def text_of(data: Mapping[str, str]) -> str:
    """A row as one text, in small letters and with plain apostrophes."""
    return "\n".join(data.values()).casefold().replace("’", "'")


@lru_cache(maxsize=512)
def pattern(terms: tuple[str, ...]) -> re.Pattern[str]:
    """What finds any of the terms, the longest first, in a text in small letters.

    In a term `*` is any ending, `?` one letter, `##` digits; `-` may be left
    out or be a space.
    """
    return re.compile(
        rf"(?<!\w)(?:{'|'.join(_expression(each) for each in sorted(terms, key=len, reverse=True))})(?!\w)"
    )


def _expression(term: str) -> str:
    written = re.escape(term.casefold()).replace(r"\*", r"\w*").replace(r"\?", r"\w")
    return written.replace(r"\#\#", r"\d+").replace(r"\ ", r"\s+").replace(r"\-", r"[-\s]?")


def found(terms: tuple[str, ...], text: str) -> tuple[str, ...]:
    """The words of the text that are terms, each once, in their order."""
    return tuple(dict.fromkeys(" ".join(match.split()) for match in pattern(terms).findall(text)))


def stem(word: str) -> str:
    """What is left of a word without its ending: refunds, refunded and refunding -> refund."""
    word = word.casefold().removesuffix("'s")
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word.removesuffix(ending)
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "aeious":
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 4 else word


def stems(text: str) -> frozenset[str]:
    """The words of a text that say something, without their endings."""
    return frozenset(stem(word) for word in _WORD.findall(text) if word not in STOP)


def words_like(word: str) -> str:
    """A term for a word in all its forms."""
    root = stem(word)
    return f"{root}*" if len(root) > 4 else word


def quoted(words: Iterable[str], most: int = 4) -> str:
    """“a”, “b” and “c”; the first few."""
    shown = [f"“{word}”" for word in list(words)[:most]]
    return " and ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:])))
