"""Behind a proxy that signs people in; and the desk of one person, on an address that others reach."""

from __future__ import annotations

import re
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.browser.conftest import Reviewer, ask, registered
from tests.desk_process import ROOT, DeskProcess, environment, free_port
from tests.header_proxy import proxy

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

SECRET = "what the proxy and the desk both know"
RULES = '[people]\n"ann@example.org".role = "reviewer"\n'


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    home, port = tmp_path_factory.mktemp("desk"), free_port()
    (home / "rules.toml").write_text(RULES)
    env = {
        "SIGNOFF_ACCOUNTS": "proxy",
        "SIGNOFF_PROXY_SECRET": SECRET,
        "SIGNOFF_RULES": str(home / "rules.toml"),
        "SIGNOFF_GRAPHS": str(registered(home)),
        "SIGNOFF_UNDO_SECONDS": "0",
    }
    started = DeskProcess.launch(home, port=port, env=env)
    yield started
    started.stop()


def test_whoever_the_proxy_names_decides_and_a_forged_header_reaches_nothing(
    browser: Browser, desk: DeskProcess
) -> None:
    ask(desk, "proxied", {"question": "Behind it?", "options": ["yes", "no"]})
    forged = {"X-Forwarded-User": "ann@example.org"}
    for headers in ({}, forged, {**forged, "X-Signoff-Proxy-Secret": "a guess of the same length, or not"}):
        assert _status(f"{desk.url}/", headers) == 403
        assert _handshake(f"ws://127.0.0.1:{desk.port}/_stcore/stream", headers) == 403
    right = {**forged, "X-Signoff-Proxy-Secret": SECRET}
    assert _status(f"{desk.url}/", right) == 200
    assert _handshake(f"ws://127.0.0.1:{desk.port}/_stcore/stream", right) == 101
    context = browser.new_context()
    context.set_default_timeout(30_000)
    with proxy(desk.port, right) as url:
        tab = Reviewer(context.new_page(), DeskProcess(url, 0, desk.home, desk.log, desk.process, {}))
        tab.open("proxied")
        tab.page.get_by_role("button", name="ann@example.org").wait_for()
        tab.page.get_by_role("radio", name="yes").click()
        tab.button("Send the answer")
        tab.sees("You answered this")
        context.close()
    with closing(sqlite3.connect(desk.home / "signoff.sqlite")) as database:
        assert database.execute("SELECT actor FROM decision").fetchall() == [("ann@example.org",)]


def test_a_desk_for_one_person_answers_nobody_on_the_network(tmp_path: Path) -> None:
    address = _own_address()
    if address is None:
        pytest.skip("This machine has no address besides loopback.")
    port, log = free_port(), tmp_path / "desk.log"
    command = [sys.executable, "-m", "uvicorn", "dashboard:app", "--host", "0.0.0.0", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(tmp_path), stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        _until_up(f"http://127.0.0.1:{port}/healthz")
        for path in ("", "healthz", "agent/threads", "_stcore/health"):
            assert _status(f"http://{address}:{port}/{path}", {}) == 403, path
            assert _status(f"http://{address}:{port}/{path}", {"Host": "localhost"}) == 403, path
        assert _handshake(f"ws://{address}:{port}/_stcore/stream", {}) == 403
        assert _handshake(f"ws://127.0.0.1:{port}/_stcore/stream", {}) == 101
        assert _status(f"http://127.0.0.1:{port}/", {"Host": "rebound.example"}) == 403
        assert _status(f"http://127.0.0.1:{port}/agent/threads", {"Host": "rebound.example"}) == 421
    finally:
        process.terminate()
        process.wait(30)


def test_an_address_that_others_reach_refuses_to_start_without_accounts(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.port", str(free_port())]
    done = subprocess.run(
        [*command, "--server.address", "0.0.0.0"],
        cwd=ROOT,
        env=environment(tmp_path),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert re.search(r"Signoff cannot start\. server\.address is 0\.0\.0\.0, where others could reach", done.stderr)


def _own_address() -> str | None:
    """An address of this machine that is not loopback; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        address = str(probe.getsockname()[0])
    return None if address.startswith("127.") else address


def _status(url: str, headers: Mapping[str, str]) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=dict(headers)), timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def _handshake(url: str, headers: Mapping[str, str]) -> int:
    """The status with which a websocket is answered; 101 where it is let in."""
    try:
        with connect(url, additional_headers=headers, subprotocols=["streamlit"]):  # type: ignore[list-item]
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


def _until_up(url: str) -> None:
    late = time.monotonic() + 60
    while time.monotonic() < late:
        try:
            if _status(url, {}) == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"Nothing answers at {url}")
