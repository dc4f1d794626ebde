"""At the right of every page's head: who decides here, and the way to change that."""

from __future__ import annotations

import streamlit as st

from agents import identity
from agents.desk import Desk
from agents.domain import NAME_LENGTH, Role
from agents.errors import SignoffError
from pages.components import signed
from pages.components.session import actor, given_name, the_desk
from pages.components.words import clock_time, label

ROLES = {
    Role.VIEWER: "You may look, not decide.",
    Role.REVIEWER: "You may decide reviews and start workflows.",
    Role.LEAD: "You may decide, give reviews to people and move deadlines.",
    Role.ADMIN: "You may do everything at this desk.",
}


def name_popover() -> None:
    """The name that goes on decisions: asked for, or proven."""
    desk = the_desk()
    if desk.settings.with_accounts:
        _account(desk)
    elif not desk.settings.actor:
        _asked(desk)


def _account(desk: Desk) -> None:
    try:
        person = signed.role(desk)
    except SignoffError:
        return  # over since this run began; the next one says so
    with st.popover(label(person.name), icon=":material/person:", type="tertiary", key="who"):
        st.text(f"{person.role.value.capitalize()}. {ROLES[person.role]}")
        if desk.settings.accounts == "proxy":
            st.text("You are signed in at the proxy; sign out there.")
            return
        st.text(f"Signed in until {clock_time(signed.until(desk))}.")
        if st.button("Sign out", icon=":material/logout:", key="sign-out"):
            signed.sign_out(desk)


def _asked(desk: Desk) -> None:
    """Shows who decides and lets them change it; one call when it is saved."""
    words = label(actor()) if given_name() else f"Your name: {label(actor())}?"
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
