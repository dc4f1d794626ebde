"""What somebody may do here, from the rules: a person by the name that their sign-in proves, a token by its own."""

from __future__ import annotations

from datetime import datetime

from agents.desk import Desk
from agents.domain import Actor, Proof, Role, name_problem
from agents.errors import NotAllowed, NotSignedIn

NO_ROLE = "Whoever looks after this desk adds them to [people] in the rules file."


def person(desk: Desk, name: str, proof: Proof, *, until: datetime | None = None, login: str | None = None) -> Actor:
    """Whoever has just proven to be `name`. Raises NotAllowed where the rules know neither them nor a default role."""
    problem = name_problem(name)
    if problem is not None:
        raise NotSignedIn(f"You cannot be signed in: {problem}.")
    name = one_way(name)
    role = named_role(desk, name) or desk.rules.default_role
    if role is None:
        raise NotAllowed(f"{name} is signed in, but nobody has given them a role at this desk. {NO_ROLE}")
    return Actor(name, role, proof, until=until, login=login)


def named_role(desk: Desk, name: str) -> Role | None:
    """The role that the rules give to this name; None when they do not name it."""
    found = next((rule for each, rule in desk.rules.people.items() if one_way(each) == one_way(name)), None)
    return found.role if found else None


def one_way(name: str) -> str:
    """A mail address in small letters, so that nobody is two people by writing theirs in two ways."""
    return name.lower() if "@" in name else name


def token_role(desk: Desk, name: str, given: Role | None) -> Role | None:
    """A token never may more than the person whose name it has: with accounts on, the rules go before what it was made with.

    given: None where it was made for somebody whom the rules named then; taken out of them, they have what anybody has,
    and with None they may nothing.
    """
    named = named_role(desk, name) if desk.settings.with_accounts or given is None else None
    return named or given or desk.rules.default_role
