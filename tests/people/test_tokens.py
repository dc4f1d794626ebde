"""Tokens: shown once, kept as a hash, refused once they are revoked, expired or changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from agents import audit
from agents.database import reading, token, writing
from agents.desk import Desk
from agents.domain import Actor, Proof, Role
from agents.errors import InvalidInput, NotAllowed, NotSignedIn
from agents.people import Act, permitted, tokens
from tests.accounts import SETUP, accounts_desk, at, rules_in, saved
from tests.desks import desk_in


class Hand:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def desk(home: Path, hand: Hand) -> Iterator[Desk]:
    made = accounts_desk(home, clock=hand)
    yield made
    made.close()


def shown(desk: Desk, secret: str) -> Actor:
    with reading(desk.engine) as connection:
        return tokens.actor_of(connection, desk, secret)


def test_a_token_proves_who_acts_and_what_it_was_made_for(desk: Desk, hand: Hand) -> None:
    made, secret = tokens.create(desk, "bot", ["decide", "read"], actor=at(desk, "ada"), lasts=timedelta(days=30))
    assert secret.startswith(f"signoff_{made.token_id}_")
    assert made.scopes == ("read", "decide")
    who = shown(desk, secret)
    assert who == Actor(
        "bot", Role.REVIEWER, Proof.TOKEN, frozenset({"read", "decide"}), hand.now + timedelta(days=30), made.token_id
    )
    assert permitted(desk, who, Act.DECIDE) == "bot"
    with pytest.raises(NotAllowed, match="not made with --scope start"):
        permitted(desk, who, Act.START)


def test_the_secret_is_kept_nowhere_and_every_act_is_on_record(desk: Desk) -> None:
    made, secret = tokens.create(desk, "bot", ["read"], actor=at(desk, "ada"))
    tokens.revoke(desk, "bot", actor=at(desk, "ada"))
    for path in desk.settings.home.rglob("*"):
        assert not path.is_file() or secret.rpartition("_")[2].encode() not in path.read_bytes()
    with reading(desk.engine) as connection:
        told = audit.everything(connection)
    assert [(each.actor, each.action) for each in told if each.action.startswith("token_")] == [
        ("ada@example.org", "token_created"),
        ("ada@example.org", "token_revoked"),
    ]
    assert tokens.hashed(secret) not in str([each.fields for each in told])
    assert made.token_id in str([each.fields for each in told])


def test_a_token_that_is_revoked_or_expired_counts_no_longer_not_even_half_way(desk: Desk, hand: Hand) -> None:
    _, first = tokens.create(desk, "bot", ["read"], actor=SETUP)
    _, second = tokens.create(desk, "bot", ["read"], actor=SETUP, lasts=timedelta(hours=1))
    early = [shown(desk, first), shown(desk, second)]
    tokens.revoke(desk, early[0].login or "", actor=SETUP)
    hand.now += timedelta(hours=1)
    for secret, who in zip((first, second), early, strict=True):
        with pytest.raises(NotSignedIn):
            shown(desk, secret)
        with pytest.raises(NotSignedIn, match="token was revoked or has expired"):
            permitted(desk, who, Act.LOOK)


def test_anything_else_is_no_token(desk: Desk) -> None:
    made, secret = tokens.create(desk, "bot", ["read"], actor=SETUP)
    for guess in (
        "",
        "x",
        "signoff_",
        secret.upper(),
        secret[:-1],
        f"signoff_{made.token_id}_{'A' * 43}",
        "half\ud800",
    ):
        with pytest.raises(NotSignedIn, match="no token of this desk"):
            shown(desk, guess)


def test_a_row_that_was_given_another_name_proves_nobody(desk: Desk) -> None:
    _, secret = tokens.create(desk, "bot", ["read"], actor=SETUP)
    who = shown(desk, secret)
    with writing(desk.engine) as connection:
        connection.execute(update(token).values(name="somebody"))
    with pytest.raises(NotSignedIn):
        permitted(desk, who, Act.LOOK)


def test_a_name_that_nobody_could_have_is_refused(desk: Desk) -> None:
    before = saved(desk)
    for name in ("", " ", "system:deadline", "two\nlines", "x" * 81):
        with pytest.raises(InvalidInput, match="NAME"):
            tokens.create(desk, name, ["read"], actor=SETUP)
    assert saved(desk) == before


def test_a_scope_that_could_not_be_used_is_refused(desk: Desk) -> None:
    for scopes, role in (([], None), (["all"], None), (["admin"], Role.LEAD), (["decide"], Role.VIEWER)):
        with pytest.raises(InvalidInput, match="--scope"):
            tokens.create(desk, "bot", scopes, actor=SETUP, role=role)


def test_a_token_with_a_persons_name_may_what_they_may(desk: Desk, home: Path, hand: Hand) -> None:
    with pytest.raises(InvalidInput, match="is lead by the rules"):
        tokens.create(desk, "Lea@Example.org", ["read"], actor=SETUP, role=Role.ADMIN)
    made, secret = tokens.create(desk, "Lea@Example.org", ["read", "decide"], actor=SETUP)
    assert (made.name, made.role, shown(desk, secret).role) == ("lea@example.org", None, Role.LEAD)
    desk.close()
    for rules, role in {
        '[people]\n"lea@example.org".role = "viewer"': Role.VIEWER,
        'default_role = "viewer"': Role.VIEWER,
        "": None,
    }.items():
        with closing(desk_in(home, hand, rules=rules_in(home, rules), accounts="proxy")) as later:
            if role is not None:
                assert shown(later, secret).role is role
                continue
            with pytest.raises(NotAllowed, match="who has no role at this desk any more"):
                shown(later, secret)


def test_the_first_token_of_a_desk_with_accounts_is_an_admins_and_made_from_its_files(desk: Desk, hand: Hand) -> None:
    with pytest.raises(NotAllowed, match="is an admin's"):
        tokens.create(desk, "bot", ["decide"], actor=tokens.FROM_FILES)
    made, secret = tokens.create(desk, "root", ["admin"], actor=tokens.FROM_FILES, role=Role.ADMIN)
    assert made.created_by == tokens.FROM_FILES
    with pytest.raises(NotSignedIn, match="SIGNOFF_TOKEN"):
        tokens.create(desk, "root2", ["admin"], actor=tokens.FROM_FILES, role=Role.ADMIN)
    other, _ = tokens.create(desk, "root2", ["admin"], actor=shown(desk, secret), role=Role.ADMIN)
    assert other.created_by == "root"
    tokens.revoke(desk, "root", actor=shown(desk, secret))
    tokens.revoke(desk, "root2", actor=SETUP)
    assert tokens.create(desk, "root", ["admin"], actor=tokens.FROM_FILES, role=Role.ADMIN)


def test_a_token_that_is_not_there_cannot_be_revoked(desk: Desk) -> None:
    with pytest.raises(InvalidInput, match="no token 'bot'"):
        tokens.revoke(desk, "bot", actor=SETUP)
