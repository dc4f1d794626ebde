"""What `signoff doctor` says of people and rules, each with what to do."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from agents.domain import Role
from agents.people import tokens
from agents.people.sanity import findings
from tests.accounts import RULES, SETUP, rules_in
from tests.desks import desk_in


def said(home: Path, rules: str, accounts: str = "proxy", **overrides: object) -> list[tuple[bool | None, str]]:
    desk = desk_in(home, rules=rules_in(home, rules), accounts=accounts, **overrides)
    try:
        return [(each.ok, each.text) for each in findings(desk)]
    finally:
        desk.close()


def test_a_desk_of_one_person_has_nothing_to_say(home: Path) -> None:
    assert said(home, "", "local") == [(True, "one person on this machine, without a sign-in.")]


def test_roles_that_nobody_checks_are_named(home: Path) -> None:
    assert "nobody's role is checked" in said(home, RULES, "local")[0][1]


@pytest.mark.parametrize(
    ("rules", "ok", "words"),
    [
        ("", False, "nobody may even look"),
        (RULES, True, "accounts by proxy: 1 viewer, 2 reviewer, 1 lead, 1 admin; nobody else may look."),
        ('default_role = "reviewer"', True, "whoever else signs in is reviewer"),
        (RULES + '"system:x".role = "lead"', False, "can be nobody"),
        (RULES + '"Lea@Example.org".role = "viewer"', False, "lea@example.org stands 2 times"),
        (RULES + '[roles.reviewer]\ngraphs = ["ones"]', None, "graphs of [roles.reviewer]: no graph is called 'ones'"),
        (RULES + "[graphs.ones]\nfour_eyes = true", None, "[graphs.ones]: no graph is called 'ones'"),
        ('[people]\n"a".role = "lead"\n[graphs.one]\nfour_eyes = true', False, "graph one, but one may decide there"),
        (
            RULES + '[[deadlines]]\nsteps = [{after = "1h", do = "escalate", to = "eve@example.org"}]',
            None,
            "eve@example.org is to be told or asked, but has no role",
        ),
        (RULES, None, "0 tokens, none of an admin"),
    ],
)
def test_what_is_odd_is_told(home: Path, rules: str, ok: bool | None, words: str) -> None:
    assert [found_ok for found_ok, text in said(home, rules) if words in text] == [ok]


def test_four_eyes_that_two_people_can_give_are_fine(home: Path) -> None:
    found = said(home, RULES + "[graphs.one]\nfour_eyes = true")
    assert not any(ok is False for ok, _ in found)


def test_a_token_with_a_name_of_its_own_may_be_the_second(home: Path) -> None:
    rules = '[people]\n"a".role = "lead"\n[graphs.one]\nfour_eyes = true'
    desk = desk_in(home, rules=rules_in(home, rules), accounts="proxy")
    try:
        assert [each.ok for each in findings(desk) if each.name == "four eyes"] == [False]
        tokens.create(desk, "a", ["decide"], actor=SETUP)
        assert [each.ok for each in findings(desk) if each.name == "four eyes"] == [False]
        tokens.create(desk, "bot", ["decide"], actor=SETUP)
        assert [each for each in findings(desk) if each.name == "four eyes"] == []
    finally:
        desk.close()


def test_a_name_in_the_settings_counts_for_nothing_with_accounts(home: Path) -> None:
    assert said(home, RULES, actor="Ann")[0][0] is None


def test_tokens_in_use_are_named(home: Path) -> None:
    desk = desk_in(home)
    try:
        tokens.create(desk, "bot", ["read"], actor=SETUP)
        tokens.create(desk, "gone", ["read"], actor=SETUP, lasts=timedelta(microseconds=1))
        tokens.create(desk, "root", ["admin"], actor=SETUP, role=Role.ADMIN)
        assert [each.text for each in findings(desk)][-1] == "2 tokens in use: bot, root."
    finally:
        desk.close()
