"""Deciding several reversible reviews in one act: exactly what will happen, the two buttons, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from agents import decisions, history
from agents.clock import from_text
from agents.decisions import Choice, Fate, Result
from agents.domain import DecisionType, fingerprint
from agents.errors import SignoffError
from agents.payloads.plan import PlanProposal
from agents.payloads.plan_overlaps import overlaps
from agents.payloads.plan_proposal import effect_words
from agents.people import Act
from agents.reviews import Key, Row, rows_of
from agents.wording import count, size, some
from pages.components.board_selection import CHOSEN, NOUNS, alone, choose, inventory, link, name_of, why_alone
from pages.components.heading import banner, bullets, heading, prose, section
from pages.components.lost import mark_mine
from pages.components.plan_step import draw_files, says_none
from pages.components.session import refused_because, the_desk, watched, who
from pages.components.words import age, did, label

DONE, SHOWN = "board-results", "board-summary"
POLL_SECONDS = 1.5
WORDS = {DecisionType.APPROVE: "Approve", DecisionType.REJECT: "Reject"}


@dataclass(frozen=True, slots=True)
class Shown:
    """What stood on screen: a click is for exactly that, also when something of it was decided meanwhile."""

    keys: tuple[Key, ...]
    choices: tuple[Choice, ...]
    titles: Mapping[Key, str]

    @property
    def digest(self) -> str:
        """Names the texts on screen; a button of another summary is not heard."""
        return fingerprint([[*choice.key, choice.seen] for choice in self.choices])[:16]


@dataclass(frozen=True, slots=True)
class Done:
    """What one click did, for the link that it was clicked on."""

    shown: Shown
    results: tuple[Result, ...]


def together_view(keys: Sequence[Key]) -> None:
    """The summary, or after the click what became of each."""
    problem = _hear(tuple(keys))
    done = st.session_state.get(DONE)
    if isinstance(done, Done) and done.shown.keys == tuple(keys):
        _after(done)
        return
    found = rows_of(the_desk(), keys)
    rows = [found[key] for key in keys if key in found and found[key].state == "waiting"]
    refused = alone(rows)
    heading(f"Decide {inventory(rows)} together" if rows else "Decide together")
    if problem:
        banner(f"Not accepted. {problem}", "red")
    _left_out(keys, rows)
    if not rows or refused or len({row.kind for row in rows}) > 1:
        st.session_state.pop(SHOWN, None)
        _refuse(rows, refused)
        return
    choices = tuple(Choice(*row.key, row.review.pause.seen) for row in rows)
    shown = Shown(tuple(keys), choices, {row.key: row.title for row in rows})
    st.session_state[SHOWN] = shown
    shared = _summary(rows)
    refusal = next(filter(None, map(_not_allowed, rows)), "")
    if refusal:
        prose(f"You may look, not decide. {refusal}")
        _back()
        return
    section("If you reject them")
    st.text_input("Why? (optional, the same reason goes to each)", key=_reason(shown.keys))
    _bar(rows, shown.digest, shared=shared)


def _hear(keys: tuple[Key, ...]) -> str:
    """Act on a button of the summary that was on screen; why it was not accepted, or ""."""
    shown = st.session_state.get(SHOWN)
    if not isinstance(shown, Shown) or shown.keys != keys:
        return ""
    pressed = [kind for kind in WORDS if st.session_state.get(f"{kind.value}-{shown.digest}")]
    if not pressed:
        return ""
    try:
        _decide(shown, pressed[0], str(st.session_state.get(_reason(keys)) or ""))
    except SignoffError as error:
        return str(error)
    return ""


def _not_allowed(row: Row) -> str:
    return refused_because(Act.DECIDE, graph_id=row.review.pause.graph_id, kind=row.kind)


def _back() -> None:
    with st.bottom, st.container(horizontal=True, key="bar"):
        back = st.button("Board", icon=":material/arrow_back:", key="board-back")
    if back:
        st.switch_page("board.py")


def _reason(keys: tuple[Key, ...]) -> str:
    return f"reason-{fingerprint([list(key) for key in keys])[:16]}"


def forget_results() -> None:
    """The next summary is a new one, also for the same reviews."""
    st.session_state.pop(DONE, None)
    st.session_state.pop(SHOWN, None)


def _left_out(keys: Sequence[Key], rows: Sequence[Row]) -> None:
    missing = len(keys) - len(rows)
    if missing and rows:
        banner(f"{count(missing, 'other')} of the chosen no longer {'waits' if missing == 1 else 'wait'}.", "orange")


def _refuse(rows: Sequence[Row], refused: Sequence[Row]) -> None:
    if not rows:
        banner("Nothing of this waits any more. What became of it stands in the history.", "orange")
    for row in refused:
        banner(f"“{row.title}” is decided by itself: {why_alone(row)}.", "orange")
        _review_link(row.key, "Review this one")
    rest = [row for row in rows if row not in refused]
    if not refused and rows:
        banner(f"{inventory(rows)} cannot be decided in one go: choose cards of one kind.", "orange")
    with st.bottom, st.container(horizontal=True, key="bar"):
        back = st.button("Board", icon=":material/arrow_back:", key="board-back")
        others = (
            f"{'it' if len(refused) == 1 else 'them'} out, go on with {inventory(rest)}" if rest and refused else ""
        )
        without = bool(others) and st.button(f"Leave {others}", type="primary", key="board-without")
    if without:
        choose([name_of(row.key) for row in rest])
        st.switch_page("board.py", query_params=link("together", [row.key for row in rest]))
    if back:
        st.switch_page("board.py")


def _summary(rows: Sequence[Row]) -> bool:
    """Draw what will happen; do two of the plans share a file, so that they cannot be approved together?"""
    plans = [row.review.proposal for row in rows if isinstance(row.review.proposal, PlanProposal)]
    shared = overlaps(plans)
    if shared:
        _shared([row.title for row in rows if isinstance(row.review.proposal, PlanProposal)], shared)
    elif len(plans) == len(rows):
        _total(plans)
    for number, row in enumerate(rows, start=1):
        with st.container(border=True, key=f"together-{number}"):
            _one(number, row)
    return bool(shared)


def _shared(titles: Sequence[str], shared: Sequence[tuple[str, tuple[int, ...]]]) -> None:
    """One sentence for each group of plans that want the same files."""
    groups: dict[tuple[int, ...], list[str]] = {}
    for path, users in shared:
        groups.setdefault(users, []).append(path)
    for users, paths in groups.items():
        names = " and ".join(f"“{titles[index]}”" for index in users)
        both, others = ("both", "the other is") if len(users) == 2 else ("all", "the others are")
        what = paths[0] if len(paths) == 1 else f"the same {count(len(paths), 'file')}: {some(paths)}"
        banner(
            f"{names} {both} touch {what}. Approve one of them first: {others} then looked at again. "
            "They can be rejected together.",
            "red",
            title="Not to be approved together:",
        )


def _total(plans: Sequence[PlanProposal]) -> None:
    files, volume = sum(plan.files for plan in plans), sum(plan.size for plan in plans)
    steps = tuple(step for plan in plans for step in plan.steps)
    words = effect_words(replace(plans[0], steps=steps, files=files, size=volume))
    banner(
        f"{_sentence(words)}. In all {count(files, 'file')} ({size(volume)}) in {count(len(plans), 'plan')}. "
        "All of it can be restored, so it begins at once, without a wait to undo it.",
        "blue",
        title="Approving them does all of this:",
    )


def _one(number: int, row: Row) -> None:
    proposal = row.review.proposal
    with st.container(horizontal=True, vertical_alignment="center"):
        prose(f"{number}. {row.title}", "so-strong")
        _review_link(row.key, "Review this one by itself")
    if not isinstance(proposal, PlanProposal):
        prose(row.review.labels.get(DecisionType.APPROVE, row.gist))
        return
    total = [f"in all {count(proposal.files, 'file')}, {size(proposal.size)}"] if len(proposal.steps) > 1 else []
    prose(" · ".join([_sentence(effect_words(proposal)), *total, f"in {proposal.workspace}"]), "so-muted")
    found = [warning for warning in row.review.warnings if not says_none(warning)]
    if found:
        bullets(found, "so-warn")
    for step in proposal.steps:
        prose(f"Step {step.number}: {step.sentence}")
        draw_files(step, f"together-{step.number}-{row.review.pause.seen[:12]}-{name_of(row.key)}", the_desk().clock())


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def _bar(rows: Sequence[Row], digest: str, *, shared: bool) -> None:
    """The buttons; the next run hears them, before it draws what may have changed."""
    these = f"{'these ' if len(rows) > 1 else 'this '}{count(len(rows), NOUNS[rows[0].kind]).removeprefix('1 ')}"
    with st.bottom, st.container(horizontal=True, key="bar"):
        for kind, words in WORDS.items():
            first = kind is DecisionType.APPROVE
            st.button(
                f"{words} {these}",
                type="primary" if first else "secondary",
                icon=":material/check:" if first else ":material/close:",
                disabled=first and shared,
                key=f"{kind.value}-{digest}",
            )
        back = st.button("Board", icon=":material/arrow_back:", type="tertiary", key="board-back")
    if back:
        st.switch_page("board.py")


def _decide(shown: Shown, type_: DecisionType, message: str) -> None:
    """The one write of this page. Raises SignoffError when nothing was saved."""
    reason = message.strip() or None if type_ is DecisionType.REJECT else None
    results = decisions.decide_together(the_desk(), shown.choices, type_, actor=who(), message=reason)
    for result in results:
        if result.fate is Fate.ACCEPTED and result.decision:
            mark_mine(result.decision.decision_id)
    over = {name_of(result.choice.key) for result in results if result.fate is not Fate.FAILED}
    choose([name for name in st.session_state.get(CHOSEN, ()) if name not in over])
    st.session_state[DONE] = Done(shown, results)


def _after(done: Done) -> None:
    good = sum(result.fate is Fate.ACCEPTED for result in done.results)
    heading("Decided together", facts=[f"{good:,} of {len(done.results):,} decided by you just now"])
    with st.bottom, st.container(horizontal=True, key="bar"):
        back = st.button("Board", type="primary", icon=":material/arrow_back:", key="board-back")
        home = st.button("Inbox", icon=":material/inbox:", key="to-inbox")
    if back:
        st.switch_page("board.py")
    if home:
        st.switch_page("inbox.py")
    live = _working(done)
    watched(_fates, run_every=POLL_SECONDS if live else None)(done, live)


def _working(done: Done) -> bool:
    accepted = [result.choice for result in done.results if result.fate is Fate.ACCEPTED]
    return any(history.story(the_desk(), each.thread_id, each.source_id).working for each in accepted)


def _fates(done: Done, live: bool) -> None:
    for result in done.results:
        with st.container(border=True, key=f"fate-{name_of(result.choice.key)}"):
            with st.container(horizontal=True, vertical_alignment="center"):
                prose(done.shown.titles.get(result.choice.key, result.choice.thread_id), "so-strong")
                _review_link(result.choice.key, "Open it")
            _fate(result)
    if live and not _working(done):
        st.rerun()


def _fate(result: Result) -> None:
    taken = result.decision
    if result.fate is Fate.ACCEPTED and taken:
        banner(
            f"You {did(taken.kind, taken.type)}. {_run(result)}",
            "green" if taken.type is DecisionType.APPROVE else "gray",
        )
    elif result.fate is Fate.ALREADY and taken:
        moment = from_text(taken.decided_at)
        reason = f" (“{taken.message}”)" if taken.message else ""
        who = f"{taken.actor} {did(taken.kind, taken.type)}{reason} {age(moment, the_desk().clock())}."
        banner(f"{who} Your decision does not count here.", "orange", title="Somebody was first.")
    elif result.fate is Fate.CHANGED:
        banner("Look at it again and decide it by itself.", "orange", title="Not decided: it changed since you looked.")
    elif result.fate is Fate.GONE:
        banner("The thread moved on elsewhere.", "orange", title="Not decided: it no longer waits.")
    else:
        banner(f"{result.sentence} It waits as before.", "red", title="Not accepted.")


def _run(result: Result) -> str:
    """What the run has come to, in a sentence."""
    story = history.story(the_desk(), result.choice.thread_id, result.choice.source_id)
    if story.failed is not None:
        return f"The run did not finish: {story.failed.error or 'it ended with an error'}."
    if story.working:
        return story.progress[-1] if story.progress else "The run starts in a moment."
    if story.waiting:
        return "The workflow asks again: open it."
    outcome = story.outcome
    return str(outcome.get("text") or "") if isinstance(outcome, dict) else "The workflow has ended."


def _review_link(key: Key, words: str) -> None:
    query = {"source": key[0], "thread": key[1], "pause": key[2]}
    st.page_link("review.py", label=label(words), icon=":material/rule:", query_params=query)
