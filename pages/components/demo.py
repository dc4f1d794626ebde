"""The demo on the inbox: an empty desk is filled with one click, and one line takes it away again."""

from __future__ import annotations

import streamlit as st

from agents import demo
from agents.desk import Desk
from agents.errors import SignoffError
from agents.people import Act
from agents.wording import count
from pages.components.heading import banner, bullets, prose
from pages.components.session import allowed, the_desk, who
from pages.components.tour import tour_button

POLL_SECONDS = 0.1
TOLD = "demo-told"
ASKED = "demo-asked"


def offer_demo() -> None:
    """For an empty inbox: one click and the desk is full; nothing where no demo can be made."""
    desk = the_desk()
    under_way = demo.filling(desk)
    if not allowed(Act.ADMINISTER) or (under_way is None and demo.refusal(desk) is not None):
        return
    with st.container(border=True, key="demo-offer"):
        prose("See all of it at once", "so-strong")
        prose(
            "A demo fills this desk with threads of every kind, some waiting, some decided days ago. It is made without a "
            "language model, nothing leaves this machine, and you can take it away again.",
            "so-muted",
        )
        with st.container(horizontal=True):
            pressed = st.button("Fill the desk with a demo", type="primary", icon=":material/inbox:", key="demo-fill")
            tour_button("Take the tour, two minutes")
        if pressed or under_way is not None:
            _fill(desk)


def _fill(desk: Desk) -> None:
    try:
        filling = demo.fill(desk, actor=who())
    except SignoffError as error:
        banner(str(error), "red")
        return
    _watch(filling)


def demo_line() -> None:
    """For an inbox that shows the demo: says so, offers the tour and the way back."""
    told = st.session_state.get(TOLD)
    if told is not None:
        _told(told)
    desk = the_desk()
    now = demo.standing(desk)
    if not now.threads or demo.filling(desk) is not None:
        return
    if st.session_state.get(ASKED):
        _confirm(now)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="demo-line"):
        words = "This desk shows a demo." if now.whole else "A demo is being made here, or it was cut off."
        prose(words, "so-muted", width="content")
        if now.whole:
            tour_button("Take the tour")
        if allowed(Act.ADMINISTER) and st.button("Take it away", type="tertiary", key="demo-away"):
            st.session_state[ASKED] = True
            st.rerun()


def _watch(filling: demo.Filling) -> None:
    """Show how far it is until it has ended; it goes on without this tab."""
    place = st.empty()
    while not filling.ended.wait(POLL_SECONDS):
        words = f"Making {filling.done + 1} of {filling.total}: {filling.text}" if filling.text else "Beginning"
        place.progress(filling.done / filling.total, text=words)
    place.empty()
    if filling.error is not None:
        st.session_state[TOLD] = (f"No demo was made. {filling.error}", ())
    st.rerun()


def _confirm(now: demo.Standing) -> None:
    threads = count(len(now.threads), "thread")
    with st.container(border=True, key="demo-confirm"):
        prose(
            f"Take the demo away? Its {threads} go, with the decisions on them, their files and mails. "
            "What you started yourself stays, and the record keeps what happened."
        )
        with st.container(horizontal=True):
            sure = st.button("Take the demo away", type="primary", key="demo-sure")
            kept = st.button("Keep it", key="demo-keep")
        if sure:
            st.session_state[TOLD] = _taken()
        if sure or kept:
            st.session_state.pop(ASKED)
            st.rerun()


def _taken() -> tuple[str, tuple[str, ...]]:
    try:
        stayed = demo.reset_demo(the_desk(), actor=who())
    except SignoffError as error:
        return f"The demo was not taken away. {error}", ()
    return "The demo is taken away." + (" Something stayed:" if stayed else ""), stayed


def _told(told: tuple[str, tuple[str, ...]]) -> None:
    sentence, stayed = told
    with st.container(border=bool(stayed), key="demo-told"):
        banner(sentence, "orange" if "not " in sentence or sentence.startswith("No ") else "green")
        if stayed:
            bullets(stayed)
        if st.button("Close", key="demo-told-close", type="tertiary"):
            st.session_state.pop(TOLD)
            st.rerun()
