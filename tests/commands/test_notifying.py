"""`signoff notifications` and what `signoff doctor` says of channels."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.__main__ import main
from agents.runs.telling import tell
from tests.browser import asking
from tests.desk_process import free_port
from tests.notifications.telling import ALL, SECRET, Ahead, journal, send, telling_desk
from tests.web_server import WebServer


@pytest.fixture(scope="module")
def server() -> Iterator[WebServer]:
    with WebServer() as running:
        yield running


@pytest.fixture
def here(home: Path, server: WebServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose environment has a channel and rules that use it."""
    (home / "rules.toml").write_text(ALL)
    monkeypatch.setenv("SIGNOFF_RULES", str(home / "rules.toml"))
    monkeypatch.setenv(
        "SIGNOFF_CHANNELS", json.dumps({"desk": server.url, "nobody": f"http://127.0.0.1:{free_port()}"})
    )
    monkeypatch.setenv("SIGNOFF_WEBHOOK_SECRET", SECRET)
    server.requests.clear()
    return home


def test_what_failed_is_listed_and_sent_again(
    here: Path, server: WebServer, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = Ahead()
    desk = telling_desk(here, clock, {"desk": server.url})
    try:
        tell(desk)
        asking.run(here / "checkpoints.sqlite", {"t1": {"ask": "Go on\x1b[2J?"}})
        tell(desk)
        server.answers.append(410)
        send(desk, clock)
        assert main(["notifications"]) == 0
        listed = capsys.readouterr().out
        assert "did not arrive  to role:reviewer by channel desk: New question to review: Go on" in listed
        assert "\x1b" not in listed
        assert "S3CRET" not in listed
        assert main(["notifications", "--json"]) == 0
        (found,) = json.loads(capsys.readouterr().out)
        assert found["status"] == "failed"
        assert main(["doctor"]) == 0
        assert "1 message did not go through" in capsys.readouterr().out
        assert main(["notifications", "--retry", found["message_id"], "--actor", "ann"]) == 0
        assert "A worker sends it again" in capsys.readouterr().out
        assert [row["status"] for row in journal(desk)] == ["waiting"]
    finally:
        desk.close()
    assert main(["notifications"]) == 0
    assert "Every message went through" in capsys.readouterr().out
    assert main(["notifications", "--dismiss", "msg_x"]) == 2
    capsys.readouterr()
    assert main(["notifications", "--retry", "msg_x"]) == 2
    assert "No message msg_x" in capsys.readouterr().err


def test_with_accounts_it_needs_a_token(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIGNOFF_ACCOUNTS", "proxy")
    monkeypatch.setenv("SIGNOFF_PROXY_SECRET", SECRET)
    for more in ([], ["--retry", "msg_x"], ["--test", "desk"]):
        assert main(["notifications", *more]) == 9
        assert "SIGNOFF_TOKEN" in capsys.readouterr().err


def test_a_channel_is_tried(here: Path, server: WebServer, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["notifications", "--test", "desk"]) == 0
    assert capsys.readouterr().out == "Sent by channel desk (a signed webhook).\n"
    assert server.requests[0].data["type"] == "signoff.test"
    assert main(["notifications", "--test", "nobody"]) == 7
    assert "cannot be reached" in capsys.readouterr().err
    assert main(["notifications", "--test", "typo"]) == 2
    assert "Known: desk, nobody" in capsys.readouterr().err


def test_the_doctor_names_channels_that_cannot_work(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor"]) == 0
    assert "ok    channel desk: a signed webhook." in capsys.readouterr().out
    monkeypatch.delenv("SIGNOFF_WEBHOOK_SECRET")
    assert main(["doctor"]) == 1
    assert "FAIL  channel desk: Channel desk is a webhook and cannot be signed" in capsys.readouterr().out
    monkeypatch.setenv("SIGNOFF_CHANNELS", '{"desk": "mailto://x.org?to=ann@x.org"}')
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert main(["doctor"]) == 1
    assert "needs the package Apprise" in capsys.readouterr().out
    monkeypatch.delenv("SIGNOFF_CHANNELS")
    assert main(["doctor"]) == 1
    assert "which SIGNOFF_CHANNELS does not name here" in capsys.readouterr().out
