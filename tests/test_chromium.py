"""The search for a browser: what is a browser that starts, and what is only a file of its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import chromium


def executable(path: Path, code: int) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\nexit {code}\n")
    path.chmod(0o755)
    return path


def test_a_launcher_without_its_browser_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable(tmp_path / "bin" / "chromium", 1)
    works = executable(tmp_path / "bin" / "google-chrome", 0)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert chromium.installed() == str(works)


def test_a_file_that_cannot_run_does_not_start(tmp_path: Path) -> None:
    file = tmp_path / "chromium"
    file.write_text("no program")
    file.chmod(0o755)
    assert not chromium.starts(str(file))


def test_the_page_fixture_drives_a_real_browser(page) -> None:
    page.set_content("<button onclick=\"this.textContent = 'Pressed'\">Press</button>")
    page.get_by_role("button").click()
    assert page.get_by_role("button").inner_text() == "Pressed"
