"""Forms: a JSON Schema, or a value without one, as a tree of fields; what was typed in them as typed JSON again.

Three steps, all pure. `form_of` makes the fields. `draft_of` is what they hold
before anybody typed: plain JSON that a draft can keep. `read_form` turns such a
draft into the value. What nobody touched is read as exactly what it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from agents.domain import JSON, UNSET


class FieldKind(StrEnum):
    """How a field is filled in, and what it holds in a draft."""

    TEXT = "text"
    """A str; so for LONGTEXT and TIME."""
    LONGTEXT = "longtext"
    NUMBER = "number"
    """An int, a float, or the str that was typed; None when it is empty. So for INTEGER."""
    INTEGER = "integer"
    BOOLEAN = "boolean"
    """A bool, or None while nobody chose."""
    CHOICE = "choice"
    """The index of the choice, or None."""
    DATE = "date"
    """ "2026-01-31", or None."""
    DATETIME = "datetime"
    """{"date": ..., "time": "14:30", "zone": "" | "Z" | "+02:00"}."""
    TIME = "time"
    LIST = "list"
    """[{"of": index of the entry that it was, or -1, "raw": ...}]."""
    OBJECT = "object"
    """{name: ...} of the fields."""
    OPTIONAL = "optional"
    """{"given": bool, "raw": of the field inside}."""
    ONEOF = "oneof"
    """{"which": index or None, "raw": of that alternative}."""
    JSON = "json"
    """The JSON text; None while a value that is too long to be drawn stays as it is."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values that are allowed, and its words."""

    label: str
    value: JSON


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. Words in it may be a stranger's.

    path: dotted, "" for the whole. begin: the value that it starts with; UNSET
    where there is none. absent: of an OPTIONAL, what it means when it is left
    out: None, or UNSET for no key at all. fields: of an OBJECT its fields, of a LIST
    the entries that are there, of a ONEOF the alternatives. item: the field in
    an OPTIONAL; of a LIST what a new entry looks like. rest: keys of an object
    that the form does not draw; they stay. hint: what is used when it is left
    out. schema: what the field alone must fit.
    """

    kind: FieldKind
    name: str
    path: str
    label: str
    help: str = ""
    required: bool = True
    begin: JSON = UNSET
    absent: JSON = UNSET
    choices: tuple[Choice, ...] = ()
    fields: tuple[Field, ...] = ()
    item: Field | None = None
    unique: bool = False
    rest: Mapping[str, JSON] = field(default_factory=dict)
    hint: str = ""
    schema: Mapping[str, Any] | None = None


def form_of(schema: Mapping[str, Any] | None, value: JSON = UNSET, *, label: str = "Your answer") -> Field:
    """The fields for a value of this schema, filled with `value` where there is one.

    Without a schema the value's own types decide. What cannot be drawn as fields
    becomes a JSON field, never nothing. Never raises, fetches nothing, ends soon.
    """
    from agents.payloads.forms_building import build

    return build(schema, value, label)


def draft_of(form: Field, value: JSON = UNSET) -> JSON:
    """What the fields hold for a value; without one, for what the form begins with."""
    from agents.payloads.forms_reading import draft

    return draft(form, form.begin if value is UNSET else value)


def read_form(form: Field, raw: JSON) -> JSON:
    """The value that was filled in. Raises InvalidDecision(sentence, field=path) for the first field that will not do."""
    from agents.errors import InvalidDecision

    value, faults = read_all(form, raw)
    for path, said in faults.items():
        raise InvalidDecision(said, field=path or "value")
    return value


def read_all(form: Field, raw: JSON) -> tuple[JSON, Mapping[str, str]]:
    """The value as far as it can be read, and a sentence by path for each field that will not do."""
    from agents.payloads.forms_reading import Reader

    reader = Reader()
    value = reader.read(form, raw)
    return (None if value is UNSET else value), reader.faults


def changes(before: JSON, after: JSON) -> JSON:
    """What a draft has to keep of `after`: of objects only the keys that differ; UNSET when nothing does."""
    if isinstance(before, dict) and isinstance(after, dict):
        found = {name: changes(before.get(name, UNSET), each) for name, each in after.items()}
        kept = {name: each for name, each in found.items() if each is not UNSET}
        return kept or UNSET
    same = type(before) is type(after) and before == after
    return UNSET if same else after


def overlaid(before: JSON, kept: JSON) -> JSON:
    """`before` with the kept changes over it; the inverse of `changes`."""
    if kept is UNSET:
        return before
    if isinstance(before, dict) and isinstance(kept, dict):
        return {**before, **{name: overlaid(before.get(name), each) for name, each in kept.items()}}
    return kept
