"""Batches: how far each is, what its samples say of it, and what failed. With a thread in the link, one of them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from agents import batches
from agents.batches import Batch, Line, State
from agents.clock import from_text
from agents.errors import SignoffError, UnknownReview
from agents.people import Act
from agents.registry import GraphInfo
from agents.wording import count
from pages.components.batch_bar import where_it_stands
from pages.components.batch_download import downloads
from pages.components.batch_parts import asked, failed, page_numbers, redone, samples
from pages.components.batch_plot import defect_plot
from pages.components.batch_words import STATES, progress_words
from pages.components.heading import banner, heading, prose, section
from pages.components.new_batch import new_batch
from pages.components.rows import ListRow, row_list
from pages.components.samples import start_sample
from pages.components.session import allowed, the_desk, watched
from pages.components.words import age, clock_time

REFRESH_SECONDS = 2.0
GRAPH = "batch_sampling"
ABOUT = (
    "A batch is a table of items, such as support tickets, that the model works through one by one. After every so many "
    "items it stops and shows you a sample. You say that it is good, correct it, or describe a problem: then the items since "
    "the last good sample are done again with your words. Only what you let pass goes on."
)


def batches_page() -> None:
    st.html(Path(__file__).with_name("components") / "batch.css")
    thread = st.query_params.get("thread", "").strip()
    if thread:
        _one(thread, st.query_params.get("source") or None)
    else:
        _all()


def _all() -> None:
    page = int(st.session_state.get("batches-page") or 1)
    found = batches.batches(the_desk(), page=page)
    if not found.total:
        _none_yet()
        return
    heading("Batches", facts=[count(found.total, "batch").replace("batchs", "batches")], actions=_new)
    moving = any(line.state.moving for line in found.lines)
    watched(_list, run_every=REFRESH_SECONDS if moving else None)(page, moving)
    pages = -(-found.total // batches.LINES_PER_PAGE)
    if pages > 1:
        with st.container(horizontal_alignment="center"):
            st.pagination(pages, key="batches-page")


def _list(page: int, moving: bool) -> None:
    """The lines, again while one of them moves."""
    found = batches.batches(the_desk(), page=page)
    opened = row_list([_row(line) for line in found.lines], page="batches", key="batch-rows")
    if opened:
        st.switch_page("batches.py", query_params=opened)
    if any(line.state.moving for line in found.lines) != moving:
        st.rerun()


def _row(line: Line) -> ListRow:
    words, colour = STATES[line.state]
    failed_items = line.progress.failed if line.progress else 0
    return ListRow(
        query={"thread": line.thread_id, "source": line.source_id},
        badge=words,
        colour=colour,
        title=line.title,
        gist=line.note or (progress_words(line.progress, line.state) if line.progress else "It starts in a moment."),
        warnings=f"{failed_items:,} failed" if failed_items else "",
        state="",
        age=age(from_text(line.started_at), the_desk().clock()),
    )


def _new() -> None:
    if allowed(Act.START) and st.button("New batch", icon=":material/add:", type="primary", key="new-batch"):
        st.switch_page("start.py", query_params={"graph": GRAPH})


def _none_yet() -> None:
    heading("Batches", facts=["None yet"])
    prose(ABOUT)
    graph = _graph()
    if graph is None or not allowed(Act.START):
        return
    with st.container(border=True, width=760, key="first-batch"):
        section("See how it works")
        prose("200 support tickets that come with Signoff, 20 at a time, sorted into categories.", "so-muted")
        if st.button("Try it on sample tickets", type="primary", icon=":material/play_arrow:", key="try-batch"):
            start_sample(GRAPH)
    with st.container(border=True, width=760, key="own-batch"):
        section("Or begin with your own")
        new_batch(graph, "batch-new")


def _graph() -> GraphInfo | None:
    found = next((each for each in the_desk().registry.built_in() if each.graph_id == GRAPH), None)
    if found is not None and found.error:
        banner(found.error, "red")
        return None
    return found


def _one(thread: str, source: str | None) -> None:
    try:
        found = batches.batch(the_desk(), thread, source, **page_numbers(thread))
    except SignoffError as error:
        _unknown(error, thread)
        return
    _head(found)
    watched(_follow, run_every=REFRESH_SECONDS if found.live else None)(thread, source, _headed(found))


def _headed(found: Batch) -> tuple[bool, State, bool]:
    """What decides on the heading and on whether the page follows."""
    return found.live, found.state, found.rows is not None


def _unknown(error: SignoffError, thread: str) -> None:
    heading("Batches")
    banner(str(error), "orange")
    with st.container(horizontal=True):
        if st.button("All batches", type="primary"):
            st.switch_page("batches.py")
        if not isinstance(error, UnknownReview) and st.button("The thread's story", icon=":material/history:"):
            st.switch_page("history.py", query_params={"thread": thread})


def _head(found: Batch) -> None:
    rows = found.rows
    started = f"started by {found.started_by}, {clock_time(from_text(found.started_at))}" if found.started_at else ""
    of = f"{rows.lot.name}, {count(rows.progress.size, 'item')}" if rows is not None else ""
    heading(found.title, badges=[STATES[found.state]], facts=[of, started], actions=lambda: _actions(found))


def _actions(found: Batch) -> None:
    with st.container(horizontal=True, width="content", gap="xsmall", key="batch-actions"):
        if st.button("All batches", icon=":material/arrow_back:", type="tertiary", key="all-batches"):
            st.switch_page("batches.py")
        if st.button("Story", icon=":material/history:", type="tertiary", key="batch-story"):
            st.switch_page("history.py", query_params={"thread": found.thread_id, "source": found.source_id})
        if found.rows is not None:
            downloads(found)


def _follow(thread: str, source: str | None, before: tuple[bool, State, bool]) -> None:
    """All below the heading, again while it changes by itself."""
    found = batches.batch(the_desk(), thread, source, **page_numbers(thread))
    with st.container(border=True, key="batch-state"):
        where_it_stands(found)
    if found.rows is not None:
        left, right = st.columns([7, 5], gap="medium")
        with left, st.container(border=True):
            defect_plot(found.rows.rate, found.rows.samples.total, key=f"rate-{thread}")
        with right, st.container(border=True):
            asked(found)
        failed(found, found.rows)
        samples(found.rows, thread)
        redone(found.rows, thread)
    if _headed(found) != before:  # after the buttons: the click may be what brought this run
        st.rerun()


batches_page()
