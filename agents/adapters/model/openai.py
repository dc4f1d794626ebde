"""A writer over any server with the OpenAI chat-completions protocol.

One draft is at most two answers of the model: the second is asked for with
the problems of the first. Waiting and retrying is decided here, not in the
client, so that it stays bounded and every failure ends in one sentence; for
an item of a batch nothing waits here, since whoever runs the batch does.
The client libraries are imported on the first call: they take over a second.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from agents.adapters.model.answers import Draft, Form, T, UnusableAnswer, draft_form
from agents.adapters.model.connections import Connections, Timeouts
from agents.adapters.model.failures import Failures
from agents.adapters.model.items import item_form
from agents.adapters.model.prompts import (
    Message,
    clarify_messages,
    correction,
    email_messages,
    enriched,
    item_messages,
    plan_messages,
)
from agents.adapters.model.schema import (
    Clarification,
    ClarifyRequest,
    EmailDraft,
    EmailRequest,
    ItemAnswer,
    ItemRequest,
    PlanDraft,
    PlanRequest,
)

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage
    from langchain_openai import ChatOpenAI

OPENAI_URL = "https://api.openai.com/v1"
PLACEHOLDER_KEY = "no-key-needed"
"""Sent where a server was named without a key; local servers ignore it."""

MAX_TOKENS = 8000
ITEM_MAX_TOKENS = 4000
"""An item's answer is short, but what a reasoning model thinks before it counts too."""
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
class Manner:
    """How a draft is asked for. patient: waits for a busy server and asks again."""

    failures: Failures
    patient: bool = True


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
        failures = Failures(model=model, host=self._host, key=key, max_tokens=MAX_TOKENS)
        self._drafting = Manner(failures)
        self._sorting = Manner(replace(failures, max_tokens=ITEM_MAX_TOKENS, ending=""), patient=False)
        self._dialect = Dialect(limit="max_completion_tokens" if self._url == OPENAI_URL else "max_tokens")
        # A proxy from the environment cannot reach a server on this machine.
        self._connections = Connections(self._chat, timeouts=self._timeouts, proxies=not _is_here(self._url))

    @property
    def label(self) -> str:
        return f"{self._model} at {self._host}"

    def plan(self, request: PlanRequest) -> PlanDraft:
        return self._draft(PlanDraft, plan_messages(request))

    def clarify(self, request: ClarifyRequest) -> Clarification:
        return self._draft(Clarification, clarify_messages(request))

    def enrich(self, task: str, answers: Sequence[tuple[str, str | None]]) -> str:
        return enriched(task, answers)

    def email(self, request: EmailRequest) -> EmailDraft:
        return self._draft(EmailDraft, email_messages(request))

    def item(self, request: ItemRequest) -> ItemAnswer:
        """One item of a batch; for any number of threads at once. Raises ModelError, temporary where another try may help."""
        output, calls = self._filled(item_form(request), item_messages(request), self._sorting)
        return ItemAnswer(output=output, calls=calls)

    def _draft(self, kind: type[Draft], messages: list[Message]) -> Draft:
        draft, _ = self._filled(draft_form(kind), messages, self._drafting)
        return draft

    def _filled(self, form: Form[T], messages: list[Message], manner: Manner) -> tuple[T, int]:
        """What the model filled in, and how many of its answers it took."""
        text = self._text(form, messages, manner)
        try:
            return form.read(text), 1
        except UnusableAnswer as problem:
            messages = [*messages, *correction(text, str(problem))]
        second = self._text(form, messages, manner)
        try:
            return form.read(second), 2
        except UnusableAnswer as problem:
            raise manner.failures.unusable(str(problem), empty=not second.strip()) from None

    def _text(self, form: Form[T], messages: list[Message], manner: Manner) -> str:
        """The text of the model's answer, or a ModelError when it stopped for another reason than being done."""
        message = self._answer(form, messages, manner)
        refusal = message.additional_kwargs.get("refusal")
        finish = message.response_metadata.get("finish_reason")
        if refusal or finish == "content_filter":
            raise manner.failures.declined(str(refusal or ""))
        if finish == "length":
            raise manner.failures.truncated()
        return _text_of(message)

    def _answer(self, form: Form[T], messages: list[Message], manner: Manner) -> AIMessage:
        dialect, tried, waited = self._dialect, {self._dialect}, 0.0
        while True:
            try:
                message = self._call(form, messages, dialect, manner)
            except Exception as error:  # noqa: BLE001  an edge: whatever the client raises becomes one sentence
                failure = manner.failures.read(error)
            else:
                self._dialect = dialect
                return message
            other = dialect.after(failure.words, tried) if failure.malformed else None
            if other is not None:
                dialect = other
                tried.add(dialect)
            elif manner.patient and failure.retry_after is not None and waited + failure.retry_after <= LONGEST_WAIT:
                self._sleep(failure.retry_after)
                waited += max(failure.retry_after, 5.0)  # so that "wait 0 seconds" cannot go on for ever
            else:
                raise failure.error

    def _call(self, form: Form[T], messages: list[Message], dialect: Dialect, manner: Manner) -> AIMessage:
        from langchain_core.messages import AIMessage

        # As extra_body: the client would otherwise walk the whole schema for each request, and parse the answer itself.
        body = {dialect.limit: manner.failures.max_tokens, **_response_format(form, dialect)}
        with self._connections.one() as chat:
            answer = chat.bind(extra_body=body).invoke(messages)
        assert isinstance(answer, AIMessage)
        return answer

    def _chat(self, client: Any) -> ChatOpenAI:
        from langchain_openai import ChatOpenAI

        key = self._key  # the chat must not hold this writer: a connection that is free would keep it alive for ever
        return ChatOpenAI(
            model=self._model,
            base_url=self._url,
            api_key=lambda: key,
            http_client=client,
            timeout=self._timeouts.read,
            max_retries=0,
            openai_proxy="",
            use_responses_api=False,
        )


def _response_format(form: Form[T], dialect: Dialect) -> dict[str, Any]:
    if dialect.form == "text":
        return {}
    if dialect.form == "object":
        return {"response_format": {"type": "json_object"}}
    schema = {"name": form.name, "strict": True, "schema": form.schema}
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
