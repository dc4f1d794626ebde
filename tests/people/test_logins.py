"""Sign-ins: when one holds, for whom, and that an end is an end."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from agents.audit import everything
from agents.database import login, reading
from agents.desk import Desk
from agents.domain import Proof
from agents.errors import NotSignedIn
from agents.people import GRACE, Act, logins, permitted
from agents.people.accounts import person
from tests.accounts import RULES, rules_in
from tests.desks import desk_in

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
CLAIMS: dict[str, Any] = {"iss": "https://id.example", "sub": "7", "email": "Rita@Example.org", "nonce": "n1"}


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(home: Path, clock: Clock) -> Iterator[Desk]:
    made = desk_in(home, clock, rules=rules_in(home, RULES), accounts="oidc", login_hours=8)
    yield made
    made.close()


def claims(**more: Any) -> dict[str, Any]:
    return {**CLAIMS, "iat": int(START.timestamp()), **more}


def rows(desk: Desk) -> list[Any]:
    with reading(desk.engine) as connection:
        return list(connection.execute(select(login)))


def test_a_sign_in_is_written_down_once_and_ends_at_our_own_maximum_age(desk: Desk, clock: Clock) -> None:
    first = logins.see(desk, claims())
    assert first.holds(clock.now)
    assert first.until == START + timedelta(hours=8)
    clock.now += timedelta(hours=3)
    assert logins.see(desk, claims(is_logged_in=True, provider="default", tokens={}, origin="http://x")) == first
    assert [row.actor for row in rows(desk)] == ["rita@example.org"]
    clock.now = first.until
    assert not logins.see(desk, claims()).holds(clock.now)


def test_the_providers_expiry_counts_when_it_is_earlier(desk: Desk) -> None:
    assert logins.see(desk, claims(exp=START.timestamp() + 300)).until == START + timedelta(minutes=5)
    assert logins.see(desk, claims(nonce="n2", exp=START.timestamp() + 9e6)).until == START + timedelta(hours=8)


TOO_LATE: list[dict[str, Any]] = [
    {"exp": START.timestamp()},
    {"exp": START.timestamp() - 1},
    {"iat": START.timestamp() - 8 * 3600},
    {"exp": 10**30},
    {"iat": float("nan")},
]


def test_what_is_too_old_when_it_is_first_seen_counts_for_nothing(desk: Desk) -> None:
    for late in TOO_LATE:
        assert not logins.see(desk, claims(**late)).holds(START), late
    assert rows(desk) == []


def test_a_moment_that_lies_ahead_does_not_lengthen_it(desk: Desk) -> None:
    assert logins.see(desk, claims(iat=START.timestamp() + 9e6)).until == START + timedelta(hours=8)
    assert logins.see(desk, {**CLAIMS, "nonce": "without iat"}).until == START + timedelta(hours=8)


def test_a_shorter_maximum_age_counts_at_once(home: Path, clock: Clock) -> None:
    settings: dict[str, Any] = {"rules": rules_in(home, RULES), "accounts": "oidc"}
    before = desk_in(home, clock, **settings, login_hours=8)
    logins.see(before, claims())
    before.close()
    after = desk_in(home, clock, **settings, login_hours=1)
    assert logins.see(after, claims()).until == START + timedelta(hours=1)
    after.close()


def test_an_address_that_is_not_verified_names_nobody(desk: Desk) -> None:
    for said in (False, "false", "", 0, None):
        with pytest.raises(NotSignedIn, match="is not verified"):
            logins.see(desk, claims(email_verified=said))
    assert rows(desk) == []


def test_an_address_is_one_person_however_it_is_written(desk: Desk) -> None:
    assert logins.see(desk, claims(email_verified=True)).name == "rita@example.org"


def test_a_sign_in_without_a_usable_name_is_refused(desk: Desk) -> None:
    for name in (None, "", "  ", 7, "a\nb", "system:deadline", "x" * 81):
        with pytest.raises(NotSignedIn, match="holds no usable “email”"):
            logins.see(desk, claims(email=name))


def test_another_claim_names_people_where_the_setting_says_so(home: Path, clock: Clock) -> None:
    desk = desk_in(home, clock, rules=rules_in(home, RULES), accounts="oidc", name_claim="preferred_username")
    assert logins.see(desk, claims(preferred_username="Rita", email_verified=False)).name == "Rita"
    desk.close()


def test_signed_out_is_signed_out_for_every_copy_of_the_cookie(desk: Desk, clock: Clock) -> None:
    found = logins.see(desk, claims())
    actor = person(desk, found.name, Proof.OIDC, until=found.until, login=found.key)
    assert permitted(desk, actor, Act.DECIDE) == "rita@example.org"
    logins.end(desk, claims())
    logins.end(desk, claims())
    again = logins.see(desk, claims())
    assert again.ended
    assert not again.holds(clock.now)
    for act in (Act.DECIDE, Act.LOOK, Act.DRAFT):
        with pytest.raises(NotSignedIn, match="has ended"):
            permitted(desk, actor, act)
    assert logins.see(desk, claims(nonce="the next one")).holds(clock.now)
    with reading(desk.engine) as connection:
        said = [(event.action, event.actor) for event in everything(connection) if event.action.startswith("signed")]
    assert said == [
        ("signed_in", "rita@example.org"),
        ("signed_out", "rita@example.org"),
        ("signed_in", "rita@example.org"),
    ]


def test_words_are_kept_a_while_longer_than_anything_else_is_allowed(desk: Desk, clock: Clock) -> None:
    found = logins.see(desk, claims())
    actor = person(desk, found.name, Proof.OIDC, until=found.until, login=found.key)
    clock.now = found.until + GRACE - timedelta(seconds=1)
    assert permitted(desk, actor, Act.DRAFT) == "rita@example.org"
    for act in (Act.DECIDE, Act.LOOK):
        with pytest.raises(NotSignedIn, match="too old"):
            permitted(desk, actor, act)
    clock.now = found.until + GRACE
    with pytest.raises(NotSignedIn, match="too old"):
        permitted(desk, actor, Act.DRAFT)


def test_two_tabs_that_open_at_once_are_one_sign_in(desk: Desk) -> None:
    with ThreadPoolExecutor(8) as tabs:
        found = set(tabs.map(lambda _tab: logins.see(desk, claims()), range(16)))
    assert len(found) == 1
    assert len(rows(desk)) == 1
