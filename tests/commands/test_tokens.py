"""`signoff token`, and who acts in a command where accounts are on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agents.__main__ import build_parser, main
from tests.accounts import rules_in
from tests.desks import log_of, settings_for
from tests.generated import commands_of

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    """Accounts are on; the people are those of tests.accounts."""
    settings_for(home)
    return {
        "SIGNOFF_GRAPHS": str(home / "langgraph.json"),
        "SIGNOFF_ACCOUNTS": "oidc",
        "SIGNOFF_RULES": str(rules_in(home)),
    }


@pytest.fixture
def run(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """run("token", "list", token="...") -> (exit code, stdout, stderr)."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def call(*argv: str, token: str | None = None) -> tuple[int, str, str]:
        if token is None:
            monkeypatch.delenv("SIGNOFF_TOKEN", raising=False)
        else:
            monkeypatch.setenv("SIGNOFF_TOKEN", token)
        code = main(argv)
        out = capsys.readouterr()
        return code, out.out, out.err

    return call


@pytest.fixture
def root(run: Run) -> str:
    """The secret of the first token, made by whoever has the files."""
    code, out, err = run("token", "create", "root", "--role", "admin", "--scope", "admin")
    assert code == 0, err
    return out.strip()


def made(run: Run, root: str, name: str, *scopes: str) -> str:
    """The secret of another token."""
    code, out, err = run("token", "create", name, *(part for each in scopes for part in ("--scope", each)), token=root)
    assert code == 0, err
    return out.strip()


def test_the_secret_is_all_that_goes_to_standard_output(run: Run) -> None:
    code, out, err = run("token", "create", "root", "--role", "admin", "--scope", "admin", "--expires", "30d")
    assert code == 0
    assert out.startswith("signoff_")
    assert out.count("\n") == 1
    assert "root (admin, made to admin, until " in err
    assert "shown once" in err
    assert out.strip() not in run("token", "list")[1] + run("export")[1] + err


BAD_ORDERS: list[tuple[list[str], int, str]] = [
    (["create"], 2, "NAME"),
    (["create", "bot"], 2, "--scope"),
    (["create", "bot", "--scope", "read", "--expires", "soon"], 2, "--expires"),
    (["create", "system:bot", "--scope", "read"], 2, "system:"),
    (["create", "bot", "--scope", "admin"], 2, "--scope admin"),
    (["create", "lea@example.org", "--scope", "read", "--role", "admin"], 2, "lead by the rules"),
    (["create", "bot", "--scope", "read", "--actor", "ada@example.org"], 9, "--actor is refused"),
    (["revoke"], 2, "NAME"),
    (["revoke", "bot"], 2, "no token 'bot'"),
]


def test_a_bad_order_is_one_sentence(run: Run, root: str) -> None:
    for options, code, reason in BAD_ORDERS:
        got, out, err = run("token", *options, token=root)
        assert (options, got, out) == (options, code, "")
        assert reason in err
        assert err.count("\n") == 1


def test_tokens_are_listed_with_who_made_them_and_what_became_of_them(run: Run, root: str) -> None:
    made(run, root, "Lea@example.org", "read", "decide")
    code, out, _ = run("token", "revoke", "lea@example.org", token=root)
    assert (code, out.split(":")[0]) == (0, "Revoked")
    assert "lea@example.org (lead, made to read, decide); revoked by root" in run("token", "list")[1]
    assert "root (admin, made to admin); live; made by system:files" in run("token", "list")[1]
    found = json.loads(run("token", "list", "--json")[1])
    assert [(each["name"], each["live"]) for each in found] == [("root", True), ("lea@example.org", False)]
    assert not any("hash" in each for each in found)


def test_the_doctor_looks_at_people_and_tokens(run: Run) -> None:
    found = run("doctor")[1]
    assert "ok    people: accounts by oidc: 1 viewer, 2 reviewer, 1 lead, 1 admin; nobody else may look." in found
    assert "note  tokens: 0 tokens, none of an admin." in found


def test_a_second_admin_needs_the_first(run: Run, root: str) -> None:
    more = ("token", "create", "root2", "--role", "admin", "--scope", "admin")
    assert run(*more)[0] == 9
    assert run(*more, token=made(run, root, "lea@example.org", "read", "decide"))[0] == 9
    assert run(*more, token=root)[0] == 0


CHANGES = (
    ("start", "one", "--input", "{}"),
    ("decide", "t", "p", "--decision", "respond", "--message", "yes"),
    ("retry", "t"),
    ("repair", "t", "p", "--action", "retry"),
    ("trust", "one", "project.models.Order"),
    ("graph", "t", "one"),
    ("restore", "t"),
    ("demo",),
    ("demo", "--reset"),
    ("export",),
    ("audit", "export"),
    ("notifications", "--retry", "m1"),
    ("deadline", "t", "p", "--pause", "--message", "a holiday"),
    ("snooze", "t", "p", "--for", "1h"),
    ("claim", "t", "p"),
    ("release", "t", "p"),
    ("assign", "t", "p", "lea@example.org"),
    ("withdraw", "t", "p"),
    ("audit", "redact", "1", "input", "--reason", "a name"),
    ("token", "revoke", "root"),
)


