"""Whoever has signed in at this session, by OpenID Connect or at the proxy, and whether that still holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import streamlit as st

from agents.desk import Desk
from agents.domain import Actor, Proof
from agents.errors import NotAllowed, NotSignedIn
from agents.people import GRACE, accounts, logins, proxies
from agents.people.logins import Login

SINCE = "signed-since"
PLACE = "signed-place"


class Standing(Enum):
    """IN: all is well. LATE: too old to act with; the page that is open stays a while, so that its words are kept. STRANGER: signed in, and without a
    role here. OUT: nobody, or not any more. For the last two nothing is shown."""

    IN = "in"
    LATE = "late"
    STRANGER = "stranger"
    OUT = "out"


CLOSED = (Standing.STRANGER, Standing.OUT)


def actor(desk: Desk) -> Actor:
    """Raises NotSignedIn or NotAllowed; asks the sign-in's row, so that one that was ended counts nowhere."""
    found = _login(desk)
    if found.ended:
        raise NotSignedIn("You have signed out. Sign in again; what you wrote is kept.")
    if not found.holds(desk.clock()) and desk.settings.accounts == "proxy":
        raise NotSignedIn("This page has been open for too long. Reload it; what you wrote is kept.")
    if not found.holds(desk.clock()):
        raise NotSignedIn("Your sign-in has run out. Sign in again; what you wrote is kept.")
    return _person(desk, found)


def role(desk: Desk) -> Actor:
    """The same whether the sign-in still holds or not: for what a page offers, never for what it does."""
    return _person(desk, _login(desk))


def name(desk: Desk) -> str:
    """The name alone, without a look at its row."""
    if desk.settings.accounts == "proxy":
        return proxies.name_in(desk.settings, st.context.headers.get_all)
    return logins.name_in(desk.settings, _claims())


def standing(desk: Desk, place: str) -> tuple[Standing, str]:
    """How it is with this session's sign-in, and the sentence to say.

    place: names the page that is to be drawn, where something may be written on it; "" for the others.
    """
    if not desk.settings.with_accounts:
        return Standing.IN, ""
    try:
        actor(desk)
    except NotSignedIn as error:
        return (Standing.LATE if _stays(desk, place) else Standing.OUT), str(error)
    except NotAllowed as error:
        return Standing.STRANGER, str(error)
    st.session_state[PLACE] = place
    return Standing.IN, ""


def is_over(desk: Desk) -> bool:
    """Is there nothing to show any more? For what runs between two runs of the whole page."""
    if not desk.settings.with_accounts:
        return False
    return standing(desk, str(st.session_state.get(PLACE) or ""))[0] in CLOSED


def is_known() -> bool:
    """Has this browser signed in, whatever became of it?"""
    return bool(_claims())


def until(desk: Desk) -> datetime:
    return _login(desk).until


def sign_out(desk: Desk) -> None:
    """End the sign-in for every copy of its cookie, then let Streamlit drop this one."""
    logins.end(desk, _claims())
    st.logout()


def _person(desk: Desk, found: Login) -> Actor:
    proof = Proof(desk.settings.accounts)
    return accounts.person(desk, found.name, proof, until=found.until, login=found.key or None)


def _login(desk: Desk) -> Login:
    """The sign-in of this session as it stands. Raises NotSignedIn where there is none."""
    if desk.settings.accounts == "proxy":
        since = st.session_state.setdefault(
            SINCE, desk.clock()
        )  # a connection may outlive what the proxy would say now
        return Login("", name(desk), since + timedelta(hours=desk.settings.login_hours))
    claims = _claims()
    if not claims:
        raise NotSignedIn("Sign in to see this desk.")
    return logins.see(desk, claims)


def _claims() -> Mapping[str, Any]:
    """The claims that Streamlit took from the signed cookie when the session began; {} while nobody has signed in."""
    found = st.user.to_dict()
    return found if found.get("is_logged_in") is True else {}


def _stays(desk: Desk, place: str) -> bool:
    """May the open page stay although its sign-in is too old? Not one that was ended, and no other page."""
    if not place or st.session_state.get(PLACE) != place:
        return False
    try:
        found = _login(desk)
    except NotSignedIn:
        return False
    return not found.ended and desk.clock() < found.until + GRACE
