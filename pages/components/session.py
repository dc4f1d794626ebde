"""What every page of every session shares: the open desk, and who sits at it."""

from __future__ import annotations

import streamlit as st

from agents import identity
from agents.desk import Desk, open_desk
from agents.domain import NAME_LENGTH
from agents.errors import SignoffError
from agents.settings import load_settings
from pages.components.browser_name import keep_in_cookie, name_in_cookie
from pages.components.words import label


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


def actor() -> str:
    """The name that goes on this session's decisions: given in it, else by its browser earlier, else the default."""
    return identity.actor(the_desk(), _given())


def _given() -> str | None:
    name = st.session_state.get("actor")
    return str(name) if name else name_in_cookie()


def keep_name() -> None:
    """Call it in every run: a name that was given in this session is kept by its browser."""
    name = st.session_state.get("actor")
    if name:
        keep_in_cookie(str(name))


def name_popover() -> None:
    """Shows who decides and lets them change it; one call when it is saved."""
    desk = the_desk()
    if desk.settings.actor:
        return
    words = label(actor()) if _given() else f"Your name: {label(actor())}?"
    with st.popover(words, icon=":material/person:", type="tertiary", key="who"):
        st.text("This name is put on your decisions.")
        with st.form("name", border=False):
            name = st.text_input("Your name", value=actor(), max_chars=NAME_LENGTH)
            saved = st.form_submit_button("Save name", type="primary")
        if saved:
            _remember(desk, name or "")


def _remember(desk: Desk, name: str) -> None:
    try:
        st.session_state["actor"] = identity.introduce(desk, name)
    except SignoffError as error:
        st.text(str(error))
        return
    st.rerun()
