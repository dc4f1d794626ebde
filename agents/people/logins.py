"""Sign-ins as rows: when each was first seen, when it ends, and that it was ended.

The sign-in itself is OpenID Connect's, and its proof a signed cookie that a browser keeps for weeks. So a cookie says
who somebody was once; whether that still holds is said here, before everything that is shown or decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from agents.audit import append
from agents.clock import from_text, to_text
from agents.database import login, reading, writing
from agents.desk import Desk
from agents.domain import JSON, Proof, fingerprint, name_problem
from agents.errors import NotSignedIn
from agents.people.accounts import one_way
from agents.settings import Settings

OURS = ("origin", "provider", "is_logged_in", "tokens")
"""What Streamlit adds to the claims; the same sign-in with or without them."""


@dataclass(frozen=True, slots=True)
class Login:
    """A sign-in that holds until `until`. ended: by its person; else it is only too old."""

    key: str
    name: str
    until: datetime
    ended: bool = False

    def holds(self, now: datetime) -> bool:
        return not self.ended and now < self.until


def key_of(claims: Mapping[str, Any]) -> str:
    """Names this sign-in: issuer, subject, the moment and the nonce are among its claims, so no two have the same."""
    return fingerprint({name: claims[name] for name in sorted(claims) if name not in OURS})


def name_in(settings: Settings, claims: Mapping[str, Any]) -> str:
    """The name that stands on decisions: the claim that SIGNOFF_NAME_CLAIM names. Raises NotSignedIn."""
    claim = settings.name_claim
    found = claims.get(claim)
    name = found.strip() if isinstance(found, str) else ""
    if name_problem(name):
        raise NotSignedIn(
            f"Your sign-in holds no usable “{claim}”. Whoever looks after this desk sets SIGNOFF_NAME_CLAIM to a claim "
            "that the sign-in has, or asks for it in the provider's scope."
        )
    if claim == "email" and str(claims.get("email_verified", True)).lower() not in ("true", "1"):
        raise NotSignedIn(f"{name} is not verified with your sign-in's provider. Verify the address there first.")
    return one_way(name)


def see(desk: Desk, claims: Mapping[str, Any]) -> Login:
    """The sign-in with these claims as it stands now; written down when it is first seen and still holds.

    One that is too old or was ended is returned too: `holds` says so. Raises NotSignedIn where it names nobody, or Busy.
    """
    name, key = name_in(desk.settings, claims), key_of(claims)
    with reading(desk.engine) as connection:
        found = _read(connection, desk, key)
    if found is not None:
        return found
    now = desk.clock()
    until = _end(desk.settings, claims, now)
    if until <= now:
        return Login(key, name, until)  # refused by its own claims; nothing to write down
    with writing(desk.engine) as connection:
        found = _read(connection, desk, key)
        if found is None:
            _write(connection, Login(key, name, until), now)
    return found or Login(key, name, until)


def end(desk: Desk, claims: Mapping[str, Any]) -> None:
    """Signed out: from now on nobody can do or see anything with this sign-in, wherever its cookie is kept."""
    key, now = key_of(claims), desk.clock()
    with writing(desk.engine) as connection:
        ended = update(login).where(login.c.login_key == key, login.c.ended_at.is_(None)).values(ended_at=to_text(now))
        if connection.execute(ended).rowcount:
            name = connection.execute(select(login.c.actor).where(login.c.login_key == key)).scalar_one()
            append(connection, at=now, actor=name, action="signed_out")


def _write(connection: Connection, found: Login, now: datetime) -> None:
    row: dict[str, JSON] = {
        "login_key": found.key,
        "actor": found.name,
        "proof": Proof.OIDC.value,
        "first_seen_at": to_text(now),
        "ends_at": to_text(found.until),
    }
    connection.execute(insert(login).values(**row))
    append(connection, at=now, actor=found.name, action="signed_in", until=row["ends_at"])


def _read(connection: Connection, desk: Desk, key: str) -> Login | None:
    row = connection.execute(select(login).where(login.c.login_key == key)).first()
    if row is None:
        return None
    # A shorter SIGNOFF_LOGIN_HOURS counts at once, also for whoever is signed in.
    longest = from_text(row.first_seen_at) + timedelta(hours=desk.settings.login_hours)
    return Login(key, row.actor, min(from_text(row.ends_at), longest), bool(row.ended_at))


def _end(settings: Settings, claims: Mapping[str, Any], now: datetime) -> datetime:
    """The earlier of what the provider says and our own maximum age; a moment that lies ahead does not lengthen it."""
    issued = min(_moment(claims.get("iat")) or now, now)
    until = issued + timedelta(hours=settings.login_hours)
    expires = _moment(claims.get("exp"))
    return min(until, expires) if expires else until


def _moment(value: Any) -> datetime | None:
    """Seconds since 1970, as OpenID Connect writes moments."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError):
        return datetime.min.replace(tzinfo=UTC)
