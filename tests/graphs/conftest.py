"""An email approval thread on a real SMTP server, for the tests of that graph."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.email_threads import EmailThread, email_thread, mailer_for
from tests.mail_server import MailServer


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


@pytest.fixture
def thread(tmp_path: Path, server: MailServer) -> Iterator[EmailThread]:
    with email_thread(tmp_path, mailer_for(tmp_path, f"{server.url}?tls=none")) as running:
        yield running
