"""Which checkpointer file: a name that stays the same, and where it lies."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Source:
    """A checkpointer file. `source_id` is part of every key, so that several can stand in one inbox."""

    source_id: str
    path: Path


def source_for(path: Path, home: Path) -> Source:
    """The source of a file: named by its place in the home, else by its stem and a hash of its full path."""
    full = path.expanduser().resolve()
    root = home.expanduser().resolve()
    if full.is_relative_to(root) and full != root:
        return Source(full.relative_to(root).as_posix().removesuffix(".sqlite"), full)
    digest = hashlib.sha256(str(full).encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return Source(f"{full.stem}-{digest}", full)
