"""Making the fields of a form. The schema is a stranger's: it may refer to itself, be huge, or be nonsense."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agents.domain import JSON, UNSET
from agents.payloads.forms import Choice, Field, FieldKind
from agents.payloads.forms_reading import fits
from agents.payloads.forms_schema import (
    alike,
    alternative_label,
    alternatives,
    help_of,
    label_of,
    leads_somewhere,
    mapping,
    pointed,
    said,
    text_kind,
    told,
)
from agents.payloads.jsonschemas import problem
from agents.payloads.wording import label as words_of
from agents.payloads.wording import one_line

LARGEST = 20_000
"""Parts of a schema or a value that are looked at; beyond, it is one field of JSON."""
FIELDS = 200
"""Of a form; an object with more than are left is one field of JSON."""
ENTRIES = 50
DEPTH = 8
SECONDS = 1.0
"""What telling the alternatives of one form apart may take."""
CHOICES = 500
_FORMATS = {"date": FieldKind.DATE, "date-time": FieldKind.DATETIME, "time": FieldKind.TIME}
_SCALARS = {
    "string": FieldKind.TEXT,
    "integer": FieldKind.INTEGER,
    "number": FieldKind.NUMBER,
    "boolean": FieldKind.BOOLEAN,
}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a field stands, and which references lead to it."""

    name: str
    path: str
    label: str
    required: bool = True
    depth: int = 0
    through: frozenset[str] = frozenset()

    def under(self, part: str, label: str, *, required: bool = True) -> _Place:
        path = f"{self.path}.{part}" if self.path else part
        return _Place(part, path, label, required, self.depth + 1, self.through)


def build(schema: Mapping[str, Any] | None, value: JSON, label: str) -> Field:
    """See `forms.form_of`."""
    place = _Place("", "", label)
    if (value is not UNSET and is_vast(value)) or (schema is not None and is_vast(schema)):
        return _json(place, value, {})
    builder = _Builder(schema if isinstance(schema, Mapping) else {})
    try:
        return builder.field(schema, place, value) if schema is not None else builder.inferred(place, value)
    except (TypeError, ValueError, AttributeError, LookupError, ArithmeticError, RecursionError):
        return _json(place, value, {})  # nonsense in a place that nothing above looks at


def is_vast(value: JSON) -> bool:
    """More parts than a form could show? Looks at no more than that many, and does not recurse."""
    stack, seen = [value], 0
    while stack:
        each = stack.pop()
        seen += 1
        if seen + len(stack) > LARGEST:
            return True
        if isinstance(each, Mapping):
            stack.extend(list(each.values())[: LARGEST + 1])
        elif isinstance(each, list):
            stack.extend(each[: LARGEST + 1])
    return False


