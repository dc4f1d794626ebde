"""Who is told: the rules about messages, since when each is known here, and whether its channel can be used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Connection, insert, select

from agents.adapters.channels import open_channel
from agents.clock import from_text, to_text
from agents.database import policy_start, reading, writing
from agents.desk import Desk
from agents.domain import Role, fingerprint
from agents.notifications.told import Item, Topic
from agents.people.accounts import named_role, one_way
from agents.rules import NotificationRule

ROLE = "role:"
Begun: TypeAlias = Mapping[tuple[int, Topic], datetime]
"""(place of the rule, topic) -> since when."""


def begun(desk: Desk) -> Begun:
    """Since when each rule asks for each topic; from now for one that is new: what is older is told to nobody.

    Read once per desk and then remembered.
    """
    known: Begun | None = desk.memo.get("told since")
    if known is None:
        known = desk.memo["told since"] = _begun(desk)
    return known


def concerns(desk: Desk, rule: NotificationRule, item: Item) -> bool:
    """Is this rule's reader told of this?"""
    if item.topic.value not in rule.on or not _may_see(rule.graphs, rule.kinds, item):
        return False
    role = role_of(desk, rule.to)
    limits = desk.rules.roles.get(role) if role else None
    if limits is not None and not _may_see(limits.graphs, limits.kinds, item):
        return False
    return item.to is None or _is_for(desk, rule.to, item.to, exactly=item.by is not None)


def role_of(desk: Desk, to: str) -> Role | None:
    """The role that a rule's reader has; None for a person whom the rules do not name."""
    if to.startswith(ROLE):
        return Role(to.removeprefix(ROLE))
    return named_role(desk, to) or desk.rules.default_role


def problems(desk: Desk) -> Iterator[tuple[str, str]]:
    """(channel, sentence) for every channel that the rules name and that cannot be used, or is not known, here."""
    for name in dict.fromkeys(rule.channel for rule in desk.rules.notifications):
        address = desk.settings.channels.get(name)
        if address is None:
            yield name, f"The rules send messages by channel {name}, which SIGNOFF_CHANNELS does not name here."
            continue
        problem = open_channel(name, address, desk.settings.webhook_secret).problem()
        if problem:
            yield name, problem


def kind_of(desk: Desk, channel: str) -> str:
    """What a channel of SIGNOFF_CHANNELS is, in words and without its address."""
    return open_channel(channel, desk.settings.channels[channel], desk.settings.webhook_secret).describe()


def _is_for(desk: Desk, reader: str, to: str, *, exactly: bool) -> bool:
    """Is the reader whom it is for: the same one, or one who has the role or one above it?"""
    if one_way(reader) == one_way(to):
        return True
    if exactly:
        return False
    mine = role_of(desk, reader)
    theirs = Role(to.removeprefix(ROLE)) if to.startswith(ROLE) else None
    if theirs is None:  # for a person: those who read for the role hear of it too
        return reader.startswith(ROLE) and mine is not None and mine is role_of(desk, to)
    return mine is not None and mine.reaches(theirs)


def _may_see(graphs: tuple[str, ...], kinds: tuple[str, ...], item: Item) -> bool:
    if graphs and item.graph_id not in graphs:
        return False
    return not kinds or item.kind is None or item.kind in kinds


def _begun(desk: Desk) -> Begun:
    wanted = {
        (place, Topic(topic)): _name(rule, topic)
        for place, rule in enumerate(desk.rules.notifications)
        for topic in rule.on
    }
    with reading(desk.engine) as connection:
        found = _since(connection, set(wanted.values()))
    missing = set(wanted.values()) - set(found)
    if missing:
        with writing(desk.engine) as connection:
            found = _since(connection, set(wanted.values()))
            now = to_text(desk.clock())
            for name in sorted(set(wanted.values()) - set(found)):
                connection.execute(insert(policy_start).values(policy_id=name, since=now))
                found[name] = now
    return {key: from_text(found[name]) for key, name in wanted.items()}


def _since(connection: Connection, names: set[str]) -> dict[str, str]:
    query = select(policy_start.c.policy_id, policy_start.c.since).where(policy_start.c.policy_id.in_(names))
    return {row.policy_id: row.since for row in connection.execute(query)}


def _name(rule: NotificationRule, topic: str) -> str:
    """Of a rule and one of its topics: asking for one more topic begins nothing anew for the others."""
    return "told:" + fingerprint([rule.to, rule.channel, list(rule.graphs), [str(kind) for kind in rule.kinds], topic])
