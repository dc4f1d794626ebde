import os
from pathlib import Path

import pytest

from agents.adapters.workspace import Draft, DryRun, Step, Workspace
from agents.errors import SignoffError
from tests.workspaces import NOW, contents, make, put, tree_with_mtimes

FILES = {
    "logs/old.log": ("old", 40),
    "logs/new.log": ("new", 2),
    "logs/deep/older.log": ("older", 90),
    "notes/keep.txt": ("keep", 400),
    "big.bin": ("x" * 5000, 10),
}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return make(tmp_path / "ws", FILES)


def look(workspace: Workspace, *drafts: Draft, **options: int) -> DryRun:
    return workspace.dry_run(drafts, NOW, **options)


def paths(step: Step) -> list[str]:
    return [file.path for file in step.files]


def test_a_step_names_its_exact_files_and_changes_nothing(workspace: Workspace) -> None:
    before = tree_with_mtimes(workspace.root)
    (step,) = look(workspace, Draft("delete", pattern="**/*.log", older_than_days=30)).steps
    assert paths(step) == ["logs/deep/older.log", "logs/old.log"]
    found = step.as_dict()
    assert (found["total_files"], found["total_bytes"]) == (2, 8)
    assert found["newest"]["path"] == "logs/old.log"
    assert found["newest"]["mtime"].startswith("2026-10-13T")
    assert "2 files (8 bytes)" in step.sentence
    assert "to the trash" in step.sentence
    assert tree_with_mtimes(workspace.root) == before
    assert not (workspace.root / ".trash").exists()
    assert Step.of(found).files == step.files


def test_size_and_age_limits(workspace: Workspace) -> None:
    steps = look(
        workspace,
        Draft("find", pattern="**", larger_than_bytes=4999),
        Draft("find", pattern="**", larger_than_bytes=5000),
        Draft("find", pattern="**", smaller_than_bytes=4, newer_than_days=50),
    ).steps
    assert [paths(step) for step in steps] == [["big.bin"], [], ["logs/new.log", "logs/old.log"]]


def test_broad_recent_and_empty_matches_are_noted(workspace: Workspace) -> None:
    put(workspace.root, "logs/today.log", "t", 0.1)
    put(workspace.root, "logs/tomorrow.log", "t", -2)
    broad, recent, nothing, future = look(
        workspace,
        Draft("find", pattern="**/*"),
        Draft("delete", pattern="logs/today.log"),
        Draft("delete", pattern="*.nothing"),
        Draft("delete", pattern="logs/tomorrow.log"),
    ).steps
    assert "broad pattern" in broad.notes[0]
    assert "7 of 7 files" in broad.notes[0]
    assert "less than a day ago" in recent.notes[0]
    assert nothing.notes == ("No file matches.",)
    assert "in the future" in future.notes[0]


def test_more_than_half_of_everything_is_noted(workspace: Workspace) -> None:
    for number in range(10):
        put(workspace.root, f"logs/{number}.log", "x", 50)
    (step,) = look(workspace, Draft("delete", pattern="logs/*.log")).steps
    assert any("more than half" in note for note in step.notes)


def test_a_file_belongs_to_the_first_step_that_takes_it(workspace: Workspace) -> None:
    first, second, finding = look(
        workspace,
        Draft("delete", pattern="logs/old.log"),
        Draft("move", pattern="logs/*.log", destination="kept"),
        Draft("find", pattern="logs/*.log"),
    ).steps
    assert paths(first) == ["logs/old.log"]
    assert paths(second) == ["logs/new.log"]
    assert "already taken by step 1" in second.notes[0]
    assert len(finding.files) == 2


def test_a_move_keeps_the_folders_below_the_pattern(workspace: Workspace) -> None:
    (step,) = look(workspace, Draft("move", pattern="logs/**/*.log", destination="old/")).steps
    assert [file.to for file in step.files] == ["old/deep/older.log", "old/new.log", "old/old.log"]
    assert all(len(file.sha256 or "") == 64 for file in step.files)


def test_a_single_file_can_get_a_new_name(workspace: Workspace) -> None:
    (step,) = look(workspace, Draft("move", pattern="notes/keep.txt", destination="notes/kept.txt")).steps
    assert step.files[0].to == "notes/kept.txt"


def test_a_move_never_replaces_and_says_so(workspace: Workspace) -> None:
    put(workspace.root, "kept/old.log", "other", 1)
    found = look(workspace, Draft("move", pattern="logs/*.log", destination="kept"))
    assert paths(found.steps[0]) == ["logs/new.log"]
    assert [(refusal.path, "exists already" in refusal.why) for refusal in found.refused] == [("logs/old.log", True)]
    assert "1 file matched but cannot be moved" in found.steps[0].notes[0]


