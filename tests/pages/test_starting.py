"""Settings that contradict each other: the desk does not start, and says which and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agents.desk import open_desk
from agents.errors import SettingsError
from agents.settings import load_settings
from pages import starting
from tests.accounts import RULES, rules_in

SECRET = "a secret of sixteen or more"


@pytest.mark.parametrize(
    ("rules", "settings", "why"),
    [
        (RULES, {"accounts": "proxy"}, "needs SIGNOFF_PROXY_SECRET"),
        (RULES, {"accounts": "oidc"}, r"no section \[auth\]"),
        (RULES, {"accounts": "proxy", "proxy_secret": SECRET, "actor": "Ann"}, "SIGNOFF_ACTOR names one person"),
        ("", {"accounts": "proxy", "proxy_secret": SECRET}, "nobody could see anything"),
    ],
)
def test_what_does_not_go_together_refuses_to_start(home: Path, rules: str, settings: dict[str, Any], why: str) -> None:
    desk = open_desk(load_settings(home=home, rules=rules_in(home, rules), **settings))
    try:
        with pytest.raises(SettingsError, match=why) as refused:
            starting.check(desk)
        assert SECRET not in str(refused.value)
    finally:
        desk.close()


@pytest.mark.parametrize("settings", [{}, {"accounts": "proxy", "proxy_secret": SECRET}])
def test_what_goes_together_starts(home: Path, settings: dict[str, Any]) -> None:
    desk = open_desk(load_settings(home=home, rules=rules_in(home, RULES), **settings))
    try:
        starting.check(desk)
    finally:
        desk.close()
