import time

import pytest

from agents.adapters.workspace.patterns import fixed_folder, is_broad, matcher
from agents.errors import OutsideWorkspace


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*.log", "a.log", True),
        ("*.log", "logs/a.log", False),
        ("**/*.log", "a.log", True),
        ("**/*.log", "x/y/z/a.log", True),
        ("logs/**", "logs/x/a.log", True),
        ("logs/**", "logs", False),
        ("logs/**/old/*.log", "logs/old/a.log", True),
        ("logs/**/old/*.log", "logs/a/b/old/a.log", True),
        ("logs/**/old/*.log", "logs/a/b/older/a.log", False),
        ("**/*.{log,txt}", "x/a.txt", True),
        ("**/*.{log,txt}", "x/a.csv", False),
        ("{a,b}/*.log", "b/1.log", True),
        ("a?.log", "ab.log", True),
        ("[!a]*.log", "a.log", False),
        ("**", ".env", False),
        ("**/*", ".git/config", False),
        (".env", ".env", True),
        ("**/.*", "x/.env", True),
        ("*.LOG", "a.log", False),
        ("./logs//*.log", "logs/a.log", True),
        ("caf\u0065\u0301.txt", "caf\u00e9.txt", True),
        ("caf\\xe9.log", "caf\\xe9.log", True),
    ],
)
def test_matching(pattern: str, path: str, expected: bool) -> None:
    assert matcher(pattern)(path) is expected


@pytest.mark.parametrize("pattern", ["/etc/*", "../*", "logs/../../*", "~/*", ".trash/**", "", "./", "{a,b}" * 7])
def test_patterns_that_are_refused(pattern: str) -> None:
    with pytest.raises(OutsideWorkspace):
        matcher(pattern)


def test_braces_cannot_hide_a_way_out() -> None:
    for pattern in ("{a,.trash}/*", "{.,x}{.,y}/*", "{/etc,a}/*"):
        with pytest.raises(OutsideWorkspace):
            matcher(pattern)


def test_a_nasty_pattern_stays_cheap() -> None:
    test = matcher("**/" * 20 + "*a*a*a*a*a*a*a*b")
    began = time.perf_counter()
    assert not test("/".join(["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] * 30))
    assert time.perf_counter() - began < 1


def test_parts_of_a_pattern() -> None:
    assert fixed_folder("logs/web/**/*.log") == "logs/web"
    assert fixed_folder("logs/a.log") == "logs"
    assert fixed_folder("*.log") == ""
    assert is_broad("**/*")
    assert is_broad("logs/*.*")
    assert not is_broad("**/*.log")
