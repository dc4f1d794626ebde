"""The project as a whole: lock, version, names, and what a quick command may import."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import agents
from tests.desk_process import environment

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
CODE = [*sorted((ROOT / "agents").rglob("*.py")), *sorted((ROOT / "pages").rglob("*.py")), ROOT / "dashboard.py"]
OWN = {"agents", "pages", "dashboard"}
HEAVY = ("langgraph", "langchain_core", "langchain_openai", "openai", "streamlit", "pandas")


def wanted() -> list[Requirement]:
    """Everything that pyproject.toml asks for, with its extras."""
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    return [Requirement(text) for group in groups for text in group]


def locked() -> dict[str, list[str]]:
    """The pinned versions by name; several where they differ by Python version."""
    found: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([a-z0-9._-]+)==([^\s;]+)", LOCK, flags=re.MULTILINE):
        found.setdefault(name, []).append(version)
    return found


def test_the_lock_names_no_address() -> None:
    assert re.findall(r"https?://|file:|--index", LOCK) == []


def test_every_pinned_version_has_a_hash() -> None:
    entries = re.split(r"^(?=[a-z0-9])", LOCK, flags=re.MULTILINE)[1:]
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert len(entries) > 50


@pytest.mark.parametrize("requirement", wanted(), ids=str)
def test_the_lock_is_in_step_with_what_the_project_asks_for(requirement: Requirement) -> None:
    versions = locked().get(requirement.name.lower(), [])
    assert versions, f"{requirement.name} is not in requirements.lock; CONTRIBUTING.md says how to write it"
    assert [version for version in versions if version not in requirement.specifier] == []


def test_the_version_is_said_once() -> None:
    assert PROJECT["version"] == agents.__version__


def test_modules_are_plain_nouns() -> None:
    forbidden = {"utils", "helpers", "core", "common", "manager", "base"}
    assert [path for path in CODE if forbidden & set(path.relative_to(ROOT).with_suffix("").parts)] == []


def test_listing_from_the_command_line_loads_no_graph_and_no_pages(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from agents.__main__ import main\n"
        "code = main(['list', '--json'])\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)\n"
        "raise SystemExit(code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "[]"
    assert done.stdout.strip() == "[]"


def test_everything_that_the_code_imports_is_asked_for() -> None:
    declared = {requirement.name.lower().replace("_", "-") for requirement in wanted()}
    distributions = packages_distributions()
    imported = {name for path in CODE for name in imports_of(path)} - set(sys.stdlib_module_names) - OWN
    missing = {
        name
        for name in imported
        if not {each.lower().replace("_", "-") for each in distributions.get(name, [])} & declared
    }
    assert missing == set()


def imports_of(path: Path) -> set[str]:
    """The top-level names that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.split(".")[0])
    return found
