"""Binding a file: its size, date and, where its content goes somewhere, its hash."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass

from agents.adapters.workspace.folder import Folder, reason_of
from agents.adapters.workspace.steps import BoundFile, Replaced
from agents.adapters.workspace.survey import Entry
from agents.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Binder:
    """Turns what the survey saw into what a person approves. Raises InvalidInput for what cannot be read."""

    folder: Folder

    def plain(self, entry: Entry) -> BoundFile:
        return BoundFile(entry.path, entry.size, entry.mtime_ns)

    def hashed(self, entry: Entry, to: str) -> BoundFile:
        seen = self.replaced(entry)
        return BoundFile(entry.path, seen.size, seen.mtime_ns, seen.sha256, to)

    def replaced(self, entry: Entry) -> Replaced:
        try:
            with self.folder.reading(self.folder.parts(entry.path)) as file:
                status = os.fstat(file.fileno())
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise InvalidInput(f"{entry.path} cannot be read: {reason_of(error)}.") from error
        return Replaced(status.st_size, status.st_mtime_ns, digest)

    def written(self, path: str, content: str, replaces: Replaced | None) -> BoundFile:
        try:
            data = content.encode("utf-8")
        except UnicodeEncodeError:
            raise InvalidInput(f"The text for {path} holds half a character and cannot be written.") from None
        return BoundFile(path, len(data), None, hashlib.sha256(data).hexdigest(), None, replaces)
