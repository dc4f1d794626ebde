"""File operations that cannot leave one folder.

Every path is walked name by name from the descriptor of the open workspace,
and no name may be a link: a link that is swapped in between a check and the
act is refused by the system call itself, not by the check.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from io import BufferedReader, BufferedWriter
from pathlib import Path

from agents.adapters.workspace.names import Parts, join, raw, split
from agents.errors import Busy, OutsideWorkspace, SignoffError

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: a pipe that took a file's place must not hang the run.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
_SIDE_FILES = ("", "-wal", "-shm", "-journal", ".lock")
LOCK_SECONDS = 10.0


@contextmanager
def open_folder(root: Path, protected: Sequence[Path] = (), *, identity: str | None = None) -> Iterator[Folder]:
    """The open workspace; `protected` are paths in it that plans may not touch.

    identity: of the folder that was approved. Raises SignoffError that says
    what to do when it is missing, no folder, or another one.
    """
    try:
        descriptor = os.open(os.path.realpath(root), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise SignoffError(_unavailable(root, error)) from error
    try:
        folder = Folder(root, descriptor, protected)
        if identity is not None and folder.identity != identity:
            raise SignoffError(f"Another folder stands at {root} than the one that the plan was approved for.")
        yield folder
    finally:
        os.close(descriptor)


def _unavailable(root: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"The workspace {root} does not exist. Make that folder, or set SIGNOFF_WORKSPACE to one that exists."
    if isinstance(error, NotADirectoryError):
        return f"The workspace {root} is not a folder. Set SIGNOFF_WORKSPACE to a folder."
    return f"The workspace {root} cannot be opened: {error.strerror}. Check its permissions or set SIGNOFF_WORKSPACE."


class Folder:
    """An open workspace. Paths are raw parts; `parts` checks what a person or a model wrote."""

    def __init__(self, root: Path, descriptor: int, protected: Sequence[Path] = ()) -> None:
        self.root = root
        self._descriptor = descriptor
        self._protected = tuple(_inside(root, protected))
        status = os.fstat(descriptor)
        self.device = status.st_dev
        self.identity = f"{status.st_dev}:{status.st_ino}"

    def parts(self, path: str) -> Parts:
        """The parts of a shown path. Raises OutsideWorkspace."""
        parts = split(path)
        if self.is_protected(parts):
            raise OutsideWorkspace(f"“{path}” belongs to Signoff itself, which plans leave alone.")
        return parts

    def is_protected(self, parts: Parts) -> bool:
        return any(_is_within(parts, own) for own in self._protected)

    @property
    def writable(self) -> bool:
        return os.access(".", os.W_OK | os.X_OK, dir_fd=self._descriptor)

    def open_directory(self, parts: Parts, *, make: bool = False) -> int:
        """A descriptor that the caller closes. Raises OSError for a link or a file on the way."""
        current = os.dup(self._descriptor)
        try:
            for name in parts:
                following = _enter(current, name, make)
                os.close(current)
                current = following
        except BaseException:
            os.close(current)
            raise
        return current

    @contextmanager
    def directory(self, parts: Parts, *, make: bool = False) -> Iterator[int]:
        descriptor = self.open_directory(parts, make=make)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def stat(self, parts: Parts) -> os.stat_result | None:
        """What stands there, a link as a link; None when nothing does."""
        try:
            with self.directory(parts[:-1]) as parent:
                return os.stat(parts[-1], dir_fd=parent, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def lift(self, source: Parts, target: Parts) -> None:
        """Rename into Signoff's own trash, where nobody else makes files."""
        with self.directory(source[:-1]) as old, self.directory(target[:-1], make=True) as new:
            os.rename(source[-1], target[-1], src_dir_fd=old, dst_dir_fd=new)

    def put(self, source: Parts, target: Parts) -> None:
        """Rename without ever replacing anything. Raises FileExistsError.

        A killed process may leave both names; they are then one file, and
        `settle_twins` finishes the job.
        """
        with self.directory(source[:-1]) as old, self.directory(target[:-1], make=True) as new:
            try:
                os.link(source[-1], target[-1], src_dir_fd=old, dst_dir_fd=new, follow_symlinks=False)
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise
                # A disk without hard links: the look and the rename are two calls here.
                if _exists(target[-1], new):
                    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from error
                os.rename(source[-1], target[-1], src_dir_fd=old, dst_dir_fd=new)
            else:
                os.unlink(source[-1], dir_fd=old)

    def settle_twins(self, spare: Parts, kept: Parts) -> bool:
        """If both names are one file (a `put` that was killed half way), drop `spare`; True if so."""
        try:
            one, two = self.stat(spare), self.stat(kept)
        except OSError:
            return False
        if one is None or two is None or not os.path.samestat(one, two):
            return False
        self.remove(spare)
        return True

    def remove(self, parts: Parts) -> None:
        """Unlink one of Signoff's own staged files; fine if it is gone."""
        try:
            with self.directory(parts[:-1]) as parent:
                os.unlink(parts[-1], dir_fd=parent)
        except FileNotFoundError:
            return

    @contextmanager
    def reading(self, parts: Parts) -> Iterator[BufferedReader]:
        """A regular file, open for reading. Raises OSError for anything else."""
        with self.directory(parts[:-1]) as parent:
            descriptor = os.open(parts[-1], _READ, dir_fd=parent)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(errno.EINVAL, "not a regular file")
            yield file

    @contextmanager
    def creating(self, parts: Parts, mode: int = 0o666) -> Iterator[BufferedWriter]:
        """A new file, on disk (fsync) when the block ends well. Raises FileExistsError."""
        with self.directory(parts[:-1], make=True) as parent:
            descriptor = os.open(parts[-1], _CREATE, mode, dir_fd=parent)
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                os.fsync(descriptor)
            os.fsync(parent)

    def open_log(self, parts: Parts) -> int:
        """A descriptor for reading and appending, that the caller closes."""
        with self.directory(parts[:-1], make=True) as parent:
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            return os.open(parts[-1], flags, 0o666, dir_fd=parent)

    def sha256(self, parts: Parts) -> str:
        with self.reading(parts) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def flush(self, directories: set[Parts]) -> None:
        """Put finished renames on disk; a folder that is gone by now has nothing to keep."""
        for parts in directories:
            try:
                with self.directory(parts) as descriptor:
                    os.fsync(descriptor)
            except OSError:
                continue

    @contextmanager
    def locked(self, parts: Parts, *, seconds: float = LOCK_SECONDS) -> Iterator[None]:
        """Only one process at a time inside. Raises Busy when another holds it too long."""
        descriptor = self.open_log(parts)
        try:
            _lock(descriptor, seconds)
            yield
        finally:
            os.close(descriptor)


