"""The SMTP mailer against a real server on loopback."""

from __future__ import annotations

import socket
import threading
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote

import pytest

from agents.adapters.mail import Delivery, DeliveryUnknown, build_message, message_id
from agents.adapters.mail.server import read_url
from agents.adapters.mail.smtp import SmtpMailer
from agents.errors import MailRejected, MailTemporary
from agents.letters import read_letter
from tests.mail_server import DROP, PASSWORD, USER, MailServer, make_certificate

SENDER = "Desk <desk@x.org>"
DAY = datetime(2026, 1, 31, 8, tzinfo=UTC)


def a_message(**fields: object) -> EmailMessage:
    letter, _ = read_letter({"to": "ann@x.org", "subject": "Hello", "body": "Hi Ann\n.\n.dots\nbye\n", **fields})
    return build_message(letter, sender=SENDER, date=DAY, message_id=message_id("t:mail:1", letter, SENDER))


def mailer(url: str, *, timeout: float = 5) -> SmtpMailer:
    return SmtpMailer(read_url(url), SENDER, timeout=timeout)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("tls"), "localhost")


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


def plain(server: MailServer) -> SmtpMailer:
    return mailer(f"{server.url}?tls=none")


def test_a_mail_arrives_as_written(server: MailServer) -> None:
    delivery = plain(server).send(a_message(cc=["Bob <bob@y.org>"]), ["ann@x.org", "bob@y.org", "secret@z.org"])
    assert delivery.accepted == ("ann@x.org", "bob@y.org", "secret@z.org")
    (mail,) = server.mails
    assert mail.sender == "desk@x.org"
    assert mail.recipients == ("ann@x.org", "bob@y.org", "secret@z.org")
    assert mail.message.get_content().replace("\r\n", "\n") == "Hi Ann\n.\n.dots\nbye\n"
    assert str(mail.message["From"]) == "Desk <desk@x.org>"
    assert b"secret@z.org" not in mail.raw


def test_starttls_with_a_private_ca(certificate: tuple[Path, Path]) -> None:
    with MailServer(tls=True, require_tls=True, certificate=certificate) as server:
        mailer(f"{server.url}?cafile={certificate[0]}").send(a_message(), ["ann@x.org"])
        assert len(server.mails) == 1


def test_tls_from_the_start_with_a_private_ca(certificate: tuple[Path, Path]) -> None:
    with MailServer(smtps=True, certificate=certificate) as server:
        mailer(f"{server.url}?cafile={certificate[0]}").send(a_message(), ["ann@x.org"])
        assert len(server.mails) == 1


@pytest.mark.parametrize("smtps", [True, False])
def test_an_untrusted_certificate_sends_nothing(certificate: tuple[Path, Path], smtps: bool) -> None:
    with MailServer(smtps=smtps, tls=not smtps, certificate=certificate) as server:
        with pytest.raises(MailRejected, match=r"not trusted.*cafile=PATH in SIGNOFF_SMTP_URL"):
            mailer(server.url).send(a_message(), ["ann@x.org"])
        assert server.mails == []


def test_a_certificate_for_another_name_sends_nothing(tmp_path: Path) -> None:
    other = make_certificate(tmp_path, "other.example")
    with MailServer(tls=True, certificate=other) as server:
        with pytest.raises(MailRejected, match=r"not trusted: Hostname mismatch.*name that stands in the certificate"):
            mailer(f"{server.url}?cafile={other[0]}").send(a_message(), ["ann@x.org"])
        assert server.mails == []


def test_no_starttls_is_not_a_reason_to_go_unencrypted(server: MailServer) -> None:
    with pytest.raises(MailRejected, match=r"does not offer STARTTLS.*smtps://.*tls=none"):
        mailer(server.url).send(a_message(), ["ann@x.org"])
    assert server.mails == []


def test_tls_to_a_port_that_speaks_none(server: MailServer) -> None:
    with pytest.raises(MailRejected, match=r"No encrypted connection.*else smtp://, in SIGNOFF_SMTP_URL"):
        mailer(server.url.replace("smtp:", "smtps:")).send(a_message(), ["ann@x.org"])


def test_a_server_that_wants_tls_says_which_setting_to_change(certificate: tuple[Path, Path]) -> None:
    words = r"530.*STARTTLS.*take tls=none out of SIGNOFF_SMTP_URL"
    options = {"tls": True, "require_tls": True}
    with MailServer(certificate=certificate, **options) as server, pytest.raises(MailRejected, match=words):
        plain(server).send(a_message(), ["ann@x.org"])


def test_login_with_special_letters() -> None:
    with MailServer(login=True) as server:
        login = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}@"
        mailer(f"smtp://{login}localhost:{server.port}?tls=none").send(a_message(), ["ann@x.org"])
        assert len(server.mails) == 1


