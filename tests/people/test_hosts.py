"""Names and addresses at which the desk answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.people.hosts import answers_to, host_in, is_loopback
from agents.settings import load_settings


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "::ffff:127.0.0.1", "localhost", "LOCALHOST"]
)
def test_loopback(address: str) -> None:
    assert is_loopback(address)


@pytest.mark.parametrize(
    "address",
    ["0.0.0.0", "::", "192.168.1.4", "", None, "localhost.evil.example", "127.0.0.1.evil.example", "/run/x.sock"],
)
def test_not_loopback(address: str | None) -> None:
    assert not is_loopback(address)


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("Desk.Example.com:8501", "desk.example.com"),
        ("desk.example.com.", "desk.example.com"),
        ("[::1]:8501", "::1"),
        ("", None),
        (None, None),
        ("a@localhost", None),
        ("localhost/x", None),
        ("localhost:port", None),
        ("localhost:99999", None),
        ("[::1", None),
    ],
)
def test_the_host_of_a_header(header: str | None, host: str | None) -> None:
    assert host_in(header) == host


@pytest.mark.parametrize(
    ("header", "answered"),
    [
        ("localhost:8501", True),
        ("127.0.0.1", True),
        ("desk.example.com", True),
        ("DESK.example.com:443", True),
        ("a.team.example.com", True),
        ("team.example.com", False),
        ("evilteam.example.com", False),
        ("login.example.com", True),
        ("signoff.example.com", True),
        ("10.0.0.5:8501", True),
        ("10.0.0.6", False),
        ("evil.example", False),
        ("", False),
    ],
)
def test_who_is_answered(home: Path, header: str, answered: bool) -> None:
    settings = load_settings(
        home=home, allowed_hosts="desk.example.com, *.team.example.com", url="https://signoff.example.com/desk"
    )
    assert answers_to(settings, header, "10.0.0.5", "login.example.com") is answered
