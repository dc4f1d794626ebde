"""Making the demo: noted first, played on a stage, then shown by two short writes.

Killed anywhere in between it leaves a note without threads behind, and the
next `make_demo` or `reset_demo` takes away what there is first.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TypeAlias

from filelock import FileLock, Timeout
from sqlalchemy import delete, insert

from agents.adapters.workspace import free_folder, make_demo_files
from agents.clock import to_text
from agents.database import demo_file, demo_thread, writing
from agents.demo.acts import Scene
from agents.demo.scenes import scenes
from agents.demo.showing import show
from agents.demo.stage import stage
from agents.demo.standing import FOLDER, Standing, refusal_in, standing, standing_in
from agents.demo.taking import take_away
from agents.desk import Desk
from agents.domain import Who
from agents.errors import Busy, InvalidInput, SignoffError
from agents.people import Act, permitted

Progress: TypeAlias = Callable[[int, int, str], None]
"""Told (steps done, steps in all, what comes now)."""

Cast: TypeAlias = Callable[[str], Sequence[Scene]]
"""The scenes for a folder of this name in the workspace."""

STAGE = "demo-stage"


def make_demo(
    desk: Desk, *, actor: Who, progress: Progress = lambda done, total, text: None, cast: Cast = scenes
) -> tuple[str, ...]:
    """Fill an empty desk with the demo's threads; their ids.

    Raises InvalidInput when the desk is not empty, with what to do; Busy when the home cannot be written or another
    process makes one now; SignoffError when the workspace cannot be used; NotAllowed. In each case nothing of it is
    left.
    """
    name = permitted(desk, actor, Act.ADMINISTER)
    with only_one(desk):
        left = standing(desk)
        if left.cut_off:
            take_away(desk, left, actor=name)
        threads, made = _claim(desk, cast)
        try:
            _play(desk, threads, made, name, progress)
        except BaseException:
            with suppress(SignoffError):
                take_away(desk, standing(desk), actor=name)
            raise
    progress(len(threads) + 1, len(threads) + 1, "done")
    return made.threads


@contextmanager
def only_one(desk: Desk) -> Iterator[None]:
    """One process at a time makes or takes away a demo here. Raises Busy."""
    home = desk.settings.home
    lock = FileLock(home / "demo.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise Busy("Somebody makes the demo or takes it away right now. Look again in a moment.") from None
    except OSError as error:
        raise Busy(
            f"{home} cannot be written: {error.strerror}. Change its permissions or set SIGNOFF_HOME."
        ) from error
    try:
        yield
    finally:
        lock.release()


def _claim(desk: Desk, cast: Cast) -> tuple[list[tuple[Scene, str]], Standing]:
    """Note what will be made before any of it is; the scenes with their threads' ids. Raises InvalidInput."""
    source, at = desk.sources[0], to_text(desk.clock())
    with writing(desk.engine) as connection:
        refused = refusal_in(connection, desk)
        if refused:
            raise InvalidInput(refused)
        folder = _folder(desk)
        token = uuid.uuid4().hex[:4]
        threads = [(scene, f"demo-{token}-{scene.name}") for scene in cast(folder)]
        gone = [FOLDER] if source.path.exists() else [FOLDER, source.source_id]  # a new file is noted when it is made
        connection.execute(delete(demo_file).where(demo_file.c.source_id.in_(gone)))
        connection.execute(insert(demo_file).values(source_id=FOLDER, path=folder, made_at=at))
        rows = [{"source_id": source.source_id, "thread_id": thread_id, "made_at": at} for _, thread_id in threads]
        connection.execute(insert(demo_thread), rows)
        return threads, standing_in(connection, source.source_id)


def _folder(desk: Desk) -> str:
    """A name for the demo's folder. Makes the default workspace where it is missing, never one that is set."""
    workspace = desk.settings.workspace_path
    if desk.settings.workspace is None:
        try:
            workspace.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Busy(f"{workspace} cannot be made: {error.strerror}. Change its permissions.") from error
    return free_folder(workspace)


def _play(desk: Desk, threads: Sequence[tuple[Scene, str]], made: Standing, actor: str, progress: Progress) -> None:
    total = len(threads) + 1
    make_demo_files(desk.settings.workspace_path, made.folder or "", desk.clock())
    with stage(desk, desk.settings.home / STAGE) as played:
        for number, (scene, thread_id) in enumerate(threads):
            progress(number, total, scene.about)
            played.play(scene, thread_id)
        progress(total - 1, total, "putting it on the desk")
        show(desk, played.desk, made, actor=actor)
