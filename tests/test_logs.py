"""Lines of the log: one per event, JSON or text, with ids, and never with what an error or a payload says."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agents import decisions, logs
from agents.database import writing
from agents.domain import DecisionType, Said
from agents.errors import Busy
from agents.logs import Lines
from tests.desk_process import ROOT, environment
from tests.desks import desk_in, paused, work

SECRET = "correct-horse-battery"


def record(message: str, *args: object, **more: Any) -> logging.LogRecord:
    return logging.makeLogRecord({"name": "agents.test", "levelname": "INFO", "msg": message, "args": args, **more})


def line(message: str, *args: object, secrets: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(Lines("json", secrets).format(record(message, *args, **more)))
    return told


def raised(error: Exception) -> Any:
    try:
        raise error
    except type(error):
        return sys.exc_info()


def test_a_line_says_what_it_is_about() -> None:
    with logs.about(thread_id="t-1", job_id="j-1", decision_id=None), logs.about(actor="ann"):
        told = line("Step %s is done", "send")
    assert told.pop("time").endswith("Z")
    assert told == {
        "level": "info",
        "logger": "agents.test",
        "message": "Step send is done",
        "thread_id": "t-1",
        "job_id": "j-1",
        "actor": "ann",
    }
    assert "thread_id" not in line("afterwards")


def test_only_ids_stand_beside_the_message() -> None:
    told = line("decided", payload={"body": "Dear Ann"}, resume_value="yes", thread_id="t-1", event=7)
    assert told.keys() == {"time", "level", "logger", "message", "thread_id", "event"}


def test_an_error_is_told_by_its_kind_and_place_and_not_by_what_it_says() -> None:
    told = line("It failed: %s", ValueError("Dear Ann"), exc_info=raised(KeyError("Dear Ann")))
    assert told["message"] == "It failed: ValueError"
    assert told["error"] == "KeyError"
    assert told["at"][-1].endswith(" raised")
    assert "Dear" not in json.dumps(told)


def test_an_error_of_our_own_is_a_sentence() -> None:
    told = line("The worker waits: %s", Busy("The disk is full."), exc_info=raised(Busy("The disk is full.")))
    assert told["message"] == "The worker waits: The disk is full."
    assert told["reason"] == "The disk is full."


def test_a_secret_of_the_settings_is_blotted_out_wherever_it_stands() -> None:
    told = line("POST https://hooks.example.com/%s failed", SECRET, secrets=(SECRET,), actor=SECRET)
    assert SECRET not in json.dumps(told)
    assert told["message"] == "POST https://hooks.example.com/[hidden] failed"


@pytest.mark.parametrize("form", ["text", "json"])
def test_nothing_in_a_message_begins_a_line_of_its_own(form: Any) -> None:
    text = Lines(form).format(record("a\nb\r\u2028c\x1b[31m", thread_id="x\ny z"))
    assert len(text.splitlines()) == 1
    assert "\x1b" not in text


def test_text_is_for_people() -> None:
    text = Lines("text").format(record("decision accepted", thread_id="t-1", actor="Ann Lee"))
    assert text.endswith('INFO    agents.test: decision accepted thread_id=t-1 actor="Ann Lee"')


def test_each_step_of_a_decision_is_one_line_and_holds_no_payload(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="signoff.record")
    desk = desk_in(home)
    thread_id, pause = paused(desk, "one", home, question="Shall we tell Ann?")
    said = Said(DecisionType.RESPOND, message="yes")
    decisions.decide(desk, thread_id, pause.pause_key, said, actor="ann", wait_for_undo=False)
    work(desk)
    failing, asked = paused(desk, "failing", home)
    decisions.decide(desk, failing, asked.pause_key, said, actor="ann", wait_for_undo=False)
    work(desk)
    desk.close()
    found = [json.loads(Lines("json").format(each)) for each in caplog.records if each.name == "signoff.record"]
    mine = [each for each in found if each.get("thread_id") == thread_id]
    assert [each["message"] for each in mine] == [
        "started",
        "asked",
        "decision accepted",
        "decision delivered",
        "finished",
    ]
    assert len({each["decision_id"] for each in mine if "decision_id" in each}) == 1
    assert [each["event"] for each in found] == list(range(1, len(found) + 1))
    assert [each["level"] for each in found if each["message"] == "run failed"] == ["warning"]
    assert "tell Ann" not in json.dumps(found)
    assert "printer" not in json.dumps(found)


def test_what_was_taken_back_is_no_line(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    from agents.audit import append

    caplog.set_level(logging.INFO, logger="signoff.record")
    desk = desk_in(home)
    before = len(caplog.records)
    with pytest.raises(ZeroDivisionError), writing(desk.engine) as connection:  # noqa: PT012 - the failure comes half way
        append(connection, at=desk.clock(), actor="ann", action="named")
        raise ZeroDivisionError
    desk.close()
    assert caplog.records[before:] == []


SCRIPT = """
import logging, sys, threading, warnings
from agents import logs
logging.getLogger("streamlit.early").addHandler(logging.StreamHandler())
logging.getLogger("streamlit.early").propagate = False
logs.set_up("json", ["correct-horse-battery"])
late = logging.getLogger("streamlit.late")
late.propagate = False
late.setLevel(logging.INFO)
late.addHandler(logging.StreamHandler())
logging.getLogger("streamlit.early").warning("early")
late.info("late")
logging.getLogger("uvicorn.access").info("GET /oauth2callback?code=secret")
logging.getLogger("agents.runs").info("ours")
logging.getLogger("somebody.else").info("too quiet")
logging.getLogger("somebody.else").warning("url https://x/correct-horse-battery")
warnings.warn("a warning")
def fail(): raise RuntimeError("Dear Ann")
thread = threading.Thread(target=fail); thread.start(); thread.join()
fail()
"""


def test_set_up_takes_over_the_consoles_of_libraries_and_uncaught_errors(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "always", "-c", SCRIPT]
    done = subprocess.run(command, cwd=ROOT, env=environment(tmp_path), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    found = [json.loads(each) for each in done.stderr.splitlines()]
    told = [(each["logger"], each["message"]) for each in found]
    assert told[:4] == [
        ("streamlit.early", "early"),
        ("streamlit.late", "late"),
        ("agents.runs", "ours"),
        ("somebody.else", "url https://x/[hidden]"),
    ]
    assert told[4][0] == "py.warnings"
    assert [each["error"] for each in found[5:]] == ["RuntimeError", "RuntimeError"]
    assert "Dear" not in done.stderr


def test_a_log_ends_with_its_entry_point(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = root.level, list(root.handlers), logging.getLoggerClass(), sys.excepthook
    with logs.written("text"):
        logging.getLogger("agents.runs").info("ours")
    assert (root.level, list(root.handlers), logging.getLoggerClass(), sys.excepthook) == before
    logging.getLogger("agents.runs").info("nobody's")
    assert [line.partition(": ")[2] for line in capsys.readouterr().err.splitlines()] == ["ours"]
