"""Who decides: the setting's name, a name that a person gave, else the account's. Who keeps a given name is the caller's."""

from __future__ import annotations

import getpass

from agents.audit import append
from agents.database import writing
from agents.desk import Desk
from agents.domain import name_problem
from agents.errors import InvalidInput


def system_user() -> str:
    """The name of the account that runs this process; "someone" where there is none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "someone"


def actor(desk: Desk, given: str | None = None) -> str:
    """The name for a decision: the setting, else the given one, else the system user."""
    return desk.settings.actor or given or system_user()


def introduce(desk: Desk, name: str) -> str:
    """A person says their name: checked and put on record. Raises InvalidInput for an empty, long or unprintable one."""
    clean = checked(name)
    with writing(desk.engine) as connection:
        append(connection, at=desk.clock(), actor=clean, action="named", name=clean)
    return clean


def checked(name: str) -> str:
    """The name without outer spaces. Raises InvalidInput when it cannot stand on a decision."""
    clean = name.strip()
    problem = name_problem(clean)
    if problem:
        raise InvalidInput(f"{problem[0].upper()}{problem[1:]}.")
    return clean
