"""The outbox: every mail becomes an .eml file in a folder, written whole and once."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from agents.adapters.mail.delivery import Delivery
from agents.errors import MailRejected


class Outbox:
    """Writes `2026-01-31T08-00-00Z-<message id>.eml` files; any mail program opens them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()

    @property
    def route(self) -> str:
        return f"outbox {os.path.realpath(self._folder)}"

    def describe(self) -> str:
        return f"Written as an .eml file to {self._folder}; no mail server is set (SIGNOFF_SMTP_URL)."

    def send(self, message: EmailMessage, recipients: Sequence[str]) -> Delivery:
        """Write the file, unless it is there already: sending twice leaves one file."""
        wanted = str(message["Message-ID"])
        try:
            path = self._find(wanted) or self._folder / _file_name(message, wanted)
            if not path.exists():
                self._write(path, message.as_bytes())
        except OSError as error:
            raise MailRejected(
                f"The outbox folder {self._folder} cannot be written: {error.strerror or error}. "
                "Nothing was sent. Make it writable, or set SIGNOFF_OUTBOX to another folder."
            ) from error
        return Delivery(accepted=tuple(recipients), place=str(path))

    def delivered(self, message_id: str) -> bool | None:
        """True if the file is there. None while the folder cannot be read."""
        try:
            if not self._folder.exists():
                return False
            return self._find(message_id) is not None
        except OSError:
            return None

    def _find(self, message_id: str) -> Path | None:
        suffix = f"-{_token(message_id)}.eml"
        if not self._folder.is_dir():
            return None
        return next((path for path in self._folder.iterdir() if path.name.endswith(suffix)), None)

    def _write(self, path: Path, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self._folder, prefix=".writing-", suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            # Atomic, and the same name for the same mail: two writers at once still leave one file.
            os.replace(temporary, path)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
        _sync_folder(self._folder)


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut; file systems that cannot do it are left alone."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _file_name(message: EmailMessage, message_id: str) -> str:
    return f"{_date(message):%Y-%m-%dT%H-%M-%SZ}-{_token(message_id)}.eml"


def _date(message: EmailMessage) -> datetime:
    return parsedate_to_datetime(str(message["Date"])).astimezone(UTC)


def _token(message_id: str) -> str:
    """The part before the @, if it makes a file name; else a hash of the whole."""
    local = message_id.strip("<>").partition("@")[0]
    if re.fullmatch(r"[A-Za-z0-9.]{8,80}", local):
        return local
    return hashlib.sha256(message_id.encode()).hexdigest()[:40]
