"""On the System page: messages that did not arrive, and what the files and the database do not agree on."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from agents import notifications
from agents.backups.gaps import Gap
from agents.clock import from_text
from agents.domain import Who
from agents.errors import SignoffError
from agents.notifications.trouble import Trouble
from agents.wording import count, whom
from pages.components.heading import banner, prose, section
from pages.components.session import the_desk
from pages.components.system_words import more
from pages.components.words import age

SHOWN = 10
COMPARE = "system-compare"
FOUND = "system-gaps"


def messages_card(found: tuple[Sequence[Trouble], int], person: Who, *, may_send: bool) -> None:
    messages, total = found
    with st.container(border=True, key="system-messages"):
        section("Messages")
        if not messages:
            prose("Every message that had to be sent has arrived.", "so-muted")
        for each in messages:
            _message(each, person, may_send)
        more(total - len(messages), "message")


def _message(each: Trouble, person: Who, may_send: bool) -> None:
    when = age(from_text(each.at), the_desk().clock()) if each.at else ""
    several = f", and {count(each.count - 1, 'other thing')}" if each.count > 1 else ""
    what = f"{each.title.rstrip('.')}{several}"
    with st.container(horizontal=True, vertical_alignment="center", key=f"system-message-{each.message_id}"):
        prose(f"To {whom(each.recipient)} by {each.channel}, {when}: {what}. It {each.arrived}. {each.error}")
        if may_send and st.button("Send again", icon=":material/send:", key=f"system-again-{each.message_id}"):
            _send(each, person)


def _send(each: Trouble, person: Who) -> None:
    try:
        notifications.again(the_desk(), each.message_id, actor=person)
    except SignoffError as error:
        banner(str(error), "orange")
    else:
        banner("It is sent again.", "green")


def files_card(now: tuple[Gap, ...] | None) -> None:
    """now: None where a file is large, so that it is compared when somebody asks for it; what that found is kept."""
    if now is not None:
        st.session_state[FOUND] = now
    gaps: tuple[Gap, ...] | None = st.session_state.get(FOUND)
    with st.container(border=True, key="system-files"):
        section("Files that were put back")
        if gaps is None:
            prose("A file is large, so it is compared with the database only when you ask for it.", "so-muted")
        elif not gaps:
            prose("The checkpointer files and the database agree.", "so-muted")
        for gap in (gaps or ())[:SHOWN]:
            banner(gap.text, "orange")
        more(len(gaps or ()) - SHOWN, "difference")
        if now is None:
            st.button("Compare the files now", icon=":material/compare_arrows:", key=COMPARE)