def test_two_files_for_one_place_are_not_both_moved(workspace: Workspace) -> None:
    found = look(
        workspace,
        Draft("move", pattern="logs/old.log", destination="kept"),
        Draft("move", pattern="big.bin", destination="kept/old.bin"),
        Draft("write", path="kept/old.log", content="mine"),
    )
    assert len(found.steps) == 2
    assert "Step 1 already puts a file" in found.refused[0].why


def test_a_place_that_an_earlier_step_leaves_is_free(workspace: Workspace) -> None:
    _, write = look(
        workspace, Draft("delete", pattern="notes/keep.txt"), Draft("write", path="notes/keep.txt", content="new")
    ).steps
    assert write.files[0].replaces is None


def test_a_write_tells_what_it_replaces(workspace: Workspace) -> None:
    fresh, over, same = look(
        workspace,
        Draft("write", path="notes/new.txt", content="é"),
        Draft("write", path="notes/keep.txt", content="other"),
        Draft("write", path="logs/new.log", content="new"),
    ).steps
    assert (fresh.files[0].size, fresh.files[0].replaces, fresh.notes) == (2, None, ())
    assert over.files[0].replaces is not None
    assert "exists (4 bytes" in over.notes[0]
    assert "goes to the trash" in over.sentence
    assert "exactly this text already" in same.notes[0]


def test_an_archive_names_its_zip_and_leaves_itself_out(workspace: Workspace) -> None:
    put(workspace.root, "logs/all.zip", "old zip", 1)
    (step,) = look(workspace, Draft("archive", pattern="logs/*", destination="logs/all")).steps
    assert paths(step) == ["logs/new.log", "logs/old.log"]
    assert {file.to for file in step.files} == {"logs/all.zip"}
    assert step.replaces is not None
    assert "originals go to the trash" in step.sentence


@pytest.mark.parametrize(
    ("draft", "why"),
    [
        (Draft("delete", pattern="../*"), "“..”"),
        (Draft("delete", pattern="/etc/*"), "absolute"),
        (Draft("delete", pattern="/etc/passwd"), "absolute"),
        (Draft("delete", pattern=".trash/**"), "trash"),
        (Draft("delete", pattern="a\\b.log"), "not a file name"),
        (Draft("delete"), "does not say which files"),
        (Draft("delete", pattern="*", older_than_days=float("nan")), "age or a size"),
        (Draft("delete", pattern="*", larger_than_bytes=-1), "age or a size"),
        (Draft("move", pattern="*", destination="../out"), "“..”"),
        (Draft("move", pattern="*", destination="/tmp"), "absolute"),
        (Draft("move", pattern="*", destination=".trash/x"), "trash"),
        (Draft("move", pattern="*"), "no destination"),
        (Draft("move", pattern="logs/*", destination="big.bin"), "is a file"),
        (Draft("archive", pattern="*", destination="../out.zip"), "“..”"),
        (Draft("archive", pattern="*", destination="./"), "does not name the archive"),
        (Draft("write", path="/etc/cron.d/x", content="x"), "absolute"),
        (Draft("write", path="logs", content="x"), "is a folder"),
        (Draft("write", path="big.bin/x", content="x"), "is a file"),
        (Draft("write", path="x.txt", content="\ud800"), "half a character"),
    ],
)
def test_what_is_unsafe_is_refused_with_a_reason(workspace: Workspace, draft: Draft, why: str) -> None:
    found = look(workspace, draft, Draft("find", pattern="big.bin"))
    assert [step.draft.op for step in found.steps] == ["find"]
    assert why in found.refused[0].why
    assert found.refused[0].as_dict()["step"]["op"] == draft.op


