"""A person says which graph a thread belongs to; and why a thread cannot be resumed as it stands."""

from __future__ import annotations

from agents.belonging import Belonging, Fit, How, Thread, remember
from agents.database import writing
from agents.desk import Desk
from agents.domain import Who
from agents.errors import InvalidInput, UnknownReview
from agents.people import Act, permit, permitted

__all__ = ["Fit", "How", "belongs", "choose", "fits", "graph_named", "named", "prepare", "problem"]


def belongs(desk: Desk, thread_id: str, source_id: str | None = None) -> tuple[str, How] | None:
    """The thread's graph and why, from what is loaded by now. Raises as Desk.state does."""
    thread = _thread(desk, thread_id, source_id)
    return Belonging(desk.engine, desk.registry).graph_of(thread) if thread else None


def fits(desk: Desk, thread_id: str, source_id: str | None = None) -> tuple[Fit, ...]:
    """Every graph of the langgraph.json, with why it cannot be this thread's."""
    thread = _thread(desk, thread_id, source_id)
    return Belonging(desk.engine, desk.registry).fits(thread) if thread else ()


def graph_named(desk: Desk, thread_id: str, source_id: str | None = None) -> str | None:
    """The graph that the thread itself names and that is known here."""
    thread = _thread(desk, thread_id, source_id)
    return thread.named if thread and thread.named in desk.registry.ids() else None


def named(desk: Desk, thread_id: str, source_id: str | None = None) -> str | None:
    """What the thread's run says in its metadata, known here or not."""
    thread = _thread(desk, thread_id, source_id)
    return thread.named if thread else None


def problem(desk: Desk, thread_id: str, source_id: str | None = None) -> str | None:
    """Why the thread cannot be resumed here: nobody knows its graph, or that does not load. A sentence.

    None when it can be, or while its graph is still being loaded.
    """
    thread = _thread(desk, thread_id, source_id)
    if thread is None:
        return None
    found = Belonging(desk.engine, desk.registry).graph_of(thread)
    if found is not None:
        facts = desk.registry.facts(found[0])
        return _unusable(facts.error) if facts is not None and facts.error else None
    if any(desk.registry.facts(graph_id) is None for graph_id in desk.registry.own_ids()):
        return None
    return _unknown(desk, thread)


def prepare(desk: Desk, thread_id: str, source_id: str | None = None) -> None:
    """Load what `problem` needs to know, where no earlier load told it. Waits."""
    thread = _thread(desk, thread_id, source_id)
    registry = desk.registry
    if thread is None or (thread.named in registry.ids() and thread.named not in registry.own_ids()):
        return
    for graph_id in (thread.named,) if thread.named in registry.own_ids() else registry.own_ids():
        if graph_id is not None and registry.facts(graph_id) is None:
            registry.load_one(graph_id)


def choose(
    desk: Desk,
    thread_id: str,
    graph_id: str,
    *,
    actor: Who,
    source_id: str | None = None,
    for_all: bool = False,
    anyway: bool = False,
) -> None:
    """Remember it, on record; a later choice takes its place. Waits until the graph is loaded.

    for_all: for every thread of the file that names none. anyway: although the
    thread has steps that the graph has not. Raises UnknownReview, UnknownGraph,
    InvalidInput or NotAllowed.
    """
    permitted(desk, actor, Act.CHOOSE_GRAPH)
    source_id = desk.source_of(thread_id, source_id)
    thread = _thread(desk, thread_id, source_id)
    if thread is None:
        raise UnknownReview(f"Thread {thread_id} is not in {desk.reader(source_id).source.path}.")
    if thread.named is not None and thread.named in desk.registry.ids():
        raise InvalidInput(f"Thread {thread_id} says itself that it belongs to graph {thread.named}.")
    desk.registry.load_one(graph_id)
    if graph_id not in desk.registry.own_ids():
        raise InvalidInput(f"{graph_id} is one of Signoff's own graphs; its threads name it. Choose one of yours.")
    fit = next(each for each in fits(desk, thread_id, source_id) if each.graph_id == graph_id)
    if fit.why_not and not anyway:
        raise InvalidInput(f"Thread {thread_id} cannot belong to graph {graph_id}. {fit.why_not}")
    with writing(desk.engine) as connection:
        name = permit(connection, desk, actor, Act.CHOOSE_GRAPH)
        remember(connection, thread, graph_id, actor=name, now=desk.clock(), for_all=for_all)


def _thread(desk: Desk, thread_id: str, source_id: str | None) -> Thread | None:
    state = desk.state(thread_id, source_id)
    if state is None:
        return None
    named = state.head.metadata.get("graph_id")
    return Thread(state.source_id, thread_id, named if isinstance(named, str) and named else None, state.known)


def _unusable(error: str) -> str:
    return f"This thread can be read, but not resumed. {error}"


def _unknown(desk: Desk, thread: Thread) -> str:
    start = "This thread can be read, but not resumed:"
    if thread.named is not None:
        name = f"it belongs to graph “{thread.named}”, which is not known here"
        return f"{start} {name}. Name it in the langgraph.json that SIGNOFF_GRAPHS leads to, or choose another graph in its review or with the command “signoff graph”."
    if not desk.registry.own_ids():
        return (
            f"{start} it names no graph, and no graph of yours is known here. Set SIGNOFF_GRAPHS to a langgraph.json."
        )
    return f"{start} nobody has said yet which graph it belongs to. Choose it in its review, or with the command “signoff graph”."
