"""What an edit changed, as an RFC 6902 JSON Patch: small, and exact to the type (1, 1.0 and true differ)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import TypeAlias

from agents.domain import JSON, canonical

Patch: TypeAlias = list[dict[str, JSON]]
FEW = 4
"""So many changes are told one by one, also where the whole would be shorter: a person reads them."""

ALIGNED = 500
"""Lists up to so long are compared item by item wherever these moved; longer ones place by place."""


def patch(before: JSON, after: JSON) -> Patch:
    """The operations that make `after` of `before`; [] when they are the same."""
    return list(_changes(before, after, ""))


def applied(before: JSON, operations: Sequence[Mapping[str, JSON]]) -> JSON:
    """A new document: `before` with these add, remove and replace operations done in order.

    Raises ValueError for an operation that does not fit.
    """
    document = _copy(before)
    for each in operations:
        try:
            document = _done(document, each["op"], _parts(each["path"]), _copy(each.get("value")))
        except (KeyError, IndexError, TypeError) as error:
            raise ValueError(f"The patch does not fit: {each.get('op')} {each.get('path')}.") from error
    return document


def _changes(before: JSON, after: JSON, path: str) -> Iterator[dict[str, JSON]]:
    if canonical(before) == canonical(after):
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        found = list(_in_object(before, after, path))
    elif isinstance(before, list) and isinstance(after, list):
        found = list(_in_list(before, after, path))
    else:
        found = []
    whole = {"op": "replace", "path": path, "value": after}
    told = found and (len(found) <= FEW or len(canonical(found)) <= len(canonical([whole])))
    yield from found if told else [whole]


def _in_object(before: Mapping[str, JSON], after: Mapping[str, JSON], path: str) -> Iterator[dict[str, JSON]]:
    for name in before:
        here = f"{path}/{_escaped(name)}"
        if name not in after:
            yield {"op": "remove", "path": here}
        else:
            yield from _changes(before[name], after[name], here)
    for name in after:
        if name not in before:
            yield {"op": "add", "path": f"{path}/{_escaped(name)}", "value": after[name]}


def _in_list(before: list[JSON], after: list[JSON], path: str) -> Iterator[dict[str, JSON]]:
    """From the end to the start, so that a place is still the one of `before` when its turn comes."""
    for old, new in reversed(_blocks(before, after)):
        both = min(len(old), len(new))
        for place in reversed(old[both:]):
            yield {"op": "remove", "path": f"{path}/{place}"}
        for index in reversed(new[both:]):
            yield {"op": "add", "path": f"{path}/{old.start + both}", "value": after[index]}
        for place, index in reversed(list(zip(old[:both], new[:both], strict=True))):
            yield from _changes(before[place], after[index], f"{path}/{place}")


def _blocks(before: list[JSON], after: list[JSON]) -> list[tuple[range, range]]:
    """The runs of places that differ, in both lists."""
    if max(len(before), len(after)) > ALIGNED:
        return [(range(len(before)), range(len(after)))]
    texts = [canonical(item) for item in before], [canonical(item) for item in after]
    matcher = SequenceMatcher(None, *texts, autojunk=False)
    return [(range(i, j), range(k, m)) for tag, i, j, k, m in matcher.get_opcodes() if tag != "equal"]


def _done(document: JSON, op: str, parts: list[str], value: JSON) -> JSON:
    if not parts:
        if op == "remove":
            raise KeyError(op)
        return value
    target = document
    for part in parts[:-1]:
        target = target[int(part) if isinstance(target, list) else part]
    last = parts[-1]
    if isinstance(target, list):
        _in_place(target, op, len(target) if last == "-" else int(last), value)
    elif op == "remove":
        del target[last]
    elif op in ("add", "replace") and (op == "add" or last in target):
        target[last] = value
    else:
        raise KeyError(last)
    return document


def _in_place(target: list[JSON], op: str, place: int, value: JSON) -> None:
    if not 0 <= place <= len(target) - (op != "add"):
        raise IndexError(place)
    if op == "add":
        target.insert(place, value)
    elif op == "remove":
        del target[place]
    elif op == "replace":
        target[place] = value
    else:
        raise KeyError(op)


def _copy(value: JSON) -> JSON:
    if isinstance(value, Mapping):
        return {name: _copy(each) for name, each in value.items()}
    return [_copy(each) for each in value] if isinstance(value, list | tuple) else value


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _parts(path: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]
