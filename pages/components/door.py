"""The desk's door: with accounts on, nothing of it is read or drawn before somebody has signed in."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from agents.errors import SignoffError
from pages.components import signed
from pages.components.heading import banner, prose
from pages.components.session import the_desk
from pages.components.signed import Standing
from pages.sign_in import DEFAULT, providers

WRITING = ("review", "start")
"""The pages on which somebody may be in the middle of a sentence."""


def let_in() -> bool:
    """Call it first in every run; False: the sign-in page is drawn, and nothing else may be."""
    page = urlsplit(st.context.url or "").path.rstrip("/").rpartition("/")[2]
    place = f"{page}?{st.query_params.get('thread', '')}" if page in WRITING else ""
    try:
        standing, sentence = signed.standing(the_desk(), place)
    except SignoffError as error:  # the database does not answer
        standing, sentence = Standing.OUT, str(error)
    if standing in signed.CLOSED:
        _sign_in(sentence, stranger=standing is Standing.STRANGER)
        return False
    if standing is Standing.LATE:
        _run_out(sentence)
    return True


def _sign_in(sentence: str, *, stranger: bool) -> None:
    proxied = the_desk().settings.accounts == "proxy"
    with st.container(key="sign-in", border=True):
        st.html("<h1>Signoff</h1>")
        if proxied or signed.is_known():
            banner(sentence, "orange")
        else:
            prose("What your workflows ask you waits here. Sign in to see it.")
        if proxied:
            return
        if stranger and st.button("Sign out", icon=":material/logout:", width="stretch", key="leave"):
            signed.sign_out(the_desk())
        if not stranger:
            _buttons("Sign in again" if signed.is_known() else "Sign in", primary=True)


def _run_out(sentence: str) -> None:
    """Over a page that stays a while, so that nobody loses what they are writing."""
    with st.container(horizontal=True, vertical_alignment="center", key="run-out"):
        banner(sentence, "orange")
        _buttons("Sign in again", primary=False)


def _buttons(words: str, *, primary: bool) -> None:
    for name in providers():
        named = words if name == DEFAULT else f"{words} with {name.capitalize()}"
        if st.button(
            named,
            type="primary" if primary else "secondary",
            icon=":material/login:",
            width="stretch" if primary else "content",
            key=f"sign-in-{name}",
        ):
            st.login(None if name == DEFAULT else name)
