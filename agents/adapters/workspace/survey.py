"""One look at everything in the workspace, links never followed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field

from agents.adapters.workspace.folder import Folder
from agents.adapters.workspace.names import TRASH, Parts, join

# A date that does not fit into 64 bits cannot be kept in a checkpoint.
_INT64 = 2**63


@dataclass(frozen=True, slots=True)
class Entry:
    """One regular file. path: shown, relative to the workspace; size: bytes."""

    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Survey:
    """All regular files by path, and what was passed over (shown paths)."""

    files: dict[str, Entry]
    folders: frozenset[str]
    links: tuple[str, ...] = ()
    special: tuple[str, ...] = ()
    other_disks: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()


@dataclass
class _Found:
    files: list[Entry] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    special: list[str] = field(default_factory=list)
    other_disks: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


def take_survey(folder: Folder) -> Survey:
    """Walk the workspace once. The trash and Signoff's own files are not part of it."""
    found = _Found()
    waiting: list[Parts] = [()]
    while waiting:
        waiting.extend(_look(folder, waiting.pop(), found))
    return Survey(
        files={entry.path: entry for entry in sorted(found.files, key=lambda entry: entry.path)},
        folders=frozenset(found.folders),
        links=tuple(sorted(found.links)),
        special=tuple(sorted(found.special)),
        other_disks=tuple(sorted(found.other_disks)),
        unreadable=tuple(sorted(found.unreadable)),
    )


def _look(folder: Folder, parts: Parts, found: _Found) -> Iterator[Parts]:
    """Note one folder's entries; yields its sub-folders."""
    try:
        with folder.directory(parts) as descriptor, os.scandir(descriptor) as entries:
            for entry in entries:
                inner = (*parts, entry.name)
                if (len(inner) == 1 and entry.name.casefold() == TRASH) or folder.is_protected(inner):
                    continue
                if _note(folder, entry, inner, found):
                    yield inner
    except OSError:
        found.unreadable.append(join(parts) or ".")


def _note(folder: Folder, entry: os.DirEntry[str], parts: Parts, found: _Found) -> bool:
    """Sort one entry into its list; True for a folder to look into."""
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return False
    path = join(parts)
    if stat.S_ISREG(status.st_mode) and abs(status.st_mtime_ns) < _INT64:
        found.files.append(Entry(path, status.st_size, status.st_mtime_ns))
    elif stat.S_ISDIR(status.st_mode):
        if status.st_dev == folder.device:
            found.folders.append(path)
            return True
        found.other_disks.append(path)
    else:
        (found.links if stat.S_ISLNK(status.st_mode) else found.special).append(path)
    return False
