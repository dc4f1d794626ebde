"""An approved plan is carried out in the folder that its reviewer saw, or not at all."""

from __future__ import annotations

import os
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from agents.effects import EffectStatus
from agents.errors import SignoffError
from agents.graphs import plan_approval
from tests.plan_threads import LOGS, FakeWriter, plan_thread
from tests.workspaces import contents, make

FILES = {"a.log": ("aaa", 40), "sub/b.log": ("bb", 50), "keep.txt": ("keep", 99)}
PACK = {"op": "archive", "pattern": "big.txt", "destination": "old.zip"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two workspaces with the same files, dates included."""
    make(tmp_path / "ws", FILES)
    shutil.copytree(tmp_path / "ws", tmp_path / "copy")
    return tmp_path


def test_the_question_names_the_folder_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    with plan_thread(Path(), workspace="ws") as thread:
        question = thread.start()
        status = os.stat(folder / "ws")
        assert (question["workspace"], question["workspace_id"]) == (
            str(folder / "ws"),
            f"{status.st_dev}:{status.st_ino}",
        )


def test_an_approval_touches_no_other_workspace(folder: Path) -> None:
    with plan_thread(folder) as thread:
        first = thread.start()
    with plan_thread(folder, workspace="copy") as thread:
        again = thread.answer("approve")
        assert again["problem"] == (
            f"The workspace is not the one that the plan was shown for: it was {folder / 'ws'} and is {folder / 'copy'} "
            "now. Nothing was changed; look at it again."
        )
        assert (again["workspace"], again["revision"], again["previous"]) == (str(folder / "copy"), 2, first["plan"])
        assert again["plan_id"] != first["plan_id"]
        assert thread.effects == []
        assert set(contents(folder / "copy")) == set(contents(folder / "ws")) == set(FILES)
        assert thread.answer("perhaps")["problem"] is None  # said once
        assert thread.answer("approve")["status"] == "done"
    assert set(contents(folder / "copy")) == {"keep.txt"}
    assert set(contents(folder / "ws")) == set(FILES)


def test_a_folder_that_took_the_place_of_the_approved_one_is_left_alone(folder: Path) -> None:
    with plan_thread(folder) as thread:
        thread.start()
        (folder / "ws").rename(folder / "away")
        (folder / "copy").rename(folder / "ws")
        again = thread.answer("approve")
        assert f"another folder stands at {folder / 'ws'} now" in again["problem"]
        assert set(contents(folder / "ws")) == set(FILES)
        assert thread.answer("approve")["status"] == "done"


def test_files_that_a_reviewer_left_out_stay_out_of_the_new_dry_run(folder: Path) -> None:
    with plan_thread(folder) as thread:
        step = thread.start()["steps"][0]
    with plan_thread(folder, workspace="copy") as thread:
        again = thread.answer({"type": "edit", "steps": [{**step, "files": ["a.log"]}]})
        assert [file["path"] for file in again["steps"][0]["files"]] == ["a.log"]
        assert thread.answer("approve")["status"] == "done"
    assert set(contents(folder / "copy")) == {"sub/b.log", "keep.txt"}


@contextmanager
def files_no_larger_than(limit: int) -> Iterator[None]:
    """The system refuses to let a file grow beyond `limit` bytes, as a full disk would."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_plan_that_was_begun_is_finished_where_it_was_begun(tmp_path: Path) -> None:
    make(tmp_path / "ws", {"a.log": ("aaa", 40)})
    (tmp_path / "ws/big.txt").write_bytes(os.urandom(8_000_000))
    shutil.copytree(tmp_path / "ws", tmp_path / "copy")
    with plan_thread(tmp_path, FakeWriter(plans=((LOGS, PACK),))) as thread:
        thread.start()
        with files_no_larger_than(4_000_000), pytest.raises(SignoffError, match="continue the thread"):
            thread.answer("approve")
        assert [effect.status for effect in thread.effects] == [EffectStatus.DONE, EffectStatus.STARTED]
    with plan_thread(tmp_path, workspace="copy") as thread:
        with pytest.raises(SignoffError, match=r"begun in another workspace.*Put the old one back"):
            thread.go_on()
        assert set(contents(tmp_path / "copy")) == {"a.log", "big.txt"}
    with plan_thread(tmp_path) as thread:
        assert thread.go_on()["status"] == "done"
    assert set(contents(tmp_path / "ws")) == {"old.zip"}


def test_a_full_disk_keeps_the_thread_and_loses_nothing(tmp_path: Path) -> None:
    noise = os.urandom(8_000_000)
    make(tmp_path / "ws", {})
    (tmp_path / "ws/big.txt").write_bytes(noise)
    with plan_thread(tmp_path, FakeWriter(plans=((PACK,),))) as thread:
        thread.start()
        with files_no_larger_than(4_000_000), pytest.raises(SignoffError, match="continue the thread"):
            thread.answer("approve")
        assert (tmp_path / "ws/big.txt").read_bytes() == noise
        assert thread.go_on()["status"] == "done"
        assert [effect.status for effect in thread.effects] == [EffectStatus.DONE]
    assert set(contents(tmp_path / "ws")) == {"old.zip"}


def test_many_files_left_alone_are_named_up_to_five(tmp_path: Path) -> None:
    make(tmp_path / "ws", {f"{n}.log": ("x", 40) for n in range(8)})
    with plan_thread(tmp_path) as thread:
        thread.start()
        for n in range(7):
            (tmp_path / f"ws/{n}.log").unlink()
        text = thread.answer("approve")["text"]
    assert "7 files were left alone: 0.log (it is gone since it was approved), 1.log (" in text
    assert text.endswith("4.log (it is gone since it was approved) and 2 more.")


def test_one_file_stays_as_it_is(tmp_path: Path) -> None:
    make(tmp_path / "ws", {"a.log": ("x", 40)})
    with plan_thread(tmp_path) as thread:
        thread.start()
        text = thread.answer("reject")["text"]
    assert text == "The plan was rejected. Nothing was changed; its 1 file stays as it is."


def sample_run() -> tuple[Any, Any]:
    app = plan_approval.graph().compile(checkpointer=InMemorySaver())
    return app, {"configurable": {"thread_id": "t"}}


def test_the_default_workspace_is_made_when_it_is_needed(home: Path) -> None:
    app, config = sample_run()
    assert not (home / "workspace").exists()
    (asked,) = app.invoke(plan_approval.SAMPLE, config)["__interrupt__"]
    assert asked.value["workspace"] == str(home / "workspace")
    assert "matches no files" in " ".join([*asked.value["notes"], *asked.value["steps"][0]["notes"]])
    assert app.invoke(Command(resume={asked.id: "approve"}), config)["outcome"]["status"] == "done"


def test_a_workspace_that_is_set_and_missing_is_not_made(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNOFF_WORKSPACE", str(home / "disk"))
    app, config = sample_run()
    with pytest.raises(SignoffError, match=r"does not exist\. Make that folder, or set SIGNOFF_WORKSPACE"):
        app.invoke(plan_approval.SAMPLE, config)
    assert not (home / "disk").exists()
