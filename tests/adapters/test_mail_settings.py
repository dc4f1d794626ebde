"""From the settings to a way out for mails."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.adapters.mail import make_mailer
from agents.adapters.mail.outbox import Outbox
from agents.adapters.mail.server import Security, read_url
from agents.adapters.mail.smtp import SmtpMailer
from agents.errors import SettingsError
from agents.settings import load_settings


def test_without_a_server_mails_go_to_the_outbox(home: Path) -> None:
    mailer = make_mailer(load_settings())
    assert isinstance(mailer, Outbox)
    assert str(home / "outbox") in mailer.describe()


def test_with_a_server_mails_go_there(home: Path) -> None:
    mailer = make_mailer(load_settings(smtp_url="smtps://ann:secret@mail.x.org"))
    assert isinstance(mailer, SmtpMailer)
    assert "secret" not in mailer.describe()


def test_a_login_is_percent_decoded() -> None:
    server = read_url("smtp://ann%40x.org:p%2Fw%20%C3%B6@mail.x.org:2525")
    assert (server.user, server.password) == ("ann@x.org", "p/w ö")
    assert (server.host, server.port, server.security) == ("mail.x.org", 2525, Security.STARTTLS)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("smtp://u:hunter2@", "expected smtp://USER:PASSWORD@HOST:587"),
        ("http://u:hunter2@mail.x.org", "expected smtp://"),
        ("smtp://u:hunter2@mail.x.org:many", "expected smtp://"),
        ("smtp://u:hun/ter2@mail.x.org", "percent-encode"),
        ("smtp://u:hunter2@mail.x.org/path", "percent-encode"),
        ("smtp://hunter2@mail.x.org", "both a user and a password"),
        ("smtp://u:hunter2@mail.x.org?tls=no", "tls= takes none"),
        ("smtps://u:hunter2@mail.x.org?tls=none", "smtps:// always uses TLS"),
        ("smtp://u:hunter2@mail.x.org?verify=no", "known are tls=none and cafile=PATH"),
        ("smtp://u:hunter2@mail.x.org?cafile=/no/such.pem", "cafile=/no/such.pem is not a file"),
        ("smtp://u:hunter2@mail.x.org?tls=none&cafile=/x.pem", "no use together with tls=none"),
    ],
)
def test_a_bad_url_is_named_and_never_repeated(url: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_url(url)
    assert str(caught.value).startswith("SIGNOFF_SMTP_URL: ")
    assert sentence in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "ter2" not in str(caught.value)


def test_a_cafile_without_a_certificate(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    with pytest.raises(SettingsError, match="holds no certificate that can be read"):
        make_mailer(load_settings(smtp_url=f"smtp://mail.x.org?cafile={tmp_path / 'ca.pem'}"))


def test_a_bad_sender_names_its_setting() -> None:
    with pytest.raises(SettingsError, match=r"SIGNOFF_MAIL_FROM: “desk” is not an e-mail address"):
        make_mailer(load_settings(mail_from="desk"))
