"""What the fields of a form hold for a value, and the value that they hold."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import date
from typing import TypeVar

from agents.domain import JSON, UNSET
from agents.payloads.faults import FORMATS, place_words
from agents.payloads.forms import Field, FieldKind
from agents.payloads.jsonschemas import problem

EDITABLE = 100_000
"""Characters of a text, or of a value as JSON, beyond which it is not drawn to be changed."""
T = TypeVar("T")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?")
_ZONE = re.compile(r"Z|[+-]\d\d:\d\d")
_NUMBERS = (FieldKind.NUMBER, FieldKind.INTEGER)


def draft(form: Field, value: JSON) -> JSON:
    """See `forms.draft_of`; UNSET gives what an empty field holds."""
    match form.kind:
        case FieldKind.OBJECT:
            given = value if isinstance(value, dict) else {}
            return {each.name: draft(each, given.get(each.name, _of_field(form, each, value))) for each in form.fields}
        case FieldKind.LIST:
            return [_entry(form, number, each) for number, each in enumerate(value if isinstance(value, list) else [])]
        case FieldKind.OPTIONAL:
            out = value is UNSET or (value is None and form.absent is None)
            return {"given": not out, "raw": draft(_inside(form), UNSET if out else value)}
        case FieldKind.ONEOF:
            which = _which(form, value)
            return {"which": which, "raw": None if which is None else draft(form.fields[which], value)}
        case FieldKind.JSON:
            return _json_text(value)
        case FieldKind.CHOICE:
            return next((n for n, each in enumerate(form.choices) if _same(each.value, value)), None)
        case FieldKind.DATETIME:
            return moment(value)
        case FieldKind.TEXT | FieldKind.LONGTEXT | FieldKind.TIME:
            return value if isinstance(value, str) else ""
    return None if value is UNSET else value


def fits(form: Field, value: JSON) -> bool:
    """Can the field hold this value, or at least the text that somebody sent in its place?"""
    match form.kind:
        case FieldKind.TEXT | FieldKind.LONGTEXT:
            return isinstance(value, str)
        case FieldKind.TIME:
            return isinstance(value, str) and _CLOCK.match(value) is not None
        case FieldKind.NUMBER | FieldKind.INTEGER:
            return isinstance(value, int | float | str) and not isinstance(value, bool)
        case FieldKind.BOOLEAN:
            return isinstance(value, bool)
        case FieldKind.DATE:
            return isinstance(value, str) and _is_date(value)
        case FieldKind.DATETIME:
            return isinstance(value, str) and _MOMENT.fullmatch(value) is not None and _is_date(value[:10])
        case FieldKind.CHOICE:
            return any(_same(each.value, value) for each in form.choices)
    return True


def moment(value: JSON) -> dict[str, JSON]:
    """A date and time in its three parts; those of an empty field for anything else."""
    found = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return {"date": None, "time": "", "zone": "Z"}
    return {"date": found[1], "time": found[2], "zone": found[3] or ""}


class Reader:
    """Reads one form. faults: a sentence by path for each field that will not do."""

    def __init__(self) -> None:
        self.faults: dict[str, str] = {}

    def read(self, form: Field, raw: JSON) -> JSON:
        """The value; UNSET for what is left out, and for what will not do."""
        if form.begin is not UNSET and _untouched(form, raw):
            return form.begin
        match form.kind:
            case FieldKind.OBJECT:
                return self._object(form, raw)
            case FieldKind.LIST:
                return self._list(form, raw)
            case FieldKind.OPTIONAL:
                given = isinstance(raw, Mapping) and raw.get("given") is True
                return self.read(_inside(form), raw["raw"]) if given else form.absent
            case FieldKind.ONEOF:
                return self._alternative(form, raw)
        return self._leaf(form, raw)

    def fault(self, form: Field, what: str) -> JSON:
        place = place_words([int(part) if part.isdigit() else part for part in form.path.split(".") if part])
        self.faults.setdefault(form.path, f"{place or form.label}: {what}.")
        return UNSET

    def _object(self, form: Field, raw: JSON) -> dict[str, JSON]:
        typed = raw if isinstance(raw, Mapping) else {}
        read = {each.name: self.read(each, typed.get(each.name)) for each in form.fields}
        before: Mapping[str, JSON] = form.begin if isinstance(form.begin, dict) else {}
        kept = {name: read.get(name, form.rest.get(name, UNSET)) for name in (*before, *read)}
        return {name: each for name, each in kept.items() if each is not UNSET}

    def _list(self, form: Field, raw: JSON) -> list[JSON]:
        read = []
        for number, entry in enumerate(raw if isinstance(raw, list) else []):
            of = entry.get("of", -1) if isinstance(entry, Mapping) else -1
            known = isinstance(of, int) and 0 <= of < len(form.fields)
            field = form.fields[of] if known else _inside(form)
            value = self.read(at(field, f"{form.path}.{number}".lstrip(".")), entry.get("raw"))
            if value is not UNSET:
                read.append(value)
        return self._checked(form, read)

    def _alternative(self, form: Field, raw: JSON) -> JSON:
        which = raw.get("which") if isinstance(raw, Mapping) else None
        if not isinstance(which, int) or not 0 <= which < len(form.fields):
            return self.fault(form, "choose one of the forms first")
        return self.read(form.fields[which], raw["raw"])

    def _leaf(self, form: Field, raw: JSON) -> JSON:
        if form.kind in _NUMBERS:
            return self._number(form, raw)
        if form.kind is FieldKind.JSON:
            return self._json(form, raw)
        if form.kind is FieldKind.DATETIME:
            return self._moment(form, raw if isinstance(raw, Mapping) else {})
        if form.kind is FieldKind.CHOICE:
            known = isinstance(raw, int) and 0 <= raw < len(form.choices)
            return form.choices[raw].value if known else self.fault(form, "choose one first")
        if raw is None or (raw == "" and (form.begin in (UNSET, "") or form.kind is FieldKind.TIME)):
            what = "choose yes or no" if form.kind is FieldKind.BOOLEAN else "fill it in first"
            return self.fault(form, what)
        if form.kind is FieldKind.TIME:
            return self._time(form, str(raw))
        return self._checked(form, raw)

    def _number(self, form: Field, raw: JSON) -> JSON:
        if raw is None or raw == "":
            return self.fault(form, "fill it in first")
        number = _as_number(raw)
        if number is None:
            return self.fault(form, "write a number, such as 3 or 2.5")
        whole = isinstance(number, float) and number.is_integer()
        if form.kind is FieldKind.INTEGER and not isinstance(number, int) and not whole:
            return self.fault(form, "write a whole number")
        kept = isinstance(form.begin, int) or (isinstance(form.begin, str) and isinstance(_as_number(form.begin), int))
        if whole and (form.kind is FieldKind.INTEGER or kept):
            number = int(number)
        elif isinstance(form.begin, float) and isinstance(number, int):
            number = float(number)
        return self._checked(form, number)

    def _json(self, form: Field, raw: JSON) -> JSON:
        if not isinstance(raw, str) or not raw.strip():
            return self.fault(form, "fill it in first")
        try:
            value = json.loads(raw, parse_constant=_no_constant)
        except RecursionError:
            return self.fault(form, "it is nested too deeply")
        except ValueError as error:
            return self.fault(form, f"this is not JSON ({error})")
        return self._checked(form, value)

    def _moment(self, form: Field, raw: Mapping[str, JSON]) -> JSON:
        day, clock, zone = str(raw.get("date") or ""), str(raw.get("time") or "").strip(), str(raw.get("zone") or "")
        if not day:
            return self.fault(form, "choose a date first")
        if not _CLOCK.fullmatch(clock):
            return self.fault(form, "write the time as 14:30 or 14:30:00")
        if zone and not _ZONE.fullmatch(zone):
            return self.fault(form, "choose a time zone")
        return self._checked(form, f"{day}T{_seconds(clock)}{zone}")

    def _time(self, form: Field, text: str) -> JSON:
        found = _CLOCK.match(text.strip())
        zone = text.strip()[found.end() :] if found else ""
        if found is None or (zone and not _ZONE.fullmatch(zone)):
            return self.fault(form, f"must be {FORMATS['time']}")
        return self._checked(form, _seconds(found[0]) + zone)

    def _checked(self, form: Field, value: T) -> T:
        found = problem(value, form.schema) if form.schema else None
        if found is not None:
            self.fault(form, found[1].partition(": ")[2].removesuffix(".") or _said(found[1]))
        return value


def at(form: Field, path: str) -> Field:
    """The field, and those in it, as standing at another path: an entry whose neighbours came or went."""
    from dataclasses import replace

    if form.path == path:
        return form
    moved = tuple(at(each, path + each.path.removeprefix(form.path)) for each in form.fields)
    item = at(form.item, path + form.item.path.removeprefix(form.path)) if form.item else None
    return replace(form, path=path, fields=moved, item=item)


def _said(sentence: str) -> str:
    return sentence.removeprefix("The answer ").removesuffix(".")


def _of_field(form: Field, each: Field, value: JSON) -> JSON:
    """What a field of an object begins with where its object has no value for it."""
    return each.begin if value is UNSET or value is form.begin else UNSET


def _entry(form: Field, number: int, value: JSON) -> dict[str, JSON]:
    known = number < len(form.fields)
    return {"of": number if known else -1, "raw": draft(form.fields[number] if known else _inside(form), value)}


def _inside(form: Field) -> Field:
    assert form.item is not None, form.path
    return form.item


def _untouched(form: Field, raw: JSON) -> bool:
    """Does the field hold what it began with? A text in a number's place is read as a number all the same."""
    if form.kind in _NUMBERS and isinstance(form.begin, str):
        return False
    before = draft(form, form.begin)
    if form.kind in _NUMBERS and isinstance(raw, str):
        raw = _as_number(raw)
    same: bool = raw == before
    return same