def test_no_command_that_says_who_acts_is_missing_here() -> None:
    saying = {name for name, _, parser in commands_of(build_parser()) if "--actor" in parser._option_string_actions}
    assert saying == {argv[0] for argv in CHANGES} - {"demo"}


def test_a_command_that_changes_something_needs_a_token(run: Run, root: str) -> None:
    for argv in CHANGES:
        code, out, err = run(*argv)
        assert (argv, code, out) == (argv, 9, "")
        assert "set SIGNOFF_TOKEN" in err
        code, _, err = run(*argv, token="signoff_000000000000_" + "A" * 43)
        assert (argv, code, "no token of this desk" in err) == (argv, 9, True)


def test_a_name_that_is_only_said_is_refused(run: Run, root: str) -> None:
    for argv in CHANGES:
        if argv[0] != "demo":
            code, _, err = run(*argv, "--actor", "ada@example.org", token=root)
            assert (argv, code, "--actor is refused" in err) == (argv, 9, True)


@pytest.mark.parametrize("argv", [("list",), ("list", "--json"), ("show", "t")], ids=" ".join)
def test_what_waits_is_shown_to_those_who_may_look(run: Run, root: str, home: Path, argv: tuple[str, ...]) -> None:
    lea, vic = made(run, root, "lea@example.org", "start"), made(run, root, "vic@example.org", "read")
    given = json.dumps({"log": str(home / "log.txt"), "question": "Ship the blue one?"})
    assert run("start", "one", "--input", given, "--thread-id", "t", token=lea)[0] == 0
    for token in (None, root):
        code, out, err = run(*argv, token=token)
        assert (code, out, err.count("\n")) == (9, "", 1)
    assert "Ship the blue one?" in run(*argv, token=vic)[1]


def test_a_token_decides_in_its_own_name_and_a_viewers_does_not(run: Run, root: str, home: Path) -> None:
    lea, vic = made(run, root, "lea@example.org", "start", "decide"), made(run, root, "vic@example.org", "read")
    begun = ("start", "one", "--input", json.dumps({"log": str(home / "log.txt")}), "--json")
    assert run(*begun, token=vic)[0] == 9
    code, out, err = run(*begun, token=lea)
    assert code == 0, err
    (waiting,) = json.loads(out)["waiting"]
    answer = ("decide", waiting["thread_id"], waiting["pause_key"], "--decision", "respond", "--message", "yes")
    code, out, err = run(*answer, token=vic)
    assert (code, out) == (9, "")
    assert "vic@example.org is a viewer here and may not decide" in err
    assert log_of(home) == []
    code, out, err = run(*answer, token=lea)
    assert (code, out.splitlines()[0]) == (0, "Accepted: respond by lea@example.org.")
    assert log_of(home) == ["answered yes", "acted yes"]


def test_without_accounts_a_token_names_who_acts_unless_a_name_is_given(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SIGNOFF_ACCOUNTS")
    secret = made(run, "", "bot", "start")
    begun = ("start", "one", "--input", json.dumps({"log": str(home / "log.txt")}), "--no-wait")
    for options, token, name in (
        ((), secret, "bot"),
        (("--actor", "ann"), secret, "ann"),
        (("--actor", "eve"), None, "eve"),
    ):
        code, out, err = run(*begun, *options, token=token)
        assert code == 0, err
        assert f" {name} started the graph one" in run("show", out.strip(), token=None)[1]


def test_a_bad_environment_has_its_own_sentence(run: Run, root: str) -> None:
    assert "SIGNOFF_TOKEN" in run("retry", "t", token="two words")[2]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_people_at_a_terminal_are_who_their_tokens_say(
    run: Run, root: str, environment: dict[str, str], home: Path
) -> None:
    def signoff(*argv: str, token: str | None = None) -> subprocess.CompletedProcess[str]:
        own = {name: value for name, value in os.environ.items() if name != "SIGNOFF_TOKEN"}
        own |= {**environment, **({"SIGNOFF_TOKEN": token} if token else {})}
        command = [sys.executable, "-m", "agents", *argv]
        return subprocess.run(command, env=own, capture_output=True, text=True, timeout=100, check=False)

    lea, vic = made(run, root, "lea@example.org", "start", "decide"), made(run, root, "vic@example.org", "read")
    begun = signoff("start", "one", "--input", json.dumps({"log": str(home / "log.txt")}), "--json", token=lea)
    (waiting,) = json.loads(begun.stdout)["waiting"]
    answer = (
        "decide",
        waiting["thread_id"],
        waiting["pause_key"],
        "--decision",
        "respond",
        "--message",
        "yes",
        "--no-wait",
    )
    for token, options in ((None, ()), (vic, ()), (root, ()), (lea, ("--actor", "lea@example.org"))):
        done = signoff(*answer, *options, token=token)
        assert (done.returncode, done.stdout) == (9, "")
        assert done.stderr.startswith("signoff: ")
        assert done.stderr.count("\n") == 1
    assert run("token", "revoke", "lea@example.org", token=root)[0] == 0
    assert signoff(*answer, token=lea).returncode == 9
    again = made(run, root, "lea@example.org", "decide")
    assert signoff(*answer, token=again).returncode == 0
    assert signoff(*answer, token=again).returncode == 3
