"""What every page of every session shares: the open desk, and who sits at it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

from agents import identity, people
from agents.desk import Desk, open_desk
from agents.domain import Actor, Proof, Role
from agents.errors import NotAllowed
from agents.people import NEEDED, Act
from agents.settings import load_settings
from pages.components import signed
from pages.components.browser_name import keep_in_cookie, name_in_cookie

Drawn = ParamSpec("Drawn")


@st.cache_resource(show_spinner=False)
def the_desk() -> Desk:
    """The one desk of this process; the server's lifespan opens it first and closes it last."""
    return open_desk(load_settings())


def file_fact(source_id: str) -> list[str]:
    """Which file a thread is in, as a fact of its heading; [] where there is only one."""
    name = the_desk().source_names().get(source_id)
    return [f"in {name}"] if name else []


def close_desk() -> None:
    the_desk().close()
    the_desk.clear()


def who() -> Actor:
    """Who acts, proven anew: hand it to every call that changes something.

    Raises NotSignedIn where the sign-in is over, NotAllowed where nobody has given this person a role.
    """
    desk = the_desk()
    if desk.settings.with_accounts:
        return signed.actor(desk)
    return Actor(identity.actor(desk, given_name()), Role.ADMIN, Proof.LOCAL)


def actor() -> str:
    """The name that this session reads and drafts under; the desk's door has seen the sign-in in this run.

    Without accounts: given in this session, else by its browser earlier, else the default. Raises NotSignedIn.
    """
    desk = the_desk()
    return signed.name(desk) if desk.settings.with_accounts else identity.actor(desk, given_name())


def writer() -> Actor:
    """Who sits here, whether the sign-in still holds or not: for drafts alone, which are kept a little longer."""
    desk = the_desk()
    return signed.role(desk) if desk.settings.with_accounts else who()


def allowed(act: Act, *, graph_id: str | None = None, kind: str | None = None) -> bool:
    """May this person do that, as far as their role goes? For hiding what would be refused."""
    return refused_because(act, graph_id=graph_id, kind=kind) == ""


def refused_because(act: Act, *, graph_id: str | None = None, kind: str | None = None) -> str:
    """The sentence of `permit` about role and scope; "" where it is allowed, and where only the sign-in is too old."""
    desk = the_desk()
    if not desk.settings.with_accounts:
        return ""
    try:
        person = signed.role(desk)
    except NotAllowed as error:
        return str(error)
    if not person.role.reaches(NEEDED[act]):
        return f"Your role here is {person.role.value}; it takes {NEEDED[act].value}."
    return people.why_not(desk, person, act, graph_id=graph_id, kind=kind)


def watched(draw: Callable[Drawn, None], run_every: float | None = None) -> Callable[Drawn, None]:
    """A fragment that ends with the sign-in: it runs by itself, without the desk's own script and its door."""

    @wraps(draw)
    def drawn(*args: Drawn.args, **kwargs: Drawn.kwargs) -> None:
        if signed.is_over(the_desk()):
            st.rerun()
        draw(*args, **kwargs)

    return st.fragment(drawn, run_every=run_every)


def given_name() -> str | None:
    name = st.session_state.get("actor")
    return str(name) if name else name_in_cookie()


def keep_name() -> None:
    """Call it in every run: a name that was given in this session is kept by its browser."""
    name = st.session_state.get("actor")
    if name:
        keep_in_cookie(str(name))
