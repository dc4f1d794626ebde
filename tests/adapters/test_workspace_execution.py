import os
import shutil
import stat
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pytest

from agents.adapters.workspace import Draft, Left, Place, Step, StepResult, Workspace
from agents.adapters.workspace.folder import open_folder
from agents.adapters.workspace.trash import locked_thread
from agents.errors import Busy, SignoffError
from tests.workspaces import bound, contents, do, make, put, tree_with_mtimes

FILES = {"a.log": ("aaa", 40), "b.log": ("bbbb", 50), "sub/c.log": ("c", 60), "keep.txt": ("keep", 10)}
DELETE = Draft("delete", pattern="**/*.log")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return make(tmp_path / "ws", FILES)


def one(workspace: Workspace, draft: Draft) -> Step:
    (step,) = bound(workspace, draft)
    return step


def trashed(workspace: Workspace, number: int = 1) -> dict[str, str]:
    return contents(workspace.root / ".trash" / "thread-1" / f"plan-{number:02d}" / "files")


def test_delete_goes_to_the_trash_and_comes_back(workspace: Workspace) -> None:
    before = tree_with_mtimes(workspace.root)
    step = one(workspace, DELETE)
    assert do(workspace, step) == StepResult(3, 8, (), ())
    assert contents(workspace.root) == {"keep.txt": "keep"}
    assert trashed(workspace) == {"a.log": "aaa", "b.log": "bbbb", "sub/c.log": "c"}
    assert workspace.restorable("thread-1") == 3
    report = workspace.restore("thread-1")
    assert (report.restored, report.left) == (("a.log", "b.log", "sub/c.log"), ())
    assert report.text == "Restored 3 files."
    assert tree_with_mtimes(workspace.root) == before
    assert workspace.restorable("thread-1") == 0
    again = workspace.restore("thread-1")
    assert (again.restored, again.already) == ((), report.restored)


def test_a_second_run_repeats_nothing(workspace: Workspace) -> None:
    step = one(workspace, DELETE)
    first = do(workspace, step)
    put(workspace.root, "a.log", "aaa", 40)  # a new file that looks exactly like the approved one
    assert do(workspace, step, resumed=True) == first
    assert (workspace.root / "a.log").exists()


def test_what_changed_or_went_or_came_since_is_left_alone(workspace: Workspace) -> None:
    step = one(workspace, DELETE)
    put(workspace.root, "a.log", "AAA", 39)
    (workspace.root / "b.log").unlink()
    put(workspace.root, "new.log", "n", 90)
    result = do(workspace, step)
    assert (result.done, result.size) == (1, 1)
    assert result.left == (
        Left("a.log", "it changed since it was approved"),
        Left("b.log", "it is gone since it was approved"),
    )
    assert contents(workspace.root) == {"a.log": "AAA", "keep.txt": "keep", "new.log": "n"}


