"""The receiver of docs/notifications.md, as a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from agents.adapters.channels import Entry, Message, Outcome
from agents.adapters.channels.webhook import Webhook
from agents.clock import utc_now
from tests.desk_process import ROOT, free_port
from tests.notifications.telling import SECRET
from tests.test_docs import blocks


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """(its address, what it printed)."""
    folder = tmp_path_factory.mktemp("receiver")
    page = (ROOT / "docs" / "notifications.md").read_text(encoding="utf-8")
    (code,) = (text for info, text in blocks(page) if info == "python")
    (folder / "receiver.py").write_text(code, encoding="utf-8")
    said, port = folder / "said.txt", free_port()
    with said.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(folder / "receiver.py"), str(port)],
            env={"SIGNOFF_WEBHOOK_SECRET": SECRET, "PATH": "", "PYTHONIOENCODING": "utf-8"},
            stdout=output,
            stderr=subprocess.DEVNULL,
        )
    try:
        _until_open(port)
        yield f"http://127.0.0.1:{port}/signoff", said
    finally:
        process.kill()
        process.wait()


def _until_open(port: int) -> None:
    late = time.monotonic() + 30
    while time.monotonic() < late:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the receiver does not listen")


def message(title: str, seconds_ago: float = 0) -> Message:
    link = "https://desk.example.com/review?thread=t1"
    at = utc_now() - timedelta(seconds=seconds_ago)
    return Message("msg_1", "new", at, "role:lead", title, (Entry((title,), link, {}),), 1, link)


def test_it_takes_what_is_signed_and_each_message_once(receiver: tuple[str, Path]) -> None:
    address, said = receiver
    channel = Webhook("desk", SecretStr(address), SecretStr(SECRET))
    assert channel.send(message("Größe")).outcome is Outcome.SENT
    assert channel.send(message("Größe")).outcome is Outcome.SENT
    assert said.read_text(encoding="utf-8") == "Größe\n"


def test_it_refuses_another_key_an_old_message_and_none_at_all(receiver: tuple[str, Path]) -> None:
    address, _ = receiver
    other = Webhook("desk", SecretStr(address), SecretStr("another key of many letters")).send(message("x"))
    assert (other.outcome, "code 401" in str(other.reason)) == (Outcome.REFUSED, True)
    old = Webhook("desk", SecretStr(address), SecretStr(SECRET)).send(message("x", seconds_ago=3600))
    assert "code 400" in str(old.reason)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(address, b"{}", method="POST"), timeout=5)
    assert refused.value.code == 401
    refused.value.close()
