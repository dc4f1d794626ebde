"""Keeps Signoff's own modules out of sight in a child process: there `agents` is the graph's, or nobody's."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

OURS = ("agents", "pages", "dashboard")
"""The names of Signoff's own top modules."""


class _Hider:
    """Finds these names anywhere on the path but in Signoff's own folder, however that came to be on it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in OURS:
            return None
        for entry in sys.path:
            found = PathFinder.find_spec(name, [entry or "."])
            if found is not None and not is_ours(found, self._root):
                return found
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def hide(root: str) -> None:
    """root: the folder in which Signoff's own `agents` lies."""
    folder = Path(root).resolve()
    if not (folder / "langgraph").is_dir():  # a checkout, and not the place where everything is installed
        sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != folder]
    sys.meta_path.insert(0, _Hider(folder))


def is_ours(found: ModuleSpec, root: Path) -> bool:
    homes = [found.origin, *(found.submodule_search_locations or [])]
    own = [root / name for name in OURS]
    places = [Path(home).resolve() for home in homes if home and home not in ("built-in", "frozen")]
    return any(place.is_relative_to(each) or place == each.with_suffix(".py") for place in places for each in own)
