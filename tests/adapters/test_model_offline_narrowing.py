"""What two patterns have in common."""

from __future__ import annotations

import itertools
import random

import pytest

from agents.adapters.model.offline.narrowing import common, covers, folded
from agents.adapters.workspace.patterns import matcher
from agents.errors import ModelError

COMMON = [
    ("**/*.log", "app/**/*", ["app/**/*.log"]),
    ("app/**/*.log", "app/old/**/*", ["app/old/**/*.log"]),
    ("*.log", "app/**/*", []),
    ("app/*.log", "cache/**/*", []),
    ("**/*.log", "**/*.csv", []),
    ("**/*", "**/.env", []),
    ("a*", "*.log", ["a*.log"]),
    ("ab*", "*bc", ["{abc,ab*bc}"]),
    ("**/*.{log,LOG}", "**/a*", ["**/a*.{LOG,log}"]),
    ("{reports/**/*,**/*r*}", "app/**/*", ["app/**/*r*"]),
    ("a[[]1].log", "*.log", ["a[[]1].log"]),
    ("inbox/**/*", "**/*.pdf", ["inbox/**/*.pdf"]),
]


@pytest.mark.parametrize(("left", "right", "expected"), COMMON)
def test_what_both_match(left: str, right: str, expected: list[str]) -> None:
    assert folded(common(left, right)) == expected


NAMES = ["a", "ab", "b", ".a", "aba"]
PATHS = ["/".join(path) for depth in (1, 2, 3) for path in itertools.product(NAMES, repeat=depth)]


def matched(*patterns: str) -> set[str]:
    return {path for pattern in patterns for path in PATHS if matcher(pattern)(path)}


@pytest.mark.slow
def test_it_is_exactly_what_both_match_for_any_patterns() -> None:
    choose = random.Random(1)
    parts = ["**", "*", "a*", "*b", "a", "?b", "*a*", "[ab]*", "{a,b*}"]
    some = 0
    for _ in range(600):
        left, right = ("/".join(choose.choices(parts, k=choose.randint(1, 3))) for _ in range(2))
        found = matched(*folded(common(left, right)))
        assert found == matched(left) & matched(right), (left, right)
        if covers(left, right):
            assert matched(right) <= matched(left), (left, right)
        some += bool(found)
    assert some > 100


def test_what_patterns_cannot_say_is_refused() -> None:
    with pytest.raises(ModelError, match="cannot combine"):
        common("[ab]", "[bc]")
    with pytest.raises(ModelError, match="alternatives"):
        common("{a,b}" * 7, "*")
    with pytest.raises(ModelError, match="255"):
        common("x" * 300, "*")
