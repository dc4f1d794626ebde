"""Ages and sizes in a clause: "older than 30 days", "larger than 10 MB", "from March 2025"."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

from agents.adapters.model.offline.reader import Reader
from agents.adapters.model.offline.words import MONTHS, NUMBER, SIZE, UNIT, days, size_bytes
from agents.errors import ModelError

_SPAN = rf"(?P<n>{NUMBER})[\s-]*(?P<unit>{UNIT})"
_CHANGED = r"(?:(?:(?:which|that)\s+)?(?:were|was|are|is|have been|has been)?\s*(?:last\s+)?(?:modified|changed|touched|updated|created|written|edited)\s+)"
_NOT_CHANGED = (
    r"(?:(?:which|that)\s+)?(?:(?:were|was|are|is|have|has)\s*(?:not|n['’]t)|not|unchanged|unmodified|untouched)\s*"
    r"(?:been\s+)?(?:modified|changed|touched|updated|used|edited|opened)?\s*"
)
_BE = r"(?:(?:which|that)\s+)?(?:are\s+|is\s+|were\s+)?"
_ROLLING = {"yesterday": 1.0, "last week": 7.0, "last month": 30.0, "last year": 365.0}
_MONTH = "|".join(f"{name}|{name[:3]}" for name in MONTHS)
_DATE = (
    rf"(?P<date>\d{{4}}-\d\d-\d\d|(?:\d{{1,2}}(?:st|nd|rd|th)?\s+)?(?:{_MONTH})\.?\s+(?:\d{{1,2}}(?:st|nd|rd|th)?,?\s+)?"
    r"(?:19|20)\d\d|(?:19|20)\d\d)"
)

OLDER = (
    rf"{_BE}older\s+than\s+{_SPAN}(?:\s+old)?",
    rf"{_CHANGED}(?:more than|over|at least)\s+{_SPAN}\s+ago",
    rf"{_BE}(?:more than|over|at least)\s+{_SPAN}\s+(?:old|ago)",
    rf"{_NOT_CHANGED}(?:in|for|within|since|during)\s+(?:more than\s+|over\s+|at least\s+)?(?:the\s+)?(?:last\s+|past\s+)?{_SPAN}",
    rf"(?P<n>{NUMBER})[\s-]*(?P<unit>{UNIT})[\s-]+old\s+(?:or|and)\s+older",
)
NEWER = (
    rf"{_BE}(?:newer|younger|more recent|less)\s+than\s+{_SPAN}(?:\s+old)?",
    rf"{_CHANGED}?(?:in|within|from|during|of|for)\s+(?:the\s+)?(?:last|past|previous)\s+{_SPAN}",
    rf"{_CHANGED}(?:in|within|from|during)?\s*(?:the\s+)?(?:last|past)\s+{_SPAN}",
    rf"{_CHANGED}(?:less than|under)\s+{_SPAN}\s+ago",
)
_OLDER_WORDS = rf"{_BE}(?:older than|(?:from\s+)?before)\s+(?P<words>yesterday|last week|last month|last year)"
_NEWER_WORDS = (
    rf"{_CHANGED}?(?:from|of|since|in|within|during|newer than|after)?\s*(?:the\s+)?"
    r"(?P<words>today|yesterday|(?:this|last|past) (?:week|month|year))"
)
_LARGER = (
    rf"{_BE}(?:(?:larger|bigger|greater|heavier|more)\s+than|over|above|exceeding|at least|>=?)\s*{SIZE}(?:\s+in size)?"
)
_SMALLER = rf"{_BE}(?:(?:smaller|less|lighter)\s+than|under|below|at most|<=?)\s*{SIZE}(?:\s+in size)?"
_EMPTY = rf"{_BE}(?:empty|zero[- ]bytes?|(?:of\s+)?0 bytes?)"


@dataclass(frozen=True, slots=True)
class Conditions:
    """Ages in days, sizes in bytes; None where nothing was said. year: "from 2024", still to be read."""

    older_than_days: float | None = None
    newer_than_days: float | None = None
    larger_than_bytes: int | None = None
    smaller_than_bytes: int | None = None
    year: int | None = None

    def __bool__(self) -> bool:
        return any(getattr(self, each.name) is not None for each in fields(self))

    def both(self, other: Conditions) -> Conditions:
        """What fulfils this and the other: the stricter of each pair."""
        return Conditions(
            _stricter(max, self.older_than_days, other.older_than_days),
            _stricter(min, self.newer_than_days, other.newer_than_days),
            _stricter(max, self.larger_than_bytes, other.larger_than_bytes),
            _stricter(min, self.smaller_than_bytes, other.smaller_than_bytes),
            other.year if self.year is None else self.year,
        )

    def as_fields(self) -> dict[str, Any]:
        """The fields of a step draft, without those that say nothing."""
        pairs = ((each.name, getattr(self, each.name)) for each in fields(self) if each.name != "year")
        return {name: value for name, value in pairs if value is not None}


def _stricter(choose: Any, left: Any, right: Any) -> Any:
    if left is None or right is None:
        return right if left is None else left
    return choose(left, right)


def take_conditions(reader: Reader, today: date) -> Conditions:
    """Cut every age and size out of the clause. Raises ModelError where no file can fulfil them."""
    found = gather_conditions(reader, today)
    older, newer = found.older_than_days, found.newer_than_days
    if older is not None and newer is not None and older >= newer:
        raise ModelError(f"No file is both older than {older:g} and newer than {newer:g} days. Say one of the two.")
    return found


def gather_conditions(reader: Reader, today: date) -> Conditions:
    """All ages and sizes, cut out, whether or not a file can fulfil them together."""
    return _ages(reader, today).both(_sizes(reader))


def _ages(reader: Reader, today: date) -> Conditions:
    found = Conditions()
    for patterns, name in ((OLDER, "older_than_days"), (NEWER, "newer_than_days")):
        for pattern in patterns:
            for match in reader.take_all(pattern):
                age = days(match["n"], match["unit"])
                found = found.both(Conditions(age) if name == "older_than_days" else Conditions(None, age))
    for match in reader.take_all(_OLDER_WORDS):
        found = found.both(Conditions(older_than_days=_ROLLING[match["words"].lower()]))
    found = found.both(_dates(reader, today))
    for match in reader.take_all(_NEWER_WORDS):
        found = found.both(Conditions(newer_than_days=_back(match["words"].lower())))
    return found


def _back(words: str) -> float:
    if words == "today":
        return 1.0
    if words == "yesterday":
        return 2.0
    return {"week": 7.0, "month": 30.0, "year": 365.0}[words.split()[1]]


def _dates(reader: Reader, today: date) -> Conditions:
    found = Conditions()
    between = rf"between\s+{_DATE}\s+and\s+{_DATE.replace('<date>', '<until>')}"
    for match in reader.take_all(rf"{_CHANGED}?{between}"):
        start, end = _period(match["date"])[0], _period(match["until"])[1]
        found = found.both(_window(start, end, today))
    for match in reader.take_all(rf"{_BE}{_CHANGED}?(?:older than|(?:from\s+)?before|until)\s+(?:the\s+)?{_DATE}"):
        found = found.both(_window(None, _period(match["date"])[0], today))
    for match in reader.take_all(rf"{_BE}{_CHANGED}?(?P<how>since|after|newer than)\s+(?:the\s+)?{_DATE}"):
        start, end = _period(match["date"])
        found = found.both(_window(start if match["how"].lower() == "since" else end, None, today))
    for match in reader.take_all(rf"{_CHANGED}?(?:from|of|in|during|on|for)\s+(?:the\s+)?(?:year\s+)?{_DATE}"):
        if re.fullmatch(r"\d{4}", match["date"]):
            found = found.both(Conditions(year=int(match["date"])))
        else:
            found = found.both(_window(*_period(match["date"]), today))
    return found


def year_window(year: int, today: date) -> Conditions:
    """Last changed in that calendar year."""
    return _window(date(year, 1, 1), date(year + 1, 1, 1), today)


def _window(start: date | None, end: date | None, today: date) -> Conditions:
    """From start, before end. Days are counted from now, so a bound is off by less than a day: to the narrow side."""
    older = (today - end).days + 1 if end is not None else None
    newer = (today - start).days if start is not None else None
    if newer is not None and newer <= 0:
        raise ModelError(f"{start:%Y-%m-%d} is not in the past. Name an earlier date.")
    return Conditions(older if older is not None and older > 0 else None, newer)


def _period(text: str) -> tuple[date, date]:
    """A date as said -> its first day and the day after its last."""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            day = date.fromisoformat(text)
            return day, day + timedelta(days=1)
        year = int(text[-4:])
        if len(text) == 4:
            return date(year, 1, 1), date(year + 1, 1, 1)
        name = re.search("[a-z]+", text.lower().replace("st ", " ").replace("th ", " "))
        month = next(at for at, each in enumerate(MONTHS, 1) if name and each.startswith(name.group()[:3]))
        numbered = re.search(r"\b(\d{1,2})(?:st|nd|rd|th)?\b", text[:-4])
        if numbered:
            day = date(year, month, int(numbered.group(1)))
            return day, day + timedelta(days=1)
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]) + timedelta(days=1)
    except (ValueError, StopIteration):
        raise ModelError(f"“{text}” is not a date that the offline rules know. Say for example 2025-03-31.") from None


def _sizes(reader: Reader) -> Conditions:
    found = Conditions()
    second = re.sub(r"<(size|sizeunit)>", r"<\1_b>", SIZE)
    for match in reader.take_all(rf"{_BE}between\s+{SIZE}\s+and\s+{second}"):
        low, high = size_bytes(match["size"], match["sizeunit"]), size_bytes(match["size_b"], match["sizeunit_b"])
        found = found.both(Conditions(larger_than_bytes=low, smaller_than_bytes=high))
    for match in reader.take_all(_LARGER):
        found = found.both(Conditions(larger_than_bytes=size_bytes(match["size"], match["sizeunit"])))
    for match in reader.take_all(_SMALLER):
        found = found.both(Conditions(smaller_than_bytes=size_bytes(match["size"], match["sizeunit"])))
    if reader.take(_EMPTY):
        found = found.both(Conditions(smaller_than_bytes=1))
    return found
