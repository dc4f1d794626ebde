"""`signoff audit`: the record is checked, its head kept elsewhere, exported, and words are taken out of it."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agents import decisions, reviews
from agents.__main__ import main
from agents.database import reading
from agents.desk import Desk
from agents.domain import DecisionType, Said
from agents.people import tokens
from tests.accounts import accounts_desk
from tests.audit.record import events, first
from tests.desks import desk_in, paused, work

KEY = "a key that lies elsewhere"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: str) -> tuple[int, str, str]:
        code = main(["audit", *words])
        out, err = capsys.readouterr()
        return code, out, err

    return call


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a desk with a decision that reached its graph."""
    home = tmp_path_factory.mktemp("played")
    made = desk_in(home)
    thread_id, pause = paused(made, "one", home)
    said = Said(DecisionType.RESPOND, message="yes")
    decisions.decide(made, thread_id, pause.pause_key, said, actor="=ann", wait_for_undo=False)
    work(made)
    made.close()
    return home


@pytest.fixture
def desk(home: Path, played: Path) -> Iterator[Desk]:
    """A copy of it. The commands' settings are those of the environment."""
    shutil.copytree(played, home, dirs_exist_ok=True)
    made = desk_in(home)
    yield made
    made.close()


def damage(desk: Desk, statement: str) -> None:
    with closing(sqlite3.connect(desk.settings.database_path)) as connection, connection:
        connection.execute(statement)


def test_a_whole_record_says_what_that_proves_and_what_not(desk: Desk, run: Run) -> None:
    code, out, err = run("verify")
    assert (code, err) == (0, "")
    assert out.splitlines()[0].startswith(f"{len(events(desk))} events, whole; head ")
    assert "What this proves" in out
    assert "nothing was cut off at the end" in out


def test_what_was_changed_is_named_with_exit_code_1(desk: Desk, run: Run) -> None:
    damage(desk, "UPDATE event SET actor = 'mallory' WHERE seq = 4")
    code, out, err = run("verify")
    assert (code, out) == (1, "")
    assert err == "signoff: Event 4 was changed: its column actor differs from what was recorded.\n"


def test_a_changed_decision_is_named(desk: Desk, run: Run) -> None:
    damage(desk, "UPDATE decision SET message = 'never'")
    code, _, err = run("verify")
    assert code == 1
    assert "its message differs from event" in err


