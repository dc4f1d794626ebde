"""`signoff deadline` and `snooze`: what happens to a question by itself, and moving that."""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta

from agents import deadlines, identity, payloads
from agents.clock import to_text
from agents.commands.reading import opened_desk
from agents.commands.text import printable
from agents.database import reading
from agents.deadlines import Key
from agents.desk import Desk
from agents.domain import Pause, Who
from agents.errors import InvalidInput, NotPending
from agents.rules import length_of


def deadline(args: argparse.Namespace) -> int:
    with opened_desk() as desk:
        moving = args.extend or args.pause_it or args.go_on
        actor = identity.actor_of_command(desk, args.actor) if moving or args.actor is not None else ""
        pause = _pause(desk, args)
        key = (pause.source_id, pause.thread_id, pause.pause_key)
        if moving:
            _move(desk, args, key, actor)
        _print(desk, pause, key)
    return 0


def snooze(args: argparse.Namespace) -> int:
    with opened_desk() as desk:
        actor = identity.actor_of_command(desk, args.actor)
        pause = _pause(desk, args)
        key = (pause.source_id, pause.thread_id, pause.pause_key)
        if args.wake:
            deadlines.wake(desk, key, actor=actor)
            print(f"It is in {printable(str(actor))}'s inbox again.")
        else:
            until = deadlines.snooze(desk, key, _length(args.span, "--for"), actor=actor)
            print(f"Out of {printable(str(actor))}'s inbox until {_when(until)}. Its deadline stays where it is.")
        _print(desk, pause, key)
    return 0


def _move(desk: Desk, args: argparse.Namespace, key: Key, actor: Who) -> None:
    reason = args.message or ""
    if args.extend:
        deadlines.extend(desk, key, _length(args.extend, "--extend"), actor=actor, reason=reason)
    elif args.pause_it:
        deadlines.pause(desk, key, actor=actor, reason=reason)
    else:
        deadlines.go_on(desk, key, actor=actor, reason=reason)


def _pause(desk: Desk, args: argparse.Namespace) -> Pause:
    source_id = desk.source_of(args.thread, args.source)
    for pause in desk.pauses(args.thread, source_id):
        if args.pause in (pause.pause_key, pause.interrupt_id):
            return pause
    raise NotPending(f"Thread {args.thread} does not wait for {args.pause} any more. `signoff list` shows what waits.")


def _print(desk: Desk, pause: Pause, key: Key) -> None:
    with reading(desk.engine) as connection:
        row = deadlines.of_question(connection, key)
    told = deadlines.line(row, payloads.parse(pause), desk.rules, desk.clock(), _when) if row else ""
    print(printable(told or "Nothing happens to it by itself."))


def _length(text: str, option: str) -> timedelta:
    try:
        return length_of(text)
    except ValueError as error:
        raise InvalidInput(f"{option}: {error}.") from None


def _when(moment: datetime) -> str:
    return f"{to_text(moment)[:19]}Z"
