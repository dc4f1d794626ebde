"""The name that this browser was given, in a cookie of its own: two people at one desk are two names."""

from __future__ import annotations

from urllib.parse import quote, unquote

import streamlit as st

from agents.domain import name_problem

COOKIE = "signoff_name"
YEAR = 365 * 24 * 3600

_JS = """
export default function ({ data }) {
  document.cookie = data.cookie
}
"""

_keeper = st.components.v2.component("signoff_name", html="<span></span>\n", js=_JS)


def name_in_cookie() -> str | None:
    """The name as the browser sent it when the session began; None when there is none that may stand on a decision."""
    name = unquote(st.context.cookies.get(COOKIE) or "").strip()
    return None if name_problem(name) else name


def keep_in_cookie(name: str) -> None:
    """Have the browser keep the name for a year. Percent-encoded, so no name can add an attribute of its own."""
    cookie = f"{COOKIE}={quote(name, safe='')}; Max-Age={YEAR}; Path=/; SameSite=Lax"
    _keeper(key="name-keeper", data={"cookie": cookie}, height=1)
