from pathlib import Path

from agents.adapters.workspace import SAMPLE_TASK, Draft, Workspace, make_sample
from tests.workspaces import NOW, contents, put, tree_with_mtimes


def test_the_sample_has_something_to_delete_and_something_to_keep(tmp_path: Path) -> None:
    root = tmp_path / "home" / "ws"
    made = make_sample(root, NOW)
    (step,) = Workspace(root).dry_run([Draft("delete", pattern="**/*.log", older_than_days=30)], NOW).steps
    assert "older than 30 days" in SAMPLE_TASK
    assert 3 <= len(step.files) < made
    young = [path for path in contents(root) if path.endswith(".log") and path not in {f.path for f in step.files}]
    assert young
    assert len({Path(file.path).parent for file in step.files}) >= 3


def test_what_stands_there_is_never_touched(tmp_path: Path) -> None:
    put(tmp_path, "logs/web-server.log", "mine", 3)
    (tmp_path / "outside").mkdir()
    (tmp_path / "reports").symlink_to(tmp_path / "outside")
    (tmp_path / "notes").write_text("a file")
    make_sample(tmp_path, NOW)
    before = tree_with_mtimes(tmp_path)
    assert make_sample(tmp_path, NOW) == 0
    assert tree_with_mtimes(tmp_path) == before
    assert (tmp_path / "logs/web-server.log").read_text() == "mine"
    assert (tmp_path / "notes").read_text() == "a file"
    assert list((tmp_path / "outside").iterdir()) == []
