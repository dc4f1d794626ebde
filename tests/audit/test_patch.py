"""A patch says what an edit changed, to the type; applied to what was shown it gives the edit."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest

from agents.audit import applied, patch
from agents.domain import canonical

LEAVES: list[Any] = [None, True, False, 0, 1, 1.0, -1, 1.5, 10**20, "", "1", "a/b", "m~n", "ü😀", "a longer text " * 5]
KEYS = ["a", "b", "a/b", "m~n", "~1", "", "0", "-", "ü"]


def document(chance: random.Random, depth: int) -> Any:
    kind = chance.random()
    if depth == 0 or kind < 0.35:
        return chance.choice(LEAVES)
    if kind < 0.65:
        return [document(chance, depth - 1) for _ in range(chance.randrange(6))]
    return {chance.choice(KEYS): document(chance, depth - 1) for _ in range(chance.randrange(5))}


def edited(chance: random.Random, value: Any) -> Any:
    """The same with a few things different."""
    if chance.random() < 0.15:
        return document(chance, 2)
    if isinstance(value, dict):
        made = {key: edited(chance, each) for key, each in value.items() if chance.random() > 0.1}
        return made | ({chance.choice(KEYS): document(chance, 1)} if chance.random() < 0.3 else {})
    if isinstance(value, list):
        made_list = [edited(chance, each) for each in value if chance.random() > 0.15]
        if chance.random() < 0.3:
            made_list.insert(chance.randrange(len(made_list) + 1), document(chance, 1))
        if chance.random() < 0.1:
            chance.shuffle(made_list)
        return made_list
    return value


@pytest.mark.parametrize("seed", range(20))
def test_a_patch_applied_gives_the_edit_exactly(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(40):
        before = document(chance, 4)
        after = edited(chance, before) if chance.random() < 0.8 else document(chance, 4)
        kept = copy.deepcopy(before)
        made = patch(before, after)
        assert canonical(applied(before, json.loads(json.dumps(made)))) == canonical(after)
        assert canonical(before) == canonical(kept), "what was shown stays as it is"
        assert made == [] if canonical(before) == canonical(after) else len(made) > 0


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": True}, [{"op": "replace", "path": "/a", "value": True}]),
        ({"a": 1}, {"a": 1.0}, [{"op": "replace", "path": "/a", "value": 1.0}]),
        ({"a": "text" * 9, "b": 2}, {"a": "text" * 9}, [{"op": "remove", "path": "/b"}]),
        ({"a": "text" * 9}, {"a": "text" * 9, "b/c": 2}, [{"op": "add", "path": "/b~1c", "value": 2}]),
        (["one", "two", "three" * 9], ["one", "three" * 9], [{"op": "remove", "path": "/1"}]),
        (["one" * 9, "two" * 9], ["one" * 9, "x", "two" * 9], [{"op": "add", "path": "/1", "value": "x"}]),
        ({"a": 1}, ["a"], [{"op": "replace", "path": "", "value": ["a"]}]),
        (None, None, []),
    ],
)
def test_it_is_as_small_as_a_person_would_write_it(before: Any, after: Any, expected: list[dict[str, Any]]) -> None:
    assert patch(before, after) == expected


def test_long_lists_are_compared_place_by_place_in_no_time() -> None:
    before = list(range(20_000))
    after = [*before[:5000], -1, *before[5001:], 7]
    assert patch(before, after) == [
        {"op": "add", "path": "/20000", "value": 7},
        {"op": "replace", "path": "/5000", "value": -1},
    ]


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": "/missing"},
        {"op": "replace", "path": "/missing", "value": 1},
        {"op": "add", "path": "/list/9", "value": 1},
        {"op": "remove", "path": "/list/-1"},
        {"op": "remove", "path": ""},
        {"op": "move", "path": "/list/0"},
        {"op": "add", "path": "/text/0", "value": 1},
        {"path": "/list/0"},
    ],
)
def test_an_operation_that_does_not_fit_is_refused(operation: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        applied({"list": [1], "text": "t"}, [operation])
