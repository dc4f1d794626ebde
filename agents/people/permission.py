"""What each role may do, checked in the transaction of every act."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from sqlalchemy import Connection

from agents.audit import proven
from agents.clock import from_text, to_text
from agents.database import login, reading, token
from agents.desk import Desk
from agents.domain import SYSTEM, Actor, Proof, Role, Who
from agents.errors import NotAllowed, NotSignedIn


class Act(StrEnum):
    """Everything that changes something, in the words of a refusal: "You may not ..."."""

    LOOK = "look at reviews"
    DRAFT = "keep drafts"
    DECIDE = "decide"
    UNDO_OTHERS = "take back what somebody else decided"
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
    RECORD = "read the record"
    ADMINISTER = "look after the desk"


NEEDED = {
    Act.LOOK: Role.VIEWER,
    Act.DRAFT: Role.VIEWER,
    Act.DECIDE: Role.REVIEWER,
    Act.UNDO_OTHERS: Role.LEAD,
    Act.CLAIM: Role.REVIEWER,
    Act.START: Role.REVIEWER,
    Act.REPAIR: Role.REVIEWER,
    Act.RESTORE: Role.REVIEWER,
    Act.SNOOZE: Role.REVIEWER,
    Act.OVERRIDE: Role.REVIEWER,
    Act.ASSIGN: Role.LEAD,
    Act.POSTPONE: Role.LEAD,
    Act.ADJUDICATE: Role.LEAD,
    Act.RECORD: Role.LEAD,
    Act.CHOOSE_GRAPH: Role.ADMIN,
    Act.TRUST: Role.ADMIN,
    Act.ADMINISTER: Role.ADMIN,
}
"""The least role for each act."""

SCOPES = {
    Act.LOOK: "read",
    Act.DRAFT: "read",
    Act.RECORD: "read",
    Act.START: "start",
    Act.ADMINISTER: "admin",
    Act.TRUST: "admin",
    Act.CHOOSE_GRAPH: "admin",
}
"""The scope that a token needs; "decide" for what is not named."""

GRACE = timedelta(minutes=15)
"""How long the words on a page are kept after its sign-in became too old: nobody loses what they are writing."""


def permit(
    connection: Connection, desk: Desk, who: Who, act: Act, *, graph_id: str | None = None, kind: str | None = None
) -> str:
    """The name to write down, if this person may do that now. Call it in the transaction of the act.

    graph_id, kind: of the question, where it is about one; a question whose graph nobody knows is refused to a role
    that may decide some graphs only. Raises NotSignedIn or NotAllowed with what to do.
    """
    if not isinstance(who, Actor):
        if desk.settings.with_accounts and not who.startswith(SYSTEM):
            raise NotSignedIn("Accounts are on at this desk: sign in, or set SIGNOFF_TOKEN for a command.")
        if not who.startswith(SYSTEM):
            proven(connection, who, Proof.LOCAL)
        return who
    _refuse_unproven(desk, who)
    _refuse_ended(connection, desk, who, GRACE if act is Act.DRAFT else timedelta(0))
    _refuse_role(desk, who, act, graph_id, kind)
    proven(connection, who.name, who.proof)
    return who.name


def permitted(desk: Desk, who: Who, act: Act, *, graph_id: str | None = None, kind: str | None = None) -> str:
    """The same in a read of its own, for what is done before the transaction or outside of the database."""
    with reading(desk.engine) as connection:
        return permit(connection, desk, who, act, graph_id=graph_id, kind=kind)


def may(desk: Desk, who: Who, act: Act, *, graph_id: str | None = None, kind: str | None = None) -> bool:
    """Would `permit` allow it, as far as role and scope go? For hiding what would be refused."""
    return not why_not(desk, who, act, graph_id=graph_id, kind=kind)


def why_not(desk: Desk, who: Who, act: Act, *, graph_id: str | None = None, kind: str | None = None) -> str:
    """The sentence with which `permit` would refuse, as far as role and scope go; "" where it would not."""
    if not isinstance(who, Actor):
        return "Sign in first." if desk.settings.with_accounts else ""
    try:
        _refuse_role(desk, who, act, graph_id, kind)
    except NotAllowed as error:
        return str(error)
    return ""


def _refuse_unproven(desk: Desk, who: Actor) -> None:
    """A proof counts only where the desk is set up for it; nobody may be one of Signoff's own."""
    if who.name.startswith(SYSTEM):
        raise NotSignedIn(f"Names that start with “{SYSTEM}” are Signoff's own; nobody can sign in as one.")
    if who.proof is not Proof.TOKEN and who.proof.value != desk.settings.accounts:
        raise NotSignedIn(
            f"This desk takes no sign-in of the kind “{who.proof.value}” (SIGNOFF_ACCOUNTS is {desk.settings.accounts}). "
            "Sign in anew."
        )


def _refuse_ended(connection: Connection, desk: Desk, who: Actor, late: timedelta) -> None:
    """late: how long a proof still counts after it became too old; one that was ended or revoked never does."""
    now = desk.clock() - late
    if who.until is not None and who.until <= now and who.proof is not Proof.TOKEN:
        raise NotSignedIn("Your sign-in is too old to decide with. Sign in again; what you wrote is kept.")
    if who.proof is Proof.TOKEN:
        row = connection.execute(token.select().where(token.c.token_id == who.login)).first()
        if row is None or row.name != who.name or row.revoked_at or (row.expires_at and row.expires_at <= to_text(now)):
            raise NotSignedIn(
                "This token was revoked or has expired. An admin makes a new one: `signoff token create`."
            )
    if who.proof is Proof.OIDC:
        row = connection.execute(login.select().where(login.c.login_key == who.login)).first()
        if row is None or row.actor != who.name or row.ended_at or from_text(row.ends_at) <= now:
            raise NotSignedIn("This sign-in has ended. Sign in again; what you wrote is kept.")


def _refuse_role(desk: Desk, who: Actor, act: Act, graph_id: str | None, kind: str | None) -> None:
    if not who.role.reaches(NEEDED[act]):
        enough = f"{_a(NEEDED[act])}{'' if NEEDED[act] is Role.ADMIN else ' or higher'}"
        raise NotAllowed(f"{who.name} is {_a(who.role)} here and may not {act.value}; {enough} may.")
    needed = SCOPES.get(act, "decide")
    if who.scopes is not None and needed not in who.scopes:
        raise NotAllowed(f"This token may not {act.value}: it was not made with --scope {needed}.")
    rule = desk.rules.roles.get(who.role)
    if rule is None or (graph_id is None and kind is None):
        return
    if rule.graphs and graph_id not in rule.graphs:
        named = f"graph {graph_id}" if graph_id else "a thread whose graph is not known"
        raise NotAllowed(f"{_a(who.role).capitalize()} may not {act.value} for {named} here.")
    if rule.kinds and kind is not None and kind not in rule.kinds:
        raise NotAllowed(f"{_a(who.role).capitalize()} may not {act.value} for reviews of the kind {kind} here.")


def _a(role: Role) -> str:
    return f"an {role.value}" if role is Role.ADMIN else f"a {role.value}"
