"""`signoff graph`: which graph a thread belongs to, shown or chosen."""

from __future__ import annotations

import argparse

from agents import choosing, identity
from agents.choosing import How
from agents.commands.reading import opened_desk
from agents.commands.text import printable
from agents.desk import Desk
from agents.errors import InvalidInput, UnknownReview

WHY = {
    How.NAMED: "it says so itself",
    How.CHOSEN: "a person chose it",
    How.CHOSEN_FOR_ALL: "a person chose it for all threads of the file that name none",
    How.ONLY_ONE: "no other graph has its steps",
}


def graph(args: argparse.Namespace) -> int:
    if args.all and args.graph is None:
        raise InvalidInput("--all: name the graph that all threads without one belong to.")
    with opened_desk() as desk:
        if args.graph is not None:
            choosing.choose(
                desk,
                args.thread,
                args.graph,
                actor=identity.actor_of_command(desk, args.actor),
                source_id=args.source,
                for_all=args.all,
                anyway=args.anyway,
            )
        return _show(desk, args.thread, args.source)


def _show(desk: Desk, thread_id: str, source_id: str | None) -> int:
    source_id = desk.source_of(thread_id, source_id)
    if desk.state(thread_id, source_id) is None:
        raise UnknownReview(f"Thread {thread_id} is not in {desk.reader(source_id).source.path}.")
    desk.registry.load_own()
    found = choosing.belongs(desk, thread_id, source_id)
    if found is not None:
        print(f"Thread {printable(thread_id)} belongs to graph {found[0]}: {WHY[found[1]]}.")
    for fit in choosing.fits(desk, thread_id, source_id):
        facts = desk.registry.facts(fit.graph_id)
        text = (facts.error if facts else None) or fit.why_not or "It has all the thread's steps."
        print(f"  {fit.graph_id}: {text}")
    problem = choosing.problem(desk, thread_id, source_id)
    if problem:
        print(printable(problem))
    return 1 if problem else 0
