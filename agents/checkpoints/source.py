"""Which checkpointer files: a name of each that stays the same, and where it lies."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.errors import SettingsError


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


def first_source(paths: Sequence[Path], home: Path) -> str:
    """The name of the file that takes new threads."""
    return source_for(paths[0], home).source_id


def sources_for(paths: Sequence[Path], home: Path) -> tuple[Source, ...]:
    """The sources of several files, in their order. Raises SettingsError when two of them are one."""
    found: list[Source] = []
    for path in paths:
        source = source_for(path, home)
        for known in found:
            if _same_file(known.path, source.path):
                raise SettingsError(
                    f"SIGNOFF_CHECKPOINTS names {_twice(path, source.path)} twice. Name each file once."
                )
            if known.source_id == source.source_id:
                raise SettingsError(
                    f"SIGNOFF_CHECKPOINTS: {known.path} and {source.path} would both be called {source.source_id} "
                    "here. Rename one of them, or move it out of the home."
                )
        found.append(source)
    return tuple(found)


def names_of(sources: Sequence[Source]) -> Mapping[str, str]:
    """A short name of each file for people, by source_id: as many of the path's last parts as tell it from the others."""
    return {source.source_id: _name(source.path, [each.path for each in sources]) for source in sources}


def _name(path: Path, paths: Sequence[Path]) -> str:
    others = [each for each in paths if each != path]
    for parts in range(1, len(path.parts)):
        tail = path.parts[-parts:]
        if all(each.parts[-parts:] != tail for each in others):
            return "/".join(tail)
    return str(path)


def _same_file(one: Path, other: Path) -> bool:
    """One place, or two names (hard links) of one file."""
    try:
        return one == other or os.path.samefile(one, other)
    except OSError:
        return False


def _twice(named: Path, full: Path) -> str:
    return f"the file {full}" if named.absolute() == full else f"the file {full} (as {named})"
