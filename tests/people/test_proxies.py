"""A proxy's word counts with its secret, once, and not otherwise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agents.errors import NotSignedIn
from agents.people.proxies import SECRET_HEADER, name_in
from agents.settings import Settings, load_settings

SECRET = "the proxy's own secret, ü"
RIGHT = SECRET.encode().decode("latin-1")


@pytest.fixture
def settings(home: Path) -> Settings:
    return load_settings(home=home, accounts="proxy", proxy_secret=SECRET, proxy_header="X-Who")


def headers(*pairs: tuple[str, str]) -> Callable[[str], list[str]]:
    return lambda name: [value for each, value in pairs if each.lower() == name.lower()]


def test_the_name_comes_with_the_secret(settings: Settings) -> None:
    assert name_in(settings, headers((SECRET_HEADER, RIGHT), ("x-who", " Ann@Example.org "))) == "ann@example.org"
    name = "Bób".encode().decode("latin-1")
    assert name_in(settings, headers((SECRET_HEADER, RIGHT), ("X-Who", name))) == "Bób"


@pytest.mark.parametrize("given", [[], [""], ["wrong"], [RIGHT[:-1]], [RIGHT, RIGHT], [RIGHT, "wrong"]])
def test_a_forged_header_is_refused(settings: Settings, given: list[str]) -> None:
    with pytest.raises(NotSignedIn, match="reached through its proxy") as refused:
        name_in(settings, headers(*((SECRET_HEADER, each) for each in given), ("X-Who", "ann@example.org")))
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("names", [[], [""], ["ann", "bob"], ["system:deadline"], ["x" * 81]])
def test_a_proxy_that_names_nobody_or_two_lets_nobody_in(settings: Settings, names: list[str]) -> None:
    with pytest.raises(NotSignedIn, match="X-Who"):
        name_in(settings, headers((SECRET_HEADER, RIGHT), *(("X-Who", each) for each in names)))


def test_without_a_secret_of_ours_no_header_counts(home: Path) -> None:
    with pytest.raises(NotSignedIn):
        name_in(load_settings(home=home), headers((SECRET_HEADER, ""), ("X-Forwarded-User", "ann")))
