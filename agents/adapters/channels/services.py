"""Mail, Slack, Teams and a hundred others by way of Apprise, which is imported when the first message goes out.

Apprise says no more than "sent" or "not sent". Whether a message that is "not sent" may have arrived all the same is
read from the exceptions that it was handling when it logged something; what is not recognised there is unknown.
"""

from __future__ import annotations

import errno
import importlib.util
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from typing import Any

from pydantic import SecretStr

from agents.adapters.channels.channel import Answer, Outcome
from agents.adapters.channels.message import Entry, Message
from agents.adapters.channels.quiet import Heard, listening

MISSING = "Channel {name} needs the package Apprise: pip install 'signoff-desk[notify]'."
ANSWERED = re.compile(r"error=([45]\d\d)\b")
SENT = re.compile(r"Sent\b")
UNREACHABLE = {errno.ECONNREFUSED, errno.ENETUNREACH, errno.EHOSTUNREACH}
NEVER_SENT = (
    socket.gaierror,
    ssl.SSLCertVerificationError,
    smtplib.SMTPResponseException,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPNotSupportedError,
)
# Of requests and urllib3, by name: they come with Apprise and are not ours to import.
NEVER_SENT_NAMES = {"NewConnectionError", "NameResolutionError", "ConnectTimeoutError", "ConnectTimeout"}
MARKUP = str.maketrans("<>[]`*~|@\\", "＜＞［］｀＊～｜＠＼")
EDGE_UNDERSCORE = re.compile(r"(?<![^\W_])_+|_+(?![^\W_])")
DEPTH = 12


class Services:
    def __init__(self, name: str, address: SecretStr) -> None:
        self._name, self._address = name, address

    def describe(self) -> str:
        return f"{self._scheme}:// by way of Apprise"

    def problem(self) -> str | None:
        if importlib.util.find_spec("apprise") is None:
            return MISSING.format(name=self._name)
        with listening():
            known = self._plugin() is not None
        if known:
            return None
        return f"Apprise does not understand the address of channel {self._name} in SIGNOFF_CHANNELS."

    def send(self, message: Message) -> Answer:
        if importlib.util.find_spec("apprise") is None:
            return Answer(Outcome.HOPELESS, MISSING.format(name=self._name))
        from apprise import Apprise, NotifyFormat

        with listening() as heard:
            service = self._plugin()
            if service is None:
                return Answer(Outcome.HOPELESS, self.problem())
            services = Apprise()
            services.add(service)
            title, body = self._words(message)
            done = services.notify(title=title, body=body, body_format=NotifyFormat.TEXT)
        return Answer(Outcome.SENT) if done else _why_not(heard)

    @property
    def _scheme(self) -> str:
        return self._address.get_secret_value().partition("://")[0].lower()

    def _plugin(self) -> Any:
        from apprise import Apprise, AppriseAsset

        # One service at a time and in this thread, where what it logs is heard.
        asset = AppriseAsset(app_id="Signoff", app_desc="Signoff", async_mode=False)
        return Apprise.instantiate(self._address.get_secret_value(), asset=asset, suppress_exceptions=True)

    def _words(self, message: Message) -> tuple[str, str]:
        """Apprise escapes plain text for mail that is HTML; most chats read any text as their own kind of Markdown."""
        if self._scheme in ("mailto", "mailtos"):
            return message.title, "\n\n".join(_lines(entry) for entry in message.entries) + _rest(message)
        entries = "\n\n".join(_lines(entry, markup=False) for entry in message.entries)
        return without_markup(message.title), entries + _rest(message)


def without_markup(text: str) -> str:
    """Letters that look alike in place of those that make links, mentions or bold type in one chat or another."""
    return EDGE_UNDERSCORE.sub(lambda found: "＿" * len(found[0]), text.translate(MARKUP))


def _lines(entry: Entry, *, markup: bool = True) -> str:
    words = entry.words if markup else tuple(map(without_markup, entry.words))
    return "\n".join([*words, entry.link])


def _rest(message: Message) -> str:
    more = message.count - len(message.entries)
    return f"\n\nAnd {more:,} more: {message.link}" if more > 0 else ""


def _why_not(heard: Heard) -> Answer:
    if any(map(SENT.match, heard.texts)):
        return Answer(Outcome.UNKNOWN, "Only some of those whom the address names got it.")
    errors = [each for error in heard.errors for each in _chain(error)]
    if errors and all(any(map(_never_sent, _chain(error))) for error in heard.errors):
        return Answer(Outcome.REFUSED, _reason(errors))
    answered = [found[1] for text in heard.texts if (found := ANSWERED.search(text))]
    if answered and not errors:
        return Answer(Outcome.REFUSED, f"The server did not take it (code {answered[-1]}).")
    return Answer(Outcome.UNKNOWN, "Apprise does not say that it arrived. It may have.")


def _reason(errors: list[BaseException]) -> str:
    codes = [each.smtp_code for each in errors if isinstance(each, smtplib.SMTPResponseException)]
    if codes:
        return f"The mail server did not take it (code {codes[0]})."
    if any(isinstance(each, smtplib.SMTPRecipientsRefused) for each in errors):
        return "The mail server refused every recipient."
    return "The server cannot be reached; nothing was sent."


def _never_sent(error: BaseException) -> bool:
    if isinstance(error, NEVER_SENT) or type(error).__name__ in NEVER_SENT_NAMES:
        return True
    return isinstance(error, OSError) and error.errno in UNREACHABLE


def _chain(error: BaseException, depth: int = DEPTH) -> Iterator[BaseException]:
    """An exception, and those it was made of; not what else went wrong before it."""
    yield error
    inside = [error.__cause__, getattr(error, "reason", None), *error.args]
    for each in inside:
        if isinstance(each, BaseException) and depth:
            yield from _chain(each, depth - 1)
