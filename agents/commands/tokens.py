"""`signoff token`: what programs, and people at a terminal, show instead of a sign-in."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from agents import identity
from agents.commands.reading import opened_desk
from agents.commands.text import printable
from agents.database import reading
from agents.desk import Desk
from agents.domain import JSON, Role, Who
from agents.errors import InvalidInput
from agents.people import tokens
from agents.people.accounts import token_role
from agents.people.tokens import Token
from agents.rules import length_of


def token(args: argparse.Namespace) -> int:
    """Create, list or revoke. The secret goes to standard output by itself; what to know of it to standard error."""
    if args.action == "list":
        return _list(as_objects=args.json)
    if args.name is None:
        raise InvalidInput(f"token {args.action}: give a NAME.")
    return _create(args) if args.action == "create" else _revoke(args)


def _create(args: argparse.Namespace) -> int:
    try:
        lasts = length_of(args.expires) if args.expires is not None else None
    except ValueError as error:
        raise InvalidInput(f"--expires: {error}.") from None
    with opened_desk() as desk:
        role = Role(args.role) if args.role else None
        actor = _actor(desk, args.actor)
        made, secret = tokens.create(desk, args.name, args.scope or (), actor=actor, role=role, lasts=lasts)
        print(secret)
        told = (
            f"Token {made.token_id} for {_line(desk, made)}. It is shown once: keep it now, nobody can read it again."
        )
        print(told, file=sys.stderr)
    return 0


def _revoke(args: argparse.Namespace) -> int:
    with opened_desk() as desk:
        actor = identity.actor_of_command(desk, args.actor)
        for each in tokens.revoke(desk, args.name, actor=actor):
            print(f"Revoked: {each.token_id}, {printable(each.name)}.")
    return 0


def _list(*, as_objects: bool) -> int:
    with opened_desk() as desk:
        with reading(desk.engine) as connection:
            found = tokens.known(connection)
        if as_objects:
            print(json.dumps([_object(desk, each) for each in found], ensure_ascii=False, indent=2))
            return 0
        for each in found:
            made = f"made by {printable(each.created_by)}, {each.created_at[:10]}"
            print(f"{each.token_id}  {_line(desk, each)}; {_state(desk, each)}; {made}")
        if not found:
            print("There are no tokens. `signoff token create NAME --scope ...` makes one.")
    return 0


def _actor(desk: Desk, given: str | None) -> Who:
    """With accounts on, and no token to show: whoever may write the desk's files, for its first token only."""
    if desk.settings.with_accounts and desk.settings.token is None and given is None:
        return tokens.FROM_FILES
    return identity.actor_of_command(desk, given)


def _line(desk: Desk, each: Token) -> str:
    until = f", until {each.expires_at[:16]}Z" if each.expires_at else ""
    may = f"{token_role(desk, each.name, each.role) or 'no role any more'}, made to {', '.join(each.scopes)}"
    return f"{printable(each.name)} ({may}{until})"


def _state(desk: Desk, each: Token) -> str:
    if each.revoked_at:
        return f"revoked by {printable(each.revoked_by or '')}, {each.revoked_at[:10]}"
    return "live" if each.live(desk.clock()) else "expired"


def _object(desk: Desk, each: Token) -> dict[str, JSON]:
    role = token_role(desk, each.name, each.role)
    return {**asdict(each), "role": role.value if role else None, "live": each.live(desk.clock())}
