"""Handing a mail to an SMTP server, step by step, so that every end is known.

smtplib's own sendmail() would hide two things that matter here: whether the
connection broke before or after the mail was handed over, and who of several
recipients got it when it did.
"""

from __future__ import annotations

import base64
import contextlib
import re
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from email.message import EmailMessage

from agents.adapters.mail.delivery import Delivery, DeliveryUnknown
from agents.adapters.mail.refusal import Reply, broken, login_refused, recipients_refused, sender_refused, unreachable
from agents.adapters.mail.server import VARIABLE, Security, Server
from agents.addresses import read_mailbox
from agents.errors import MailRejected, MailTemporary, SettingsError

TIMEOUT_SECONDS = 30.0
_START_MAIL = 354


class SmtpMailer:
    """Sends through one server; one connection per mail. `sender` is an address that was checked."""

    def __init__(self, server: Server, sender: str, *, timeout: float = TIMEOUT_SECONDS) -> None:
        self._server = server
        self._sender = read_mailbox(sender, "sender")
        self._timeout = timeout
        self._context = _tls_context(server)

    @property
    def route(self) -> str:
        return f"smtp {self._server.name} {self._server.security.value}"

    def describe(self) -> str:
        how = {
            Security.STARTTLS: "encrypted with STARTTLS",
            Security.TLS: "encrypted with TLS",
            Security.NONE: "not encrypted, as tls=none asks for",
        }[self._server.security]
        return f"Sent through the mail server {self._server.name}, {how}."

    def delivered(self, message_id: str) -> bool | None:
        """SMTP cannot be asked about a mail it took."""
        return None

    def send(self, message: EmailMessage, recipients: Sequence[str]) -> Delivery:
        """One SMTP transaction. See `Mailer.send` for how it can end."""
        with self._session() as connection:
            with self._before_handover():
                self._announce(connection, message)
                delivery = self._ask_recipients(connection, recipients)
                self._hand_over(connection, message)
            self._await_answer(connection, delivery)
        return delivery

    @contextlib.contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        connection = self._connect()
        try:
            with self._before_handover():
                self._secure(connection)
                self._login(connection)
            yield connection
        finally:
            _leave(connection)

    @contextlib.contextmanager
    def _before_handover(self) -> Iterator[None]:
        """Whatever breaks in here, nobody got the mail."""
        try:
            yield
        except (smtplib.SMTPException, OSError) as error:
            raise broken(self._server, error) from error

    def _connect(self) -> smtplib.SMTP:
        host, port = self._server.host, self._server.port
        try:
            if self._server.security is Security.TLS:
                return smtplib.SMTP_SSL(host, port, timeout=self._timeout, context=self._context)
            return smtplib.SMTP(host, port, timeout=self._timeout)
        except smtplib.SMTPConnectError as error:
            raise Reply(error.smtp_code, error.smtp_error).error(f"{self._server.name} takes no mail") from error
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            raise unreachable(self._server, error) from error

    def _secure(self, connection: smtplib.SMTP) -> None:
        connection.ehlo_or_helo_if_needed()
        if self._server.security is not Security.STARTTLS:
            return
        if not connection.has_extn("starttls"):
            raise MailRejected(
                f"The mail server {self._server.name} does not offer STARTTLS, and nothing is sent unencrypted. "
                f"Use smtps:// in {VARIABLE} if it speaks TLS from the start, or add ?tls=none on a trusted network."
            )
        code, words = connection.starttls(context=self._context)
        if code != 220:
            raise Reply(code, words).error(f"{self._server.name} refused STARTTLS")
        connection.ehlo()

    def _login(self, connection: smtplib.SMTP) -> None:
        user, password = self._server.user, self._server.password
        if user is None or password is None:
            return
        try:
            if (user + password).isascii():
                connection.login(user, password)
            else:
                _login_utf8(connection, user, password)
        except smtplib.SMTPAuthenticationError as error:
            raise login_refused(self._server, Reply(error.smtp_code, error.smtp_error)) from error
        except (smtplib.SMTPServerDisconnected, smtplib.SMTPResponseException):
            raise
        except smtplib.SMTPException as error:  # smtplib's two ways to say: no AUTH at all, or no way of it in common
            raise MailRejected(
                f"The mail server {self._server.name} offers no login with a user and a password. "
                f"Take USER:PASSWORD out of {VARIABLE}, or use the port that has one (often 587 or 465)."
            ) from error

    def _announce(self, connection: smtplib.SMTP, message: EmailMessage) -> None:
        """MAIL FROM, with SMTPUTF8 where an address needs it."""
        options = []
        if message.policy.utf8:  # type: ignore[attr-defined]  # EmailMessage always has an EmailPolicy
            if not connection.has_extn("smtputf8"):
                raise MailRejected(
                    f"The mail server {self._server.name} does not offer SMTPUTF8, which an address with letters "
                    "like ü or 李 before the @ needs. Use another address of this person, or another mail server."
                )
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        reply = Reply(*connection.mail(self._sender.envelope, options))
        if not reply.good:
            raise sender_refused(self._server, self._sender.address, reply)

    def _ask_recipients(self, connection: smtplib.SMTP, recipients: Sequence[str]) -> Delivery:
        replies = {text: Reply(*connection.rcpt(read_mailbox(text).envelope)) for text in recipients}
        accepted = tuple(text for text, reply in replies.items() if reply.good)
        if not accepted:
            raise recipients_refused(self._server, replies)
        return Delivery(
            accepted=accepted,
            refused={text: reply.text for text, reply in replies.items() if not reply.good and not reply.temporary},
            deferred={text: reply.text for text, reply in replies.items() if reply.temporary},
        )

    def _hand_over(self, connection: smtplib.SMTP, message: EmailMessage) -> None:
        """DATA and the whole mail but for the closing dot: without it no server delivers."""
        reply = Reply(*connection.docmd("DATA"))
        if reply.code != _START_MAIL:
            raise reply.error("The mail server does not take the mail")
        connection.send(_escaped(message.as_bytes()))

    def _await_answer(self, connection: smtplib.SMTP, delivery: Delivery) -> None:
        """The closing dot. From here on only the server knows, until it has answered, who of the accepted has it."""
        try:
            connection.send(b".\r\n")
            reply = Reply(*connection.getreply())
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryUnknown(
                f"The mail server {self._server.name} had the whole mail when the connection broke, "
                "and its answer never came. The mail may or may not have gone out.",
                delivery,
            ) from error
        if not reply.settled:
            raise DeliveryUnknown(
                f"The mail server {self._server.name} had the whole mail and answered “{reply.text}”, "
                "which is neither yes nor no. The mail may or may not have gone out.",
                delivery,
            )
        if not reply.good:
            raise reply.error("The mail server does not take the mail")


