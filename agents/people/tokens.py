"""Tokens: what a program, or a person at a terminal, shows instead of a sign-in.

The secret is shown once and never kept: the table holds its SHA-256, which is enough for 256 random bits.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from agents.audit import append
from agents.clock import from_text, to_text
from agents.database import token as table
from agents.database import writing
from agents.desk import Desk
from agents.domain import JSON, Actor, Proof, Role, Who, name_problem
from agents.errors import InvalidInput, NotAllowed, NotSignedIn
from agents.people.accounts import NO_ROLE, named_role, one_way, token_role
from agents.people.permission import Act, permit

SCOPES = {"read": Role.VIEWER, "start": Role.REVIEWER, "decide": Role.REVIEWER, "admin": Role.ADMIN}
"""What a token can be made for, and the least role that can use it."""

SHAPE = re.compile(r"signoff_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
FROM_FILES = "system:files"
"""Who makes the first token of a desk with accounts: whoever may write its files."""

BY_RULES = "rules"
"""In place of a role: whatever the rules give to the name."""

NO_TOKEN = "This is no token of this desk. An admin makes one: `signoff token create NAME`."  # noqa: S105 - a sentence


@dataclass(frozen=True, slots=True)
class Token:
    """One token without its secret. Times are UTC text. role: as it was made, the rules may say otherwise; None: they alone do."""

    token_id: str
    name: str
    scopes: tuple[str, ...]
    role: Role | None
    created_by: str
    created_at: str
    expires_at: str | None
    revoked_at: str | None
    revoked_by: str | None

    def live(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > to_text(now))


def actor_of(connection: Connection, desk: Desk, secret: str) -> Actor:
    """Whoever this secret was made for. Raises NotSignedIn for one that is unknown, revoked or expired, NotAllowed where
    the rules give its person no role any more."""
    shape = SHAPE.fullmatch(secret)
    row = _row(connection, shape[1]) if shape else None
    if row is None or not hmac.compare_digest(row["hash"], hashed(secret)):
        raise NotSignedIn(NO_TOKEN)
    found = _token(row)
    if not found.live(desk.clock()):
        raise NotSignedIn("This token was revoked or has expired. An admin makes a new one: `signoff token create`.")
    until = from_text(found.expires_at) if found.expires_at else None
    role = token_role(desk, found.name, found.role)
    if role is None:
        raise NotAllowed(f"This token is that of {found.name}, who has no role at this desk any more. {NO_ROLE}")
    return Actor(found.name, role, Proof.TOKEN, frozenset(found.scopes), until, found.token_id)


def create(
    desk: Desk,
    name: str,
    scopes: Collection[str],
    *,
    actor: Who,
    role: Role | None = None,
    lasts: timedelta | None = None,
) -> tuple[Token, str]:
    """Make a token, on record; it and its secret, which nobody can read again.

    role: default the one that the rules give to the name, else reviewer. lasts: None: until it is revoked.
    Raises InvalidInput for a bad name, or a scope that the role does not reach, NotAllowed.
    """
    name = one_way(name.strip())
    if name_problem(name) is not None:
        raise InvalidInput(f"NAME: {name_problem(name)}.")
    ruled, role = _ruled(desk, name), _role(desk, name, role)
    wanted = _scopes(scopes, role)
    token_id, now = secrets.token_hex(6), desk.clock()
    secret = f"signoff_{token_id}_{secrets.token_urlsafe(32)}"
    with writing(desk.engine) as connection:
        made_by = permit(connection, desk, actor, Act.ADMINISTER)
        if made_by == FROM_FILES:
            _refuse_unless_first(connection, desk, wanted)
        row: dict[str, JSON] = {
            "token_id": token_id,
            "name": name,
            "hash": hashed(secret),
            "scopes": list(wanted),
            "role": role.value if ruled is None else BY_RULES,
            "created_by": made_by,
            "created_at": to_text(now),
            "expires_at": to_text(now + lasts) if lasts is not None else None,
        }
        connection.execute(insert(table).values(**row))
        told = {key: row[key] for key in ("token_id", "name", "scopes", "expires_at")}
        append(connection, at=now, actor=made_by, action="token_created", role=role.value, **told)
        return _token({**row, "revoked_at": None, "revoked_by": None}), secret


def revoke(desk: Desk, named: str, *, actor: Who) -> tuple[Token, ...]:
    """End a token by its id, or every live one of a name; on record. Raises InvalidInput when there is none, NotAllowed."""
    now = desk.clock()
    with writing(desk.engine) as connection:
        by = permit(connection, desk, actor, Act.ADMINISTER)
        found = [each for each in known(connection) if named in (each.token_id, each.name) and each.revoked_at is None]
        if not found:
            raise InvalidInput(f"There is no token {named!r} that could be revoked. `signoff token list` shows them.")
        for each in found:
            where = table.c.token_id == each.token_id
            connection.execute(update(table).where(where).values(revoked_at=to_text(now), revoked_by=by))
            append(connection, at=now, actor=by, action="token_revoked", token_id=each.token_id, name=each.name)
    return tuple(found)


def known(connection: Connection) -> list[Token]:
    """Every token that was ever made, oldest first."""
    query = select(table).order_by(table.c.created_at, table.c.token_id)
    return [_token(row) for row in connection.execute(query).mappings()]


def has_admin(connection: Connection, desk: Desk) -> bool:
    """Is there a token that could make another one?"""
    return any(_may_administer(desk, each) for each in known(connection))


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _may_administer(desk: Desk, each: Token) -> bool:
    role = token_role(desk, each.name, each.role)
    return each.live(desk.clock()) and "admin" in each.scopes and role is Role.ADMIN


def _refuse_unless_first(connection: Connection, desk: Desk, scopes: Collection[str]) -> None:
    """Whoever has the files makes one admin's token where none is left; all others are made with that one."""
    if has_admin(connection, desk):
        raise NotSignedIn("Accounts are on at this desk: set SIGNOFF_TOKEN to a token of an admin to make another one.")
    if "admin" not in scopes:
        raise NotAllowed(
            "The first token of a desk with accounts is an admin's: `signoff token create NAME --scope admin --role admin`. "
            "All others are made with it."
        )


def _scopes(given: Collection[str], role: Role) -> tuple[str, ...]:
    if not given or not set(given) <= set(SCOPES):
        raise InvalidInput(f"--scope: expected one or more of {', '.join(SCOPES)}.")
    beyond = [each for each in SCOPES if each in given and not role.reaches(SCOPES[each])]
    if beyond:
        raise InvalidInput(f"--scope {beyond[0]}: the role {role} does not reach so far; {SCOPES[beyond[0]]} does.")
    return tuple(each for each in SCOPES if each in given)


def _role(desk: Desk, name: str, given: Role | None) -> Role:
    ruled = _ruled(desk, name)
    if ruled is not None and given not in (None, ruled):
        raise InvalidInput(
            f"--role: {name} is {ruled.value} by the rules file, which goes before it. Leave --role out."
        )
    return ruled or given or Role.REVIEWER


def _ruled(desk: Desk, name: str) -> Role | None:
    return named_role(desk, name) if desk.settings.with_accounts else None


def _row(connection: Connection, token_id: str) -> JSON:
    return connection.execute(select(table).where(table.c.token_id == token_id)).mappings().first()


def _token(row: JSON) -> Token:
    values = {name: row[name] for name in Token.__slots__}
    role = None if row["role"] == BY_RULES else Role(row["role"])
    return Token(**values | {"scopes": tuple(row["scopes"]), "role": role})
