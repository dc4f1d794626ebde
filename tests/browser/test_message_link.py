"""The link of a message opens its review and decides nothing, whatever program fetches it and how."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from agents.notifications import Item, Topic
from tests.browser import asking
from tests.browser.conftest import registered
from tests.desk_process import DeskProcess
from tests.notifications.telling import ALL, SECRET
from tests.web_server import WebServer

if TYPE_CHECKING:
    from playwright.sync_api import Page

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PATHS = ("/", "/inbox", "/board", "/history", "/start", "/batches", "/system", "/healthz")


def written(home: Path) -> dict[str, int]:
    """How many rows each table has that an answer to a question would write."""
    with closing(sqlite3.connect(home / "signoff.sqlite")) as connection:
        tables = ("decision", "opinion", "job", "claim", "effect")
        return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}


@pytest.mark.slow
def test_opening_the_link_of_a_message_decides_nothing(
    tmp_path: Path, desk_server: Callable[..., DeskProcess], page: Page
) -> None:
    home = tmp_path / "desk"
    graphs = registered(home)
    (home / "rules.toml").write_text(ALL)
    with WebServer() as server:
        env = {
            "SIGNOFF_RULES": str(home / "rules.toml"),
            "SIGNOFF_GRAPHS": str(graphs),
            "SIGNOFF_CHANNELS": f'{{"desk": "{server.url}"}}',
            "SIGNOFF_WEBHOOK_SECRET": SECRET,
        }
        desk = desk_server(home, env=env)
        asking.run(home / "checkpoints.sqlite", {"t1": {"ask": {"question": "Delete everything?"}}})
        assert server.arrived.wait(60)
        link = server.requests[0].data["data"]["link"]
    assert link.startswith(f"{desk.url}/review?thread=t1&pause="), "without SIGNOFF_URL it is where the desk listens"
    targets = [link, f"{link}&decision=approve&value=yes", *(f"{desk.url}{path}" for path in PATHS)]
    targets += [f"{desk.url}{Item(Topic.FAILED, 'x', 't1', None, '', '').link}"]
    with httpx.Client(timeout=30, follow_redirects=True) as client:
        for target in targets:
            for method in METHODS:
                client.request(method, target, json={"decision": "approve"} if method in METHODS[2:6] else None)
    page.goto(f"{link}&decision=approve")
    page.get_by_text("Delete everything?").first.wait_for()
    page.wait_for_timeout(1000)
    assert written(home) == {"decision": 0, "opinion": 0, "job": 0, "claim": 0, "effect": 0}
