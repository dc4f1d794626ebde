"""`signoff trust`: the types that the threads of a graph may hold besides those of its schema."""

from __future__ import annotations

import argparse

from agents import identity, trust
from agents.commands.reading import opened_desk
from agents.commands.text import printable
from agents.database import reading
from agents.desk import Desk


def trusting(args: argparse.Namespace) -> int:
    """Trust the types that are named, or print those that are trusted already."""
    with opened_desk() as desk:
        if not args.types:
            _print(desk, args.graph)
            return 0
        actor = identity.actor_of_command(desk, args.actor)
        made = trust.trust(desk, args.graph, args.types, actor=actor)
        print(trust.MEANING)
        for each in made:
            print(f"Trusted for graph {args.graph}: {each.dotted}")
        for name in args.types:
            if name not in {each.dotted for each in made}:
                print(f"Trusted before: {name}")
    return 0


def _print(desk: Desk, graph_id: str) -> None:
    desk.registry.info(graph_id)  # an id that nobody knows is told so
    with reading(desk.engine) as connection:
        found = trust.allowed(connection, graph_id)
    for each in found:
        print(printable(f"{each.dotted} (by {each.allowed_by}, {each.allowed_at[:10]})"))
    if not found:
        print(f"Nothing besides the types of graph {graph_id}'s own schema is trusted.")
