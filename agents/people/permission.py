"""What each role may do, checked in the transaction of every act."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Connection

from agents.clock import from_text, to_text
from agents.database import login, token
from agents.desk import Desk
from agents.domain import SYSTEM, Actor, Proof, Role, Who
from agents.errors import NotAllowed, NotSignedIn


class Act(StrEnum):
    """Everything that changes something, in the words of a refusal: "You may not ..."."""

    DECIDE = "decide"
    CLAIM = "take this on"
    START = "start workflows"
    REPAIR = "repair threads"
    RESTORE = "put files back"
    SNOOZE = "set this aside"
    ASSIGN = "give this to somebody"
    POSTPONE = "move deadlines"
    OVERRIDE = "send an answer before the others"
    ADJUDICATE = "settle a disagreement"
    CHOOSE_GRAPH = "say which graph a thread belongs to"
    TRUST = "trust types"
    ADMINISTER = "look after the desk"


NEEDED = {
    Act.DECIDE: Role.REVIEWER,
    Act.CLAIM: Role.REVIEWER,
    Act.START: Role.REVIEWER,
    Act.REPAIR: Role.REVIEWER,
    Act.RESTORE: Role.REVIEWER,
    Act.SNOOZE: Role.REVIEWER,
    Act.OVERRIDE: Role.REVIEWER,
    Act.ASSIGN: Role.LEAD,
    Act.POSTPONE: Role.LEAD,
    Act.ADJUDICATE: Role.LEAD,
    Act.CHOOSE_GRAPH: Role.ADMIN,
    Act.TRUST: Role.ADMIN,
    Act.ADMINISTER: Role.ADMIN,
}
"""The least role for each act."""

SCOPES = {Act.START: "start", Act.ADMINISTER: "admin", Act.TRUST: "admin", Act.CHOOSE_GRAPH: "admin"}
"""The scope that a token needs; "decide" for what is not named."""


def permit(
    connection: Connection, desk: Desk, who: Who, act: Act, *, graph_id: str | None = None, kind: str | None = None
) -> str:
    """The name to write down, if this person may do that now. Call it in the transaction of the act.

    graph_id, kind: of the question, where it is about one. Raises NotSignedIn or NotAllowed with what to do.
    """
    if not isinstance(who, Actor):
        if desk.settings.with_accounts and not who.startswith(SYSTEM):
            raise NotSignedIn("Accounts are on at this desk: sign in, or set SIGNOFF_TOKEN for a command.")
        return who
    _refuse_ended(connection, desk, who)
    _refuse_role(desk, who, act, graph_id, kind)
    return who.name


def may(desk: Desk, who: Who, act: Act, *, graph_id: str | None = None, kind: str | None = None) -> bool:
    """Would `permit` allow it, as far as role and scope go? For hiding what would be refused."""
    if not isinstance(who, Actor):
        return not desk.settings.with_accounts
    try:
        _refuse_role(desk, who, act, graph_id, kind)
    except NotAllowed:
        return False
    return True


def _refuse_ended(connection: Connection, desk: Desk, who: Actor) -> None:
    now = desk.clock()
    if who.until is not None and who.until <= now:
        raise NotSignedIn("Your sign-in is too old to decide with. Sign in again; what you wrote is kept.")
    if who.proof is Proof.LOCAL:
        return
    if who.proof is Proof.TOKEN:
        row = connection.execute(token.select().where(token.c.token_id == who.login)).first()
        if row is None or row.revoked_at or (row.expires_at and row.expires_at <= to_text(now)):
            raise NotSignedIn(
                "This token was revoked or has expired. An admin makes a new one: `signoff token create`."
            )
    if who.proof is Proof.OIDC:
        row = connection.execute(login.select().where(login.c.login_key == who.login)).first()
        if row is None or row.ended_at or from_text(row.ends_at) <= now:
            raise NotSignedIn("This sign-in has ended. Sign in again; what you wrote is kept.")


def _refuse_role(desk: Desk, who: Actor, act: Act, graph_id: str | None, kind: str | None) -> None:
    if not who.role.reaches(NEEDED[act]):
        raise NotAllowed(f"{who.name} is {_a(who.role)} here and may not {act.value}; a {NEEDED[act].value} may.")
    needed = SCOPES.get(act, "decide")
    if who.scopes is not None and needed not in who.scopes:
        raise NotAllowed(f"This token may not {act.value}: it was not made with --scope {needed}.")
    rule = desk.rules.roles.get(who.role)
    if rule is None or graph_id is None:
        return
    if (rule.graphs and graph_id not in rule.graphs) or (rule.kinds and kind is not None and kind not in rule.kinds):
        raise NotAllowed(f"A {who.role.value} may not {act.value} for graph {graph_id} ({kind or 'any kind'}) here.")


def _a(role: Role) -> str:
    return f"an {role.value}" if role is Role.ADMIN else f"a {role.value}"
