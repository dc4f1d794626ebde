"""History: every decision on record, and a thread's whole story."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial

import streamlit as st

from agents import history
from agents.audit import Question
from agents.clock import from_text
from agents.decisions import Decision
from agents.domain import Actor, DecisionStatus, Kind
from agents.errors import SignoffError
from agents.exporting import record_export
from agents.history import Story
from agents.wording import count
from pages.components.effects import effect_list
from pages.components.heading import banner, facts, heading, prose, section
from pages.components.led_here import led_here
from pages.components.outcome import as_json, outcome_banner
from pages.components.record import decision_details, story_lines
from pages.components.rows import ListRow, row_list
from pages.components.session import file_fact, the_desk, who
from pages.components.words import COLOURS, KINDS, age, clock_time, did

PER_PAGE = 25
LINES = 100
"""Lines of a thread's story on the page; a batch with many reviews has thousands."""
STATUS = {
    DecisionStatus.ACCEPTED: "Not sent yet",
    DecisionStatus.REFUSED: "Not taken",
    DecisionStatus.SUPERSEDED: "Taken back",
    DecisionStatus.DELIVERED: "",
}


def history_page() -> None:
    thread = st.query_params.get("thread", "").strip()
    if not thread:
        _decisions()
        return
    try:
        story = history.story(the_desk(), thread, st.query_params.get("source") or None)
    except SignoffError as error:
        heading("History")
        banner(str(error), "orange")
        if st.button("All decisions", type="primary"):
            st.switch_page("history.py")
        return
    _story(story)


def _decisions() -> None:
    search = st.session_state.get("history-search") or ""
    page = int(st.session_state.get(f"history-page-{search}") or 1)
    found = history.decisions_page(the_desk(), search=search, page=page, per_page=PER_PAGE)
    heading("History", facts=[count(found.total, "decision")])
    st.text_input(
        "Search",
        key="history-search",
        placeholder="Search titles, people and reasons",
        icon=":material/search:",
        label_visibility="collapsed",
        live=True,
        width=360,
        persist_state="session",
    )
    if not found.decisions:
        banner("Nothing fits the search." if search else "Nobody has decided anything yet.")
        return
    became = _outcomes(found.decisions)
    lines = [_line(each, became.get((each.source_id, each.thread_id), "")) for each in found.decisions]
    opened = row_list(lines, page="history", key="history-rows")
    pages = -(-found.total // PER_PAGE)
    if pages > 1:
        with st.container(horizontal_alignment="center"):
            st.pagination(pages, key=f"history-page-{search}")
    if opened:
        st.switch_page("history.py", query_params=opened)


def _outcomes(taken: Sequence[Decision]) -> dict[tuple[str, str], str]:
    """The last sentence of each thread that took one of these answers and has ended with one."""
    threads = {(each.source_id, each.thread_id) for each in taken if each.status is DecisionStatus.DELIVERED}
    return {(source, thread): _outcome(source, thread) for source, thread in threads}


def _outcome(source: str, thread: str) -> str:
    try:
        outcome = the_desk().outcome(thread, source)
    except SignoffError:
        return ""  # the row is about the decision; a file that cannot be read now is the inbox's to say
    return str(outcome.get("text") or "") if isinstance(outcome, dict) else ""


def _became(taken: Decision, outcome: str) -> str:
    if taken.status is DecisionStatus.DELIVERED:
        return outcome
    return taken.reason or ""


def _line(taken: Decision, outcome: str) -> ListRow:
    kind = Kind(taken.kind)
    reason = f": “{taken.message}”" if taken.message else ""
    became = _became(taken, outcome)
    return ListRow(
        query={"thread": taken.thread_id, "source": taken.source_id, "decision": taken.decision_id},
        badge=KINDS[kind],
        colour=COLOURS[kind],
        title=taken.title,
        gist=f"{taken.actor} {did(taken.kind, taken.type)}{reason}{f' → {became}' if became else ''}",
        warnings=STATUS[taken.status],
        state="",
        age=age(from_text(taken.decided_at), the_desk().clock()),
    )


def _story(story: Story) -> None:
    started = [f"started by {story.started_by}, {clock_time(from_text(story.started_at))}"] if story.started_at else []
    heading(story.title, facts=[*started, f"thread {story.thread_id}", *file_fact(story.source_id)])
    with st.container(horizontal=True):
        if st.button("All decisions", icon=":material/arrow_back:", key="back"):
            st.switch_page("history.py")
        if story.waiting and st.button("Open what it asks now", type="primary", key="open-waiting"):
            query = {"thread": story.thread_id, "pause": story.waiting[0][0], "source": story.source_id}
            st.switch_page("review.py", query_params=query)
        st.download_button(
            "Download as JSON",
            data=partial(_file, story, who()),
            file_name=f"{story.thread_id}.json",
            mime="application/json",
            icon=":material/download:",
            on_click="ignore",
            key="download",
        )
    main, aside = st.columns([7, 5], gap="medium")
    with main, st.container(border=True):
        section("What happened")
        earlier = len(story.entries) - LINES
        if earlier > 0:
            prose(f"{count(earlier, 'earlier line')} left out here; the download has everything.", "so-muted")
        story_lines(story.entries[-LINES:])
    with aside, st.container(border=True):
        _aside(story)
    led_here(story.thread_id, story.source_id, f"{story.source_id}-{story.thread_id}")
    _details(story)


def _details(story: Story) -> None:
    """A page of the thread's decisions, oldest first: that of the one which was asked for, else the newest."""
    asked = st.query_params.get("decision")
    pages = -(-len(story.decisions) // PER_PAGE)
    place = next(
        (at for at, taken in enumerate(story.decisions) if taken.decision_id == asked), len(story.decisions) - 1
    )
    page = place // PER_PAGE + 1
    if pages > 1:
        section(count(len(story.decisions), "decision"))
        page = st.pagination(pages, default=page, key=f"story-page-{story.thread_id}-{asked}")
    for taken in story.decisions[(page - 1) * PER_PAGE : page * PER_PAGE]:
        decision_details(taken, opened=taken.decision_id == asked)


def _aside(story: Story) -> None:
    section("Where it stands")
    if story.failed is not None:
        banner(story.failed.error or "The last run ended with an error.", "red")
    elif story.working:
        banner("A run is under way.", "blue")
    elif story.waiting:
        banner("It waits for a decision.", "blue")
    else:
        outcome_banner(story.outcome, finished=True)
        for entry in (each for each in story.entries if each.what == each.details.get("text")):
            banner(f"{entry.what} By {entry.who}, {clock_time(from_text(entry.at))}.", "green", title="Since then:")
    if story.effects:
        section("What was done")
        effect_list(story.effects, source=story.source_id, key="story")
    if isinstance(story.input, dict) and story.input:
        section("Started with")
        facts([(name.replace("_", " ").capitalize(), str(value)) for name, value in story.input.items() if value])
    else:
        prose("It was not started here.", "so-muted")


def _file(story: Story, person: Actor) -> str:
    record_export(the_desk(), "story", actor=person, about=Question(story.source_id, story.thread_id))
    return _export(story)


def _export(story: Story) -> str:
    data = {
        "source_id": story.source_id,
        "thread_id": story.thread_id,
        "title": story.title,
        "entries": [{"at": e.at, "who": e.who, "what": e.what, "details": dict(e.details)} for e in story.entries],
        "decisions": [json.loads(as_json({name: getattr(d, name) for name in d.__slots__})) for d in story.decisions],
        "outcome": story.outcome,
    }
    return as_json(data)


history_page()
