"""A mail server's "no" as a sentence: its own words, and which setting or field to change."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from agents.adapters.mail.server import VARIABLE, Security, Server
from agents.errors import MailRejected, MailTemporary

_WORDS_MAX = 300


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's reply: code such as 451, words as they came over the wire."""

    code: int
    raw: bytes | str

    @property
    def good(self) -> bool:
        return 200 <= self.code < 300

    @property
    def temporary(self) -> bool:
        return 400 <= self.code < 500

    @property
    def settled(self) -> bool:
        """A yes or a no. Anything else is not an answer to a mail that was handed over."""
        return self.good or 400 <= self.code < 600

    @property
    def words(self) -> str:
        """One printable line: what a server says is shown to people."""
        text = self.raw.decode("utf-8", "replace") if isinstance(self.raw, bytes) else self.raw
        printable = "".join(letter if letter.isprintable() else " " for letter in text)
        return " ".join(printable.split())[:_WORDS_MAX]

    @property
    def text(self) -> str:
        return f"{self.code} {self.words}".strip()

    def error(self, sentence: str, advice: str = "") -> MailRejected | MailTemporary:
        """`sentence` without its full stop. Replies that are neither 4xx nor 5xx count as refused."""
        if self.temporary:
            return MailTemporary(f"The mail server said: {self.text}")
        return MailRejected(f"{sentence}: {self.text}. {advice}".strip())


def sender_refused(server: Server, sender: str, reply: Reply) -> MailRejected | MailTemporary:
    """An answer to MAIL FROM; 530 and "STARTTLS" mean that something comes first."""
    words = reply.words.lower()
    if server.security is Security.NONE and ("starttls" in words or "encrypt" in words):
        advice = f"It wants TLS: take tls=none out of {VARIABLE}."
        return reply.error(f"The mail server {server.name} takes no unencrypted mail", advice)
    if reply.code == 530 or "authentic" in words:
        return reply.error(f"The mail server {server.name} wants a login", f"Put USER:PASSWORD@ into {VARIABLE}.")
    advice = "Set SIGNOFF_MAIL_FROM to an address that this server may send for."
    return reply.error(f"The mail server {server.name} refuses the sender {sender}", advice)


def recipients_refused(server: Server, replies: Mapping[str, Reply]) -> MailRejected | MailTemporary:
    """Nobody was accepted. Temporary as long as one of them may be accepted later."""
    said = "; ".join(f"{address}: {reply.text}" for address, reply in replies.items())
    if any(reply.temporary for reply in replies.values()):
        return MailTemporary(f"The mail server said: {said}")
    if all("authentic" in reply.words.lower() or reply.code == 530 for reply in replies.values()):
        first = next(iter(replies.values()))
        return first.error(f"The mail server {server.name} wants a login", f"Put USER:PASSWORD@ into {VARIABLE}.")
    who = "the recipient" if len(replies) == 1 else "every recipient"
    return MailRejected(f"The mail server {server.name} refuses {who}. {said}. Nobody got the mail.")


def login_refused(server: Server, reply: Reply) -> MailRejected | MailTemporary:
    return reply.error(
        f"The mail server {server.name} refuses the login",
        f"Check the user and password in {VARIABLE}; percent-encode special letters in them.",
    )


def unreachable(server: Server, error: Exception) -> MailRejected | MailTemporary:
    """No connection at all."""
    if isinstance(error, ssl.SSLError):
        return broken(server, error)
    if isinstance(error, socket.gaierror | UnicodeError):
        why = f"No computer with the name {server.host} was found"
    elif isinstance(error, TimeoutError) or isinstance(error.__cause__ or error.__context__, TimeoutError):
        why = f"The mail server {server.name} did not answer in time"
    else:
        reason = getattr(error, "strerror", None) or str(error)
        why = f"The mail server {server.name} cannot be reached ({reason})"
    return MailTemporary(f"{why}. Is it running, and is {VARIABLE} right?")


def broken(server: Server, error: Exception) -> MailRejected | MailTemporary:
    """The connection failed before the mail was handed over."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return MailRejected(
            f"The certificate of the mail server {server.name} is not trusted: {error.verify_message}. Nothing was "
            f"sent. Use the name that stands in the certificate, or give a private CA with ?cafile=PATH in {VARIABLE}."
        )
    if isinstance(error, ssl.SSLError):
        return MailRejected(
            f"No encrypted connection to the mail server {server.name} ({error.reason or error}). "
            f"Use smtps:// only where the port speaks TLS from the start (often 465), else smtp://, in {VARIABLE}."
        )
    if isinstance(error, smtplib.SMTPResponseException):
        return Reply(error.smtp_code, error.smtp_error).error(f"The mail server {server.name} refuses")
    slow = isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)
    how = "answered too slowly" if slow else "closed the connection"
    return MailTemporary(f"The mail server {server.name} {how} before the mail was handed over.")
