"""Small tasks with the text of an item that need no language model: cutting, finding and counting.

"Summarise {body} in 10 words", "Extract the order number from {body}",
"Does {body} mention “refund”?". An order that says more than the rules read
is refused as a whole, so that nothing is done by half.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from agents.adapters.model.offline.finding import KINDS, first_letters, first_words, keywords, matches, sentences, units
from agents.adapters.model.offline.finding import NOTHING as NONE
from agents.adapters.model.offline.lexicon import STOP
from agents.adapters.model.offline.terms import found, words_like
from agents.adapters.model.offline.words import NUMBERS, number, word_set
from agents.adapters.model.schema import ItemRequest
from agents.errors import ModelError

_COUNT = r"(?P<count>\d{1,4}|" + "|".join(name for name in NUMBERS if " " not in name) + r")"
_LENGTH = re.compile(
    rf"\b(?:(?:in|to|at|with|the|about|around|up|no|more|than|most|maximum|max|only|not|within|exactly|first)\s+){{0,5}}{_COUNT}\s+(?:short\s+)?"
    r"(?P<unit>words?|sentences?|lines?|characters?|letters?)\b|\b(?:the\s+)?first (?P<one>sentence|line)\b"
)
_SUMMARY = re.compile(r"\b(?:summari[sz]e|summary|shorten|sum up|gist|cut|tl;?dr)\b")
_KEYWORDS = re.compile(rf"\b(?:{_COUNT}\s+)?(?:(?:most )?(?:important|frequent) )?(?:key ?words?|tags|key terms)\b")
_HOW_MANY = re.compile(
    r"\b(?:count (?:the |all )?|how many |(?:the )?number of )(?P<unit>words|sentences|lines|characters|letters)\b"
)
_MENTIONS = re.compile(r"\b(?:mentions?|mentioned|contains?|includes?|says?|occurs?(?: in)?|appears?(?: in)?)\b")
_YES_NO = re.compile(r"\b(?:answer )?(?:with )?(?:only )?yes or no\b|\b(?:does|do|is|are|whether|if)\b|\?")
_QUOTED = re.compile(r"[“\"„']([^”\"“']{2,60})[”\"“']")
_FIND = re.compile(r"\b(?:extract|find|list|get|give|show|pull out|return|copy|take|what|which)\b")
_CASE = re.compile(r"\b(?:in |to |into )?(?P<case>upper|lower)[ -]?case\b(?: letters)?")
_AS_BEFORE = re.compile(r"as before|(?:leave|keep) (?:it|this|them|that) as (?:it|they) (?:is|was|are|were)\b.*")
_AROUND = STOP | word_set(
    "text texts ticket item message mail e-mail email body subject content column row following customer's return write put make turn convert "
    "show give print output result sentence line words word summary full complete every found number numbers short briefly concise using use describe about best"
)  # fmt: skip
_HANDLED = (
    "summarise in some words or by the first sentence, extract e-mail addresses, links, amounts, dates, order or phone numbers, pick keywords, "
    "count words, and say whether a word occurs"
)


@dataclass(frozen=True, slots=True)
class Errand:
    """do: from a text to the result. words: at most so many of them are kept."""

    do: Callable[[str], str]
    words: int | None = None

    def run(self, text: str) -> str:
        result = self.do(text)
        return result if self.words is None else first_words(result, self.words)


def run_errand(request: ItemRequest) -> dict[str, str]:
    """Field -> result. Raises ModelError for a prompt that no rule can follow."""
    for instruction in reversed(request.instructions):
        if instruction.output and instruction.input == request.data:
            return dict(instruction.output)
    order, text = _order_and_text(request)
    columns = frozenset(word for name in request.data for word in re.findall(r"\w+", name.casefold()))
    if len(request.fields) > 1:
        return _by_fields(request.fields, order, text, columns)
    errand = _read(order, columns)
    if errand is None:
        raise _cannot(order)
    errand, remark = _instructed(errand, request, columns)
    return {request.fields[0]: errand.run(text) + remark}


def _order_and_text(request: ItemRequest) -> tuple[str, str]:
    """What is asked for, without the item's texts, and the texts that it is asked of: all where it names none."""
    order, used = request.prompt, set[str]()
    for value in sorted(filter(str.strip, request.data.values()), key=len, reverse=True):
        if value.strip().casefold() in _AROUND or (value.isdigit() and len(value) < 4):
            continue  # too short to tell from the order's own words
        order, count = re.subn(rf"(?<!\w){re.escape(value)}(?!\w)", " … ", order)
        used |= {value} if count else set()
    texts = [value for value in request.data.values() if value in used] or list(request.data.values())
    return " ".join(order.split()), "\n".join(texts)


