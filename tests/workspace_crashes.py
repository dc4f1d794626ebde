"""Kills a process at every instant of a step, or of its restoring, and goes on: `python -m tests.workspace_crashes OP FOLDER`.

An instant is each call that changes a folder or the step's log. A forked
child is sent SIGKILL right before its n-th one, for n = 1, 2, ... until a
child gets through; after each kill the step is run again in the parent. Prints one
line of JSON: how many kills there were, and every way in which the end
differed from an undisturbed run.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from agents.adapters.workspace import Draft, Step, Workspace
from tests.workspaces import bound, contents, do, make, tree_with_mtimes

FILES = {
    "logs/a.log": ("aaa", 40),
    "logs/b.log": ("bbbb", 50),
    "logs/deep/c.log": ("ccccc", 60),
    "notes/x.txt": ("old text", 70),
    "packed.zip": ("an old archive", 80),
}
DRAFTS = {
    "delete": Draft("delete", pattern="logs/**"),
    "move": Draft("move", pattern="logs/**", destination="kept/here"),
    "write": Draft("write", path="new/x.txt", content="new text"),
    "replace": Draft("write", path="notes/x.txt", content="new text"),
    "archive": Draft("archive", pattern="logs/**", destination="out/logs.zip"),
    "repack": Draft("archive", pattern="logs/**", destination="packed.zip"),
}
CALLS = {"rename", "link", "unlink", "mkdir", "write", "fsync"}


def killed_at(instant: int, act: Callable[[], object]) -> bool:
    """Run `act` in a child that dies before its `instant`-th change; False if it got through."""
    child = os.fork()
    if child == 0:
        seen = 0

        def watch(_frame: object, event: str, called: object) -> None:
            nonlocal seen
            if event == "c_call" and getattr(called, "__module__", "") == "posix" and called.__name__ in CALLS:
                seen += 1
                if seen == instant:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(watch)
        act()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0:
        return False
    if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
        raise SystemExit(f"the child ended otherwise: {status}")
    return True


def run(op: str, folder: Path) -> tuple[int, list[str]]:
    expected, step = _undisturbed(op, folder / "reference")
    wrong: list[str] = []
    instant = 0
    while True:
        instant += 1
        workspace, step = _fresh(op, folder / f"{op}-{instant}")
        if not killed_at(instant, lambda workspace=workspace, step=step: do(workspace, step)):  # type: ignore[misc]
            return instant - 1, wrong
        result = do(workspace, step, resumed=True)
        if (result.done, result.left, result.doubt) != (len(step.files), (), ()):
            wrong.append(f"{instant}: {result}")
        if _comparable(workspace, op) != expected:
            wrong.append(f"{instant}: {contents(workspace.root)}")


def run_restore(op: str, folder: Path) -> tuple[int, list[str]]:
    wrong: list[str] = []
    instant = 0
    while True:
        instant += 1
        workspace, step = _fresh(op, folder / f"restore-{op}-{instant}")
        before = tree_with_mtimes(workspace.root)
        do(workspace, step)
        if not killed_at(instant, lambda workspace=workspace: workspace.restore("thread-1")):  # type: ignore[misc]
            return instant - 1, wrong
        report = workspace.restore("thread-1")
        if report.left or tree_with_mtimes(workspace.root) != before:
            wrong.append(f"{instant}: {report} {contents(workspace.root)}")


def _fresh(op: str, root: Path) -> tuple[Workspace, Step]:
    workspace = make(root, FILES)
    (step,) = bound(workspace, DRAFTS[op])
    return workspace, step


def _undisturbed(op: str, root: Path) -> tuple[object, Step]:
    workspace, step = _fresh(op, root)
    do(workspace, step)
    return _comparable(workspace, op), step


def _comparable(workspace: Workspace, op: str) -> object:
    found = contents(workspace.root)
    trash = {path.relative_to(workspace.root) for path in (workspace.root / ".trash").rglob("*") if path.is_file()}
    return found, sorted(map(str, trash))


if __name__ == "__main__":
    run_one = run_restore if sys.argv[1].startswith("restore-") else run
    kills, failures = run_one(sys.argv[1].removeprefix("restore-"), Path(sys.argv[2]))
    print(json.dumps({"kills": kills, "wrong": failures}))
