"""A webhook, signed after Standard Webhooks: one POST, no redirects, a limit on everything."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context

import anyio
import httpx
from pydantic import SecretStr

from agents import __version__
from agents.adapters.channels.channel import Answer, Outcome
from agents.adapters.channels.message import Entry, Message
from agents.adapters.channels.quiet import listening
from agents.adapters.channels.signing import signature
from agents.clock import to_text

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0
TOTAL_SECONDS = 20.0
"""However slowly it trickles."""

NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError, httpx.PoolTimeout)
GONE = 410


class Webhook:
    """The address and the secret are read when they are needed, and are in no text that leaves here."""

    def __init__(
        self,
        name: str,
        address: SecretStr,
        secret: SecretStr | None,
        *,
        total: float = TOTAL_SECONDS,
        answer: float = ANSWER_SECONDS,
    ) -> None:
        self._name, self._address, self._secret = name, address, secret
        self._total, self._answer = total, answer

    def describe(self) -> str:
        return "a signed webhook"

    def problem(self) -> str | None:
        if self._secret is None:
            return f"Channel {self._name} is a webhook and cannot be signed: set SIGNOFF_WEBHOOK_SECRET."
        try:
            usable = bool(httpx.URL(self._address.get_secret_value()).host)
        except httpx.InvalidURL:
            usable = False
        return None if usable else f"The address of channel {self._name} in SIGNOFF_CHANNELS is not complete."

    def send(self, message: Message) -> Answer:
        problem = self.problem()
        if problem is not None or self._secret is None:
            return Answer(Outcome.HOPELESS, problem)
        body = json.dumps(body_of(message), ensure_ascii=False).encode()
        seconds = int(message.at.timestamp())
        headers = {
            "content-type": "application/json",
            "user-agent": f"Signoff/{__version__}",
            "webhook-id": message.message_id,
            "webhook-timestamp": str(seconds),
            "webhook-signature": signature(self._secret.get_secret_value(), message.message_id, seconds, body),
        }
        with listening():
            return _aside(lambda: anyio.run(self._post, body, headers))

    async def _post(self, body: bytes, headers: dict[str, str]) -> Answer:
        limits = httpx.Timeout(self._answer, connect=CONNECT_SECONDS)
        try:
            with anyio.fail_after(self._total):
                async with (
                    httpx.AsyncClient(timeout=limits, follow_redirects=False) as client,
                    client.stream("POST", self._address.get_secret_value(), content=body, headers=headers) as response,
                ):
                    return _answer_of(response.status_code)  # the body is nobody's business, and may have no end
        except NEVER_SENT:
            return Answer(Outcome.REFUSED, "The server cannot be reached; nothing was sent.")
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            return Answer(Outcome.HOPELESS, f"The address of channel {self._name} in SIGNOFF_CHANNELS is not usable.")
        except (TimeoutError, httpx.TimeoutException):
            return Answer(Outcome.UNKNOWN, "The server did not answer in time. It may have the message.")
        except httpx.HTTPError:
            return Answer(
                Outcome.UNKNOWN, "The connection broke off before an answer. The server may have the message."
            )


def _aside(act: Callable[[], Answer]) -> Answer:
    """Done in a thread of its own, since a loop may run in this one already; one that nobody waits for at the end."""
    done: Future[Answer] = Future()
    here = copy_context()

    def run() -> None:
        try:
            done.set_result(here.run(act))
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            done.set_exception(error)

    threading.Thread(target=run, name="signoff-webhook", daemon=True).start()
    return done.result()


def body_of(message: Message) -> dict[str, object]:
    """type, timestamp and data, as Standard Webhooks has it."""
    return {
        "type": f"signoff.{message.type}",
        "timestamp": to_text(message.at),
        "data": {
            "title": message.title,
            "to": message.to,
            "count": message.count,
            "link": message.link,
            "items": [_item(entry) for entry in message.entries],
        },
    }


def _item(entry: Entry) -> dict[str, object]:
    return {**entry.facts, "text": "\n".join(entry.words), "link": entry.link}


def _answer_of(status: int) -> Answer:
    if 200 <= status < 300:
        return Answer(Outcome.SENT)
    if 300 <= status < 400:
        return Answer(
            Outcome.HOPELESS,
            f"The server wants it sent to another address (code {status}); Signoff follows no redirects.",
        )
    if status == GONE:
        return Answer(Outcome.HOPELESS, f"The server wants no messages at this address any more (code {status}).")
    return Answer(Outcome.REFUSED, f"The server did not take it (code {status}).")
