"""`signoff notifications`: the messages that did not go through, sending one again or not, and trying a channel."""

from __future__ import annotations

import argparse
import json
import uuid
from dataclasses import asdict

from agents import notifications
from agents.adapters.channels import Entry, Message, Outcome, open_channel
from agents.commands.reading import opened_desk
from agents.commands.text import printable
from agents.desk import Desk
from agents.errors import InvalidInput, RunFailed
from agents.identity import actor_of_command
from agents.notifications import Trouble
from agents.people import Act, permitted
from agents.wording import count


def notifying(args: argparse.Namespace) -> int:
    """List, or order one again, or let one rest, or try a channel."""
    with opened_desk() as desk:
        if args.test is not None:
            permitted(desk, actor_of_command(desk, args.actor), Act.ADMINISTER)
            _try(desk, args.test)
        elif args.retry is not None:
            number = notifications.again(desk, args.retry, actor=actor_of_command(desk, args.actor))
            print(f"A worker sends it again; it tells of {count(number, 'thing')}.")
        elif args.dismiss is not None:
            notifications.let_rest(desk, args.dismiss, actor=actor_of_command(desk, args.actor))
            print("It is listed no more, and nobody sends it.")
        else:
            permitted(desk, actor_of_command(desk, args.actor), Act.LOOK)
            _list(desk, as_json=args.json)
    return 0


def _list(desk: Desk, *, as_json: bool) -> None:
    found = notifications.troubled(desk)
    if as_json:
        print(json.dumps([asdict(each) for each in found], ensure_ascii=False, indent=2))
        return
    for each in found:
        print(printable(_line(each)))
        print(printable(f"    {each.error}"))
    if found:
        print("Send one again: signoff notifications --retry ID. Take one off this list: --dismiss ID.")
    else:
        print("Every message went through, or has still time.")


def _line(each: Trouble) -> str:
    more = f" and {each.count - 1:,} more" if each.count > 1 else ""
    where = f"to {each.recipient} by channel {each.channel}"
    return f"{each.message_id}  {each.at[:16].replace('T', ' ')} UTC  {each.arrived}  {where}: {each.title}{more}"


def _try(desk: Desk, name: str) -> None:
    """Send one message now, which is about nothing. Raises RunFailed with the reason."""
    address = desk.settings.channels.get(name)
    if address is None:
        known = ", ".join(desk.settings.channels) or "none"
        raise InvalidInput(f"SIGNOFF_CHANNELS names no channel {name!r}. Known: {known}.")
    channel = open_channel(name, address, desk.settings.webhook_secret)
    link = f"{notifications.address_of(desk)}/inbox"
    entry = Entry(("This message tries the channel. Nothing waits because of it.",), link, {"topic": "test"})
    made = Message(f"msg_{uuid.uuid4().hex}", "test", desk.clock(), "you", "Signoff: a test", (entry,), 1, link)
    answer = channel.send(made)
    if answer.outcome is not Outcome.SENT:
        raise RunFailed(answer.reason or "It was not sent.")
    print(f"Sent by channel {name} ({channel.describe()}).")