class _Builder:
    """Builds one form; `left` counts down the fields it may still have."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self.root = root
        self.left = FIELDS
        self.late = time.monotonic() + SECONDS

    def field(self, schema: Any, place: _Place, value: JSON) -> Field:
        self.left -= 1
        plain, place = self._resolved(schema, place)
        if plain is None or self.left < 0 or place.depth > DEPTH:
            return self._optional(_json(place, value, {}), place, value, nullable=False)
        nullable, options = alternatives(plain)
        if not options:
            return self._optional(self._one(plain, place, value), place, value, nullable=nullable)
        inner = UNSET if nullable and value is None else value
        made = (
            self._alternatives(plain, options, place, inner)
            if len(options) > 1
            else self.field({**told(plain), **mapping(options[0])}, replace(place, required=True), inner)
        )
        return self._optional(made, place, value, nullable=nullable)

    def inferred(self, place: _Place, value: JSON) -> Field:
        """A field for a value without a schema: its own type decides."""
        self.left -= 1
        if self.left < 0 or place.depth > DEPTH:
            return _json(place, value, {})
        if isinstance(value, bool):
            return _plain(FieldKind.BOOLEAN, place, value, {})
        if isinstance(value, int | float):
            return _plain(FieldKind.NUMBER, place, value, {})
        if isinstance(value, str):
            return _plain(text_kind(place.name, value, {}), place, value, {})
        if isinstance(value, dict) and 0 < len(value) <= self.left:
            fields = [self.inferred(place.under(name, words_of(name)), each) for name, each in value.items()]
            return replace(_plain(FieldKind.OBJECT, place, value, {}), fields=tuple(fields))
        if isinstance(value, list) and 0 < len(value) <= ENTRIES and alike(value):
            entries = [self.inferred(place.under(str(n), f"Entry {n + 1}"), each) for n, each in enumerate(value)]
            new = replace(_emptied(entries[0]), label="New entry", path=f"{place.path}.-1".lstrip("."), name="-1")
            return replace(_plain(FieldKind.LIST, place, value, {}), fields=tuple(entries), item=new)
        return _json(place, value, {})

    def _one(self, schema: Mapping[str, Any], place: _Place, value: JSON) -> Field:
        if "const" in schema:
            return _chosen([Choice(said(schema["const"]), schema["const"])], place, value, schema)
        offered = schema.get("enum")
        if isinstance(offered, list) and 0 < len(offered) <= CHOICES:
            return _chosen([Choice(said(each), each) for each in offered], place, value, schema)
        kind = schema.get("type") or ("object" if "properties" in schema else "array" if "items" in schema else None)
        if kind == "object":
            return self._object(schema, place, value)
        if kind == "array":
            return self._list(schema, place, value)
        if kind not in _SCALARS:
            return self.inferred(place, value) if kind is None and value is not UNSET else _json(place, value, schema)
        exact = _SCALARS[kind]
        if exact is FieldKind.TEXT:
            exact = _FORMATS.get(str(schema.get("format")), text_kind(place.name, value, schema))
        made = _plain(exact, place, value, schema)
        if value is UNSET or fits(made, value):
            return made
        return _plain(FieldKind.TEXT, place, value, schema) if isinstance(value, str) else _json(place, value, schema)

    def _object(self, schema: Mapping[str, Any], place: _Place, value: JSON) -> Field:
        properties = schema.get("properties")
        fixed = isinstance(properties, Mapping) and properties
        if not fixed or "patternProperties" in schema or not isinstance(value, dict | type(UNSET)):
            loose = not fixed and "patternProperties" not in schema and not schema.get("additionalProperties")
            return self.inferred(place, value) if loose and isinstance(value, dict) else _json(place, value, schema)
        assert isinstance(properties, Mapping)
        needed = [str(each) for each in schema.get("required") or ()]
        known = {**properties, **{name: {} for name in needed if name not in properties}}
        if len(known) > self.left:  # as one text: a field of JSON for each of thousands would be no form
            return _json(place, value, schema)
        before: Mapping[str, JSON] = value if isinstance(value, dict) else {}
        fields = [
            self.field(each, place.under(name, label_of(name, each), required=name in needed), before.get(name, UNSET))
            for name, each in known.items()
        ]
        rest = {name: each for name, each in before.items() if name not in known}
        return replace(_plain(FieldKind.OBJECT, place, value, schema), fields=tuple(fields), rest=rest, schema=None)

    def _list(self, schema: Mapping[str, Any], place: _Place, value: JSON) -> Field:
        items = schema.get("items")
        before = value if value is not UNSET else []
        if (
            not isinstance(items, Mapping)
            or "prefixItems" in schema
            or not isinstance(before, list)
            or len(before) > ENTRIES
        ):
            return _json(place, value, schema)
        entries = [self.field(items, place.under(str(n), f"Entry {n + 1}"), each) for n, each in enumerate(before)]
        new = self.field(items, place.under("-1", "New entry"), UNSET)
        unique = bool(schema.get("uniqueItems")) and new.kind is FieldKind.CHOICE
        made = _plain(FieldKind.LIST, place, value, {key: each for key, each in schema.items() if key != "items"})
        return replace(made, fields=tuple(entries), item=new, unique=unique)

    def _alternatives(self, schema: Mapping[str, Any], options: Sequence[Any], place: _Place, value: JSON) -> Field:
        named = [self._resolved(each, place)[0] for each in options]
        if all(each is not None and "const" in each for each in named):
            chosen = [Choice(str(each.get("title") or said(each["const"])), each["const"]) for each in named if each]
            return _chosen(chosen, place, value, schema)
        which = next((n for n, each in enumerate(options) if value is not UNSET and self._takes(each, value)), None)
        inside = replace(place, required=True)
        made = [
            self.field(each, replace(inside, path=place.path), value if n == which else UNSET)
            for n, each in enumerate(options)
        ]
        labelled = [
            replace(each, label=alternative_label(plain, n))
            for n, (each, plain) in enumerate(zip(made, named, strict=True))
        ]
        if value is not UNSET and which is None:
            return _json(place, value, schema)
        return replace(_plain(FieldKind.ONEOF, place, value, {}), fields=tuple(labelled), help=help_of(schema))

    def _takes(self, option: Any, value: JSON) -> bool:
        seconds = self.late - time.monotonic()
        whole = {**mapping(option), "$defs": self.root.get("$defs", {})}
        return seconds > 0 and problem(value, whole, seconds) is None

    def _optional(self, made: Field, place: _Place, value: JSON, *, nullable: bool) -> Field:
        """The field itself where it must be filled in, else the field inside one that can be left out."""
        if place.required and not nullable:
            return made
        absent = None if nullable and (place.required or value is None) else UNSET
        return Field(
            FieldKind.OPTIONAL,
            place.name,
            place.path,
            made.label,
            made.help,
            required=False,
            begin=value,
            absent=absent,
            item=replace(made, required=True),
            hint=made.hint,
        )

    def _resolved(self, schema: Any, place: _Place) -> tuple[Mapping[str, Any] | None, _Place]:
        """The schema itself behind its references; None when it leads in a circle, elsewhere, or is no schema."""
        through = set(place.through)
        while isinstance(schema, Mapping):
            beside, reference, merged = told(schema), schema.get("$ref"), schema.get("allOf")
            if isinstance(reference, str):
                if reference in through:
                    return None, place
                through.add(reference)
                schema = (
                    {**mapping(pointed(self.root, reference)), **beside}
                    if leads_somewhere(self.root, reference)
                    else None
                )
            elif isinstance(merged, list) and len(merged) == 1 and isinstance(merged[0], Mapping):
                schema = {**merged[0], **{key: each for key, each in schema.items() if key != "allOf"}}
            elif merged:
                return None, place
            else:
                return schema, replace(place, through=frozenset(through))
        return ({} if schema is True else None), place


def _plain(kind: FieldKind, place: _Place, value: JSON, schema: Mapping[str, Any]) -> Field:
    default = schema.get("default", UNSET)
    begin = value if value is not UNSET or not place.required else default
    hint = one_line(said(default), 60) if default not in (UNSET, None, "", [], {}) else ""
    own = {key: each for key, each in schema.items() if key not in ("title", "description", "default", "examples")}
    return Field(
        kind, place.name, place.path, place.label, help_of(schema), place.required, begin, hint=hint, schema=own or None
    )


def _json(place: _Place, value: JSON, schema: Mapping[str, Any]) -> Field:
    return replace(_plain(FieldKind.JSON, place, value, schema), schema=None)


def _chosen(choices: Sequence[Choice], place: _Place, value: JSON, schema: Mapping[str, Any]) -> Field:
    made = replace(_plain(FieldKind.CHOICE, place, value, schema), choices=tuple(choices), schema=None)
    if len(choices) == 1 and made.begin is UNSET:
        made = replace(made, begin=choices[0].value)
    return made if made.begin is UNSET or fits(made, made.begin) else _json(place, value, schema)


def _emptied(entry: Field) -> Field:
    """A new entry like this one, with nothing filled in."""
    return replace(
        entry, begin=UNSET, rest={}, fields=() if entry.kind is FieldKind.LIST else tuple(map(_emptied, entry.fields))
    )
