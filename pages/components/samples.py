"""What an empty inbox offers: each workflow on sample data, one click away from a first decision."""

from __future__ import annotations

import streamlit as st

from agents import starts
from agents.errors import SignoffError
from agents.people import Act
from agents.registry import GraphInfo
from pages.components.heading import banner, prose
from pages.components.session import allowed, the_desk, who
from pages.components.words import label

ABOUT = {
    "plan_approval": "Deletes old log files in a practice folder. You see every file first; "
    "what you approve goes to a trash that you can restore.",
    "email_approval": "Writes a mail for you to send, edit, or send back with new instructions. "
    "Without a mail server it ends up as a file in the outbox.",
    "clarification": "Asks what a vague task means before it plans anything. Answer what you can; "
    "where something stays open it only looks.",
    "batch_sampling": "Sorts 200 support tickets, 20 at a time. You look at one of each 20, correct it or say what is wrong, "
    "and only then it goes on.",
}


def offer_samples() -> None:
    """A card per workflow with a sample."""
    graphs = [graph for graph in the_desk().registry.built_in() if graph.sample is not None and not graph.error]
    if not graphs or not allowed(Act.START):
        return
    prose("Try one on sample data. It takes less than a minute, and nothing outside Signoff's own folder is touched.")
    with st.grid(len(graphs), min_column_width=280):
        for graph in graphs:
            with st.container(border=True, height="stretch"):
                _card(graph)


def _card(graph: GraphInfo) -> None:
    prose(graph.title, "so-strong")
    prose(ABOUT.get(graph.graph_id, ""), "so-muted")
    st.space("stretch")
    with st.container(horizontal=True):
        if st.button(
            f"Try {label(graph.title).lower()}",
            type="primary",
            key=f"sample-{graph.graph_id}",
            icon=":material/play_arrow:",
        ):
            start_sample(graph.graph_id)
        if st.button("With my own input", key=f"own-{graph.graph_id}", type="tertiary"):
            st.switch_page("start.py", query_params={"graph": graph.graph_id})


def start_sample(graph_id: str) -> None:
    """Start it and go to where its run is shown."""
    try:
        thread_id = starts.start(the_desk(), graph_id, {}, actor=who(), sample=True)
    except SignoffError as error:
        banner(str(error), "red")
        return
    st.switch_page("review.py", query_params={"thread": thread_id})