def test_same_size_and_date_but_other_content_is_not_moved(workspace: Workspace) -> None:
    step = one(workspace, Draft("move", pattern="a.log", destination="old/"))
    put(workspace.root, "a.log", "xxx", 40)
    assert do(workspace, step).left == (Left("a.log", "it changed since it was approved"),)
    assert (workspace.root / "a.log").read_text() == "xxx"


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_another_kind_of_thing_in_its_place_is_left_alone(workspace: Workspace, tmp_path: Path, kind: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("aaa")
    step = one(workspace, Draft("archive", pattern="a.log", destination="x.zip"))
    file = workspace.root / "a.log"
    status = file.stat()
    file.unlink()
    if kind == "link":
        file.symlink_to(secret)
        os.utime(secret, ns=(status.st_atime_ns, status.st_mtime_ns))
    elif kind == "folder":
        file.mkdir()
    else:
        os.mkfifo(file)
    result = do(workspace, step)
    assert (result.done, len(result.left)) == (0, 1)
    assert secret.read_text() == "aaa"
    assert not (workspace.root / "x.zip").exists()


def test_a_folder_swapped_for_a_link_leads_nowhere(workspace: Workspace, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    shutil.copytree(workspace.root / "sub", outside)
    steps = bound(
        workspace,
        Draft("delete", pattern="sub/*.log"),
        Draft("move", pattern="a.log", destination="sub"),
        Draft("write", path="sub/new.txt", content="x"),
        Draft("archive", pattern="b.log", destination="sub/b.zip"),
    )
    shutil.rmtree(workspace.root / "sub")
    (workspace.root / "sub").symlink_to(outside)
    results = [do(workspace, step, number) for number, step in enumerate(steps, 1)]
    assert [(result.done, len(result.left)) for result in results] == [(0, 1)] * 4
    assert all("link" in result.left[0].why for result in results)
    assert contents(outside) == {"c.log": "c"}
    assert (workspace.root / "a.log").exists()
    assert (workspace.root / "b.log").exists()


def test_the_trash_as_a_link_is_refused_before_anything_is_touched(workspace: Workspace, tmp_path: Path) -> None:
    step = one(workspace, DELETE)
    (tmp_path / "elsewhere").mkdir()
    (workspace.root / ".trash").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SignoffError, match="so nothing was touched"):
        do(workspace, step)
    assert len(contents(workspace.root)) == 4
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_an_approved_plan_that_was_tampered_with_stays_inside(workspace: Workspace, tmp_path: Path) -> None:
    put(tmp_path, "out.log", "o", 1)
    data = one(workspace, Draft("delete", pattern="a.log")).as_dict()
    data["files"][0] |= {"path": "../out.log", "size": 1, "mtime_ns": (tmp_path / "out.log").stat().st_mtime_ns}
    result = do(workspace, Step.of(data))
    assert result.left[0].why.endswith("leaves the workspace through “..”.")
    assert (tmp_path / "out.log").exists()


def test_links_swapped_in_while_it_runs_never_lead_outside(tmp_path: Path) -> None:
    """A second process turns a folder into a link to outside and back, as fast as it can."""
    outside = tmp_path / "outside"
    workspace = make(tmp_path / "ws", {f"sub/{n}.log": ("x", 40) for n in range(300)})
    make(outside, {f"{n}.log": ("x", 40) for n in range(300)})
    before = tree_with_mtimes(outside)
    step = one(workspace, Draft("delete", pattern="sub/*.log"))
    swap = textwrap.dedent(f"""
        import os
        os.chdir({str(workspace.root)!r})
        os.symlink({str(outside)!r}, "link")
        print("ready", flush=True)
        while True:
            os.rename("sub", "real"); os.rename("link", "sub")
            os.rename("sub", "link"); os.rename("real", "sub")
    """)
    with subprocess.Popen([sys.executable, "-c", swap], stdout=subprocess.PIPE, text=True) as swapper:
        try:
            assert swapper.stdout is not None
            assert swapper.stdout.readline() == "ready\n"
            result = do(workspace, step)
        finally:
            swapper.kill()
    assert tree_with_mtimes(outside) == before
    assert result.done + len(result.left) == 300
    assert result.left  # the swapper did get in the way
    assert len(trashed(workspace)) == result.done


def test_a_move_and_back(workspace: Workspace) -> None:
    before = tree_with_mtimes(workspace.root)
    step = one(workspace, Draft("move", pattern="**/*.log", destination="old"))
    assert do(workspace, step).done == 3
    assert contents(workspace.root) == {
        "keep.txt": "keep",
        "old/a.log": "aaa",
        "old/b.log": "bbbb",
        "old/sub/c.log": "c",
    }
    assert workspace.restore("thread-1").left == ()
    assert tree_with_mtimes(workspace.root) == before


def test_a_move_never_replaces_what_appeared_since(workspace: Workspace) -> None:
    step = one(workspace, Draft("move", pattern="a.log", destination="old/"))
    put(workspace.root, "old/a.log", "theirs")
    (left,) = do(workspace, step).left
    assert "appeared since" in left.why
    assert contents(workspace.root)["a.log"] == "aaa"
    assert contents(workspace.root)["old/a.log"] == "theirs"


def test_a_write_keeps_the_old_file_and_its_mode(workspace: Workspace) -> None:
    (workspace.root / "keep.txt").chmod(0o640)
    before = tree_with_mtimes(workspace.root)
    step = one(workspace, Draft("write", path="keep.txt", content="näu"))
    assert do(workspace, step).done == 1
    assert (workspace.root / "keep.txt").read_text() == "näu"
    assert stat.S_IMODE((workspace.root / "keep.txt").stat().st_mode) == 0o640
    assert trashed(workspace) == {"keep.txt": "keep"}
    workspace.restore("thread-1")
    assert tree_with_mtimes(workspace.root) == before


def test_a_new_file_appeared_where_one_is_written(workspace: Workspace) -> None:
    step = one(workspace, Draft("write", path="new/n.txt", content="mine"))
    put(workspace.root, "new/n.txt", "theirs")
    assert do(workspace, step).done == 0
    assert contents(workspace.root)["new/n.txt"] == "theirs"


def test_a_written_over_file_that_changed_since_is_kept(workspace: Workspace) -> None:
    step = one(workspace, Draft("write", path="keep.txt", content="mine"))
    put(workspace.root, "keep.txt", "theirs")
    assert do(workspace, step).left == (Left("keep.txt", "it changed since it was approved"),)
    assert contents(workspace.root)["keep.txt"] == "theirs"


def test_an_archive_holds_exactly_the_approved_files(workspace: Workspace) -> None:
    step = one(workspace, Draft("archive", pattern="**/*.log", destination="old/logs"))
    put(workspace.root, "b.log", "changed", 1)
    put(workspace.root, "new.log", "n", 90)
    result = do(workspace, step)
    assert (result.done, result.left) == (2, (Left("b.log", "it changed since it was approved"),))
    with zipfile.ZipFile(workspace.root / "old/logs.zip") as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {"a.log": b"aaa", "sub/c.log": b"c"}
    assert set(contents(workspace.root)) == {"b.log", "keep.txt", "new.log", "old/logs.zip"}


def test_an_archive_whose_place_was_taken_touches_nothing(workspace: Workspace) -> None:
    step = one(workspace, Draft("archive", pattern="**/*.log", destination="logs.zip"))
    put(workspace.root, "logs.zip", "theirs")
    before = contents(workspace.root)
    result = do(workspace, step)
    assert (result.done, len(result.left)) == (0, 3)
    assert "the archive was not made" in result.left[0].why
    assert contents(workspace.root) == before


def test_an_archive_over_an_old_one_and_back(workspace: Workspace) -> None:
    put(workspace.root, "logs.zip", "old archive", 5)
    before = tree_with_mtimes(workspace.root)
    step = one(workspace, Draft("archive", pattern="**/*.log", destination="logs.zip"))
    assert do(workspace, step).done == 3
    assert zipfile.is_zipfile(workspace.root / "logs.zip")
    report = workspace.restore("thread-1")
    assert report.left == ()
    assert tree_with_mtimes(workspace.root) == before


def test_old_dates_and_odd_names_fit_into_an_archive(tmp_path: Path) -> None:
    workspace = make(tmp_path / "ws", {"ancient.log": ("x", 60 * 365)})
    with open(os.fsencode(workspace.root) + b"/caf\xe9.log", "wb") as file:
        file.write(b"y")
    step = one(workspace, Draft("archive", pattern="*.log", destination="a.zip"))
    assert do(workspace, step).done == 2
    with zipfile.ZipFile(workspace.root / "a.zip") as archive:
        assert sorted(archive.namelist()) == ["ancient.log", "caf\\xe9.log"]
    assert len(workspace.restore("thread-1").restored) == 2
    assert os.path.exists(os.fsencode(workspace.root) + b"/caf\xe9.log")


def test_names_that_are_not_utf8_are_deleted_and_restored(tmp_path: Path) -> None:
    workspace = make(tmp_path / "ws", {})
    name = os.fsencode(workspace.root) + b"/caf\xe9.log"
    with open(name, "wb") as file:
        file.write(b"x")
    assert do(workspace, one(workspace, Draft("delete", pattern="*.log"))).done == 1
    assert not os.path.exists(name)
    assert workspace.restore("thread-1").restored == ("caf\\xe9.log",)
    assert os.path.exists(name)


def test_restore_names_what_it_cannot_put_back(workspace: Workspace) -> None:
    steps = bound(workspace, Draft("delete", pattern="*.log"), Draft("write", path="keep.txt", content="new"))
    for number, step in enumerate(steps, 1):
        do(workspace, step, number)
    put(workspace.root, "a.log", "theirs")
    put(workspace.root, "keep.txt", "edited since")
    (workspace.root / ".trash/thread-1/plan-01/files/b.log").unlink()
    report = workspace.restore("thread-1")
    assert report.restored == ()
    assert [(left.path, left.why) for left in report.left] == [
        ("keep.txt", "keep.txt was changed since"),
        ("a.log", "a.log exists by now, and nothing is replaced without approval"),
        ("b.log", "it is no longer in the trash"),
    ]
    assert "3 files could not be restored" in report.text
    assert contents(workspace.root) == {"a.log": "theirs", "keep.txt": "edited since", "sub/c.log": "c"}
    (workspace.root / "a.log").unlink()
    assert workspace.restore("thread-1").restored == ("a.log",)


def test_steps_are_undone_last_first(workspace: Workspace) -> None:
    before = tree_with_mtimes(workspace.root)
    steps = bound(
        workspace,
        Draft("delete", pattern="b.log"),
        Draft("move", pattern="a.log", destination="b.log"),
        Draft("write", path="a.log", content="a new one"),
    )
    assert [do(workspace, step, number).done for number, step in enumerate(steps, 1)] == [1, 1, 1]
    assert workspace.restore("thread-1").left == ()
    assert tree_with_mtimes(workspace.root) == before


def test_restore_of_an_unknown_thread_makes_nothing(workspace: Workspace) -> None:
    assert "nothing to restore" in workspace.restore("../../etc").text
    assert not (workspace.root / ".trash").exists()


def test_a_forged_manifest_restores_nothing_outside(workspace: Workspace, tmp_path: Path) -> None:
    do(workspace, one(workspace, Draft("move", pattern="a.log", destination="old/")))
    manifest = workspace.root / ".trash/thread-1/plan-01/manifest.json"
    manifest.write_text(manifest.read_text().replace('"path": "a.log"', '"path": "../a.log"'))
    report = workspace.restore("thread-1")
    assert len(report.left) == 1
    assert not (tmp_path / "a.log").exists()


def test_a_thread_that_is_being_worked_on_is_busy(workspace: Workspace) -> None:
    step = one(workspace, DELETE)
    with open_folder(workspace.root) as folder:
        with (
            locked_thread(folder, "thread-1"),
            pytest.raises(Busy),
            folder.locked((".trash", "thread-1", "lock"), seconds=0),
        ):
            pass
        assert do(workspace, step, thread_id="thread-2").done == 3


def test_an_interrupted_file_in_neither_place_is_in_doubt(workspace: Workspace) -> None:
    step = one(workspace, DELETE)
    do(workspace, step)
    # As after a power cut that kept the manifest and lost the log's end.
    log = workspace.root / ".trash/thread-1/plan-01/log"
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:3]))
    (workspace.root / ".trash/thread-1/plan-01/files/b.log").unlink()
    doubtful = do(workspace, step, resumed=True)
    assert doubtful.doubt == (Left("b.log", "it is neither in its place nor in the trash"),)
    assert doubtful.done == 2
    assert do(workspace, step, resumed=True, answer="done") == StepResult(3, 8, (), ())


