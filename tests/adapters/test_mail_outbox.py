"""The outbox: one file per mail, whole or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from agents.adapters.mail import build_message, message_id
from agents.adapters.mail.outbox import Outbox
from agents.errors import MailRejected
from agents.letters import read_letter


def a_message(key: str = "t:mail:1", day: int = 31) -> EmailMessage:
    letter, _ = read_letter({"to": "ann@x.org", "subject": "Hello", "body": "Hi"})
    date = datetime(2026, 1, day, 8, tzinfo=UTC)
    return build_message(letter, sender="desk@x.org", date=date, message_id=message_id(key, letter, "desk@x.org"))


def test_a_mail_becomes_a_file(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "deep" / "outbox")
    delivery = outbox.send(a_message(), ["ann@x.org", "secret@z.org"])
    assert delivery.accepted == ("ann@x.org", "secret@z.org")
    (path,) = (tmp_path / "deep" / "outbox").iterdir()
    assert delivery.place == str(path)
    assert path.name.startswith("2026-01-31T08-00-00Z-signoff.")
    assert path.suffix == ".eml"
    assert message_from_bytes(path.read_bytes(), policy=policy.default)["Subject"] == "Hello"


def test_sending_again_leaves_one_file_even_on_another_day(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    assert outbox.delivered(str(a_message()["Message-ID"])) is False
    first = outbox.send(a_message(), ["ann@x.org"])
    assert outbox.delivered(str(a_message()["Message-ID"])) is True
    assert outbox.send(a_message(day=30), ["ann@x.org"]) == first
    assert outbox.send(a_message(key="t:mail:2"), ["ann@x.org"]) != first
    assert len(list(tmp_path.iterdir())) == 2


def test_many_at_once_leave_one_file(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        places = {delivery.place for delivery in pool.map(lambda _: outbox.send(a_message(), ["a@x.org"]), range(32))}
    assert [str(path) for path in tmp_path.iterdir()] == list(places)


def test_a_foreign_message_id_never_leaves_the_folder(tmp_path: Path) -> None:
    message = a_message()
    message.replace_header("Message-ID", "<../../evil@x.org>")
    place = Outbox(tmp_path / "outbox").send(message, ["ann@x.org"]).place
    assert place is not None
    assert Path(place).parent == tmp_path / "outbox"


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    outbox = Outbox(tmp_path / "file" / "outbox")
    with pytest.raises(MailRejected, match=r"outbox cannot be written: Not a directory\. .*SIGNOFF_OUTBOX"):
        outbox.send(a_message(), ["ann@x.org"])


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("in the way")
    with pytest.raises(MailRejected, match="cannot be written: File exists"):
        Outbox(tmp_path / "outbox").send(a_message(), ["ann@x.org"])


def test_a_relative_folder_is_shown_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    outbox = Outbox(Path("outbox"))
    assert f"to {tmp_path / 'outbox'};" in outbox.describe()
    assert outbox.route == Outbox(tmp_path / "outbox").route != Outbox(tmp_path / "other").route
    assert outbox.send(a_message(), ["ann@x.org"]).place == str(next((tmp_path / "outbox").iterdir()))


def test_it_says_where_mails_go(tmp_path: Path) -> None:
    assert (
        Outbox(tmp_path).describe()
        == f"Written as an .eml file to {tmp_path}; no mail server is set (SIGNOFF_SMTP_URL)."
    )
