"""What became of a decision, in the pane where it was made: undo, progress, effects, the next question."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from math import ceil

import streamlit as st

from agents import decisions
from agents.claims import same_person
from agents.clock import from_text
from agents.decisions import Decision
from agents.domain import JSON, DecisionStatus, DecisionType
from agents.errors import SignoffError
from agents.jobs import Job, JobStatus
from agents.people import Act
from agents.reviews import Opened
from agents.wording import count
from pages.components.effects import effect_list
from pages.components.heading import banner, bullets, facts, prose
from pages.components.long_text import long_code, long_facts
from pages.components.lost import is_mine
from pages.components.retry import ordered_again
from pages.components.session import actor, allowed, the_desk, who
from pages.components.words import age, clock_time, did, passing

COLOURS = {
    "done": "green",
    "rejected": "gray",
    "cancelled": "gray",
    "failed": "red",
    "partly": "orange",
}

TOLD = ("accepted, waiting for", "waits until the time to undo")
"""How the notes of a job begin that the line beside Undo says already."""


def decided_pane(opened: Opened) -> None:
    """All that is known after the decision. Raises nothing; errors are sentences."""
    taken = opened.decision
    if taken is None:
        banner("This question no longer waits, and it was not decided here.", "gray")
        return
    now = the_desk().clock()
    with st.container(border=True, key="decided"):
        _who(taken, now, count(len(opened.together), "question") if opened.together else "")
        _agreed(opened.agreed)
        _together(opened)
        waiting = taken.status is DecisionStatus.ACCEPTED and taken.sent_at is None
        if waiting:
            _undo(opened, taken, now)
        if opened.problem:
            banner(opened.problem, "orange")
        _run(opened, waiting=waiting)
        _what_happened(opened)
        if opened.progress and not opened.working:
            with st.expander("How the run went"):
                bullets(opened.progress, "so-muted")
        with st.expander("The exact answers" if opened.together else "The exact answer"):
            for review, each in opened.together:
                prose(review.gist, "so-strong")
                _sent(each)
            if not opened.together:
                _sent(taken)


def _who(taken: Decision, now: datetime, several: str) -> None:
    moment = from_text(taken.decided_at)
    who = "You" if is_mine(taken.decision_id) else taken.actor
    colour = "gray" if taken.type in (DecisionType.REJECT, DecisionType.IGNORE) else "green"
    what = f"decided {several} together" if several else did(taken.kind, taken.type)
    banner(f"{age(moment, now)}, at {clock_time(moment)}.", "blue" if several else colour, title=f"{who} {what}")
    if taken.message and not several:
        prose(f"“{taken.message}”")


def _agreed(names: Sequence[str]) -> None:
    """Who had said the same before, where two must agree."""
    if names:
        who = "You" if same_person(names[0], actor()) else names[0]
        prose(f"{who} had said the same before: two people agreed.")


def _together(opened: Opened) -> None:
    """All that was given in one act, each with its question."""
    lines = []
    for number, (review, taken) in enumerate(opened.together, start=1):
        message = f": “{taken.message}”" if taken.message else "."
        after = "" if taken.status in decisions.LIVE else f" It did not go through: {taken.reason}."
        what = did(taken.kind, taken.type)
        lines.append((f"{number}. {review.gist}", f"{what[:1].upper()}{what[1:]}{message}{after}"))
    if lines:
        long_facts(lines, key=f"together-{opened.together[0][1].decision_id}")


def _undo(opened: Opened, taken: Decision, now: datetime) -> None:
    left = (from_text(taken.due_at) - now).total_seconds()
    open_ = _open_siblings(opened, taken)
    with st.container(horizontal=True, vertical_alignment="center"):
        if open_:
            these = "another question" if open_ == 1 else f"{open_} other questions"
            prose(f"Passed on when {these} of this thread {'is' if open_ == 1 else 'are'} answered.", width="content")
        elif left > 0:
            several = f"All {len(opened.together)} are passed on to the workflow together in {ceil(left)} s."
            prose(several if opened.together else passing(taken.kind, taken.type, ceil(left)), width="content")
        words = f"Undo all {len(opened.together)}" if opened.together else "Undo"
        mine = is_mine(taken.decision_id) or actor() in (taken.actor, *opened.agreed)
        if allowed(Act.DECIDE if mine else Act.UNDO_OTHERS) and st.button(
            words, icon=":material/undo:", shortcut="U", key=f"undo-{taken.decision_id}"
        ):
            try:
                decisions.undo(the_desk(), taken.decision_id, actor=who())
            except SignoffError as error:
                banner(str(error), "orange")
                return
            st.rerun()


def _open_siblings(opened: Opened, taken: Decision) -> int:
    """How many questions of the thread this one still waits for; one that goes now waits for none."""
    if taken.type is DecisionType.IGNORE or (opened.job is not None and opened.job.override):
        return 0
    return sum(each.open for each in opened.asked)


def _run(opened: Opened, *, waiting: bool) -> None:
    job = opened.job
    if job is None:
        return
    if job.status is JobStatus.FAILED:
        banner(job.error or "The run ended with an error.", "red", title="The run did not finish.")
        _retry(job)
    elif job.status is JobStatus.RUNNING:
        banner("The workflow is running.", "blue")
    elif job.status is JobStatus.WAITING and job.note:
        if not (waiting and job.note.startswith(TOLD)):
            banner(f"{job.note[:1].upper()}{job.note[1:]}.", "blue")
        _send_now(opened)
    elif job.status is JobStatus.WAITING and not waiting:
        banner("The run starts in a moment.", "blue")
    if opened.working:
        progress_lines(opened.progress)


def _send_now(opened: Opened) -> None:
    """A way not to wait for the thread's other questions; only a person may choose it."""
    taken = opened.decision
    if taken is None or taken.sent_at is not None or from_text(taken.due_at) > the_desk().clock():
        return
    if not allowed(Act.OVERRIDE):
        return
    prose(_what_now_means(opened), "so-muted")
    if st.button("Send it now", key=f"now-{taken.decision_id}"):
        try:
            decisions.send_now(the_desk(), taken.decision_id, actor=who())
        except SignoffError as error:
            banner(str(error), "orange")
            return
        st.rerun()