def _lock(descriptor: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise Busy("Another process is still working on this thread's files. Try again in a moment.") from None
            time.sleep(0.05)


def _enter(parent: int, name: str, make: bool) -> int:
    try:
        return os.open(name, _DIRECTORY, dir_fd=parent)
    except FileNotFoundError:
        if not make:
            raise
    with suppress(FileExistsError):
        os.mkdir(name, dir_fd=parent)
    return os.open(name, _DIRECTORY, dir_fd=parent)


def _exists(name: str, directory: int) -> bool:
    try:
        os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _inside(root: Path, protected: Sequence[Path]) -> Iterator[Parts]:
    """The parts of those protected paths that lie in the workspace."""
    real = Path(os.path.realpath(root))
    for path in protected:
        inner = Path(os.path.realpath(path))
        if inner != real and inner.is_relative_to(real):
            yield inner.relative_to(real).parts


def _is_within(parts: Parts, own: Parts) -> bool:
    """True for a protected folder, what is in it, and a protected file with its side files."""
    if parts[: len(own) - 1] != own[:-1] or len(parts) < len(own):
        return False
    return any(parts[len(own) - 1] == own[-1] + side for side in _SIDE_FILES)


def reason_of(error: OSError) -> str:
    """Why the system refused, for a list of files that were left alone."""
    if error.errno in {errno.ELOOP, errno.ENOTDIR}:
        return "a link or a file stands where a folder was"
    if error.errno in {errno.EACCES, errno.EPERM}:
        return "permission was denied"
    if error.errno == errno.EROFS:
        return "the disk is read-only"
    if error.errno == errno.EXDEV:
        return "it is on another disk than the workspace's trash"
    if error.errno == errno.ENAMETOOLONG:
        return "its name or path is too long"
    return (error.strerror or "the system refused").lower()


__all__ = ["Folder", "join", "open_folder", "raw", "reason_of"]
