"""Packing approved files into a zip, staged in the trash until it is whole."""

from __future__ import annotations

import hashlib
import os
import time
import zipfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO

from agents.adapters.workspace.folder import Folder, reason_of
from agents.adapters.workspace.names import Parts
from agents.adapters.workspace.steps import BoundFile
from agents.adapters.workspace.taking import CHANGED, GONE, fits
from agents.errors import OutsideWorkspace

_CHUNK = 1 << 20
_ZIP64 = 1 << 31


@dataclass(frozen=True, slots=True)
class Built:
    """packed: indexes in the archive; left: index -> why it is not; sha256, size: of the zip."""

    packed: list[int]
    left: dict[int, str]
    sha256: str
    size: int


class _Unfit(Exception):
    """Seen before a byte of the file was packed."""


class _Void(Exception):
    """Seen when part of the file was packed already."""


def build(folder: Folder, files: Sequence[BoundFile], staged: Parts) -> Built:
    """Write the zip, whole and on disk. Files that are not as approved are left out of it."""
    left: dict[int, str] = {}
    while True:
        packed = _write(folder, files, staged, left)
        if packed is not None:
            break
    status = folder.stat(staged)
    return Built(packed, left, folder.sha256(staged), status.st_size if status else 0)


def _write(folder: Folder, files: Sequence[BoundFile], staged: Parts, left: dict[int, str]) -> list[int] | None:
    """One try. None: a file changed under our hands (it is in `left` now), so what is written is void."""
    folder.remove(staged)
    packed = []
    with folder.creating(staged) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for index, file in enumerate(files):
            if index in left:
                continue
            try:
                _add(folder, file, archive)
            except _Void as error:
                left[index] = str(error)
                return None
            except (_Unfit, OutsideWorkspace) as error:
                left[index] = str(error)
            else:
                packed.append(index)
    return packed


def _add(folder: Folder, file: BoundFile, archive: zipfile.ZipFile) -> None:
    with ExitStack() as stack:
        try:
            source = stack.enter_context(folder.reading(folder.parts(file.path)))
        except FileNotFoundError:
            raise _Unfit(GONE) from None
        except OSError as error:
            raise _Unfit(f"it cannot be read: {reason_of(error)}") from error
        status = os.fstat(source.fileno())
        if not fits(status, file.size, file.mtime_ns):
            raise _Unfit(CHANGED)
        with archive.open(_info(file, status), "w", force_zip64=file.size >= _ZIP64) as target:
            if _copy(source, target) != file.sha256:
                raise _Void(CHANGED)


def _info(file: BoundFile, status: os.stat_result) -> zipfile.ZipInfo:
    # Zip dates are local time from 1980 to 2107.
    moment = time.localtime(min(max(status.st_mtime, 315_619_200), 4_354_732_800))[:6]
    info = zipfile.ZipInfo(file.path, moment)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = (status.st_mode & 0xFFFF) << 16
    info.file_size = file.size
    return info


def _copy(source: IO[bytes], target: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := _read(source):
        digest.update(chunk)
        target.write(chunk)
    return digest.hexdigest()


def _read(source: IO[bytes]) -> bytes:
    # Told apart from an error while writing the archive, such as a full disk.
    try:
        return source.read(_CHUNK)
    except OSError as error:
        raise _Void(f"it cannot be read: {reason_of(error)}") from error
