"""A plan's steps: as drafted, and as bound to exact files by the dry run.

Plain dicts at the edges (the graph's state, the payload, the manifest),
these frozen types inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from agents.clock import to_text
from agents.domain import JSON

DRAFT_FIELDS = (
    "op",
    "why",
    "pattern",
    "older_than_days",
    "newer_than_days",
    "larger_than_bytes",
    "smaller_than_bytes",
    "destination",
    "path",
    "content",
)
ACTING = ("delete", "move", "write", "archive")


@dataclass(frozen=True, slots=True)
class Draft:
    """One step as proposed. exclude: shown paths that the reviewer left out."""

    op: str
    why: str = ""
    pattern: str | None = None
    older_than_days: float | None = None
    newer_than_days: float | None = None
    larger_than_bytes: int | None = None
    smaller_than_bytes: int | None = None
    destination: str | None = None
    path: str | None = None
    content: str | None = None
    exclude: tuple[str, ...] = ()

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Draft:
        """From a dict with at least DRAFT_FIELDS' op; other keys are passed over."""
        fields = {name: data[name] for name in DRAFT_FIELDS if data.get(name) is not None}
        return cls(**fields, exclude=tuple(data.get("exclude") or ()))

    def as_dict(self) -> dict[str, JSON]:
        return {**asdict(self), "exclude": list(self.exclude)}


@dataclass(frozen=True, slots=True)
class Replaced:
    """The file that a write or an archive takes the place of, as it was when approved."""

    size: int
    mtime_ns: int
    sha256: str


@dataclass(frozen=True, slots=True)
class BoundFile:
    """One exact file. path, to: shown paths; size: bytes.

    sha256: of the content that is moved, archived or written; None where a
    file only goes to the trash. mtime_ns: None for a file that is written.
    replaces: for a write, what stands there now.
    """

    path: str
    size: int
    mtime_ns: int | None
    sha256: str | None = None
    to: str | None = None
    replaces: Replaced | None = None

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> BoundFile:
        replaces = data.get("replaces")
        return cls(
            path=data["path"],
            size=data["size"],
            mtime_ns=data["mtime_ns"],
            sha256=data.get("sha256"),
            to=data.get("to"),
            replaces=Replaced(**replaces) if replaces else None,
        )

    def as_dict(self) -> dict[str, JSON]:
        fields: dict[str, JSON] = {
            "path": self.path,
            "size": self.size,
            "mtime_ns": self.mtime_ns,
            "kind": "file",
            "sha256": self.sha256,
            "to": self.to,
        }
        if self.replaces is not None:
            fields["replaces"] = asdict(self.replaces)
        return fields


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something proposed that will not be done. step: the draft it came from, if a whole step fell."""

    path: str
    why: str
    step: Draft | None = None

    def as_dict(self) -> dict[str, JSON]:
        return {"path": self.path, "why": self.why, "step": self.step.as_dict() if self.step else None}


@dataclass(frozen=True, slots=True)
class Step:
    """One step bound to exact files. notes: sentences that warn.

    replaces: for an archive, the file that stands at its destination now.
    """

    draft: Draft
    sentence: str
    files: tuple[BoundFile, ...]
    notes: tuple[str, ...] = ()
    newest: BoundFile | None = None
    replaces: Replaced | None = None

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Step:
        """From `as_dict`'s shape: the payload's and the manifest's steps."""
        replaces = data.get("replaces")
        return cls(
            draft=Draft.of(data),
            sentence=data.get("sentence") or "",
            files=tuple(map(BoundFile.of, data["files"])),
            notes=tuple(data.get("notes") or ()),
            replaces=Replaced(**replaces) if replaces else None,
        )

    def as_dict(self) -> dict[str, JSON]:
        newest = self.newest
        return {
            **self.draft.as_dict(),
            "sentence": self.sentence,
            "files": [file.as_dict() for file in self.files],
            "total_files": len(self.files),
            "total_bytes": self.size,
            "newest": _dated(newest) if newest and newest.mtime_ns is not None else None,
            "notes": list(self.notes),
            "replaces": asdict(self.replaces) if self.replaces else None,
        }


def _dated(file: BoundFile) -> dict[str, JSON]:
    moment = datetime.fromtimestamp((file.mtime_ns or 0) / 1e9, UTC)
    return {"path": file.path, "mtime": to_text(moment), "mtime_ns": file.mtime_ns}
