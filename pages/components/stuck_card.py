"""The card of a thread that takes no answer: what happened, what can be done about it, and what that does again."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from agents import repairs
from agents.domain import DecisionType, Pause, PauseStatus, Repair, Review, Said, Situation
from agents.errors import SignoffError
from pages.components.answer import REPAIRS, Answer
from pages.components.heading import banner, bullets, facts, prose, section
from pages.components.long_text import long_prose
from pages.components.proposals import draw_proposal
from pages.components.session import the_desk, who
from pages.components.words import label

TITLES: Mapping[Situation, str] = {
    Situation.POISONED: "The answer did not work.",
    Situation.FAILED: "A step failed.",
    Situation.HALTED: "The run stopped half way.",
    Situation.ABANDONED: "The run stopped half way.",
    Situation.LEFT_BEHIND: "An answer without a question was left behind.",
    Situation.UNREACHABLE: "No answer would arrive.",
    Situation.TWO_TOOLS: "The answer may reach the wrong tool.",
    Situation.CLOCK_SKEW: "A later step is hidden.",
    Situation.UNREADABLE: "The question cannot be read.",
    Situation.NO_ID: "The question has no id.",
}
DOES: Mapping[Repair, str] = {
    Repair.ASK_AGAIN: "asks the question anew, as if it had never been answered. The step that asks, and all that run "
    "at the same time as it, run again from their beginning.",
    Repair.CONTINUE: "goes on from where the thread stands. What is saved is not done again; a step that was cut off "
    "runs again from its beginning.",
    Repair.RETRY: "runs the step that failed again from its beginning, with the answers that are saved. Steps that "
    "ended are not run again.",
}
SPECIAL: Mapping[tuple[Repair, Situation], str] = {
    (Repair.ASK_AGAIN, Situation.TWO_TOOLS): "asks anew, from now on one tool after the other, so that each answer "
    "reaches the tool that asks. The tools run again from their beginning.",
    (Repair.ASK_AGAIN, Situation.LEFT_BEHIND): "gets rid of the answer that was left behind and asks anew, from the "
    "step's first question on. The step runs again from its beginning.",
    (Repair.ASK_AGAIN, Situation.UNREACHABLE): "lets the subgraph keep its steps from now on and asks anew, so that "
    "an answer arrives. The step runs again from its beginning.",
    (Repair.CONTINUE, Situation.HALTED): "goes on from where the thread stands. What is saved is not done again; a "
    "step that was cut off runs again from its beginning. If you know that its program still works on that step, wait: "
    "it would run twice.",
    (Repair.CONTINUE, Situation.CLOCK_SKEW): "goes on from the later step. A step that asks there runs again from its "
    "beginning; nothing else does.",
}
CLOSES = "Or close the thread (More): it ends here, nothing is sent, and your reason is kept on record."


def takes_no_answer(pause: Pause) -> bool:
    """Is there nothing to answer, or nothing that could be answered safely?"""
    return pause.status is not PauseStatus.QUESTION or bool(pause.repairs)


def standing_badges(pause: Pause) -> list[tuple[str, str]]:
    """The mark over a thread that asks nothing; [] for a question."""
    if pause.status is PauseStatus.BREAKPOINT:
        return [("Paused at a step", "blue")]
    return [("Stuck", "red")] if pause.status is PauseStatus.STUCK else []


def stuck_card(review: Review, key: str) -> Answer:
    """Draw it. Of a breakpoint the main button goes on; what is offered else stands in the bar as repairs."""
    pause = review.pause
    breakpoint_ = pause.status is PauseStatus.BREAKPOINT
    main, aside = st.columns([7, 4], gap="medium")
    with main, st.container(border=True, key=f"stuck-{key}"):
        if breakpoint_:
            banner(review.gist, "blue", title="A breakpoint of the graph.")
            prose("Its author wants somebody to look before the run goes on. Nothing is asked, so nothing is answered.")
        else:
            title = TITLES.get(pause.situation, "The thread does not go on.") if pause.situation else ""
            banner(pause.note or "", "red" if pause.status is PauseStatus.STUCK else "orange", title=title)
        if pause.value is not None and not breakpoint_:
            section("What it asked")
            long_prose(review.question, "so-strong", key=f"asked-{key}")
            draw_proposal(review, {}, key)
        elif pause.nodes:
            facts([("Comes next", ", ".join(_shown(node) for node in pause.nodes))])
    with aside, st.container(border=True):
        section("What you can do")
        bullets(_offered(review))
        prose(CLOSES, "so-muted")
    if breakpoint_:
        words = review.labels[DecisionType.APPROVE]
        return Answer(DecisionType.APPROVE, Said(DecisionType.APPROVE), words=label(words))
    return Answer(None, None, problem=repairs.obstacle(the_desk(), pause) or "" if pause.repairs else "")


def _shown(node: str) -> str:
    return "the first step" if node == "__start__" else f"“{node}”"


def _offered(review: Review) -> list[str]:
    pause = review.pause
    if pause.status is PauseStatus.BREAKPOINT:
        return ["Continue: the next step runs, and all that follow, until the graph asks, stops again or ends."]
    if not pause.repairs:
        return ["Nothing that would work from here: go on where its agent runs."]
    return [f"“{REPAIRS[each]}” {does(each, pause.situation)}" for each in pause.repairs]


def does(repair: Repair, situation: Situation | None) -> str:
    """What a repair will do, as the end of a sentence that begins with its button's words."""
    return SPECIAL.get((repair, situation), DOES[repair]) if situation else DOES[repair]


def order(pause: Pause, repair: Repair) -> str | None:
    """The one write: order it. A sentence when it was not accepted."""
    try:
        repairs.repair(
            the_desk(),
            pause.thread_id,
            pause.pause_key,
            repair,
            actor=who(),
            source_id=pause.source_id,
            seen=pause.seen,
        )
    except SignoffError as error:
        return f"Not done. {error}"
    return None
