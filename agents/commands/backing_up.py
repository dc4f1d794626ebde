"""`signoff backup`: both files of the desk, in the order in which nothing can be done twice after a restore."""

from __future__ import annotations

import argparse
from pathlib import Path

from agents.backups.copying import back_up
from agents.commands.reading import opened_desk
from agents.desk import Desk
from agents.domain import Who
from agents.identity import actor_of_command
from agents.people.tokens import FROM_FILES
from agents.wording import size


def backup(args: argparse.Namespace) -> int:
    with opened_desk() as desk:
        made = back_up(desk, Path(args.folder), actor=_who(desk))
    for each in made.copies:
        print(f"{made.folder / each.name}: a copy of {each.path} ({size(each.size)})")
    for path in made.missing:
        print(f"{path} does not exist yet, so there is nothing of it to copy.")
    print(f"The copied record has {made.head.count} events; its head is {made.head.hash}")
    print("Not in it: the settings, the rules file, plans' workspace and trash, and the outbox.")
    return 0


def _who(desk: Desk) -> Who:
    """Whoever may read the files may copy them, also where people sign in: a backup at night needs no token."""
    nobody = desk.settings.with_accounts and desk.settings.token is None
    return FROM_FILES if nobody else actor_of_command(desk)
