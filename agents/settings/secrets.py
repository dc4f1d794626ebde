"""The texts that must never be written anywhere: what a log blots out, should a library repeat one."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import SecretStr

from agents.settings.settings import Settings

SHORTEST = 6
"""A shorter part of an address is a word like any other, and blotting it out would spoil the log."""


def secret_texts(settings: Settings) -> frozenset[str]:
    """Every secret setting, whole and, of addresses, the parts that may be keys."""
    values = [value for name in Settings.model_fields for value in _secrets(getattr(settings, name))]
    return frozenset(part for value in values for part in (value, *_parts(value)) if len(part) >= SHORTEST)


def _secrets(value: object) -> Iterator[str]:
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, dict):
        for each in value.values():
            yield from _secrets(each)


def _parts(value: str) -> Iterator[str]:
    """Of an address: its password and, where a key may stand, the parts of its path and the values of its query."""
    if "://" not in value:
        return
    try:
        found = urlsplit(value)
        secret = found.password or ""
    except ValueError:
        return
    yield from (secret, unquote(secret))
    yield from (each for each in found.path.split("/") if len(each) >= 2 * SHORTEST)
    yield from (text for _, text in parse_qsl(found.query))
