"""Who asks: whoever the token was made for."""

from __future__ import annotations

from starlette.requests import Request

from agents.database import reading
from agents.desk import Desk
from agents.domain import Actor
from agents.errors import NotAllowed, NotSignedIn
from agents.people import tokens

HOW = "Send the header Authorization: Bearer TOKEN; `signoff token create NAME --scope ...` makes one."


def writer(desk: Desk, request: Request) -> Actor:
    """Every act needs a token, in local mode too. What it may do is checked where it is done. Raises NotSignedIn."""
    found = _caller(desk, request)
    if found is None:
        raise NotSignedIn(f"This needs a token. {HOW}")
    return found


def reader(desk: Desk, request: Request) -> Actor | None:
    """With accounts on, reading needs a token with the scope read; in local mode none. Raises NotSignedIn or NotAllowed."""
    found = _caller(desk, request)
    if not desk.settings.with_accounts:
        return found if found is not None and "read" in (found.scopes or ()) else None
    if found is None:
        raise NotSignedIn(f"Accounts are on at this desk, so reading needs a token. {HOW}")
    if "read" not in (found.scopes or ()):
        raise NotAllowed("This token may not read: it was not made with --scope read.")
    return found


def _caller(desk: Desk, request: Request) -> Actor | None:
    given = request.headers.get("authorization")
    if given is None:
        return None
    scheme, _, secret = given.partition(" ")
    if scheme.lower() != "bearer":
        raise NotSignedIn(f"Authorization: expected a bearer token. {HOW}")
    with reading(desk.engine) as connection:
        return tokens.actor_of(connection, desk, secret.strip())