def test_doing_it_again_finds_it_gone(workspace: Workspace) -> None:
    step = one(workspace, DELETE)
    do(workspace, step)
    shutil.rmtree(workspace.root / ".trash")
    assert len(do(workspace, step, resumed=True).doubt) == 3
    again = do(workspace, step, resumed=True, answer="again")
    assert (again.done, {left.why for left in again.left}) == (0, {"it is gone since it was approved"})


def test_an_archive_whose_notes_are_lost_is_in_doubt(workspace: Workspace) -> None:
    step = one(workspace, Draft("archive", pattern="**/*.log", destination="logs.zip"))
    do(workspace, step)
    shutil.rmtree(workspace.root / ".trash")
    (doubt,) = do(workspace, step, resumed=True).doubt
    assert doubt.path == "logs.zip"
    assert do(workspace, step, resumed=True, answer="done").done == 3


def test_a_torn_last_line_of_the_log_is_passed_over(workspace: Workspace) -> None:
    step = one(workspace, DELETE)
    do(workspace, step)
    with (workspace.root / ".trash/thread-1/plan-01/log").open("ab") as log:
        log.write(b'{"i": 0, "s": "le')
    assert do(workspace, step, resumed=True) == StepResult(3, 8, (), ())
    assert len(workspace.restore("thread-1").restored) == 3


