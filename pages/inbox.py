"""The inbox: what waits for a person, what runs, what did not finish."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

import streamlit as st

from agents import reviews
from agents.domain import Kind
from agents.people import Act
from agents.reviews import Inbox, Row, RunLine
from agents.wording import count
from pages.components.deadline import due_marks
from pages.components.demo import demo_line, offer_demo
from pages.components.filters import filters
from pages.components.gist import gist_of, state_of
from pages.components.hands import hands_chosen, hands_filter, hands_of
from pages.components.heading import banner, heading, prose
from pages.components.notes import draw_notes
from pages.components.retry import ordered_again
from pages.components.rows import ListRow, row_list
from pages.components.samples import offer_samples
from pages.components.session import allowed, the_desk, watched, who
from pages.components.words import COLOURS, KINDS, age

PER_PAGE = 25
REFRESH_SECONDS = 3.0
FAILED_SHOWN = 5


@partial(watched, run_every=REFRESH_SECONDS)
def inbox() -> None:
    """One read, drawn; again every few seconds. What is typed in the search stays."""
    desk = the_desk()
    kinds = [Kind(value) for value in st.session_state.get("inbox-kinds") or ()]
    graphs = [graph for graph in [st.session_state.get("inbox-graph")] if graph]
    statuses = [status for status in [st.session_state.get("inbox-status")] if status]
    files = desk.source_names()
    sources = [source for source in files if source == st.session_state.get("inbox-source")]
    search = st.session_state.get("inbox-search") or ""
    order = st.session_state.get("inbox-order") or "newest"
    hands = hands_chosen()
    version = "|".join(map(",".join, (kinds, graphs, statuses, sources, [search, order, hands])))
    page = int(st.session_state.get(f"inbox-page-{version}") or 1)
    found = reviews.inbox(
        desk,
        kinds=kinds,
        graphs=graphs,
        statuses=statuses,
        sources=sources,
        search=search,
        order=order,
        page=page,
        per_page=PER_PAGE,
        hands=hands,
        who=who(),
    )
    match = [f"{found.total:,} match"] if kinds or graphs or statuses or sources or search or hands else []
    about = "about " if found.about else ""
    facts = [*match, f"{about}{found.waiting:,} waiting", *(_kind_facts(found) if len(found.kinds) > 1 else ())]
    heading("Inbox", facts=facts if found.waiting else ["Nothing waits for you"])
    draw_notes(found.notes)
    demo_line()
    _failed(found.failed)
    _running(found)
    if not found.waiting and not search:
        offer_demo()
        offer_samples()
        return
    filters("inbox", found.graphs, lambda: _more(found), files=files, statuses=found.statuses, urgent=True)
    lines = [_line(row, desk.clock(), files.get(row.source_id, "")) for row in found.rows]
    opened = row_list(lines, page="review", key="inbox-rows")
    if not found.rows:
        banner("Nothing here fits the search and the filters.")
    _paging(found, version)
    if opened:
        st.switch_page("review.py", query_params=opened)


def _kind_facts(found: Inbox) -> list[str]:
    return [
        f"{number:,} other" if kind == Kind.GENERIC else count(number, KINDS[Kind(kind)].lower())
        for kind, number in found.kinds.items()
    ]


def _more(found: Inbox) -> None:
    _kinds(found)
    hands_filter(found)


def _kinds(found: Inbox) -> None:
    chosen = st.session_state.get("inbox-kinds") or []
    kinds = [kind.value for kind in Kind if found.kinds.get(kind) or kind.value in chosen]
    if len(kinds) > 1:
        st.pills(
            "Kind",
            kinds,
            selection_mode="multi",
            format_func=lambda kind: KINDS[Kind(kind)],
            key="inbox-kinds",
            label_visibility="collapsed",
            persist_state="session",
        )


def _line(row: Row, now: datetime, file: str) -> ListRow:
    state, colour = state_of(row)
    return ListRow(
        query={"thread": row.thread_id, "pause": row.pause_key, "source": row.source_id},
        badge=KINDS[row.kind],
        colour=COLOURS[row.kind],
        title=row.title,
        gist=gist_of(row),
        warnings=count(row.warnings, "warning") if row.warnings else "",
        state=state,
        state_colour=colour,
        age=age(row.paused_at, now),
        file=file,
        marks=(*due_marks(row.due_words, row.due_at, row.due_near, now), *hands_of(row)),
    )


def _paging(found: Inbox, version: str) -> None:
    pages = -(-found.total // PER_PAGE)
    if pages > 1:
        with st.container(horizontal_alignment="center"):
            st.pagination(pages, key=f"inbox-page-{version}")


def _failed(failed: Sequence[RunLine]) -> None:
    """One line, however many: what waits stays at the top of the page."""
    if not failed:
        return
    with st.expander(f"{count(len(failed), 'run')} did not finish", icon=":material/error:", key="failed-runs"):
        for run in failed[:FAILED_SHOWN]:
            _failed_run(run)
        if len(failed) > FAILED_SHOWN:
            prose(f"{len(failed) - FAILED_SHOWN} more did not finish; these are the newest.", "so-muted")


def _failed_run(run: RunLine) -> None:
    named = f"{run.source_id}-{run.thread_id}"
    with st.container(border=True, key=f"failed-{named}"):
        banner(run.note or "It ended with an error.", "red", title=f"“{run.title}” did not finish.")
        with st.container(horizontal=True):
            pressed = allowed(Act.REPAIR) and st.button("Try again", key=f"retry-{named}", icon=":material/refresh:")
            if pressed and ordered_again(run.thread_id, run.source_id):
                st.rerun()
            if st.button("What happened", key=f"story-{named}"):
                st.switch_page("history.py", query_params={"thread": run.thread_id, "source": run.source_id})


def _running(found: Inbox) -> None:
    if not found.running:
        return
    names = ", ".join(f"“{run.title}”" for run in found.running[:3])
    more = f" and {len(found.running) - 3} more" if len(found.running) > 3 else ""
    banner(f"{names}{more}", "blue", title="Running now:")


inbox()
