"""A file made to do harm, on every page in a real browser: nothing runs, nothing leaves the host, every page can be used."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from tests import hostile
from tests.browser.conftest import running
from tests.desk_process import DeskProcess

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request

SECONDS = 3.0
"""No page may take longer to be read and usable, also on 5 MB."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    home = tmp_path_factory.mktemp("hostile")
    hostile.build(home / "checkpoints.sqlite", home / "flag")
    with running(home) as started:
        yield started


@contextmanager
def watched(page: Page, desk: DeskProcess) -> Iterator[None]:
    """Fails when script of the file ran, something was fetched from elsewhere, or code of it was run."""
    wrong: list[str] = []

    def look(request: Request) -> None:
        if not request.url.startswith((desk.url, "data:", "blob:")):
            wrong.append(f"request: {request.url}")

    page.on("request", look)
    page.on("dialog", lambda dialog: (wrong.append(f"script: {dialog.message}"), dialog.dismiss()))
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
    yield
    assert page.locator("[data-testid=stException]").count() == 0, page.locator(
        "[data-testid=stException]"
    ).first.inner_text()
    assert wrong == []
    assert not (desk.home / "flag").exists()


def go(page: Page, desk: DeskProcess, path: str, ready: str, **query: str) -> float:
    """Open a page; the seconds until it can be used."""
    began = time.monotonic()
    page.goto(f"{desk.url}/{path}{'?' + urlencode(query) if query else ''}")
    page.locator(ready).first.wait_for()
    return time.monotonic() - began


def threads() -> list[str]:
    """Every id, payload and schema; of the odd rows, which look alike on a page, some of each sort."""
    sorts = (hostile.records(Path("flag")), hostile.blobs(), hostile.METADATA, hostile.STATES)
    rows = [name for sort in sorts for name in list(sort)[::4]]
    return [*hostile.THREADS.values(), *hostile.payloads(), *hostile.schemas(), *rows, "id-absurd", "id-late", "orphan"]


@pytest.mark.slow
@pytest.mark.parametrize("path", ["", "board", "batches", "start", "history"])
def test_a_page_of_all(page: Page, desk: DeskProcess, path: str) -> None:
    with watched(page, desk):
        go(page, desk, path, ".st-key-head")
        page.wait_for_timeout(1000)
        assert go(page, desk, path, ".st-key-head") < SECONDS
        page.wait_for_timeout(500)


@pytest.mark.slow
def test_a_mark_that_turns_text_around_is_named(page: Page, desk: DeskProcess) -> None:
    with watched(page, desk):
        go(page, desk, "review", "[class*=st-key-led-]", thread="odd-text")
        page.get_by_text("rtl⟨U+202E⟩gnp.exe").first.wait_for()
        page.get_by_text("What led here").first.click()
        page.get_by_text("nul␀ bell␇ esc␛[2J").first.wait_for()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_review_and_every_story(page: Page, desk: DeskProcess) -> None:
    slow = []
    with watched(page, desk):
        for thread in threads():
            took = go(page, desk, "review", "[class*=st-key-led-]", thread=thread)
            large = thread in hostile.large()
            for _ in range(2 if large and took > SECONDS else 0):  # the machine may have been busy
                took = min(took, go(page, desk, "review", "[class*=st-key-led-]", thread=thread))
            if large and took > SECONDS:
                slow.append((thread[:40], round(took, 1)))
            page.get_by_text("What led here").first.click()
            page.locator(".so-step, .so-talk").or_(page.get_by_text("keeps no earlier steps")).first.wait_for()
            assert page.locator("[data-testid=stException]").count() == 0, thread
            if thread in hostile.THREADS.values():
                go(page, desk, "history", ".st-key-head", thread=thread)
                assert page.locator("[data-testid=stException]").count() == 0, thread
    assert slow == []
