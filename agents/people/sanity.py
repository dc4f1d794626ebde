"""What is odd about the people and the rules of a desk: for `signoff doctor`, in sentences that say what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from agents.database import reading
from agents.desk import Desk
from agents.domain import Role, name_problem
from agents.people import tokens
from agents.people.accounts import named_role, one_way, token_role
from agents.people.permission import NEEDED, Act
from agents.rules import Rules
from agents.wording import count, some


@dataclass(frozen=True, slots=True)
class Finding:
    """name: what it is about. ok None: worth knowing, nothing wrong."""

    name: str
    ok: bool | None
    text: str


def findings(desk: Desk) -> Iterator[Finding]:
    """Everything worth saying, the whole before its parts."""
    yield _accounts(desk)
    for check in (_names, _graphs, _four_eyes, _readers, _tokens):
        yield from check(desk)


def _accounts(desk: Desk) -> Finding:
    rules, accounts = desk.rules, desk.settings.accounts
    if not desk.settings.with_accounts:
        if not rules.people and not rules.roles:
            return Finding("people", True, "one person on this machine, without a sign-in.")
        return Finding(
            "people",
            None,
            "the rules name people or roles, but SIGNOFF_ACCOUNTS is local: nobody signs in, so nobody's role is checked.",
        )
    if not rules.people and rules.default_role is None:
        return Finding(
            "people", False, "nobody has a role, so nobody may even look. Name people in the rules, or a default_role."
        )
    told = ", ".join(f"{number} {role}" for role, number in _by_role(rules).items())
    others = f"; whoever else signs in is {rules.default_role}" if rules.default_role else "; nobody else may look"
    named = f"SIGNOFF_ACTOR is set and counts for nothing with accounts on. {told}" if desk.settings.actor else told
    return Finding(
        "people", None if desk.settings.actor else True, f"accounts by {accounts}: {named or 'nobody named'}{others}."
    )


def _by_role(rules: Rules) -> dict[Role, int]:
    found = Counter(rule.role for rule in rules.people.values())
    return {role: found[role] for role in Role if found[role]}


def _names(desk: Desk) -> Iterator[Finding]:
    for name in desk.rules.people:
        problem = name_problem(name) or ("it begins or ends with a space" if name != name.strip() else None)
        if problem:
            yield Finding("people", False, f"{name!r} in the rules can be nobody: {problem}. Correct it in [people].")
    for name, number in Counter(one_way(each) for each in desk.rules.people).items():
        if number > 1:
            yield Finding("people", False, f"{name} stands {number} times in the rules; the first counts. Keep one.")


def _graphs(desk: Desk) -> Iterator[Finding]:
    """Rules about graphs that nobody has: a slip of the pen takes away the protection that it was to give."""
    rules, known = desk.rules, desk.registry.ids()
    places = [(f"graphs of [roles.{role}]", name) for role, rule in rules.roles.items() for name in rule.graphs]
    places += [(f"[graphs.{name}]", name) for name in rules.graphs]
    places += [("[[notifications]]", name) for rule in rules.notifications for name in rule.graphs]
    for place, name in places:
        if name not in known:
            yield Finding("rules", None, f"{place}: no graph is called {name!r} here. Known: {some(sorted(known), 8)}.")


def _four_eyes(desk: Desk) -> Iterator[Finding]:
    strict = [name for name, rule in desk.rules.graphs.items() if rule.four_eyes and name in desk.registry.ids()]
    if not desk.settings.with_accounts or not strict:
        return
    default, roles = desk.rules.default_role, _roles(desk)
    for graph_id in strict:
        able = sum(_role_decides(desk.rules, role, graph_id) for role in roles.values())
        if able < 2 and not (default is not None and _role_decides(desk.rules, default, graph_id)):
            yield Finding(
                "four eyes",
                False,
                f"two people must agree on graph {graph_id}, but {'one' if able else 'nobody'} may decide there. Give a second one "
                "a role that may.",
            )


def _roles(desk: Desk) -> dict[str, Role]:
    """Everybody who is known to be able to act here: the people of the rules, and tokens with names of their own."""
    with reading(desk.engine) as connection:
        live = [each for each in tokens.known(connection) if each.live(desk.clock()) and "decide" in each.scopes]
    given = ((each.name, token_role(desk, each.name, each.role)) for each in live)
    found = {name: role for name, role in given if role is not None}
    return found | {one_way(name): rule.role for name, rule in desk.rules.people.items()}


def _role_decides(rules: Rules, role: Role, graph_id: str) -> bool:
    limits = rules.roles.get(role)
    return role.reaches(NEEDED[Act.DECIDE]) and (limits is None or not limits.graphs or graph_id in limits.graphs)


def _readers(desk: Desk) -> Iterator[Finding]:
    """People to whom something is given or told, and who could not do anything about it."""
    if not desk.settings.with_accounts or desk.rules.default_role is not None:
        return
    named = [step.to for rule in desk.rules.deadlines for step in rule.steps if step.to]
    named += [rule.to for rule in desk.rules.notifications]
    for name in dict.fromkeys(named):
        if not name.startswith("role:") and named_role(desk, name) is None:
            yield Finding("rules", None, f"{name} is to be told or asked, but has no role here. Name them in [people].")


def _tokens(desk: Desk) -> Iterator[Finding]:
    with reading(desk.engine) as connection:
        found = [each for each in tokens.known(connection) if each.live(desk.clock())]
        admin = tokens.has_admin(connection, desk)
    if desk.settings.with_accounts and not admin:
        first = "`signoff token create NAME --scope admin --role admin`"
        yield Finding(
            "tokens", None, f"{count(len(found), 'token')}, none of an admin. Whoever has the files makes it: {first}."
        )
    elif found:
        yield Finding("tokens", True, f"{count(len(found), 'token')} in use: {some([each.name for each in found], 8)}.")
