"""What every page of every session shares: the open desk, and who sits at it."""

from __future__ import annotations

import streamlit as st

from agents import identity
from agents.desk import Desk, open_desk
from agents.domain import NAME_LENGTH
from agents.errors import SignoffError
from agents.settings import load_settings
from pages.components.words import label


@st.cache_resource(show_spinner=False)
def the_desk() -> Desk:
    """The one desk of this process; the server's lifespan opens it first and closes it last."""
    return open_desk(load_settings())


def close_desk() -> None:
    the_desk().close()
    the_desk.clear()


def actor() -> str:
    """The name that goes on this session's decisions."""
    name = st.session_state.get("actor")
    return str(name) if name else identity.actor(the_desk())


def name_popover() -> None:
    """Shows who decides and lets them change it; one call when it is saved."""
    desk = the_desk()
    if desk.settings.actor:
        return
    asked = "actor" in st.session_state or identity.remembered_actor(desk) is not None
    words = label(actor()) if asked else f"Your name: {label(actor())}?"
    with st.popover(words, icon=":material/person:", type="tertiary", key="who"):
        st.text("This name is put on your decisions.")
        with st.form("name", border=False):
            name = st.text_input("Your name", value=actor(), max_chars=NAME_LENGTH)
            saved = st.form_submit_button("Save name", type="primary")
        if saved:
            _remember(desk, name or "")


def _remember(desk: Desk, name: str) -> None:
    try:
        st.session_state["actor"] = identity.remember_actor(desk, name)
    except SignoffError as error:
        st.text(str(error))
        return
    st.rerun()
