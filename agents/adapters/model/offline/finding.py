"""What can be found or counted in a text without understanding it: addresses, amounts, dates, numbers, sentences, keywords."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from agents.adapters.model.offline.lexicon import STOP
from agents.adapters.model.offline.terms import stem
from agents.adapters.model.offline.words import MONTHS, word_set

NOTHING = "none"
"""What is written where nothing was found, so that an empty cell never stands for a result."""

_MONTH = "|".join(f"{month}|{month[:3]}" for month in MONTHS)
_CODE = r"(?<![\w.,-])(?:[A-Z]{1,5}-?\d{3,}|\d{4,})(?![\w-]|[.,]\d)"


class Kind(NamedTuple):
    """names: how an order calls it, as a regular expression; pattern: what it looks like."""

    names: str
    pattern: re.Pattern[str]


KINDS: dict[str, Kind] = {
    "e-mail address": Kind(
        r"e-?mail(?:[ _]?address)?(?:es|s)?", re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
    ),
    "link": Kind(
        r"links?|urls?|web ?address(?:es)?", re.compile(r"https?://[^\s<>\"“”]*[^\s<>\"“”.,;:!?)]", re.IGNORECASE)
    ),
    "amount": Kind(
        r"(?:total |money )?amounts?(?: of money)?|prices?|sums?",
        re.compile(
            r"[€$£]\s?\d(?:[\d.,]*\d)?|(?<![\w.,-])\d(?:[\d.,]*\d)?\s?(?:[€$£]|(?:EUR|USD|GBP|CHF|euros?|dollars?)\b)",
            re.IGNORECASE,
        ),
    ),
    "date": Kind(
        r"dates?",
        re.compile(
            rf"\b(?:\d{{4}}-\d\d-\d\d|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}|\d{{1,2}}\.?\s(?:{_MONTH})\b\.?(?:\s\d{{4}})?"
            rf"|(?:{_MONTH})\.?\s\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s\d{{4}})?)",
            re.IGNORECASE,
        ),
    ),
    "phone number": Kind(
        r"(?:tele)?phone[ _]?(?:numbers?)?", re.compile(r"(?<![\w.-])(?!\d{4}-\d\d-\d\d)\+?\d[\d\s()/-]{6,20}\d(?!\w)")
    ),
    "invoice number": Kind(r"invoice[ _]?(?:numbers?|ids?|no)", re.compile(_CODE)),
    "order number": Kind(
        r"(?:order|ticket|customer|reference|booking|case)[ _-]?(?:numbers?|ids?|no)|order", re.compile(_CODE)
    ),
}
"""Kind of thing -> how it is asked for and what it looks like; each word of an order is read once, from the top."""

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[^\W\d_a-z])|\n+")
_GREETING = word_set("hello hi hey dear guten morning tag good there team sir madam")


def matches(kind: str, text: str) -> str:
    """All of a kind in the text, each once. A number is taken from next to its name where there is one, "order 4711"."""
    all_found = [match.group().strip() for match in KINDS[kind].pattern.finditer(text)]
    if kind in {"order number", "invoice number"}:
        named = re.findall(rf"(?i:{kind.split()[0]}\w*\W{{1,3}}(?:(?:number|no|id|nr)\b\W{{0,3}})?)({_CODE})", text)
        all_found = named or all_found
    return ", ".join(dict.fromkeys(all_found)) or NOTHING


def sentences(text: str) -> list[str]:
    """Without the greeting: "Hello," says nothing about an item."""
    parts = [" ".join(part.split()) for part in _SENTENCE.split(text)]
    said = [part for part in parts if part and not set(re.findall(r"\w+", part.casefold())) <= _GREETING]
    return said or [part for part in parts if part]


def units(text: str, unit: str) -> int:
    """How many words, sentences, characters or lines."""
    if unit.startswith("word"):
        return len(text.split())
    if unit.startswith("sentence"):
        return len([part for part in _SENTENCE.split(text) if part.strip()])
    return len(text.splitlines()) if unit.startswith("line") else len(text)


def first_words(text: str, count: int) -> str:
    """Cut at a word, with an ellipsis where something was left out."""
    words = text.split()
    return " ".join(words) if len(words) <= count else " ".join(words[:count]).rstrip(",.;:") + "…"


def first_letters(text: str, count: int) -> str:
    return text if len(text) <= count else text[: max(count - 1, 0)].rstrip() + "…"


def keywords(text: str, count: int) -> list[str]:
    """The words that come most often, the longer of equals first: a guess that works in any language with spaces."""
    words = [word for word in re.findall(r"[^\W\d_]{4,}", text) if word.casefold() not in STOP]
    times = Counter(stem(word) for word in words)
    first = {stem(word): word.casefold() for word in reversed(words)}
    return [first[root] for root in sorted(first, key=lambda root: (-times[root], -len(root), root))[:count]]