def test_a_cut_tail_is_found_with_a_kept_head(desk: Desk, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "head.json"
    assert run("head", "--output", str(path))[0] == 0
    kept = json.loads(path.read_text())
    assert set(kept) == {"count", "hash", "at"}
    assert run("verify", "--head", str(path))[0] == 0
    damage(desk, f"DELETE FROM event WHERE seq = {kept['count']}")
    code, _, err = run("verify", "--head", str(path))
    assert code == 1
    assert f"but the kept head names {kept['count']}: its tail was cut" in err


def test_a_head_is_signed_and_only_a_signed_one_is_believed(
    desk: Desk, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare, signed = tmp_path / "bare.json", tmp_path / "signed.json"
    run("head", "--output", str(bare))
    monkeypatch.setenv("SIGNOFF_RECORD_KEY", KEY)
    run("head", "--output", str(signed))
    assert run("verify", "--head", str(signed))[0] == 0
    assert "is not signed" in run("verify", "--head", str(bare))[2]
    kept = json.loads(signed.read_text())
    for name, value in (
        ("count", kept["count"] - 1),
        ("at", "2020-01-01"),
        ("signature", "0" * 64),
        ("hash", "0" * 64),
    ):
        signed.write_text(json.dumps({**kept, name: value}))
        code, _, err = run("verify", "--head", str(signed))
        assert (code, "signature is not one of this SIGNOFF_RECORD_KEY" in err) == (1, True)
    signed.write_text(json.dumps(kept))
    monkeypatch.setenv("SIGNOFF_RECORD_KEY", "another key, just as long")
    assert run("verify", "--head", str(signed))[0] == 1
    monkeypatch.delenv("SIGNOFF_RECORD_KEY")
    code, _, err = run("verify", "--head", str(signed))
    assert (code, "was not checked" in err) == (0, True)
    assert KEY not in err


def test_what_is_no_head_is_refused_in_a_sentence(run: Run, home: Path, tmp_path: Path) -> None:
    for text in ("", "{}", "[]", "nothing", '{"count": "5", "hash": "x"}', '{"count": 1, "hash": 2}'):
        (tmp_path / "head.json").write_text(text)
        code, _, err = run("verify", "--head", str(tmp_path / "head.json"))
        assert code == 2
        assert "This is no head of a record" in err
    assert run("verify", "--head", str(tmp_path / "none.json"))[0] == 2


def exported(run: Run, path: Path, *more: str) -> list[str]:
    assert run("export", "--output", str(path), *more)[0] == 0
    return path.read_text(encoding="utf-8").splitlines(keepends=True)


def test_an_export_is_on_record_and_can_be_checked_anywhere(desk: Desk, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    lines = exported(run, path, "--actor", "ada")
    assert (events(desk)[-1].action, events(desk)[-1].actor) == ("exported", "ada")
    assert len(lines) == len(events(desk)) + 1
    code, out, _ = run("verify", "--file", str(path))
    assert (code, out.startswith(f"{len(lines) - 1} events, whole")) == (0, True)
    assert run("verify", "--file", str(path), "--head", str(path))[0] == 0, "its last line is a head, too"


def test_every_line_of_an_export_that_is_changed_removed_or_swapped_is_named(
    desk: Desk, run: Run, tmp_path: Path
) -> None:
    path, other = tmp_path / "record.jsonl", tmp_path / "other.jsonl"
    lines = exported(run, path)
    for at in range(len(lines) - 1):
        changed = [*lines[:at], lines[at].replace('"actor": "', '"actor": "x', 1), *lines[at + 1 :]]
        removed = [*lines[:at], *lines[at + 1 :]]
        swapped = [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]]
        for text in (changed, removed) if at == len(lines) - 2 else (changed, removed, swapped):
            other.write_text("".join(text))
            code, _, err = run("verify", "--file", str(other))
            assert code == 1
            last_removed = text is removed and at == len(lines) - 2
            assert ("tail was cut" in err) if last_removed else (f"Event {at + 1} " in err)
    other.write_text("".join(lines[:-1]))
    assert "does not end with the head" in run("verify", "--file", str(other))[2]
    other.write_text("seq,at,actor\n1,2,3\n")
    assert run("verify", "--file", str(other))[0] == 2


def test_a_table_is_safe_in_a_spreadsheet(desk: Desk, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "record.csv"
    exported(run, path, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    assert len(rows) == len(events(desk))
    (decided,) = (row for row in rows if row["action"] == "decided")
    assert decided["actor"] == "'=ann"
    assert json.loads(decided["details"])["message"] == "yes"


def test_redacting_says_what_was_removed_and_what_is_left(desk: Desk, run: Run) -> None:
    seq = first(desk, "decided").seq
    code, out, _ = run("redact", str(seq), "message", "--reason", "a name", "--actor", "ada")
    assert code == 0
    assert f"Removed from event {seq}: message." in out
    assert "Removed as well: the decision" in out
    assert str(desk.settings.checkpoints_path) in out
    assert first(desk, "redacted").fields["reason"] == "a name"
    assert run("verify")[0] == 0


def test_checking_leaves_no_trace_and_needs_a_record(home: Path, run: Run) -> None:
    assert "There is no database" in run("verify")[2]
    assert not (home / "signoff.sqlite").exists()
    made = desk_in(home)
    before = events(made)
    assert (run("verify")[0], run("head")[0]) == (0, 0)
    assert events(made) == before
    made.close()


def test_a_call_that_lacks_something_says_what(home: Path, run: Run) -> None:
    for words in (["redact"], ["redact", "3"], ["redact", "3", "message"], ["verify", "3"]):
        code, _, err = run(*words)
        assert code == 2
        assert "redact" in err


def test_with_accounts_a_lead_reads_the_record_and_an_admin_redacts(
    home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = accounts_desk(home)
    scopes = {"rita": ["read"], "lea": ["read"], "ada": ["read", "admin"]}
    made = {
        name: tokens.create(desk, f"{name}@example.org", scope, actor="system:files")[1]
        for name, scope in scopes.items()
        if name == "ada"
    }
    with reading(desk.engine) as connection:
        ada = tokens.actor_of(connection, desk, made["ada"])
    made |= {name: tokens.create(desk, f"{name}@example.org", scopes[name], actor=ada)[1] for name in ("rita", "lea")}
    seq = first(desk, "token_created").seq
    desk.close()
    monkeypatch.setenv("SIGNOFF_RULES", str(home / "rules.toml"))
    monkeypatch.setenv("SIGNOFF_ACCOUNTS", "proxy")
    assert run("export")[0] == 9, "nobody is known"
    for name, may_read, may_redact in (("rita", 9, 9), ("lea", 0, 9), ("ada", 0, 0)):
        monkeypatch.setenv("SIGNOFF_TOKEN", made[name])
        assert run("export")[0] == may_read
        assert run("redact", str(seq), "name", "--reason", "why")[0] == may_redact
    assert run("export", "--actor", "ada@example.org")[0] == 9
    assert run("verify")[0] == 0, "whoever can read the files can check them"


def test_showing_a_thread_with_a_token_is_a_look(desk: Desk, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    thread_id, _ = paused(desk, "one", home)
    _, secret = tokens.create(desk, "robot", ["read"], actor="ada")
    assert main(["show", thread_id]) == 0
    assert not [each for each in events(desk) if each.action == "looked"]
    monkeypatch.setenv("SIGNOFF_TOKEN", secret)
    assert main(["show", thread_id]) == main(["show", thread_id]) == 0
    (looked,) = (each for each in events(desk) if each.action == "looked")
    assert (looked.actor, looked.thread_id, looked.fields["proof"]) == ("robot", thread_id, "token")
    assert reviews.inbox(desk).total == 1
