"""The fields above what waits: search, graph, file, what is the matter, order. Each page keeps its own in the session."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

import streamlit as st

from agents.domain import PauseStatus
from pages.components.words import label, words_of

ORDERS = {"newest": "Newest first", "oldest": "Oldest first"}
URGENT = {"urgent": "Most urgent"}
STATUSES = {
    PauseStatus.QUESTION.value: "To answer",
    PauseStatus.BREAKPOINT.value: "Paused at a step",
    PauseStatus.STUCK.value: "Stuck",
}


def filters(
    page: str,
    graphs: Iterable[str],
    more: Callable[[], None] = lambda: None,
    *,
    files: Mapping[str, str],
    statuses: Collection[str] = (),
    urgent: bool = False,
) -> None:
    """Draw them in one row, with `more` in the middle; their values are in the session as "PAGE-search" and so on.

    files: names of the checkpointer files by source_id; {} where there is only one. urgent: by what happens next, too.
    """
    orders = ORDERS | URGENT if urgent else ORDERS
    with st.container(horizontal=True, vertical_alignment="center", key=f"{page}-filters"):
        st.text_input(
            "Search",
            key=f"{page}-search",
            placeholder="Search titles and texts",
            icon=":material/search:",
            label_visibility="collapsed",
            live=True,
            width=320,
            persist_state="session",
        )
        more()
        known = sorted(graphs)
        if len(known) > 1:
            st.selectbox(
                "Graph",
                known,
                index=None,
                format_func=lambda graph: label(words_of(str(graph))),
                placeholder="All graphs",
                key=f"{page}-graph",
                label_visibility="collapsed",
                width=170,
                persist_state="session",
            )
        if files:
            st.selectbox(
                "File",
                list(files),
                index=None,
                format_func=lambda source_id: label(files.get(source_id, source_id)),
                placeholder="All files",
                key=f"{page}-source",
                label_visibility="collapsed",
                width=170,
                persist_state="session",
            )
        _statuses(page, statuses)
        st.segmented_control(
            "Order",
            list(orders),
            default="newest",
            required=True,
            format_func=lambda order: orders[order],
            key=f"{page}-order",
            label_visibility="collapsed",
            persist_state="session",
        )


def _statuses(page: str, waiting: Collection[str]) -> None:
    """A way to what is stuck, only where something else than questions waits; a choice stays until it is taken back."""
    key = f"{page}-status"
    chosen = st.session_state.get(key)
    offered = [status for status in STATUSES if status in waiting or status == chosen]
    if chosen or set(offered) - {PauseStatus.QUESTION.value}:
        st.selectbox(
            "State",
            offered,
            index=None,
            format_func=lambda status: STATUSES[status],
            placeholder="Any state",
            key=key,
            label_visibility="collapsed",
            width=160,
            persist_state="session",
        )