def _by_fields(fields: list[str], order: str, text: str, columns: Collection[str]) -> dict[str, str]:
    """Several fields: what is found for each, by its name."""
    kinds = {
        field: next((name for name, kind in KINDS.items() if re.fullmatch(kind.names, _plain(field))), None)
        for field in fields
    }
    errand = _read(order, columns)
    if errand is None or None in kinds.values():
        raise _cannot(order)
    return {field: matches(kind, text) for field, kind in kinds.items() if kind}


def _plain(field: str) -> str:
    return re.sub(r"[_\s-]+", " ", field.casefold()).strip().replace("e mail", "e-mail")


def _instructed(errand: Errand, request: ItemRequest, columns: Collection[str]) -> tuple[Errand, str]:
    """The errand as reviewers changed it, and a remark where no rule can follow the newest instruction."""
    remark = ""
    for instruction in request.instructions:
        told, remark = " ".join(instruction.text.casefold().split()).strip(" .!"), ""
        length = _LENGTH.search(told)
        if length and length["unit"] and length["unit"].startswith("word") and not _left(told, columns, _LENGTH):
            errand = replace(errand, words=_number(length["count"]))
        elif told in {"shorter", "too long", "make it shorter"}:
            errand = replace(errand, words=max((errand.words or 20) // 2, 1))
        elif other := _read(told, columns):
            errand = other
        elif not _AS_BEFORE.fullmatch(told):
            remark = f" (No offline rule can follow “{told[:80]}”.)"
    return errand, remark


def _read(order: str, columns: Collection[str]) -> Errand | None:
    """The first rule that understands the whole order."""
    order = order.casefold().replace("’", "'")
    readers = (_read_mention, _read_count, _read_keywords, _read_find, _read_summary, _read_case)
    return next((errand for read in readers if (errand := read(order, columns)) is not None), None)


def _left(order: str, columns: Collection[str], *read: re.Pattern[str]) -> list[str]:
    """The words that nothing of what was read explains."""
    for each in read:
        order = each.sub(" ", order)
    return [word for word in re.findall(r"[^\W_][\w'-]*", order) if word not in _AROUND and word not in columns]


def _read_mention(order: str, columns: Collection[str]) -> Errand | None:
    if not _MENTIONS.search(order) or not _YES_NO.search(order):
        return None
    phrases = tuple(_QUOTED.findall(order))
    left = _left(order, columns, _QUOTED, _YES_NO, _MENTIONS)
    if bool(phrases) == bool(left):
        return None
    terms = phrases or tuple(words_like(word) for word in left if word not in {"or", "and"})
    return Errand(lambda text: "yes" if found(terms, text.casefold()) else "no")


def _read_count(order: str, columns: Collection[str]) -> Errand | None:
    asked = _HOW_MANY.search(order)
    if asked is None or _left(order, columns, _HOW_MANY):
        return None
    return Errand(lambda text: str(units(text, asked["unit"])))


def _read_keywords(order: str, columns: Collection[str]) -> Errand | None:
    asked = _KEYWORDS.search(order)
    if asked is None or _left(order, columns, _KEYWORDS, _FIND):
        return None
    count = _number(asked["count"]) if asked["count"] else 5
    return Errand(lambda text: ", ".join(keywords(text, count)) or NONE)


def _read_find(order: str, columns: Collection[str]) -> Errand | None:
    rest, kinds = order, list[str]()
    for name, kind in KINDS.items():
        rest, count = re.subn(rf"\b(?:{kind.names})\b", " ", rest)
        kinds += [name] if count else []
    if not kinds or not _FIND.search(order) or _left(rest, columns, _FIND):
        return None
    if len(kinds) == 1:
        return Errand(lambda text: matches(kinds[0], text))
    return Errand(lambda text: "; ".join(f"{name}: {matches(name, text)}" for name in kinds))


def _read_summary(order: str, columns: Collection[str]) -> Errand | None:
    length = _LENGTH.search(order)
    if not (length or _SUMMARY.search(order)) or _left(order, columns, _LENGTH, _SUMMARY, _FIND):
        return None
    count = _number(length["count"]) if length and length["count"] else 1
    unit = (length["unit"] if length else None) or "sentence"
    if unit.startswith("word"):
        return Errand(lambda text: " ".join(sentences(text)), count)
    if unit.startswith(("character", "letter")):
        return Errand(lambda text: first_letters(" ".join(sentences(text)), count))
    return Errand(lambda text: " ".join(sentences(text)[:count]))


def _read_case(order: str, columns: Collection[str]) -> Errand | None:
    asked = _CASE.search(order)
    if asked is None or _left(order, columns, _CASE):
        return None
    return Errand(str.upper if asked["case"] == "upper" else str.lower)


def _number(text: str) -> int:
    return max(int(number(text)), 1)


def _cannot(order: str) -> ModelError:
    shown = first_letters(order.strip(" :"), 80)
    return ModelError(
        f"The offline rules cannot do “{shown}”. They can {_HANDLED}. A language model can do the rest: set OPENAI_API_KEY or OPENAI_BASE_URL."
    )
