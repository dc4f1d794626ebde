"""Real folders for the workspace tests, and what is in them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from agents.adapters.workspace import Draft, Place, Step, StepResult, Workspace

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DAY = 86_400


def make(root: Path, files: Mapping[str, tuple[str, float]]) -> Workspace:
    """A workspace with files: path -> (content, age in days)."""
    root.mkdir(parents=True, exist_ok=True)
    for path, (content, age) in files.items():
        put(root, path, content, age)
    return Workspace(root)


def put(root: Path, path: str, content: str, age: float = 0) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    changed = NOW.timestamp() - age * DAY
    os.utime(file, (changed, changed))


def contents(root: Path) -> dict[str, str]:
    """Every file outside the trash, with its content."""
    found = {}
    for folder, folders, names in os.walk(root):
        if ".trash" in folders:
            folders.remove(".trash")
        for name in names:
            path = Path(folder, name)
            found[str(path.relative_to(root))] = path.read_bytes().decode("latin-1")
    return dict(sorted(found.items()))


def bound(workspace: Workspace, *drafts: Draft) -> list[Step]:
    """The steps as a reviewer would have approved them: through plain data and back."""
    found = workspace.dry_run(drafts, NOW)
    assert found.refused == ()
    return [Step.of(step.as_dict()) for step in found.steps]


def do(
    workspace: Workspace,
    step: Step,
    number: int = 1,
    *,
    thread_id: str = "thread-1",
    resumed: bool = False,
    answer: str | None = None,
) -> StepResult:
    place = Place(thread_id, "plan", number)
    return workspace.run_step(
        step,
        place,
        at="2026-11-22T12:00:00.000000Z",
        tell=lambda _text: None,
        resumed=resumed,
        answer=answer,  # type: ignore[arg-type]
    )


def tree_with_mtimes(root: Path) -> dict[str, tuple[int, int]]:
    return {path: ((root / path).stat().st_size, (root / path).stat().st_mtime_ns) for path in contents(root)}
