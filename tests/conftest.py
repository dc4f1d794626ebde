"""Fixtures for every test: a clean environment, a home, a real desk, a real browser."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

import agents  # noqa: F401  sets strict msgpack before anything imports langgraph
from tests import chromium
from tests.desk_process import DeskProcess
from tests.desk_process import free_port as a_free_port

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BROWSER = pytest.StashKey[str | None]()
DESKTOP = {"width": 1440, "height": 900}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Get the browser before the first test, so that no test's time limit pays for a download."""
    needing = [item for item in session.items if item.get_closest_marker("browser")]
    if not needing or session.config.option.collectonly:
        return
    with FileLock(Path(tempfile.gettempdir()) / "signoff-tests-browser.lock"):  # tests run side by side; one installs
        path = chromium.obtain(lambda sentence: print(f"\n{sentence}", flush=True))
    session.config.stash[BROWSER] = path
    if path is not None:
        return
    reason = "no Chromium or Chrome, and neither Playwright nor apt-get could install one"
    if os.environ.get("SIGNOFF_REQUIRE_BROWSER") == "1":
        pytest.exit(f"{len(needing)} browser tests cannot run: {reason}", returncode=1)
    for item in needing:
        item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the person who runs the tests reaches one."""
    for name in list(os.environ):
        if name.startswith(("SIGNOFF_", "OPENAI_")):
            monkeypatch.delenv(name)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that SIGNOFF_HOME points to."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("SIGNOFF_HOME", str(folder))
    return folder


@pytest.fixture
def free_port() -> int:
    """A TCP port of loopback that nobody listens on."""
    return a_free_port()


@pytest.fixture
def desk_server(tmp_path: Path) -> Iterator[Callable[..., DeskProcess]]:
    """desk_server(home=None, *, port=None, env=None) -> DeskProcess, up and healthy; stopped after the test.

    `env` adds settings such as {"SIGNOFF_UNDO_SECONDS": "0"}. Call it again
    with the same home and port to start a stopped or killed desk once more.
    """
    started: list[DeskProcess] = []

    def start(home: Path | None = None, **options: object) -> DeskProcess:
        desk = DeskProcess.launch(home or tmp_path / "desk", **options)  # type: ignore[arg-type]
        started.append(desk)
        return desk

    yield start
    for desk in started:
        desk.stop()


@pytest.fixture(scope="session")
def browser(pytestconfig: pytest.Config) -> Iterator[Browser]:
    """One headless Chromium for the whole run; a test opens contexts and pages in it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=pytestconfig.stash[BROWSER], headless=True, args=list(chromium.FLAGS)
        )
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of 1440x900 in a context of its own, so that no cookie or storage is shared."""
    context = browser.new_context(viewport=DESKTOP)  # type: ignore[arg-type]
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()
