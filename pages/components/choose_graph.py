"""Which graph a thread belongs to, where it does not say: a person chooses once; and why it cannot be resumed."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from agents import choosing
from agents.choosing import Fit, How
from agents.domain import Pause
from agents.errors import SignoffError
from agents.people import Act
from pages.components.heading import banner, bullets, prose, section
from pages.components.session import refused_because, the_desk, watched, who
from pages.components.words import label

POLL_SECONDS = 1.0
FOR_ALL = "For all threads of this file that name no graph"
BELONGS = {
    How.CHOSEN: "A person said that this thread belongs to graph {}.",
    How.CHOSEN_FOR_ALL: "A person said that the threads of this file that name no graph belong to graph {}.",
    How.ONLY_ONE: "It is taken for one of {}: no other graph has its steps.",
}
NAMELESS = "This thread names no graph."


def graph_pane(pause: Pause) -> bool:
    """Draw it where there is something to say; True when more is known now, so that the page draws itself anew."""
    desk = the_desk()
    found = choosing.belongs(desk, pause.thread_id, pause.source_id)
    problem = choosing.problem(desk, pause.thread_id, pause.source_id)
    if problem is not None:
        banner(problem, "orange")
    elif _loading(found):
        watched(_wait, run_every=POLL_SECONDS)(found)
    if found is None:
        return problem is not None and bool(desk.registry.own_ids()) and _open_choice(pause, None)
    graph_id, how = found
    again = problem is not None and _try_again(graph_id)
    if how is How.NAMED:
        return again
    with st.expander("Which graph this thread belongs to", expanded=problem is not None):
        prose(" ".join([*_names_itself(pause, how), BELONGS[how].format(graph_id)]))
        return _choice(pause, graph_id) or again


def _names_itself(pause: Pause, how: How) -> list[str]:
    """What the thread says of its graph, where that did not settle it."""
    named = choosing.named(the_desk(), pause.thread_id, pause.source_id)
    if named is not None:
        return [f"This thread names the graph “{named}”, which your langgraph.json does not have."]
    return [NAMELESS] if how is How.ONLY_ONE else []


def _loading(found: tuple[str, How] | None) -> bool:
    """Is a graph on its way whose word would tell more? They are loaded one after the other when the desk starts."""
    registry = the_desk().registry
    wanted = registry.own_ids() if found is None else [found[0]] if found[0] in registry.own_ids() else []
    return any(registry.facts(graph_id) is None for graph_id in wanted)


def _wait(found: tuple[str, How] | None) -> None:
    if _loading(found):
        prose("Your graphs are still being loaded.", "so-muted")
    else:
        st.rerun()


def _try_again(graph_id: str) -> bool:
    """The graph does not load; somebody may have mended it."""
    if not st.button(f"Try loading {label(graph_id)} again", icon=":material/refresh:", key=f"load-{graph_id}"):
        return False
    the_desk().registry.try_again(graph_id)
    return True


def _open_choice(pause: Pause, now: str | None) -> bool:
    with st.container(border=True, key="choose-graph"):
        section("Which graph does this thread belong to?")
        return _choice(pause, now)


def _choice(pause: Pause, now: str | None) -> bool:
    found = choosing.fits(the_desk(), pause.thread_id, pause.source_id)
    every = sorted(found, key=lambda fit: (fit.why_not is not None, not fit.sure))
    possible = [fit for fit in every if fit.why_not is None and fit.graph_id != now]
    known = now is not None or any(fit.sure for fit in possible)
    possible = [fit for fit in possible if not (known and _broken(fit))]
    bullets(_told(every))
    refusal = refused_because(Act.CHOOSE_GRAPH)
    if refusal:
        prose(refusal)
    if refusal or not possible:
        return False
    ids = [fit.graph_id for fit in possible]
    key = f"{pause.thread_id}-{pause.source_id}"
    graph_id = ids[0] if len(ids) == 1 else st.radio("Graph", ids, format_func=label, key=f"graph-{key}")
    for_all = st.checkbox(FOR_ALL, key=f"graph-all-{key}")
    if not st.button(f"It belongs to {label(graph_id)}", icon=":material/link:", key=f"belongs-{key}"):
        return False
    try:
        choosing.choose(the_desk(), pause.thread_id, graph_id, actor=who(), source_id=pause.source_id, for_all=for_all)
    except SignoffError as error:
        banner(str(error), "red")
        return False
    return True


def _told(fits: Iterable[Fit]) -> list[str]:
    """A sentence for each graph; those of which the same is to be said stand in one, so that a long list is short."""
    alike: dict[str, list[str]] = {}
    for fit in fits:
        alike.setdefault(_about(fit), []).append(fit.graph_id)
    return [f"{', '.join(names)}: {about}" for about, names in alike.items()]


def _broken(fit: Fit) -> str | None:
    """Why the graph does not load. Nothing can be resumed with it, so it is no choice beside one that fits."""
    facts = the_desk().registry.facts(fit.graph_id)
    return facts.error if facts is not None else None


def _about(fit: Fit) -> str:
    if error := _broken(fit):
        return f"Nobody can tell. {error}"
    return fit.why_not or ("All steps of this thread are there." if fit.sure else "It may be.")
