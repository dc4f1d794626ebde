"""A real SMTP server on loopback, for tests: it takes, refuses, puts off and breaks off as told.

    with MailServer() as server:
        server.data_replies.append("451 4.7.1 Greylisted, try later")
        settings = load_settings(smtp_url=f"{server.url}?tls=none")
        ...
        server.mails[0].recipients

Replies are used in order, one per command of their kind; without any the
answer is 250. `DROP` closes the connection without an answer.
"""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import ssl
import threading
import warnings
from collections import deque
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

DROP = "drop"
USER, PASSWORD = "ann@x.org", "p@ss/wörd"


@dataclass(frozen=True)
class Mail:
    """A mail that the server took over."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    options: tuple[str, ...] = ()

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)


@dataclass
class MailServer:
    """Options are given to the server; the reply queues may be filled at any time.

    hold: while set, the server waits before it answers the closing dot, and
    `holding` says that it does; the mail is kept first. pause: seconds before
    and after the mail is kept, so that a kill has something to hit.
    """

    tls: bool = False
    smtps: bool = False
    require_tls: bool = False
    login: bool = False
    utf8: bool = True
    certificate: tuple[Path, Path] | None = None
    mails: list[Mail] = field(default_factory=list)
    greeting: str | None = None
    mail_replies: deque[str] = field(default_factory=deque)
    rcpt_replies: dict[str, deque[str]] = field(default_factory=dict)
    data_replies: deque[str] = field(default_factory=deque)
    data_command_replies: deque[str] = field(default_factory=deque)
    hold_rcpt: threading.Event | None = None
    hold_data: threading.Event | None = None
    holding: threading.Event = field(default_factory=threading.Event)
    pause: float = 0.0
    port: int = 0
    sessions: int = 0

    @property
    def url(self) -> str:
        return f"{'smtps' if self.smtps else 'smtp'}://localhost:{self.port}"

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        assert started.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for hold in (self.hold_rcpt, self.hold_data):
            if hold is not None:
                hold.set()
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        assert not self._thread.is_alive()

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve(started))
        self._loop.close()

    async def _serve(self, started: threading.Event) -> None:
        self._stop = asyncio.Event()
        context = self._context()
        server = await self._loop.create_server(
            lambda: self._protocol(context), "127.0.0.1", self.port, ssl=context if self.smtps else None
        )
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        await self._stop.wait()
        server.close()
        await server.wait_closed()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)

    def _context(self) -> ssl.SSLContext | None:
        if self.certificate is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.certificate)
        return context

    def _protocol(self, context: ssl.SSLContext | None) -> SMTP:
        self.sessions += 1
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of logins without TLS, which some tests want
            return _Protocol(
                self,
                hostname="mail.test",
                enable_SMTPUTF8=self.utf8,
                tls_context=context if self.tls else None,
                require_starttls=self.require_tls,
                authenticator=_authenticate if self.login else None,
                auth_required=self.login,
                auth_require_tls=False,
                auth_exclude_mechanism=None if self.login else ["LOGIN", "PLAIN"],
                loop=self._loop,
            )


class _Protocol(SMTP):
    def __init__(self, owner: MailServer, **options: Any) -> None:
        super().__init__(_Handler(owner), **options)
        self._owner = owner

    async def push(self, status: Any) -> None:
        if self._owner.greeting and str(status).startswith("220 mail.test"):
            status, self._owner.greeting = self._owner.greeting, None
        await super().push(status)

    async def smtp_DATA(self, arg: str) -> None:
        if self._owner.data_command_replies:
            reply = self._owner.data_command_replies.popleft()
            if reply == DROP:
                _abort(self)
            else:
                await self.push(reply)
            return
        await super().smtp_DATA(arg)


class _Handler:
    def __init__(self, owner: MailServer) -> None:
        self._owner = owner

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self._owner.mail_replies.popleft() if self._owner.mail_replies else "250 OK"
        if reply.startswith("2"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return reply

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await self._wait(self._owner.hold_rcpt)
        replies = self._owner.rcpt_replies.get(address)
        reply = replies.popleft() if replies else "250 OK"
        if reply == DROP:
            _abort(server)
        elif reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        reply = self._owner.data_replies.popleft() if self._owner.data_replies else "250 OK"
        await asyncio.sleep(self._owner.pause)
        if reply == DROP or reply.startswith("2"):
            self._owner.mails.append(_mail(envelope))
        await asyncio.sleep(self._owner.pause)
        if reply == DROP:
            _abort(server)
        await self._wait(self._owner.hold_data)
        return reply

    async def _wait(self, event: threading.Event | None) -> None:
        if event is not None:
            self._owner.holding.set()
            while not event.is_set():
                await asyncio.sleep(0.01)


def _abort(server: SMTP) -> None:
    """Break the connection without a word."""
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()


def _mail(envelope: Envelope) -> Mail:
    content = envelope.content
    raw = content if isinstance(content, bytes) else str(content).encode()
    return Mail(str(envelope.mail_from), tuple(map(str, envelope.rcpt_tos)), raw, tuple(envelope.mail_options))


def _authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=good)


def make_certificate(folder: Path, *names: str) -> tuple[Path, Path]:
    """A self-signed certificate for these names, valid for a day: (certificate, key) as PEM files."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.datetime.now(datetime.UTC)
    alternatives = [x509.DNSName(name) for name in names]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([*alternatives, x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / f"{names[0]}.pem", folder / f"{names[0]}.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
    )
    return paths
