"""`signoff claim`, `release`, `assign` and `withdraw`: in whose hands a question is, and taking an opinion back."""

from __future__ import annotations

import argparse

from agents import claims, decisions, identity
from agents.commands.reading import opened_desk
from agents.commands.text import printable
from agents.errors import InvalidInput
from agents.wording import whom


def claim(args: argparse.Namespace) -> int:
    with opened_desk() as desk:
        actor = identity.actor_of_command(desk, args.actor)
        named = {"actor": actor, "source_id": args.source, "take_over": args.take_over}
        made = claims.claim(desk, args.thread, args.pause, **named)
    print(f"{printable(made.holder)} has this until {made.until[:19]}Z.")
    return 0


def release(args: argparse.Namespace) -> int:
    with opened_desk() as desk:
        actor = identity.actor_of_command(desk, args.actor)
        claims.release(desk, args.thread, args.pause, actor=actor, source_id=args.source)
    print("Let go of: anybody can decide it now.")
    return 0


def assign(args: argparse.Namespace) -> int:
    if args.nobody == (args.to is not None):
        raise InvalidInput("assign: give a name or a role such as role:lead, or --nobody.")
    with opened_desk() as desk:
        actor = identity.actor_of_command(desk, args.actor)
        named = {"actor": actor, "source_id": args.source, "reason": args.message}
        made = claims.assign(desk, args.thread, args.pause, args.to, **named)
    print(f"Given to {printable(whom(made.assignee))}." if made else "Given to nobody in particular.")
    return 0


def withdraw(args: argparse.Namespace) -> int:
    with opened_desk() as desk:
        actor = identity.actor_of_command(desk, args.actor)
        decisions.withdraw(desk, args.thread, args.pause, actor=actor, source_id=args.source)
    print("Taken back: it does not count any more.")
    return 0
