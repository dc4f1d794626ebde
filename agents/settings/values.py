"""What a setting's text may be. Each raises ValueError with what is expected, and never repeats the value."""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from agents.domain import name_problem

SECRET_LENGTH = 16


def http_address(value: str | None) -> str | None:
    if not value:
        return None
    if not _address(value, {"http", "https"}):
        raise ValueError("expected an http:// or https:// address such as http://127.0.0.1:8501")
    return value.rstrip("/")


def person(value: str | None) -> str | None:
    problem = name_problem(value) if value else None
    if problem:
        raise ValueError(problem)
    return value


def one_word(value: SecretStr | None) -> SecretStr | None:
    key = value.get_secret_value().strip() if value else ""
    if not key.isascii() or any(letter.isspace() for letter in key):
        raise ValueError("expected one word without spaces, line breaks or accented letters")
    return SecretStr(key) if key else None


def long_secret(value: SecretStr | None) -> SecretStr | None:
    if value is not None and len(value.get_secret_value()) < SECRET_LENGTH:
        raise ValueError(f"expected {SECRET_LENGTH} characters or more; `openssl rand -hex 32` makes some")
    return value


def mail_server(value: SecretStr | None) -> SecretStr | None:
    if value is None or not value.get_secret_value():
        return None
    if not _address(value.get_secret_value(), {"smtp", "smtps"}):
        raise ValueError("expected smtp://USER:PASSWORD@HOST:587 or smtps://USER:PASSWORD@HOST:465")
    return value


def words_in(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(",") if each.strip())


def channels_in(text: str) -> dict[str, SecretStr]:
    """Name -> address, from a JSON object."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(each, str) and "://" in each for each in found.values()):
        raise ValueError(
            'expected a JSON object of names and addresses such as {"desk": "https://hooks.example.com/x"}'
        )
    return {name: SecretStr(each) for name, each in found.items()}


def paths_in(text: str) -> tuple[Path, ...]:
    """The files that a setting names: one path, several with os.pathsep between them, or a JSON list.

    A text that is the name of a file is that file, whatever is in it. Raises ValueError with what is expected.
    """
    if os.path.isfile(text):
        return (Path(text),)
    if text.lstrip().startswith('["') or text.strip() == "[]":
        return _listed(text)
    found = tuple(Path(each) for each in text.split(os.pathsep) if each.strip())
    if not found or "\0" in text:
        raise ValueError("expected the path of a file, or several")
    return found


def _listed(text: str) -> tuple[Path, ...]:
    try:
        named = json.loads(text)
    except ValueError:
        named = None
    if not isinstance(named, list) or not named or not all(isinstance(each, str) and each.strip() for each in named):
        raise ValueError('expected a JSON list of paths such as ["a.sqlite", "b.sqlite"]')
    return tuple(Path(each) for each in named)


def _address(text: str, schemes: set[str]) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
