"""Settings and rules on record: one event for each change of what the desk goes by, never with a secret in it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr
from sqlalchemy import Connection, Engine

from agents import __version__
from agents.audit.chain import append, latest
from agents.audit.patch import patch
from agents.database import reading, writing
from agents.domain import JSON, canonical
from agents.errors import Busy
from agents.rules import Rules
from agents.settings import Settings

log = logging.getLogger(__name__)
SETTINGS = "settings"
ACTOR = "system:desk"
OWN = frozenset({"actor", "token", "log", "worker"})
"""Of one person or one process, not of the desk: they differ from call to call."""


def record_settings(engine: Engine, settings: Settings, rules: Rules, at: datetime) -> None:
    """Put it on record when this is not what the last process went by. A database that is busy is no reason not to open."""
    now = state_of(settings, rules)
    with reading(engine) as connection:
        if _same(connection, now):
            return
    try:
        with writing(engine) as connection:
            if not _same(connection, now):  # another process may have been first
                _append(connection, now, at)
    except Busy as error:
        log.warning("A change of the settings was not put on record: %s", error)


def state_of(settings: Settings, rules: Rules) -> dict[str, JSON]:
    """All that counts, as plain data. Of a secret: whether there is one; of a channel: its name."""
    values = {name: _shown(getattr(settings, name)) for name in Settings.model_fields if name not in OWN}
    return {"version": __version__, "settings": values, "rules": rules.model_dump(mode="json")}


def _same(connection: Connection, now: Mapping[str, JSON]) -> bool:
    return canonical(_last(connection)) == canonical(now)


def _last(connection: Connection) -> JSON:
    found = latest(connection, None, None, SETTINGS)
    return found.fields.get("state") if found else None


def _append(connection: Connection, now: Mapping[str, JSON], at: datetime) -> None:
    before = _last(connection)
    changed = None if before is None else patch(before, now)
    append(connection, at=at, actor=ACTOR, action=SETTINGS, state=now, changed=changed)


def _shown(value: object) -> JSON:
    if isinstance(value, SecretStr):
        return "set"
    if isinstance(value, Mapping):
        return sorted(value)
    if isinstance(value, tuple):
        return [_shown(each) for each in value]
    if isinstance(value, Path):
        return str(value.absolute())
    return _without_login(value) if isinstance(value, str) else value


def _without_login(text: str) -> str:
    """An address without the name and the password that it may carry."""
    if "://" not in text:
        return text
    parts = urlsplit(text)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
