"""Who decides: in local mode the setting's name, a name that a person gave, else the account's; with accounts on, a token's.

Who keeps a given name is the caller's.
"""

from __future__ import annotations

import getpass

from agents.audit import append
from agents.database import reading, writing
from agents.desk import Desk
from agents.domain import Who, name_problem
from agents.errors import InvalidInput, NotAllowed, NotSignedIn
from agents.people import tokens


def system_user() -> str:
    """The name of the account that runs this process; "someone" where there is none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "someone"


def actor(desk: Desk, given: str | None = None) -> str:
    """The name for a decision: the setting, else the given one, else the system user."""
    return desk.settings.actor or given or system_user()


def actor_of_command(desk: Desk, given: str | None = None) -> Who:
    """Who runs a command that changes something. given: what --actor says.

    Where SIGNOFF_TOKEN is set and no name is given, whoever the token was made for. With accounts on nothing else
    counts: raises NotAllowed for a given name, NotSignedIn without a token that holds. Raises InvalidInput for a bad name.
    """
    if desk.settings.with_accounts and given is not None:
        raise NotAllowed(
            "Accounts are on at this desk, so --actor is refused: whoever SIGNOFF_TOKEN was made for acts."
        )
    if given is not None:
        return checked(given)
    if desk.settings.token is not None:
        with reading(desk.engine) as connection:
            return tokens.actor_of(connection, desk, desk.settings.token.get_secret_value())
    if desk.settings.with_accounts:
        raise NotSignedIn(
            "Accounts are on at this desk: set SIGNOFF_TOKEN to a token. An admin makes one: `signoff token create NAME`."
        )
    return actor(desk)


def introduce(desk: Desk, name: str) -> str:
    """A person says their name: checked and put on record.

    Raises InvalidInput for an empty, long or unprintable one, NotAllowed where people sign in.
    """
    if desk.settings.with_accounts:
        raise NotAllowed("Accounts are on at this desk: your name is the one that you sign in with.")
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