def _what_now_means(opened: Opened) -> str:
    if any(each.open for each in opened.asked):
        return "Sent now, the steps that ask the other questions run again and ask anew."
    return (
        "A step of this thread has written nothing yet: it may still be at work where the agent runs, and the answer goes out when it "
        "is done. Sent now, that step would run a second time. Do it when you know that it has ended."
    )


def _retry(job: Job) -> None:
    pressed = allowed(Act.REPAIR) and st.button("Try again", icon=":material/refresh:", key=f"again-{job.job_id}")
    if pressed and ordered_again(job.thread_id, job.source_id):
        st.rerun()


def _what_happened(opened: Opened) -> None:
    outcome_banner(opened.outcome, finished=opened.finished)
    if opened.effects:
        source = opened.review.pause.source_id if opened.review else None
        effect_list(opened.effects, source=source, key="outcome", told=bool(opened.outcome))


def outcome_banner(outcome: JSON, *, finished: bool) -> None:
    """The graph's own last sentence, or that it ended without one."""
    if isinstance(outcome, dict) and outcome.get("text"):
        banner(str(outcome["text"]), COLOURS.get(str(outcome.get("status")), "gray"))
    elif finished:
        banner("The workflow has ended.", "green")


def _sent(taken: Decision) -> None:
    if taken.type is DecisionType.IGNORE:
        prose("Nothing: the thread was closed without an answer.")
        return
    long_code(as_json(taken.resume_value), key=f"answer-{taken.decision_id}")
    facts([("Thread", taken.thread_id), ("Sent at", taken.sent_at or ""), ("Status", taken.status.value)])


def as_json(value: JSON) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def progress_lines(lines: Sequence[str]) -> None:
    if lines:
        bullets(lines[-12:], "so-muted")