def test_links_are_never_followed(workspace: Workspace, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    put(outside, "secret.log", "s", 90)
    (workspace.root / "out").symlink_to(outside)
    (workspace.root / "logs/link.log").symlink_to(outside / "secret.log")
    found = look(
        workspace,
        Draft("delete", pattern="**/*.log", older_than_days=30),
        Draft("delete", pattern="out/secret.log"),
        Draft("write", path="out/new.txt", content="x"),
        Draft("write", path="logs/link.log", content="x"),
        Draft("move", pattern="big.bin", destination="out"),
    )
    assert paths(found.steps[0]) == ["logs/deep/older.log", "logs/old.log"]
    assert "1 link left alone" in found.steps[0].notes[0]
    assert found.steps[1].files == ()
    assert [refusal.path for refusal in found.refused] == ["out/new.txt", "logs/link.log", "big.bin"]
    assert all("link" in refusal.why for refusal in found.refused)


def test_pipes_and_hidden_files_are_left_alone(workspace: Workspace) -> None:
    os.mkfifo(workspace.root / "logs/pipe.log")
    put(workspace.root, ".env", "SECRET=1", 90)
    put(workspace.root, ".git/config", "x", 90)
    (step,) = look(workspace, Draft("delete", pattern="**/*", older_than_days=30)).steps
    assert paths(step) == ["logs/deep/older.log", "logs/old.log", "notes/keep.txt"]
    assert any("no ordinary file: logs/pipe.log" in note for note in step.notes)


def test_signoffs_own_files_in_the_workspace_are_protected(tmp_path: Path) -> None:
    root = tmp_path / "ws"
    make(
        root,
        {".signoff/signoff.sqlite": ("db", 90), "checkpoints.sqlite": ("c", 90), "checkpoints.sqlite-wal": ("w", 90)},
    )
    workspace = Workspace(root, (root / ".signoff", root / "checkpoints.sqlite"))
    found = look(
        workspace,
        Draft("delete", pattern="**/.*/**"),
        Draft("delete", pattern="*"),
        Draft("write", path=".signoff/x", content=""),
    )
    assert [step.files for step in found.steps] == [(), ()]
    assert "belongs to Signoff itself" in found.refused[0].why


def test_a_folder_as_pattern_means_its_files(workspace: Workspace) -> None:
    plain, slash = look(workspace, Draft("find", pattern="logs"), Draft("find", pattern="logs/")).steps
    assert paths(plain) == paths(slash) == ["logs/deep/older.log", "logs/new.log", "logs/old.log"]
    assert "is a folder" in plain.notes[0]


def test_files_that_a_reviewer_left_out_stay_out(workspace: Workspace) -> None:
    (step,) = look(workspace, Draft("delete", pattern="logs/*.log", exclude=("logs/old.log",))).steps
    assert paths(step) == ["logs/new.log"]
    assert "1 file left out, as asked." in step.notes


def test_what_a_writer_left_out_stays_out_in_any_case_and_in_hidden_folders(workspace: Workspace) -> None:
    for path in ("logs/SHOUT.LOG", "logs/shout.txt", "logs/.hidden/a.log", "logs/.hidden/a.txt"):
        put(workspace.root, path, "x", 50)
    without_logs, exact = look(
        workspace,
        Draft("find", pattern="logs/{**,.hidden}/*", exclude=("**/*.log",)),
        Draft("find", pattern="logs/[sS]*", exclude=("logs/shout.log",)),
    ).steps
    assert paths(without_logs) == ["logs/.hidden/a.txt", "logs/shout.txt"]
    assert paths(exact) == ["logs/SHOUT.LOG", "logs/shout.txt"]


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    workspace = make(tmp_path / "ws", {})
    with open(os.fsencode(workspace.root) + b"/caf\xe9.log", "wb") as file:
        file.write(b"x")
    (step,) = look(workspace, Draft("delete", pattern="*.log")).steps
    assert paths(step) == ["caf\\xe9.log"]
    (named,) = look(workspace, Draft("delete", pattern="caf\\xe9.log")).steps
    assert paths(named) == ["caf\\xe9.log"]
    assert workspace.listing() == ["caf\\xe9.log"]


def test_a_bound_on_the_number_of_files_is_stated(workspace: Workspace) -> None:
    (step,) = look(workspace, Draft("delete", pattern="**/*"), max_files=2).steps
    assert len(step.files) == 2
    assert any("5 files match" in note and "only the first" in note for note in step.notes)


def test_ten_thousand_files(tmp_path: Path) -> None:
    workspace = make(tmp_path / "ws", {f"logs/{n % 100}/{n}.log": ("x", 40) for n in range(10_000)})
    (step,) = look(workspace, Draft("delete", pattern="**/*.log", older_than_days=30)).steps
    assert len(step.files) == 10_000
    assert "10,000 files (10.0 kB)" in step.sentence
    listing = workspace.listing()
    assert len(listing) == 200
    assert len({path.split("/")[1] for path in listing}) > 50


@pytest.mark.parametrize("kind", ["missing", "file"])
def test_a_workspace_that_is_no_folder(tmp_path: Path, kind: str) -> None:
    root = tmp_path / "ws"
    if kind == "file":
        root.write_text("x")
    with pytest.raises(SignoffError, match=r"SIGNOFF_WORKSPACE") as caught:
        look(Workspace(root), Draft("find", pattern="*"))
    assert str(root) in str(caught.value)


def test_the_dry_run_reads_only(workspace: Workspace) -> None:
    before = contents(workspace.root)
    look(
        workspace, Draft("write", path="a/b/c.txt", content="x"), Draft("archive", pattern="**", destination="x/y.zip")
    )
    assert contents(workspace.root) == before
    assert not (workspace.root / "a").exists()
