"""The `signoff` command as a script would use it: output, exit codes, and the reason on stderr."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sqlite3
from collections import deque
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agents.__main__ import main
from tests.desks import log_of, settings_for
from tests.mail_server import MailServer

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """run("list", "--json") -> (exit code, stdout, stderr), on a desk with the asking graphs."""
    settings_for(home)
    monkeypatch.setenv("SIGNOFF_GRAPHS", str(home / "langgraph.json"))
    monkeypatch.setenv("SIGNOFF_LEASE_SECONDS", "2")

    def call(*argv: str) -> tuple[int, str, str]:
        code = main(argv)
        out = capsys.readouterr()
        return code, out.out, out.err

    return call


def begin(run: Run, home: Path, graph: str = "one", **given: Any) -> dict[str, Any]:
    """Start a thread until it asks; the first object of `list --json`."""
    given = {"log": str(home / "log.txt"), **given}
    code, out, err = run("start", graph, "--input", json.dumps(given))
    assert code == 0, err
    waiting = json.loads(run("list", "--json")[1])
    return next(item for item in waiting if item["thread_id"] == out.split()[0])


def test_list_json_has_what_scripts_need(run: Run, home: Path) -> None:
    item = begin(run, home, question="Ship it?")
    assert item["source_id"] == "checkpoints"
    assert item["status"] == "question"
    assert item["graph_id"] == "one"
    assert item["kind"] == "generic"
    assert item["allowed"] == ["respond", "ignore"]
    assert item["value"] == {"question": "Ship it?", "options": ["yes", "no"]}
    assert item["pause_key"] == f"{item['interrupt_id']}.0"
    assert item["paused_at"].endswith("Z")
    assert len(item["seen"]) == 64
    assert item["title"]


def test_list_filters_and_says_when_nothing_waits(run: Run, home: Path) -> None:
    assert run("list")[1] == "Nothing waits for a person.\n"
    begin(run, home, question="Ship the blue one?")
    assert "[]" in run("list", "--json", "--kind", "plan")[1]
    assert "[]" in run("list", "--json", "--search", "red")[1]
    assert len(json.loads(run("list", "--json", "--search", "BLUE ship")[1])) == 1


def test_list_says_which_graphs_it_does_not_know_yet_and_then_tells_their_breakpoints(run: Run, home: Path) -> None:
    assert "Not loaded here so far: one, fenced, " in run("list")[2]
    assert run("start", "fenced", "--input", json.dumps({"log": str(home / "log.txt")}))[0] == 0
    run("doctor")
    code, out, err = run("list", "--json")
    assert (code, err) == (0, "")
    assert [(item["status"], item["value"]) for item in json.loads(out)] == [("breakpoint", {"before": ["act"]})]


def test_list_leaves_the_checkpointer_file_byte_for_byte(run: Run, home: Path) -> None:
    begin(run, home)
    path = home / "checkpoints.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns
    assert run("list", "--json")[0] == 0
    assert (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns) == before


def test_decide_runs_the_graph_and_says_what_happened(run: Run, home: Path) -> None:
    item = begin(run, home)
    code, out, _ = run(
        "decide", item["thread_id"], item["pause_key"], "--decision", "respond", "--message", "yes",
        "--seen", item["seen"], "--actor", "ann",
    )  # fmt: skip
    assert code == 0
    assert out == "Accepted: respond by ann.\nDid yes.\n"
    assert log_of(home) == ["answered yes", "acted yes"]


def test_decide_takes_an_exact_value_and_an_interrupt_id(run: Run, home: Path) -> None:
    item = begin(run, home)
    assert run("decide", item["thread_id"], item["interrupt_id"], "--value", '"no"')[0] == 0
    assert log_of(home) == ["answered no", "acted no"]


@pytest.mark.parametrize(
    ("options", "code", "reason"),
    [
        (["--decision", "respond", "--message", "perhaps"], 2, "yes"),
        (["--decision", "approve"], 2, "not allowed"),
        (["--value", "no quotes"], 2, "not JSON"),
        (["--value", "NaN"], 2, "NaN"),
        (["--decision", "edit", "--args", "[1]"], 2, "JSON object"),
        (["--decision", "edit", "--args", "@missing.json"], 2, "missing.json"),
        ([], 2, "--decision"),
        (["--decision", "respond", "--message", "yes", "--actor", " "], 2, "name"),
        (["--decision", "respond", "--message", "yes", "--seen", "abc"], 5, "changed"),
    ],
)
def test_decide_refuses_with_a_reason_and_changes_nothing(
    run: Run, home: Path, options: list[str], code: int, reason: str
) -> None:
    item = begin(run, home)
    got, _, err = run("decide", item["thread_id"], item["pause_key"], *options)
    assert got == code
    assert reason in err
    assert err.startswith("signoff: ")
    assert len(json.loads(run("list", "--json")[1])) == 1


def test_decide_twice_names_the_first(run: Run, home: Path) -> None:
    item = begin(run, home)
    where = (item["thread_id"], item["pause_key"], "--decision", "respond", "--message")
    assert run("decide", *where, "yes", "--actor", "ann")[0] == 0
    code, _, err = run("decide", *where, "perhaps", "--seen", "abc", "--actor", "bob")
    assert code == 3, "looked at before anything else"
    assert "ann" in err


def test_decide_on_what_does_not_wait(run: Run, home: Path) -> None:
    item = begin(run, home)
    assert run("decide", item["thread_id"], "f" * 32, "--decision", "respond", "--message", "yes")[0] == 4
    assert run("decide", "nobody", "x", "--value", "1")[0] == 4


def test_decide_tells_when_the_run_failed(run: Run, home: Path) -> None:
    item = begin(run, home, "failing")
    code, _, err = run("decide", item["thread_id"], item["pause_key"], "--value", '"yes"')
    assert code == 7
    assert "the printer is on fire" in err


def test_decide_waits_for_the_other_question(run: Run, home: Path) -> None:
    begin(run, home, "two")
    first, second = json.loads(run("list", "--json")[1])
    code, out, _ = run("decide", first["thread_id"], first["pause_key"], "--value", '"yes"')
    assert code == 0
    assert "waiting for 1 more" in out
    assert [item["pause_key"] for item in json.loads(run("list", "--json")[1])] == [second["pause_key"]]
    assert run("decide", second["thread_id"], second["pause_key"], "--value", '"no"')[0] == 0
    assert len(log_of(home)) == 3


def test_retry_continues_a_failed_run(run: Run, home: Path) -> None:
    item = begin(run, home, "failing")
    run("decide", item["thread_id"], item["pause_key"], "--value", '"yes"')
    assert "retry" in run("doctor")[1]
    (home / "log.txt.mended").touch()
    code, out, _ = run("retry", item["thread_id"])
    assert (code, out) == (0, "Did yes.\n")
    assert run("retry", item["thread_id"])[0] == 4


def test_a_mail_that_was_refused_is_no_success(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with MailServer() as server:
        server.rcpt_replies["ann@example.org"] = deque(["550 5.1.1 No such user"])
        monkeypatch.setenv("SIGNOFF_SMTP_URL", f"{server.url}?tls=none")
        given = json.dumps({"recipient": "ann@example.org", "subject": "Hello", "instructions": "say hello"})
        run("start", "email_approval", "--input", given)
        (item,) = json.loads(run("list", "--json")[1])
        assert "nothing was ever sent to ann@example.org" in run("show", item["thread_id"])[1]
        code, _, err = run("decide", item["thread_id"], item["pause_key"], "--decision", "approve")
    assert code == 7
    assert "No such user" in err


def test_no_wait_leaves_the_work_to_a_worker(run: Run, home: Path) -> None:
    item = begin(run, home)
    assert run("decide", item["thread_id"], item["pause_key"], "--value", '"yes"', "--no-wait")[0] == 0
    assert log_of(home) == []
    assert run("worker", "--drain", "--threads", "1")[0] == 0
    assert log_of(home) == ["answered yes", "acted yes"]


def test_a_locked_database_is_busy_and_accepts_nothing(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    item = begin(run, home)
    monkeypatch.setenv("SIGNOFF_BUSY_SECONDS", "0.2")
    with closing(sqlite3.connect(home / "signoff.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        code, _, err = run("decide", item["thread_id"], item["pause_key"], "--value", '"yes"')
        other.execute("ROLLBACK")
    assert code == 8
    assert "locked" in err
    assert len(json.loads(run("list", "--json")[1])) == 1


def test_a_file_that_cannot_be_read_is_no_empty_inbox(run: Run, home: Path) -> None:
    (home / "checkpoints.sqlite").write_text("hello" * 1000)
    code, out, err = run("list")
    assert (code, out) == (8, "")
    assert "SIGNOFF_CHECKPOINTS" in err
    code, out, _ = run("list", "--json")
    assert (code, json.loads(out)) == (8, [])
    assert run("decide", "t", "k", "--value", "1")[0] == 8


def test_doctor_finds_a_decision_that_was_changed(run: Run, home: Path) -> None:
    item = begin(run, home)
    run("decide", item["thread_id"], item["pause_key"], "--value", '"yes"', "--actor", "ann")
    assert run("doctor")[0] == 0
    with closing(sqlite3.connect(home / "signoff.sqlite")) as connection, connection:
        connection.execute("UPDATE decision SET actor = 'mallory'")
    code, out, _ = run("doctor")
    assert code == 1
    assert "its actor differs" in out


def test_doctor_and_list_follow_a_large_file(run: Run, home: Path) -> None:
    begin(run, home)
    assert "checkpoints: 1 pause in" in run("doctor")[1]
    with closing(sqlite3.connect(home / "checkpoints.sqlite")) as connection, connection:
        connection.execute("UPDATE writes SET rowid = rowid + 100000")  # as if very much had been written before
    assert "1 pause " in run("doctor")[1]
    assert list((home / "index").glob("*.sqlite")), "it was read whole"
    assert len(json.loads(run("list", "--json")[1])) == 1
    assert run("doctor")[1].count("ok    checkpoints: 1 pause in") == 1


def test_one_file_cannot_be_both(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(run, home)
    before = (home / "checkpoints.sqlite").read_bytes()
    monkeypatch.setenv("SIGNOFF_DATABASE", str(home / "checkpoints.sqlite"))
    code, _, err = run("list")
    assert code == 2
    assert "same file" in err
    assert (home / "checkpoints.sqlite").read_bytes() == before


def test_show_tells_the_story_and_the_choices(run: Run, home: Path) -> None:
    item = begin(run, home, question="Ship it?")
    out = run("show", item["thread_id"])[1]
    assert "Ship it?" in out
    assert "Answer with one of: yes, no" in out
    assert "--decision respond" in out
    run("decide", item["thread_id"], item["pause_key"], "--value", '"yes"', "--actor", "ann")
    story = json.loads(run("show", item["thread_id"], "--json")[1])
    assert story["outcome"]["text"] == "Did yes."
    assert [each["actor"] for each in story["decisions"]] == ["ann"]
    assert run("show", "nobody")[0] == 2


def test_start_refuses_bad_input_by_name(run: Run, home: Path) -> None:
    for argv, reason in (
        (("start", "nothing", "--input", "{}"), "Known graphs"),
        (("start", "one"), "--input"),
        (("start", "email_approval", "--input", '{"subject": "x"}'), "recipient"),
        (("start", "plan_approval", "--input", '{"task": "  "}'), "task"),
        (("start", "one", "--input", "{}", "--thread-id", "\x07"), "thread_id"),
    ):
        code, _, err = run(*argv)
        assert code == 2, argv
        assert reason in err
    item = begin(run, home)
    code, _, err = run("start", "one", "--input", "{}", "--thread-id", item["thread_id"])
    assert code == 2
    assert "exists already" in err


def test_a_thread_that_another_program_started_finds_its_graph(run: Run, home: Path) -> None:
    """Its metadata names no graph, and it waits at its first node."""
    from langgraph.checkpoint.sqlite import SqliteSaver

    from tests.asking_graphs import two

    with closing(sqlite3.connect(home / "checkpoints.sqlite", check_same_thread=False)) as connection:
        graph = two().compile(checkpointer=SqliteSaver(connection))
        graph.invoke({"log": str(home / "log.txt")}, {"configurable": {"thread_id": "theirs"}})
    for item in json.loads(run("list", "--json")[1]):
        assert item["graph_id"] is None
        code, _, err = run("decide", "theirs", item["pause_key"], "--value", '"yes"')
        assert code == 0, err
    assert log_of(home)[-1] == "joined yes yes"


def test_export_ends_with_the_head_and_is_safe_in_a_spreadsheet(run: Run, home: Path) -> None:
    item = begin(run, home)
    run("decide", item["thread_id"], item["pause_key"], "--value", '"yes"', "--actor", "=HYPERLINK(1)")
    lines = [json.loads(line) for line in run("export")[1].splitlines()]
    assert lines[-1]["head"].items() >= {"count": len(lines) - 1, "hash": lines[-2]["chain"]["hash"]}.items()
    assert run("export", "--format", "csv", "--output", str(home / "record.csv"))[0] == 0
    rows = list(csv.DictReader(io.StringIO((home / "record.csv").read_text())))
    assert "'=HYPERLINK(1)" in [row["actor"] for row in rows]
    assert run("export", "--output", str(home / "no" / "such" / "file"))[0] == 2


def test_doctor_names_what_is_wrong(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = run("doctor")
    assert code == 0, out
    assert "no SIGNOFF_SMTP_URL" in out
    (home / "checkpoints.sqlite").write_text("hello" * 1000)
    monkeypatch.setenv("SIGNOFF_WORKSPACE", str(home / "langgraph.json"))
    code, out, _ = run("doctor", "--json")
    assert code == 1
    found = {check["name"]: check for check in json.loads(out)}
    assert "SIGNOFF_WORKSPACE" in found["workspace"]["text"]
    assert "SIGNOFF_CHECKPOINTS" in found["checkpoints"]["text"]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SIGNOFF_SMTP_URL", "http://user:hunter2@mail"),
        ("SIGNOFF_SMTP_URL", "smtp://hunter2@mail"),
        ("SIGNOFF_SMTP_URL", "smtp://user:hunter2@mail?tls=perhaps"),
        ("SIGNOFF_SMTP_URL", "smtp://user:hunter2@mail?cafile=/no/such/file"),
        ("SIGNOFF_MAIL_FROM", "a,b@hunter2"),
        ("OPENAI_BASE_URL", "http://hunter2:99999/v1"),
        ("OPENAI_API_KEY", "hunter2 ü"),
        ("SIGNOFF_ACTOR", "hunter2\nb"),
    ],
)
def test_a_bad_setting_is_refused_by_name_without_its_value(
    run: Run, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    code, _, err = run("list")
    assert code == 2
    assert variable in err
    assert variable == "SIGNOFF_MAIL_FROM" or "hunter2" not in err


def test_an_env_file_in_another_encoding_is_named(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_bytes("SIGNOFF_ACTOR=Jürgen".encode("latin-1"))
    code, _, err = run("list")
    assert code == 2
    assert ".env" in err
