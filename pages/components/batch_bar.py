"""Where a batch stands: its state in a sentence with the way on, its bar, its pace."""

from __future__ import annotations

import streamlit as st

from agents.batches import Batch, Progress, State
from agents.people import Act
from pages.components.batch_words import ENDED, pace_words, progress_words
from pages.components.heading import banner, prose
from pages.components.outcome import outcome_banner
from pages.components.retry import ordered_again
from pages.components.session import allowed
from pages.components.words import escaped

SENTENCES = {
    State.STARTING: ("It starts in a moment.", "blue"),
    State.RUNNING: ("The model is at work. The next sample shows here when it is ready.", "blue"),
    State.DECIDED: ("The answer to the sample goes out in a moment. Until then it can be taken back.", "blue"),
    State.STUCK: ("It waits, but no answer could reach it. Its story says more.", "red"),
    State.HALTED: ("It ended before its last step, and nobody was asked.", "orange"),
    State.CLOSED: ("It was closed without an answer, so the model does not go on.", "gray"),
}


def where_it_stands(found: Batch) -> None:
    """The state with its button, then the bar. Buttons are drawn before anything can leave this run."""
    if found.error is not None:
        _did_not_finish(found)
    if found.state is State.WAITING:
        _waits(found)
    elif found.state in (State.DONE, State.STOPPED):
        outcome_banner(dict(found.head.outcome or {}), finished=True)
        if found.since:
            banner(f"Signoff {found.since}.", "gray", title="Since then:")
    elif found.state in SENTENCES:
        banner(*SENTENCES[found.state])
    if found.retrying:
        banner(
            _told(found) or "They are next in line.",
            "blue",
            title="The failed items are tried again.",
        )
    elif found.state in (State.STARTING, State.RUNNING) and _told(found):
        prose(_told(found), "so-muted")
    if found.rows is not None:
        _bar(found.rows.progress, found.state)
        pace = pace_words(found.rows, found.state, found.head.every)
        if pace:
            prose(pace, "so-muted")


def _told(found: Batch) -> str:
    """What the run last said of its items; that a step of the graph is done tells nobody anything here."""
    said = [line for line in found.told if not line.startswith("Step “")]
    return said[-1] if said else ""


def _waits(found: Batch) -> None:
    message = str((found.head.question.value or {}).get("message") or "") if found.head.question else ""
    with st.container(horizontal=True, vertical_alignment="center", key="waits"):
        banner(
            f"The model does not go on until it is judged. {message}.", "orange", title="A sample waits for a person."
        )
        if st.button("Review it now", type="primary", icon=":material/rule:", key=f"review-{found.pause_key}"):
            query = {"thread": found.thread_id, "pause": found.pause_key or "", "source": found.source_id}
            st.switch_page("review.py", query_params=query)


def _did_not_finish(found: Batch) -> None:
    what = (
        "The failed items could not be tried again." if found.state is not State.FAILED else "The run did not finish."
    )
    banner(found.error or "It ended with an error.", "red", title=what)
    if found.state is not State.FAILED:
        return
    pressed = allowed(Act.REPAIR) and st.button("Try again", type="primary", icon=":material/refresh:", key="again")
    if pressed and ordered_again(found.thread_id, found.source_id):
        st.rerun()


def _bar(progress: Progress, state: State) -> None:
    """Done and decided, done and not decided yet, failed, and what is left; by numbers too."""
    size = progress.size or 1
    decided = progress.decided
    parts = [
        ("so-bar-done", decided, "done and decided"),
        ("so-bar-review", progress.done - decided, "done, not decided" if state in ENDED else "done, not decided yet"),
        ("so-bar-failed", progress.failed, "failed"),
        ("so-bar-left", progress.left, "not done" if state in ENDED else "to do"),
    ]
    spans = "".join(f'<span class="{css}" style="width:{100 * n / size:.3f}%"></span>' for css, n, _ in parts if n)
    keys = "".join(f'<span><span class="so-key {css}"></span>{n:,} {name}</span>' for css, n, name in parts if n)
    st.html(
        f'<div class="so-bar" role="progressbar" aria-label="Progress" aria-valuemin="0" aria-valuemax="{progress.size}" '
        f'aria-valuenow="{progress.done + progress.failed}" aria-valuetext="{escaped(progress_words(progress, state))}">'
        f'{spans}</div><div class="so-legend">{keys}</div>'
    )
