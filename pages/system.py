"""System: how the desk itself is, what needs a person, what will happen by itself, and whether the record is whole."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from agents import deadlines, system
from agents.domain import Who
from agents.people import Act
from agents.system import Line, Private, System
from agents.wording import count
from pages.components.heading import banner, bullets, facts, heading, prose, section
from pages.components.notes import draw_notes
from pages.components.rows import ListRow, row_list
from pages.components.session import refused_because, the_desk, watched, who
from pages.components.system_record import record_card
from pages.components.system_troubles import COMPARE, files_card, messages_card
from pages.components.system_words import (
    claim_words,
    deadline_words,
    graph_words,
    more,
    token_words,
    work_words,
    worker_sentence,
)
from pages.components.words import age

REFRESH_SECONDS = 5.0
LOOKS = {"stuck": ("Stuck", "orange"), "doubts": ("In doubt", "violet"), "failed": ("Failed", "red")}
ONLY_LEADS = "Which threads, messages and people this is about, and the record, are shown to leads and admins."


def system_page() -> None:
    st.html(Path(__file__).with_name("components") / "system.css")
    _drawn()


def _draw() -> None:
    """One read, drawn; again every few seconds."""
    desk, person = the_desk(), who()
    found = system.overview(desk, person, compare_files=bool(st.session_state.get(COMPARE)))
    heading("System", facts=[f"{count(found.wrong, 'thing')} to look at" if found.wrong else "Nothing needs a person"])
    draw_notes(found.notes)
    main, aside = st.columns([7, 5], gap="medium")
    opened = None
    with main:
        _work(found)
        if found.private is None:
            banner(ONLY_LEADS)
        else:
            opened = _threads(found.private)
            _lists(found.private, person)
    with aside:
        if found.private is not None:
            record_card(found.private.head, person)
        _graphs(found)
        if found.private is not None:
            if found.private.claims[1] or not the_desk().rules.alone:
                _hands(found.private)
            _tokens(found.private)
    if opened:
        page = "review.py" if "pause" in opened else "history.py"
        st.switch_page(page, query_params=opened)


_drawn = watched(_draw, run_every=REFRESH_SECONDS)


def _threads(found: Private) -> dict[str, str] | None:
    """What waits for a person to mend or to say what happened; the query of the line that was opened."""
    parts = {"doubts": found.doubts, "stuck": found.stuck, "failed": found.failed}
    lines = [_line(line, kind) for kind, (each, _) in parts.items() for line in each]
    with st.container(border=True, key="system-threads"):
        section("Threads that need a person")
        if not lines:
            prose("No thread is stuck, has failed or is in doubt.", "so-muted")
            return None
        opened = row_list(lines, page="history", key="system-rows")
        more(sum(total for _, total in parts.values()) - len(lines), "thread")
    return opened


def _line(line: Line, kind: str) -> ListRow:
    query = {"thread": line.thread_id, "source": line.source_id}
    badge, colour = LOOKS[kind]
    when = age(line.at, the_desk().clock()) if line.at else ""
    query |= {"pause": line.pause_key} if line.pause_key else {}
    return ListRow(query, badge, colour, line.title, line.text, "", "", when)


def _lists(found: Private, person: Who) -> None:
    messages_card(found.messages, person, may_send=refused_because(Act.ADMINISTER) == "")
    files_card(found.files)
    now = the_desk().clock()
    with st.container(border=True, key="system-deadlines"):
        section("What will happen by itself")
        ahead, total = found.deadlines
        if ahead:
            facts(deadline_words(deadlines.as_told(each, the_desk().rules), now) for each in ahead)
        else:
            prose("No question with a deadline waits. What a workflow asks that was started here gets one.", "so-muted")
        more(total - len(ahead), "deadline")


def _hands(found: Private) -> None:
    now = the_desk().clock()
    with st.container(border=True, key="system-claims"):
        section("In hands")
        held, total = found.claims
        if held:
            facts(claim_words(each, title, now) for each, title in held)
        else:
            prose("Nobody has taken a review on.", "so-muted")
        more(total - len(held), "review")


def _work(found: System) -> None:
    now = the_desk().clock()
    with st.container(border=True, key="system-work"):
        section("Work")
        sentence, colour = worker_sentence(found.work, now)
        banner(sentence, colour)
        facts(work_words(found.work, now))


def _graphs(found: System) -> None:
    with st.container(border=True, key="system-graphs"):
        section("Graphs")
        if not found.graphs:
            prose("Every graph is loaded.", "so-muted")
        for graph in found.graphs:
            banner(*graph_words(graph))


def _tokens(found: Private) -> None:
    with st.container(border=True, key="system-tokens"):
        section("Tokens")
        if found.tokens:
            bullets(token_words(each, the_desk().clock()) for each in found.tokens)
        else:
            prose("No token is valid. A program gets one with: signoff token create NAME.", "so-muted")


system_page()
