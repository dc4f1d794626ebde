"""The log: one line per event, as text or as JSON, with the ids of what it is about and never what was asked or answered.

A line holds its message, the names in `NAMES`, and of an error its kind and
where it was raised. What an error says is left out: it may repeat a payload.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Literal

from agents.errors import SignoffError

NAMES = (
    "source_id",
    "thread_id",
    "pause_key",
    "decision_id",
    "job_id",
    "actor",
    "action",
    "event",
    "type",
    "kind",
    "status",
    "graph_id",
    "channel",
    "seconds",
)
"""What may stand in a line beside its message; everything else that a caller gives along is dropped."""
HIDDEN = "[hidden]"
FRAMES = 12
NOISY = ("uvicorn", "streamlit", "websockets")
"""Libraries that write to the console by themselves."""
ADDRESSES = ("uvicorn.access", "httpx", "httpcore", "apprise")
"""Of these, lines that are not warnings are left out: they hold whole addresses, with the code of a sign-in or the key of a hook."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_known: ContextVar[Mapping[str, str]] = ContextVar("signoff_about", default=MappingProxyType({}))


@contextmanager
def about(**ids: str | None) -> Iterator[None]:
    """Every line written inside says what it is about; names are those of `NAMES`, None says nothing."""
    token = _known.set({**_known.get(), **{name: value for name, value in ids.items() if value is not None}})
    try:
        yield
    finally:
        _known.reset(token)


@contextmanager
def written(form: Literal["text", "json"], secrets: Collection[str] = ()) -> Iterator[None]:
    """As `set_up`, until the end of the block."""
    undo = set_up(form, secrets)
    try:
        yield
    finally:
        undo()


def set_up(form: Literal["text", "json"], secrets: Collection[str] = ()) -> Callable[[], None]:
    """Send every logger's lines to stderr in this form, and what nobody caught, too. For entry points.

    secrets: texts that are blotted out wherever a library writes them. Returns what takes it all back.
    """
    root, lines = logging.getLogger(), Lines(form, secrets)
    before = root.level, logging.getLoggerClass(), sys.excepthook, threading.excepthook
    root.addHandler(lines)
    root.setLevel(logging.WARNING)
    _set_levels()
    for logger in _loggers():
        _route(logger)
    logging.setLoggerClass(_Routed)
    logging.captureWarnings(True)
    sys.excepthook, threading.excepthook = _uncaught, _uncaught_in_thread

    def undo() -> None:
        logging.captureWarnings(False)
        root.removeHandler(lines)
        root.setLevel(before[0])
        logging.setLoggerClass(before[1])
        sys.excepthook, threading.excepthook = before[2:]

    return undo


def _set_levels() -> None:
    for name in ("agents", "pages", "signoff"):
        logging.getLogger(name).setLevel(logging.INFO)
    for name in ADDRESSES:
        logging.getLogger(name).setLevel(logging.WARNING)


class Lines(logging.Handler):
    """Writes to whatever stderr is at the moment."""

    def __init__(self, form: Literal["text", "json"], secrets: Collection[str] = ()) -> None:
        super().__init__()
        self._json = form == "json"
        self._secrets = sorted((each for each in secrets if each), key=len, reverse=True)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(f"{self.format(record)}\n")
            sys.stderr.flush()
        except (OSError, ValueError):  # nobody reads it any more; that must not stop the work
            return

    def format(self, record: logging.LogRecord) -> str:
        told = self._clean(_fields(record))
        return json.dumps(told, ensure_ascii=False) if self._json else _text(told)

    def _clean(self, told: Mapping[str, object]) -> dict[str, object]:
        return {name: self._blotted(value) for name, value in told.items()}

    def _blotted(self, value: object) -> object:
        if isinstance(value, list):
            return [self._blotted(each) for each in value]
        if not isinstance(value, str):
            return value
        for secret in self._secrets:
            value = value.replace(secret, HIDDEN)
        return value


class _Routed(logging.Logger):
    """A library's logger that asks for a console of its own gets ours instead."""

    def addHandler(self, hdlr: logging.Handler) -> None:
        if type(hdlr) is logging.StreamHandler:
            self.propagate = True
            return
        super().addHandler(hdlr)


def _loggers() -> list[logging.Logger]:
    known = logging.root.manager.loggerDict.items()
    return [each for name, each in known if isinstance(each, logging.Logger) and name.partition(".")[0] in NOISY]


def _route(logger: logging.Logger) -> None:
    for each in [each for each in logger.handlers if isinstance(each, logging.StreamHandler)]:
        logger.removeHandler(each)
    logger.propagate = True


def _fields(record: logging.LogRecord) -> dict[str, object]:
    when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    told: dict[str, object] = {
        "time": when.replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": _one_line(_message(record)),
    }
    given = {name: getattr(record, name) for name in NAMES if getattr(record, name, None) is not None}
    told |= {name: _plain(value) for name, value in {**_known.get(), **given}.items() if name in NAMES}
    if record.exc_info and record.exc_info[1] is not None:
        told |= _of_error(record.exc_info[1])
    return told


def _message(record: logging.LogRecord) -> str:
    """Errors of our own are sentences; of any other only its kind is told."""
    if isinstance(record.args, tuple):
        record = logging.makeLogRecord({**record.__dict__, "args": tuple(map(_told, record.args))})
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return str(record.msg)


def _told(value: object) -> object:
    if isinstance(value, BaseException) and not isinstance(value, SignoffError):
        return _kind(value)
    return value


def _of_error(error: BaseException) -> dict[str, object]:
    told: dict[str, object] = {"error": _kind(error), "at": _frames(error.__traceback__)}
    if isinstance(error, SignoffError):
        told["reason"] = _one_line(str(error))
    if error.__cause__ is not None:
        told["cause"] = _kind(error.__cause__)
    return told


def _kind(error: BaseException) -> str:
    module = type(error).__module__
    return type(error).__qualname__ if module == "builtins" else f"{module}.{type(error).__qualname__}"


def _frames(found: TracebackType | None) -> list[str]:
    """Where it was raised, the innermost last: no source line, since that may hold a value."""
    told = []
    while found is not None:
        code = found.tb_frame.f_code
        told.append(f"{'/'.join(Path(code.co_filename).parts[-3:])}:{found.tb_lineno} {code.co_name}")
        found = found.tb_next
    return told[-FRAMES:]


def _plain(value: object) -> object:
    return value if isinstance(value, bool | int | float) else _one_line(str(value))


def _one_line(text: str) -> str:
    """Nothing in it begins a line of its own, or moves a terminal's cursor."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def _text(told: Mapping[str, object]) -> str:
    head = f"{told['time']} {str(told['level']).upper():<7} {told['logger']}: {told['message']}"
    rest = [f"{name}={_word(value)}" for name, value in told.items() if name not in _HEAD]
    return " ".join([head, *rest])


_HEAD = ("time", "level", "logger", "message")


def _word(value: object) -> str:
    text = " < ".join(reversed(value)) if isinstance(value, list) else str(value)
    return json.dumps(text, ensure_ascii=False) if " " in text or not text else text


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("signoff").critical("Ended by an unexpected error", exc_info=(kind, error, trace))


def _uncaught_in_thread(found: threading.ExceptHookArgs) -> None:
    error = found.exc_value
    if error is not None and not isinstance(error, SystemExit):
        told = (found.exc_type, error, found.exc_traceback)
        logging.getLogger("signoff").error("A thread was ended by an unexpected error", exc_info=told)
