"""What two patterns have in common, as patterns: never a file that only one of them matches."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from functools import cache
from itertools import product, takewhile

from agents.errors import ModelError

_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")
_MOST = 64
_ITEM = re.compile(r"\[!?\]?[^\]]*\]|.", re.DOTALL)

Items = tuple[str, ...]
"""A name as its letters, `?`, `*` and classes, or a path as its names and `**`."""


def common(left: str, right: str) -> list[str]:
    """Patterns without braces that together match what both match; empty where nothing can.

    `**/*.log` and `app/**/*` -> `app/**/*.log`; `a*` and `*.log` -> `a*.log`.
    Raises ModelError where patterns cannot say it.
    """
    pairs = product(unfolded(left), unfolded(right))
    return _widest(["/".join(path) for a, b in pairs for path in _common_paths(_names(a), _names(b))])


def unfolded(pattern: str) -> list[str]:
    """The alternatives of the braces. Raises ModelError where there are too many."""
    done: list[str] = []
    waiting = [pattern]
    while waiting:
        each = waiting.pop(0)
        braces = _BRACES.search(each)
        if braces is None:
            done.append(each)
            continue
        waiting += [each[: braces.start()] + choice + each[braces.end() :] for choice in braces.group(1).split(",")]
        if len(waiting) + len(done) > _MOST:
            raise ModelError(f"“{pattern}” has more than {_MOST} alternatives. Ask for fewer kinds or names at once.")
    return done


def covers(wide: str, narrow: str) -> bool:
    """Whether what `narrow` matches is certainly matched by `wide` too."""
    return all(any(_path_covers(_names(one), _names(each)) for one in unfolded(wide)) for each in unfolded(narrow))


def folded(patterns: Iterable[str]) -> list[str]:
    """One pattern per folder: `a/x*.log` and `a/x*.LOG` -> `a/x*.{log,LOG}`."""
    folders: dict[str, list[str]] = {}
    for pattern in patterns:
        folder, slash, name = pattern.rpartition("/")
        folders.setdefault(folder + slash, []).append(name)
    return [folder + either(names) for folder, names in folders.items()]


def either(choices: Collection[str]) -> str:
    """The choices as one pattern, what they begin and end with written once."""
    unique = list(dict.fromkeys(choices))
    if len(unique) == 1:
        return unique[0]
    before = _begin(unique)
    rest = [each[len(before) :] for each in unique]
    after = _begin([each[::-1] for each in rest])[::-1]
    middle = [each[: len(each) - len(after)] for each in rest]
    return f"{before}{{{','.join(middle)}}}{after}"


def _begin(texts: Collection[str]) -> str:
    """What all begin with, up to a dot or a star: neither a word nor a class is cut in two."""
    shared = [letters[0] for letters in takewhile(lambda each: len(set(each)) == 1, zip(*texts, strict=False))]
    plain = re.split(r"[\[\]{}]", "".join(shared))[0]
    return plain[: max(plain.rfind("."), plain.rfind("*")) + 1]


def _names(pattern: str) -> Items:
    names = [name for name in pattern.split("/") if name not in {"", "."}]
    return (*names, "*") if names and names[-1] == "**" else tuple(names)


def _common_paths(left: Items, right: Items) -> set[Items]:
    return _common(left, right, "**", _common_names, lambda name: not name.startswith("."))


@cache
def _common_names(left: str, right: str) -> frozenset[str]:
    if left.startswith(".") != right.startswith("."):
        return frozenset()  # a wildcard never matches a leading dot
    found = _common(_letters(left), _letters(right), "*", _common_letters, lambda _: True)
    return frozenset(_widest([re.sub(r"\*+", "*", "".join(letters)) for letters in found], _name_covers))


def _letters(name: str) -> Items:
    if len(name) > 255:
        raise ModelError("The offline rules cannot use this text: no file has a name of more than 255 letters.")
    return tuple(_ITEM.findall(name))


def _common_letters(left: str, right: str) -> frozenset[str]:
    if left == right or right == "?":
        return frozenset({left})
    if left == "?":
        return frozenset({right})
    if len(left) == 1 and len(right) == 1:
        return frozenset()
    single, letters = (left, right) if len(left) == 1 else (right, left)
    if len(single) > 1:
        raise ModelError(f"The offline rules cannot combine {left} and {right}. Use names without brackets.")
    inside = re.fullmatch(f"[{_class(letters)}]", single) is not None
    return frozenset({single}) if inside else frozenset()


def _class(letters: str) -> str:
    body = letters[1:-1].replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return f"^{body[1:]}" if body.startswith("!") else body.replace("^", "\\^", 1) if body.startswith("^") else body


def _common(
    left: Items,
    right: Items,
    star: str,
    one: Callable[[str, str], Collection[str]],
    taken_by_star: Callable[[str], bool],
) -> set[Items]:
    @cache
    def meet(i: int, j: int) -> frozenset[Items]:
        a, b = left[i : i + 1], right[j : j + 1]
        if not a and not b:
            return frozenset({()})
        if a == b == (star,):
            return _put(star, meet(i + 1, j) | meet(i, j + 1), star)
        if a == (star,):
            return meet(i + 1, j) | (_put(b[0], meet(i, j + 1), star) if b and taken_by_star(b[0]) else frozenset())
        if b == (star,):
            return meet(i, j + 1) | (_put(a[0], meet(i + 1, j), star) if a and taken_by_star(a[0]) else frozenset())
        if not a or not b:
            return frozenset()
        return frozenset(path for each in one(a[0], b[0]) for path in _put(each, meet(i + 1, j + 1), star))

    return set(meet(0, 0))


def _put(item: str, rest: frozenset[Items], star: str) -> frozenset[Items]:
    if len(rest) > 50 * _MOST:
        raise ModelError("These names can be combined in too many ways. Say fewer things about the name at once.")
    return frozenset(each if each[:1] == (item,) == (star,) else (item, *each) for each in rest)


def _widest(patterns: list[str], wider: Callable[[str, str], bool] | None = None) -> list[str]:
    """Without those that another one covers; in a fixed order."""
    test = wider or (lambda wide, narrow: _path_covers(_names(wide), _names(narrow)))
    unique = sorted(dict.fromkeys(patterns), key=lambda each: (len(each), each))
    kept = [
        each
        for each in unique
        if not any(other != each and test(other, each) and not (test(each, other) and each < other) for other in unique)
    ]
    if len(kept) > _MOST:
        raise ModelError("These names can be combined in too many ways. Say fewer things about the name at once.")
    return kept


def _path_covers(wide: Items, narrow: Items) -> bool:
    return _covers(wide, narrow, "**", _name_covers)


@cache
def _name_covers(wide: str, narrow: str) -> bool:
    if wide.startswith(".") != narrow.startswith("."):
        return False
    return _covers(_letters(wide), _letters(narrow), "*", lambda a, b: a == b or (a == "?" and b != "*"))


def _covers(wide: Items, narrow: Items, star: str, one: Callable[[str, str], bool]) -> bool:
    @cache
    def holds(i: int, j: int) -> bool:
        if i == len(wide):
            return j == len(narrow)
        if wide[i] == star:
            taken = j < len(narrow) and not (star == "**" and narrow[j].startswith("."))
            return holds(i + 1, j) or (taken and holds(i, j + 1))
        return j < len(narrow) and narrow[j] != star and one(wide[i], narrow[j]) and holds(i + 1, j + 1)

    return holds(0, 0)
