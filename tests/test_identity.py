"""Who acts: a name that was given, the setting's, the account's, or with accounts on the one that a token proves."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents import identity
from agents.domain import Actor, Proof, Role
from agents.errors import InvalidInput, NotAllowed, NotSignedIn
from agents.people import tokens
from tests.accounts import SETUP, accounts_desk, saved
from tests.desks import desk_in


def test_without_accounts_a_given_name_goes_before_a_token_and_a_token_before_the_setting(home: Path) -> None:
    desk = desk_in(home)
    try:
        assert identity.actor_of_command(desk) == identity.system_user()
        assert identity.actor_of_command(desk, " ann ") == "ann"
        _, secret = tokens.create(desk, "bot", ["read"], actor=SETUP)
    finally:
        desk.close()
    desk = desk_in(home, token=secret, actor="Ann")
    try:
        found = identity.actor_of_command(desk)
        assert isinstance(found, Actor)
        assert (found.name, found.proof, found.role) == ("bot", Proof.TOKEN, Role.REVIEWER)
        assert identity.actor_of_command(desk, "eve") == "eve"
    finally:
        desk.close()


@pytest.mark.parametrize("name", ["", "system:deadline", "two\nlines"])
def test_a_name_that_nobody_could_have_is_refused(home: Path, name: str) -> None:
    desk = desk_in(home)
    try:
        with pytest.raises(InvalidInput):
            identity.actor_of_command(desk, name)
    finally:
        desk.close()


def test_with_accounts_only_a_token_counts(home: Path) -> None:
    desk = accounts_desk(home, actor="ada@example.org")
    try:
        before = saved(desk)
        with pytest.raises(NotSignedIn, match="SIGNOFF_TOKEN"):
            identity.actor_of_command(desk)
        with pytest.raises(NotAllowed, match="--actor is refused"):
            identity.actor_of_command(desk, "ada@example.org")
        with pytest.raises(NotAllowed, match="the one that you sign in with"):
            identity.introduce(desk, "ada@example.org")
        assert saved(desk) == before
    finally:
        desk.close()
