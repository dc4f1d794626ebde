"""In whose hands reviews are, in lists: the choice Mine / Unclaimed / All, and the marks on a row."""

from __future__ import annotations

import streamlit as st

from agents.claims import same_person
from agents.reviews import Inbox, Row
from agents.wording import whom
from pages.components.session import actor, the_desk

CHOICES = {"": "All", "mine": "Mine", "free": "Unclaimed", "aside": "Set aside"}
KEY = "inbox-hands"


def hands_chosen() -> str:
    """Which of CHOICES this session looks at."""
    return str(st.session_state.get(KEY) or "")


def hands_filter(found: Inbox) -> None:
    """Draw the choice, where several people share the desk or somebody has something in their hands."""
    desk, chosen = the_desk(), hands_chosen()
    shared = desk.settings.with_accounts or not desk.rules.alone or found.in_hands > 0
    offered = [name for name in CHOICES if shared or name == ""]
    if not found.aside and chosen != "aside" and "aside" in offered:
        offered.remove("aside")
    if (found.aside or chosen == "aside") and "aside" not in offered:
        offered.append("aside")
    if len(offered) < 2 and not chosen:
        return
    st.segmented_control(
        "Whose",
        offered if chosen in offered else [*offered, chosen],
        default="",
        required=True,
        format_func=lambda name: CHOICES[name],
        key=KEY,
        label_visibility="collapsed",
        persist_state="session",
    )


def hands_of(row: Row) -> list[tuple[str, str]]:
    """The marks of a row: who works on it, whom it was given to, and how far two have come with it."""
    marks = []
    if row.claimed_by is not None:
        mine = same_person(row.claimed_by, actor())
        marks.append(("You have this", "blue") if mine else (f"{row.claimed_by} has this", "violet"))
    elif row.assigned_to is not None:
        mine = same_person(row.assigned_to, actor())
        marks.append(("For you", "blue") if mine else (f"For {whom(row.assigned_to)}", "gray"))
    if row.opinions and row.state == "waiting":
        marks.append(("1 of 2 answered", "violet") if row.opinions == 1 else ("Two answered, undecided", "orange"))
    return marks