def test_a_workspace_without_write_permission(workspace: Workspace) -> None:
    """Run as an unprivileged user, since root may write anywhere."""
    script = textwrap.dedent(f"""
        import os, pathlib
        from agents.adapters.workspace import Draft, Workspace
        from agents.errors import SignoffError
        from tests.workspaces import NOW, do
        if os.getuid() == 0:
            os.setgroups([]); os.setgid(65534); os.setuid(65534)
        workspace = Workspace(pathlib.Path({str(workspace.root)!r}))
        found = workspace.dry_run([Draft("delete", pattern="*.log")], NOW)
        print(found.notes)
        try:
            do(workspace, found.steps[0])
        except SignoffError as error:
            print(error)
    """)
    for folder in (workspace.root, *workspace.root.parents):
        if folder == Path("/tmp"):
            break
        folder.chmod(0o755)
    workspace.root.chmod(0o555)
    try:
        finished = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, cwd=Path(__file__).parents[2]
        )
    finally:
        workspace.root.chmod(0o755)
    assert finished.returncode == 0, finished.stderr
    notes, refusal = finished.stdout.splitlines()
    assert "is read-only" in notes
    assert "cannot be written (Permission denied), so nothing was touched" in refusal
    assert len(contents(workspace.root)) == 4


@pytest.mark.slow
def test_ten_thousand_files_are_moved_and_come_back(tmp_path: Path) -> None:
    workspace = make(tmp_path / "ws", {f"logs/{n % 100}/{n}.log": ("x", 40) for n in range(10_000)})
    told: list[str] = []
    step = one(workspace, Draft("delete", pattern="**/*.log"))
    result = workspace.run_step(step, Place("big", "plan", 1), at="2026", tell=told.append)
    assert (result.done, result.left) == (10_000, ())
    assert len(told) <= 21
    assert told[-1] == "Moved 10,000 of 10,000 files to the trash"
    assert workspace.restorable("big") == 10_000
    assert len(workspace.restore("big").restored) == 10_000
    assert len(contents(workspace.root)) == 10_000


def test_a_restore_does_not_wait_for_a_run(workspace: Workspace) -> None:
    do(workspace, one(workspace, DELETE))
    busy = pytest.raises(Busy, match="still working")
    with open_folder(workspace.root) as folder, locked_thread(folder, "thread-1"), busy:
        workspace.restore("thread-1")
    assert len(workspace.restore("thread-1").restored) == 3
