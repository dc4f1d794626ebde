"""Answers as JSON, whatever the payload of a stranger's graph holds."""

from __future__ import annotations

import json
import math

from starlette.responses import JSONResponse

from agents.domain import JSON


class Answer(JSONResponse):
    """UTF-8; half a character is written as its escape."""

    def render(self, content: JSON) -> bytes:
        try:
            return _dumped(content, ascii_only=False).encode()
        except UnicodeEncodeError:
            return _dumped(content, ascii_only=True).encode()


def plain(value: JSON) -> JSON:
    """The value with null for numbers that JSON does not know, and text for what is no JSON at all."""
    return json.loads(json.dumps(_finite(value), default=str))


def as_text(content: JSON) -> str:
    """One line of JSON."""
    return _dumped(content, ascii_only=True)


def _dumped(content: JSON, *, ascii_only: bool) -> str:
    try:
        return json.dumps(content, ensure_ascii=ascii_only, allow_nan=False, separators=(",", ":"))
    except (ValueError, TypeError):  # not a number, or no JSON
        return json.dumps(plain(content), ensure_ascii=ascii_only, separators=(",", ":"))


def _finite(value: JSON) -> JSON:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(name): _finite(each) for name, each in value.items()}
    return [_finite(each) for each in value] if isinstance(value, list | tuple) else value
