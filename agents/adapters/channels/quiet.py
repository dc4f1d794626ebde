"""What libraries log while a message goes out may hold a channel's address; it is heard here and goes no further."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

LOGGERS = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.proxy", "apprise", "urllib3.connectionpool")


@dataclass(slots=True)
class Heard:
    """texts: what was logged. errors: the exceptions that were being handled then."""

    texts: list[str] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)


_heard: ContextVar[Heard | None] = ContextVar("heard", default=None)


class _Ear(logging.Filter):
    """On a logger itself, so that nothing reaches a handler. floor: what others want of that logger."""

    def __init__(self, floor: int) -> None:
        super().__init__()
        self._floor = floor

    def filter(self, record: logging.LogRecord) -> bool:
        heard = _heard.get()
        if heard is None:
            return record.levelno >= (self._floor or logging.getLogger().getEffectiveLevel())
        error = sys.exc_info()[1]
        if error is not None:
            heard.errors.append(error)
        heard.texts.append(record.getMessage())
        return False


@contextmanager
def listening() -> Iterator[Heard]:
    """Nothing that these libraries log in this block gets into a log."""
    for name in LOGGERS:
        _listen_to(logging.getLogger(name))
    heard = Heard()
    token = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(token)


def _listen_to(logger: logging.Logger) -> None:
    if any(isinstance(each, _Ear) for each in logger.filters):
        return
    logger.addFilter(_Ear(logger.level))
    if logger.name == "apprise":  # it tells some of its reasons at this level only
        logger.setLevel(logging.DEBUG)