def _which(form: Field, value: JSON) -> int | None:
    if value is UNSET:
        return None
    begun = [n for n, each in enumerate(form.fields) if each.begin is value]
    if begun:
        return begun[0]
    return next((n for n, each in enumerate(form.fields) if _reads_back(each, value)), None)


def _reads_back(form: Field, value: JSON) -> bool:
    if form.kind not in (FieldKind.LIST, FieldKind.OBJECT, FieldKind.JSON) and not fits(form, value):
        return False
    reader = Reader()
    read = reader.read(form, draft(form, value))
    return not reader.faults and _same(read, value)


def _same(one: JSON, other: JSON) -> bool:
    same: bool = one == other
    return type(one) is type(other) and same


def _json_text(value: JSON) -> JSON:
    if value is UNSET:
        return ""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return text if len(text) <= EDITABLE else None


def _as_number(raw: JSON) -> int | float | None:
    """A number as it is, or as a text says it."""
    if isinstance(raw, str):
        try:
            raw = int(raw.strip()) if re.fullmatch(r"\s*[+-]?\d+\s*", raw) else float(raw)
        except ValueError:
            return None
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return None
    return raw if isinstance(raw, int) or math.isfinite(raw) else None


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _seconds(clock: str) -> str:
    return f"{clock}:00" if len(clock) == 5 else clock


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")
