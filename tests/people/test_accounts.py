"""What the rules make of a person: the role that they name, else the default, else nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.domain import Proof, Role
from agents.errors import NotAllowed, NotSignedIn
from agents.people.accounts import person
from tests.accounts import accounts_desk, rules_in
from tests.desks import desk_in


def test_a_person_has_the_role_that_the_rules_name(home: Path) -> None:
    desk = accounts_desk(home)
    try:
        assert person(desk, "lea@example.org", Proof.PROXY).role is Role.LEAD
        assert person(desk, "Lea@Example.ORG", Proof.PROXY).name == "lea@example.org"
        with pytest.raises(NotAllowed, match="nobody has given them a role"):
            person(desk, "eve@example.org", Proof.PROXY)
    finally:
        desk.close()


def test_who_is_not_named_has_the_default_role(home: Path) -> None:
    desk = desk_in(home, rules=rules_in(home, 'default_role = "viewer"'), accounts="proxy")
    try:
        assert person(desk, "eve@example.org", Proof.PROXY).role is Role.VIEWER
    finally:
        desk.close()


@pytest.mark.parametrize("name", ["", "system:deadline", "System:Deadline ".lower(), "a\x1b[2Jb"])
def test_nobody_signs_in_as_one_of_signoffs_own(home: Path, name: str) -> None:
    desk = desk_in(home, rules=rules_in(home, 'default_role = "admin"'), accounts="proxy")
    try:
        with pytest.raises(NotSignedIn):
            person(desk, name, Proof.PROXY)
    finally:
        desk.close()
