"""A desk per module, and a reviewer who clicks and types in it."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from tests.browser import asking
from tests.desk_process import DeskProcess

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

UNDO_SECONDS = "2"
KEYS_READY = 600
"""Milliseconds after which a card that just appeared listens to keys."""

HOSTILE = (
    "# Big **bold** ![x](http://evil.example/x.png) [link](javascript:alert(1)) "
    "<img src=x onerror=alert(1)><script>alert(2)</script> :red[hello] ann@evil.example https://evil.example"
)
LESSON_MAIL = {
    "message": "Send this email?",
    "to": "ann@example.org",
    "subject": HOSTILE,
    "body": f"Hello,\n{HOSTILE}",
    "instructions": HOSTILE,
}


def ask(desk: DeskProcess, thread: str, question: object) -> None:
    asking.run(desk.home / "checkpoints.sqlite", {thread: {"ask": question}})


def registered(home: Path) -> Path:
    """A langgraph.json in the home that names the asking graphs."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / "langgraph.json"
    source = Path(asking.__file__)
    path.write_text(json.dumps({"graphs": {name: f"{source}:{name}" for name in asking.GRAPHS}}))
    return path


@contextmanager
def running(home: Path, **env: str) -> Iterator[DeskProcess]:
    settings = {
        "SIGNOFF_UNDO_SECONDS": UNDO_SECONDS,
        "SIGNOFF_BUSY_SECONDS": "2",
        "SIGNOFF_GRAPHS": str(registered(home)),
        **env,
    }
    desk = DeskProcess.launch(home, env=settings)
    try:
        yield desk
    finally:
        desk.stop()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    """One desk for all tests of a module; each uses threads of its own."""
    with running(tmp_path_factory.mktemp("desk")) as started:
        yield started


class Reviewer:
    """One tab, with the few things that a reviewer does."""

    def __init__(self, page: Page, desk: DeskProcess) -> None:
        self.page = page
        self.desk = desk
        self.problems: list[str] = []
        page.on("console", lambda said: self.problems.append(said.text) if "Content Security" in said.text else None)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("dialog", lambda dialog: (self.problems.append(f"dialog: {dialog.message}"), dialog.dismiss()))

    def go(self, path: str = "", **query: str) -> None:
        self.page.goto(f"{self.desk.url}/{path}{'?' + urlencode(query) if query else ''}")

    def open(self, thread: str) -> None:
        """Go to what a thread asks now; ready for keys."""
        self.go("review", thread=thread)
        self.page.wait_for_url(re.compile("pause="))
        self.page.locator(".st-key-bar").wait_for()
        self.page.wait_for_timeout(KEYS_READY)

    def press(self, key: str) -> None:
        self.page.locator("body").press(key)

    def sees(self, text: str | re.Pattern[str]) -> None:
        self.page.get_by_text(text).first.wait_for()

    def kept(self, words: str) -> None:
        """Wait until a draft holds these words: a reload before that would lose them."""
        late = time.monotonic() + 20
        with closing(sqlite3.connect(self.desk.home / "signoff.sqlite")) as database:
            while not any(words in fields for (fields,) in database.execute("SELECT fields FROM draft")):
                assert time.monotonic() < late
                time.sleep(0.05)

    def button(self, name: str | re.Pattern[str]) -> None:
        self.page.get_by_role("button", name=name).first.click()

    @property
    def checkpoints(self) -> Path:
        return self.desk.home / "checkpoints.sqlite"


@pytest.fixture
def reviewer(page: Page, desk: DeskProcess) -> Iterator[Reviewer]:
    from playwright.sync_api import expect

    expect.set_options(timeout=15_000)  # two files at a time on two cores: a page may take its time
    made = Reviewer(page, desk)
    yield made
    assert made.problems == []


@pytest.fixture
def second(browser: Browser, desk: DeskProcess) -> Iterator[Reviewer]:
    """Another tab in another browser, so another session."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(30_000)
    made = Reviewer(context.new_page(), desk)
    yield made
    context.close()
    assert made.problems == []
