"""The record on the System page: its head to take away, and a check of every event."""

from __future__ import annotations

import time

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from agents import system
from agents.audit import SignedHead
from agents.domain import Actor
from agents.system import Checked
from agents.wording import count
from pages.components.heading import banner, facts, prose, section
from pages.components.session import the_desk
from pages.components.words import age

KEPT = "system-checked"
HEAD = "system-head-shown"
PATIENCE = 0.7
"""Seconds after which a check shows how far it is."""

MEANS = (
    "A check finds what was changed, removed, put in or moved. What was cut off at the end shows only against a head that "
    "was kept elsewhere: download it now and then, and compare with: signoff audit verify --head FILE."
)


def record_card(head: SignedHead, person: Actor) -> None:
    """Draws itself; a check that is asked for runs last, below its button."""
    with st.container(border=True, key="system-record"):
        section("The record")
        signed = "yes, with SIGNOFF_RECORD_KEY" if head.signature else "no: SIGNOFF_RECORD_KEY is not set"
        facts([("Length", count(head.count, "event")), ("Head", f"{head.hash[:16]}…"), ("Signed", signed)])
        with st.container(horizontal=True):
            asked = st.button("Check the record now", icon=":material/fact_check:", key="system-check")
            st.download_button(
                "Download the head",
                data=system.head_file(_steady(head)),
                file_name=f"signoff-head-{head.count}.json",
                mime="application/json",
                icon=":material/download:",
                on_click="ignore",
                key="system-head",
            )
        place = st.empty()
        prose(MEANS, "so-muted")
    if asked:
        st.session_state[KEPT] = _checked(head.count, person, place)
    found = st.session_state.get(KEPT)
    if isinstance(found, Checked):
        with place.container():
            _result(found)


def _steady(head: SignedHead) -> SignedHead:
    """One file for one head: a file that is new in every refresh is gone for whoever clicks just then."""
    shown = st.session_state.get(HEAD)
    if not isinstance(shown, SignedHead) or (shown.count, shown.hash) != (head.count, head.hash):
        shown = st.session_state[HEAD] = head
    return shown


def _result(found: Checked) -> None:
    when = age(found.at, the_desk().clock())
    if found.fault:
        banner(found.fault, "red", title=f"Checked {when}.")
    else:
        banner(f"Checked {when}: {count(found.count, 'event')}, none of them changed.", "green")


def _checked(total: int, person: Actor, place: DeltaGenerator) -> Checked:
    begun = time.monotonic()

    def told(done: int) -> None:
        if time.monotonic() - begun > PATIENCE:
            place.progress(min(1.0, done / max(1, total)), text=f"{done:,} of {count(total, 'event')} checked")

    return system.check_record(the_desk(), person, told)