@pytest.mark.parametrize("password", ["wrong", "wröng"])
def test_a_wrong_login_never_shows_the_password(password: str) -> None:
    with MailServer(login=True) as server:
        with pytest.raises(MailRejected, match=r"refuses the login: 535.*SIGNOFF_SMTP_URL") as caught:
            mailer(f"smtp://ann:{quote(password)}@localhost:{server.port}?tls=none").send(a_message(), ["ann@x.org"])
        assert password not in str(caught.value)
        assert server.mails == []


def test_a_login_that_is_missing() -> None:
    words = r"wants a login: 530.*Put USER:PASSWORD@ into SIGNOFF_SMTP_URL"
    with MailServer(login=True) as server, pytest.raises(MailRejected, match=words):
        plain(server).send(a_message(), ["ann@x.org"])


def test_a_login_that_nobody_asked_for(server: MailServer) -> None:
    with pytest.raises(MailRejected, match="offers no login"):
        mailer(f"smtp://ann:secret@localhost:{server.port}?tls=none").send(a_message(), ["ann@x.org"])


def test_a_refused_sender(server: MailServer) -> None:
    server.mail_replies.append("550 5.7.1 Sender not allowed")
    with pytest.raises(MailRejected, match=r"sender desk@x.org: 550 5.7.1 Sender not allowed\. Set SIGNOFF_MAIL_FROM"):
        plain(server).send(a_message(), ["ann@x.org"])


def test_a_refused_recipient(server: MailServer) -> None:
    server.rcpt_replies["ann@x.org"] = deque(["550 5.1.1 No such user"])
    with pytest.raises(MailRejected, match=r"refuses the recipient\. ann@x.org: 550 5.1.1 No such user"):
        plain(server).send(a_message(), ["ann@x.org"])
    assert server.mails == []


def test_some_recipients_refused_the_rest_get_it(server: MailServer) -> None:
    server.rcpt_replies["bob@x.org"] = deque(["550 5.1.1 No such user"])
    server.rcpt_replies["eve@x.org"] = deque(["450 4.2.0 Greylisted"])
    delivery = plain(server).send(a_message(), ["ann@x.org", "bob@x.org", "eve@x.org"])
    assert delivery.accepted == ("ann@x.org",)
    assert delivery.refused == {"bob@x.org": "550 5.1.1 No such user"}
    assert delivery.deferred == {"eve@x.org": "450 4.2.0 Greylisted"}
    assert server.mails[0].recipients == ("ann@x.org",)


def test_all_put_off_or_refused_is_tried_again(server: MailServer) -> None:
    server.rcpt_replies["bob@x.org"] = deque(["550 No such user"])
    server.rcpt_replies["eve@x.org"] = deque(["450 Greylisted"])
    with pytest.raises(MailTemporary, match=r"bob@x.org: 550 No such user; eve@x.org: 450 Greylisted"):
        plain(server).send(a_message(), ["bob@x.org", "eve@x.org"])


@pytest.mark.parametrize("queue", ["data_replies", "data_command_replies", "mail_replies"])
def test_a_451_at_any_step_is_temporary(server: MailServer, queue: str) -> None:
    getattr(server, queue).append("451 4.3.0 Try again later")
    with pytest.raises(MailTemporary, match=r"The mail server said: 451 4\.3\.0 Try again later"):
        plain(server).send(a_message(), ["ann@x.org"])
    assert server.mails == []


@pytest.mark.parametrize("queue", ["data_replies", "data_command_replies"])
def test_a_554_is_for_the_reviewer(server: MailServer, queue: str) -> None:
    getattr(server, queue).append("554 5.7.1 Looks like spam")
    with pytest.raises(MailRejected, match=r"does not take the mail: 554 5.7.1 Looks like spam"):
        plain(server).send(a_message(), ["ann@x.org"])


@pytest.mark.parametrize(
    ("greeting", "error"), [("421 4.3.2 Too busy", MailTemporary), ("554 No service", MailRejected)]
)
def test_a_server_that_greets_with_a_no(server: MailServer, greeting: str, error: type[Exception]) -> None:
    server.greeting = greeting
    with pytest.raises(error, match=greeting):
        plain(server).send(a_message(), ["ann@x.org"])


@pytest.mark.parametrize("where", ["rcpt", "data"])
def test_a_connection_that_breaks_before_the_handover(server: MailServer, where: str) -> None:
    if where == "rcpt":
        server.rcpt_replies["ann@x.org"] = deque([DROP])
    else:
        server.data_command_replies.append(DROP)
    with pytest.raises(MailTemporary, match="before the mail was handed over"):
        plain(server).send(a_message(), ["ann@x.org"])
    assert server.mails == []


