"""Who decides: a name that is asked once and shown on every decision."""

from __future__ import annotations

import getpass

from sqlalchemy import delete, insert, select

from agents.audit import append
from agents.database import preference, reading, writing
from agents.desk import Desk
from agents.domain import name_problem
from agents.errors import InvalidInput


def system_user() -> str:
    """The name of the account that runs this process; "someone" where there is none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "someone"


def actor(desk: Desk) -> str:
    """The name for this desk's decisions: the setting, else the remembered name, else the system user."""
    return desk.settings.actor or remembered_actor(desk) or system_user()


def remembered_actor(desk: Desk) -> str | None:
    """The name that was given in the browser, or None while nobody was asked."""
    with reading(desk.engine) as connection:
        value = connection.execute(select(preference.c.value).where(preference.c.name == "actor")).scalar()
    return str(value) if value else None


def remember_actor(desk: Desk, name: str) -> str:
    """Keep the name for later decisions. Raises InvalidInput for an empty, long or unprintable one."""
    clean = checked(name)
    with writing(desk.engine) as connection:
        connection.execute(delete(preference).where(preference.c.name == "actor"))
        connection.execute(insert(preference).values(name="actor", value=clean))
        append(connection, at=desk.clock(), actor=clean, action="named", name=clean)
    return clean


def checked(name: str) -> str:
    """The name without outer spaces. Raises InvalidInput when it cannot stand on a decision."""
    clean = name.strip()
    problem = name_problem(clean)
    if problem:
        raise InvalidInput(f"{problem[0].upper()}{problem[1:]}.")
    return clean
