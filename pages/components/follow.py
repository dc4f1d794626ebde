"""A thread that runs: its progress, and on to its review as soon as it asks."""

from __future__ import annotations

import streamlit as st

from agents import history
from agents.history import Story
from agents.people import Act
from pages.components.answer import BATCH
from pages.components.effects import effect_list
from pages.components.heading import banner, heading
from pages.components.outcome import outcome_banner, progress_lines
from pages.components.retry import ordered_again
from pages.components.session import allowed, file_fact, the_desk, watched
from pages.components.words import thread_words

POLL_SECONDS = 0.7
BATCHES = "batch_sampling"


def follow_thread(thread: str, source: str | None) -> None:
    """Draw the run of a thread, again and again while it goes on. Raises UnknownReview."""
    story = history.story(the_desk(), thread, source)
    # First, since what follows may leave the page: a click is heard in one run only.
    with st.bottom, st.container(horizontal=True, key="bar"):
        if st.button("Inbox", icon=":material/inbox:", key="to-inbox"):
            st.switch_page("inbox.py")
        if story.graph_id == BATCHES and st.button(BATCH, icon=":material/stacks:", key="to-batch"):
            st.switch_page("batches.py", query_params={"thread": thread, "source": story.source_id})
        if st.button("The whole story", icon=":material/history:", key="to-story"):
            st.switch_page("history.py", query_params={"thread": thread, "source": story.source_id})
    _on_to_review(story)
    heading(story.title, facts=[thread_words(story.thread_id), *file_fact(story.source_id)])
    watched(_follow, run_every=POLL_SECONDS if story.working else None)(thread, source, story.working)


def _on_to_review(story: Story) -> None:
    if story.waiting and not story.working:
        query = {"thread": story.thread_id, "pause": story.waiting[0][0], "source": story.source_id}
        st.switch_page("review.py", query_params=query)


def _follow(thread: str, source: str | None, working: bool) -> None:
    story = history.story(the_desk(), thread, source)
    with st.container(border=True):
        _state(story)
    if story.working != working:  # after the button: the click may be what brought this run
        st.rerun()


def _state(story: Story) -> None:
    failed = story.failed
    if failed is not None:
        banner(failed.error or "The run ended with an error.", "red", title="The run did not finish.")
        pressed = allowed(Act.REPAIR) and st.button(
            "Try again", icon=":material/refresh:", key=f"again-{failed.job_id}"
        )
        if pressed and ordered_again(story.thread_id, story.source_id):
            st.rerun()
    elif story.working:
        banner("The workflow is running. When it has something for you to decide, it shows here.", "blue")
    else:
        outcome_banner(story.outcome, finished=True)
    progress_lines(story.progress)
    if story.effects:
        effect_list(story.effects, source=story.source_id, key="follow", told=bool(story.outcome))
