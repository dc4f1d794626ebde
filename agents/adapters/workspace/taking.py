"""Taking one file away and putting it somewhere, so that any instant of it can be resumed.

Everything goes through the trash: a file is first renamed into it, looked at
there, and only then put where it belongs. What turns out to be another file
than the approved one is put back. A rename that replaces is never used
outside the trash.
"""

from __future__ import annotations

import os
import stat

from agents.adapters.workspace.folder import Folder, reason_of
from agents.adapters.workspace.names import Parts, join
from agents.adapters.workspace.steps import BoundFile, Replaced
from agents.errors import SignoffError


class LeftAlone(SignoffError):
    """The file was not touched (or was put back); the message is why."""


class InDoubt(SignoffError):
    """The disk does not tell whether it was done; the message is why."""


CHANGED = "it changed since it was approved"
GONE = "it is gone since it was approved"


def fits(status: os.stat_result, size: int, mtime_ns: int | None) -> bool:
    """Is this the approved file, by type, size and date?"""
    return stat.S_ISREG(status.st_mode) and status.st_size == size and mtime_ns in {None, status.st_mtime_ns}


def same_content(folder: Folder, parts: Parts, sha256: str | None) -> bool:
    return sha256 is None or folder.sha256(parts) == sha256


def take(folder: Folder, source: Parts, kept: Parts, bound: BoundFile | Replaced, *, begun: bool) -> None:
    """Move the approved file into the trash, or find that an earlier run did.

    Raises LeftAlone when it is another file or gone, InDoubt when an earlier
    run had begun and the file is now in neither place.
    """
    there = _recovered(folder, source, kept, bound)
    if there:
        return
    before = look(folder, source)
    if before is None:
        if begun:
            raise InDoubt("it is neither in its place nor in the trash")
        raise LeftAlone(GONE)
    if not fits(before, bound.size, bound.mtime_ns) or not _readable_same(folder, source, bound.sha256):
        raise LeftAlone(CHANGED)
    try:
        folder.lift(source, kept)
    except FileNotFoundError:
        raise LeftAlone(GONE) from None
    except OSError as error:
        raise LeftAlone(reason_of(error)) from error
    after = folder.stat(kept)
    # Another file may have slipped in between the look and the rename.
    if after is None or not os.path.samestat(before, after) or not fits(after, bound.size, bound.mtime_ns):
        put_back(folder, kept, source)
        raise LeftAlone(CHANGED)


def _recovered(folder: Folder, source: Parts, kept: Parts, bound: BoundFile | Replaced) -> bool:
    """Did an earlier run take the file? Undoes a taking that caught another file."""
    found = look(folder, kept)
    if found is None or folder.settle_twins(kept, source):
        return False
    if fits(found, bound.size, bound.mtime_ns):
        return True
    put_back(folder, kept, source)
    return False


def put_back(folder: Folder, kept: Parts, source: Parts) -> None:
    """Give a taken file its old name again. Raises LeftAlone if that is taken by now; it stays in the trash."""
    try:
        folder.put(kept, source)
    except OSError as error:
        why = "its place was taken meanwhile" if isinstance(error, FileExistsError) else reason_of(error)
        raise LeftAlone(f"it could not be put back ({why}) and is kept in {join(kept)}") from error


def put(folder: Folder, staged: Parts, target: Parts) -> None:
    """Put a file out of the trash into its place, never replacing. Raises LeftAlone.

    Also finishes a `put` that was killed between its two names.
    """
    try:
        if not folder.settle_twins(staged, target):
            folder.put(staged, target)
    except FileExistsError:
        raise LeftAlone(f"{join(target)} exists by now, and nothing is replaced without approval") from None
    except OSError as error:
        raise LeftAlone(f"{join(target)} cannot be made: {reason_of(error)}") from error


def look(folder: Folder, parts: Parts) -> os.stat_result | None:
    """What stands there. Raises LeftAlone when the way there is no longer one of plain folders."""
    try:
        return folder.stat(parts)
    except OSError as error:
        raise LeftAlone(reason_of(error)) from error


def _readable_same(folder: Folder, parts: Parts, sha256: str | None) -> bool:
    try:
        return same_content(folder, parts, sha256)
    except FileNotFoundError:
        raise LeftAlone(GONE) from None
    except OSError as error:
        raise LeftAlone(f"it cannot be read: {reason_of(error)}") from error
