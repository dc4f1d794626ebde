"""A writer over any server with the OpenAI chat-completions protocol.

One draft is at most two answers of the model: the second is asked for with
the problems of the first. Waiting and retrying is decided here, not in the
client, so that it stays bounded and every failure ends in one sentence.
The client libraries are imported on the first call: they take over a second.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from agents.adapters.model.answers import Draft, UnusableAnswer, read_draft, wire_schema
from agents.adapters.model.failures import Failures
from agents.adapters.model.prompts import Message, correction, email_messages, plan_messages
from agents.adapters.model.schema import EmailDraft, EmailRequest, PlanDraft, PlanRequest

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage

OPENAI_URL = "https://api.openai.com/v1"
PLACEHOLDER_KEY = "no-key-needed"
"""Sent where a server was named without a key; local servers ignore it."""

MAX_TOKENS = 8000
LONGEST_WAIT = 20.0
"""Seconds that one draft may spend waiting for a busy server."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a server wants to be asked; servers differ in what they know."""

    form: Literal["schema", "object", "text"] = "schema"
    limit: Literal["max_completion_tokens", "max_tokens"] = "max_completion_tokens"

    def after(self, complaint: str, tried: set[Dialect]) -> Dialect | None:
        """The next thing to try when a server refuses a request as malformed."""
        other = "max_tokens" if self.limit == "max_completion_tokens" else "max_completion_tokens"
        flipped = replace(self, limit=other)  # type: ignore[arg-type]
        if "max_tokens" in complaint or "max_completion_tokens" in complaint:
            return None if flipped in tried else flipped
        if self.form == "text":
            return None
        return replace(self, form="object" if self.form == "schema" else "text")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. total bounds one request as a whole, however slowly its answer drips."""

    connect: float = 10
    read: float = 120
    total: float = 180


class OpenAIWriter:
    """Drafts by a language model. `sleep` waits where the server asks for it."""

    offline = False

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        key: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
        timeouts: Timeouts | None = None,
    ) -> None:
        self._model = model
        self._url = base_url or OPENAI_URL
        self._key = key or PLACEHOLDER_KEY
        self._sleep = sleep
        self._timeouts = timeouts or Timeouts()
        self._host = _host_of(self._url)
        self._failures = Failures(model=model, host=self._host, key=key, max_tokens=MAX_TOKENS)
        self._dialect = Dialect(limit="max_completion_tokens" if self._url == OPENAI_URL else "max_tokens")

    @property
    def label(self) -> str:
        return f"{self._model} at {self._host}"

    def plan(self, request: PlanRequest) -> PlanDraft:
        return self._draft(PlanDraft, plan_messages(request))

    def email(self, request: EmailRequest) -> EmailDraft:
        return self._draft(EmailDraft, email_messages(request))

    def _draft(self, kind: type[Draft], messages: list[Message]) -> Draft:
        text = self._text(kind, messages)
        try:
            return read_draft(kind, text)
        except UnusableAnswer as problem:
            messages = [*messages, *correction(text, str(problem))]
        second = self._text(kind, messages)
        try:
            return read_draft(kind, second)
        except UnusableAnswer as problem:
            raise self._failures.unusable(str(problem), empty=not second.strip()) from None

    def _text(self, kind: type[Draft], messages: list[Message]) -> str:
        """The text of the model's answer, or a ModelError when it stopped for another reason than being done."""
        message = self._answer(kind, messages)
        refusal = message.additional_kwargs.get("refusal")
        finish = message.response_metadata.get("finish_reason")
        if refusal or finish == "content_filter":
            raise self._failures.declined(str(refusal or ""))
        if finish == "length":
            raise self._failures.truncated()
        return _text_of(message)

    def _answer(self, kind: type[Draft], messages: list[Message]) -> AIMessage:
        dialect, tried, waited = self._dialect, {self._dialect}, 0.0
        while True:
            try:
                message = self._call(kind, messages, dialect)
            except Exception as error:  # noqa: BLE001  an edge: whatever the client raises becomes one sentence
                failure = self._failures.read(error)
            else:
                self._dialect = dialect
                return message
            other = dialect.after(failure.words, tried) if failure.malformed else None
            if other is not None:
                dialect = other
                tried.add(dialect)
            elif failure.retry_after is not None and waited + failure.retry_after <= LONGEST_WAIT:
                self._sleep(failure.retry_after)
                waited += max(failure.retry_after, 5.0)  # so that "wait 0 seconds" cannot go on for ever
            else:
                raise failure.error

    def _call(self, kind: type[Draft], messages: list[Message], dialect: Dialect) -> AIMessage:
        from langchain_core.messages import AIMessage
        from langchain_openai import ChatOpenAI

        with self._client() as client:
            chat = ChatOpenAI(
                model=self._model,
                base_url=self._url,
                api_key=lambda: self._key,
                http_client=client,
                timeout=self._timeouts.read,
                max_retries=0,
                openai_proxy="",
                use_responses_api=False,
                extra_body={dialect.limit: MAX_TOKENS},
            )
            answer = chat.bind(**_response_format(kind, dialect)).invoke(messages)
        assert isinstance(answer, AIMessage)
        return answer

    @contextmanager
    def _client(self) -> Iterator[Any]:
        """An HTTP client for one request; closed by a timer if the answer takes longer than the total."""
        import openai

        timeout = openai.Timeout(self._timeouts.read, connect=self._timeouts.connect)
        # A proxy from the environment cannot reach a server on this machine.
        client = openai.DefaultHttpxClient(timeout=timeout, trust_env=not _is_here(self._url))
        late = threading.Event()

        def give_up() -> None:
            late.set()
            client.close()

        deadline = threading.Timer(self._timeouts.total, give_up)
        deadline.daemon = True
        deadline.start()
        try:
            yield client
        except Exception as error:
            if late.is_set():
                raise TimeoutError from error
            raise
        finally:
            deadline.cancel()
            client.close()


def _response_format(kind: type[Draft], dialect: Dialect) -> dict[str, Any]:
    if dialect.form == "text":
        return {}
    if dialect.form == "object":
        return {"response_format": {"type": "json_object"}}
    schema = {"name": kind.__name__, "strict": True, "schema": wire_schema(kind)}
    return {"response_format": {"type": "json_schema", "json_schema": schema}}


def _text_of(message: AIMessage) -> str:
    content = message.content
    if isinstance(content, str):
        return content
    return "".join(part if isinstance(part, str) else str(part.get("text", "")) for part in content)


def _host_of(url: str) -> str:
    """Host and port only: an address may hold a password."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
