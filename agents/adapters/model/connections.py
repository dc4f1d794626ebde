"""Connections to a model's server that outlive a request.

A client of its own for each request would cost 25 ms of processor time, most
of it for reading the trusted certificates. One client for all could not be
closed when a single answer takes too long. So each request takes a client
that is free, or a new one where none is; all share one TLS context.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langchain_openai import ChatOpenAI


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. total bounds one request as a whole, however slowly its answer drips."""

    connect: float = 10
    read: float = 120
    total: float = 180


@dataclass(frozen=True, slots=True)
class _Line:
    client: Any
    chat: ChatOpenAI


class Connections:
    """Chat models that are ready to ask; any number of threads may take one at the same time.

    chat: makes the chat model for an HTTP client. proxies: whether the
    environment may name a proxy and certificates.
    """

    def __init__(self, chat: Callable[[Any], ChatOpenAI], *, timeouts: Timeouts, proxies: bool) -> None:
        self._chat = chat
        self._timeouts = timeouts
        self._proxies = proxies
        self._lock = threading.Lock()
        self._tls: Any = None
        self._free: list[_Line] = []
        weakref.finalize(self, _close, self._free)

    @contextmanager
    def one(self) -> Iterator[ChatOpenAI]:
        """A chat model for one request. Raises TimeoutError if that takes longer than the total."""
        line = self._take()
        deadline = _Deadline(self._timeouts.total, line.client.close)
        try:
            yield line.chat
        except Exception as error:
            if deadline.passed:
                raise TimeoutError from error
            raise
        finally:
            if deadline.stop():
                self._free.append(line)

    def _take(self) -> _Line:
        try:
            return self._free.pop()
        except IndexError:
            client = self._client()
            return _Line(client, self._chat(client))

    def _client(self) -> Any:
        import openai

        timeout = openai.Timeout(self._timeouts.read, connect=self._timeouts.connect)
        with self._lock:
            self._tls = self._tls or _trusted_certificates(self._proxies)
        return openai.DefaultHttpxClient(timeout=timeout, trust_env=self._proxies, verify=self._tls)


class _Deadline:
    """Calls `late` after some seconds, unless stopped before; never both."""

    def __init__(self, seconds: float, late: Callable[[], None]) -> None:
        self.passed = False
        self._stopped = False
        self._late = late
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._pass)
        self._timer.daemon = True
        self._timer.start()

    def stop(self) -> bool:
        """Whether that was in time."""
        self._timer.cancel()
        with self._lock:
            self._stopped = True
            return not self.passed

    def _pass(self) -> None:
        with self._lock:
            if self._stopped:
                return
            self.passed = True
        self._late()


def _trusted_certificates(from_environment: bool) -> Any:
    """As the HTTP library below the client reads them: httpx, or httpx2 in newer versions."""
    import openai

    library = import_module(openai.DefaultHttpxClient.__mro__[1].__module__.partition(".")[0])
    return library.create_ssl_context(trust_env=from_environment)


def _close(lines: list[_Line]) -> None:
    for line in lines:
        line.client.close()
