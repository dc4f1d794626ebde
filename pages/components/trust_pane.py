"""A thread that was not written to because of its types: what trusting them means, and the button."""

from __future__ import annotations

import streamlit as st

from agents import trust
from agents.domain import Pause
from agents.errors import SignoffError
from agents.people import Act
from agents.trust import Refused
from pages.components.heading import banner, bullets, prose, section
from pages.components.lost import mark_mine
from pages.components.session import refused_because, the_desk, who
from pages.components.words import label


def is_held(pause: Pause) -> bool:
    """Does the pane say why an earlier answer did not go through?"""
    return trust.held_back(the_desk(), pause) is not None


def trust_pane(pause: Pause) -> bool:
    """Draw it where this thread is held back; True when it goes on now, so that the page draws itself anew."""
    found = trust.held_back(the_desk(), pause)
    if found is None:
        return False
    with st.container(border=True, key="trust"):
        section("This thread holds types that the desk does not know")
        prose(
            f"Nothing was sent. The file names types that the graph {found.graph_id} does not declare; "
            "sent as it is, the thread would keep them as plain data for good, and the graph would break on them."
        )
        bullets((*found.names, *found.never))
        for name in found.never:
            banner(str(trust.problem(name)), "red")
        if found.never:
            return False
        prose(trust.MEANING, "so-muted")
        refusal = refused_because(Act.TRUST)
        if refusal:
            prose(refusal)
            return False
        return _pressed(found, pause)


def _pressed(found: Refused, pause: Pause) -> bool:
    what = label(found.names[0]) if len(found.names) == 1 else f"these {len(found.names)} types"
    then = "send the answer again" if found.decisions else "go on"
    words = f"Trust {what} for graph {label(found.graph_id)} and {then}"
    if not st.button(words, icon=":material/verified_user:", wrap=True, key=f"trust-{pause.thread_id}"):
        return False
    try:
        made = trust.trust_and_go_on(the_desk(), pause.thread_id, actor=who(), source_id=pause.source_id)
    except SignoffError as error:
        banner(str(error), "red")
        return False
    for decision in made:  # else they would look like somebody else's, made while this person still wrote
        mark_mine(decision.decision_id)
    return True