def _tls_context(server: Server) -> ssl.SSLContext | None:
    if server.security is Security.NONE:
        return None
    try:
        return ssl.create_default_context(cafile=str(server.cafile) if server.cafile else None)
    except (OSError, ssl.SSLError):
        raise SettingsError(f"{VARIABLE}: cafile={server.cafile} holds no certificate that can be read (PEM)") from None


def _login_utf8(connection: smtplib.SMTP, user: str, password: str) -> None:
    """AUTH PLAIN as RFC 4616 has it; smtplib's login() takes ASCII only."""
    token = base64.b64encode(f"\0{user}\0{password}".encode()).decode("ascii")
    reply = Reply(*connection.docmd("AUTH", f"PLAIN {token}"))
    if reply.code not in {235, 503}:
        raise smtplib.SMTPAuthenticationError(reply.code, reply.words.encode())


def _escaped(content: bytes) -> bytes:
    """A line that begins with a dot gets a second one; the last line ends."""
    content = re.sub(rb"(?m)^\.", b"..", content)
    return content if content.endswith(b"\r\n") else content + b"\r\n"


def _leave(connection: smtplib.SMTP) -> None:
    """Say goodbye if somebody still listens; the outcome is known by now."""
    with contextlib.suppress(smtplib.SMTPException, OSError, MailTemporary):
        connection.quit()
    connection.close()