def test_a_connection_that_breaks_after_the_handover_is_in_doubt(server: MailServer) -> None:
    server.data_replies.append(DROP)
    with pytest.raises(DeliveryUnknown, match="may or may not have gone out"):
        plain(server).send(a_message(), ["ann@x.org"])
    assert len(server.mails) == 1  # it did go out, and nobody was told


def test_a_doubt_says_who_is_in_doubt_and_who_was_refused(server: MailServer) -> None:
    server.rcpt_replies["bob@x.org"] = deque(["550 No such user"])
    server.rcpt_replies["cee@x.org"] = deque(["451 Greylisted"])
    server.data_replies.append(DROP)
    with pytest.raises(DeliveryUnknown) as caught:
        plain(server).send(a_message(), ["ann@x.org", "bob@x.org", "cee@x.org"])
    known = caught.value.known
    assert known == Delivery(("ann@x.org",), {"bob@x.org": "550 No such user"}, {"cee@x.org": "451 Greylisted"})


def test_an_answer_that_never_comes_is_in_doubt(server: MailServer) -> None:
    server.hold_data = threading.Event()
    with pytest.raises(DeliveryUnknown):
        mailer(f"{server.url}?tls=none", timeout=0.3).send(a_message(), ["ann@x.org"])


def test_an_answer_that_is_neither_yes_nor_no_is_in_doubt(server: MailServer) -> None:
    server.data_replies.append("354 what?")
    with pytest.raises(DeliveryUnknown, match="neither yes nor no"):
        plain(server).send(a_message(), ["ann@x.org"])


def test_a_server_too_slow_before_the_handover(server: MailServer) -> None:
    server.hold_rcpt = threading.Event()
    with pytest.raises(MailTemporary, match="answered too slowly before the mail was handed over"):
        mailer(f"{server.url}?tls=none", timeout=0.3).send(a_message(), ["ann@x.org"])
    assert server.mails == []


def test_a_server_that_is_down(free_port: int) -> None:
    with pytest.raises(MailTemporary, match=rf"localhost:{free_port} cannot be reached .*SIGNOFF_SMTP_URL right"):
        mailer(f"smtp://localhost:{free_port}").send(a_message(), ["ann@x.org"])


def test_a_server_that_accepts_and_says_nothing() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(MailTemporary, match="did not answer in time"),
    ):
        mailer(f"smtp://127.0.0.1:{silent.getsockname()[1]}", timeout=0.3).send(a_message(), ["ann@x.org"])


def test_a_host_that_does_not_exist() -> None:
    with pytest.raises(MailTemporary, match=r"No computer with the name mail\.invalid was found"):
        mailer("smtp://mail.invalid").send(a_message(), ["ann@x.org"])


def test_an_international_domain_needs_nothing_special() -> None:
    with MailServer(utf8=False) as server:
        plain(server).send(a_message(to="ann@müller.example"), ["ann@müller.example"])
        (mail,) = server.mails
        assert mail.recipients == ("ann@xn--mller-kva.example",)
        assert str(mail.message["To"]) == "ann@xn--mller-kva.example"


def test_an_international_name_goes_out_as_utf8(server: MailServer) -> None:
    plain(server).send(a_message(to="李@例え.example", subject="Grüße"), ["李@例え.example"])
    (mail,) = server.mails
    assert mail.recipients == ("李@xn--r8jz45g.example",)
    assert "SMTPUTF8" in mail.options
    assert "Subject: Grüße" in mail.raw.decode()


def test_an_international_name_at_a_server_that_cannot() -> None:
    with MailServer(utf8=False) as server:
        with pytest.raises(MailRejected, match=r"does not offer SMTPUTF8.*another address"):
            plain(server).send(a_message(to="jürgen@x.org"), ["jürgen@x.org"])
        assert server.mails == []


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("smtp://ann:secret@mail.x.org", "Sent through the mail server mail.x.org:587, encrypted with STARTTLS."),
        ("smtps://ann:secret@mail.x.org", "Sent through the mail server mail.x.org:465, encrypted with TLS."),
        (
            "smtp://mail.x.org?tls=none",
            "Sent through the mail server mail.x.org:25, not encrypted, as tls=none asks for.",
        ),
        ("smtp://[::1]:2525", "Sent through the mail server [::1]:2525, encrypted with STARTTLS."),
    ],
)
def test_where_it_goes_in_a_sentence_without_secrets(url: str, sentence: str) -> None:
    assert mailer(url).describe() == sentence
    assert "secret" not in mailer(url).route
    assert "secret" not in repr(read_url(url))
