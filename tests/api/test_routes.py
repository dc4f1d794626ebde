"""The routes over real HTTP: what each answers, and with which code it refuses."""

from __future__ import annotations

import time
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import httpx
import pytest

from agents import starts
from agents.api.described import Decided, Page, Problem, Stands, Told
from agents.domain import Role
from tests.served import Served, secret_of


def refused(answer: httpx.Response, code: int, error: str) -> dict[str, Any]:
    """The body of a refusal, held against its documented shape."""
    assert (answer.status_code, answer.json()["error"]) == (code, error), answer.text
    Problem.model_validate(answer.json(), strict=True)
    told: dict[str, Any] = answer.json()
    assert told["message"].endswith((".", "?")), told["message"]
    return told


def test_a_thread_from_its_start_to_its_end(api: Served) -> None:
    told = api.start("one", question="Go on?")
    Stands.model_validate(told)
    assert (told["status"], told["question"]["question"]) == ("awaiting_human", "Go on?")
    (asked,) = told["questions"]
    body = {"pause_key": asked["pause_key"], "decision": "respond", "message": "yes", "seen": asked["seen"]}
    answer = api.resume(told["thread_id"], wait=20, **body)
    Decided.model_validate(answer.json())
    assert (answer.status_code, answer.json()["status"]) == (200, "complete")
    assert answer.json()["result"]["outcome"]["text"] == "Did yes."
    whole = api.http.get(f"/agent/threads/{told['thread_id']}").json()
    Told.model_validate(whole)
    assert (whole["status"], whole["state"]["answer"], whole["started_by"]) == ("complete", "yes", "program")
    assert [each["decided_by"] for each in whole["decisions"]] == ["program"]
    assert whole["history"][0]["what"] == "started the graph one"


def test_it_answers_at_once_unless_told_to_wait(api: Served) -> None:
    answer = api.http.post("/agent/start", json={"graph_id": "one", "input": {"log": str(api.home / "log.txt")}})
    assert (answer.status_code, answer.json()["status"]) == (200, "running")
    assert "question" not in answer.json()
    assert "result" not in answer.json()


def test_waiting_ends_when_its_time_is_over(api: Served) -> None:
    (api.home / "log.txt.thought").unlink(missing_ok=True)
    told = api.start("thinking")
    key = told["questions"][0]["pause_key"]
    since = time.monotonic()
    answer = api.resume(told["thread_id"], wait=0.5, pause_key=key, value="yes")
    assert answer.json()["status"] == "running"
    assert 0.4 < time.monotonic() - since < 10
    (api.home / "log.txt.thought").touch()


def test_an_exact_value_and_an_interrupt_id(api: Served) -> None:
    told = api.start("typed")
    (asked,) = told["questions"]
    assert asked["allowed"] == ["respond", "ignore"]
    bad = api.resume(told["thread_id"], interrupt_id=asked["interrupt_id"], value={"amount": "many"})
    assert refused(bad, 422, "invalid")["field"]
    answer = api.resume(told["thread_id"], wait=20, interrupt_id=asked["interrupt_id"], value={"amount": 7})
    assert (answer.json()["status"], answer.json()["result"]["answer"]) == ("complete", 7)


def test_the_short_form_names_what_waits_where_there_is_not_one_question(api: Served) -> None:
    told = api.start("two")
    several = refused(api.resume(told["thread_id"], response="yes"), 409, "several_questions")
    assert sorted(each["value"]["question"] for each in several["questions"]) == ["left?", "right?"]
    first, second = told["questions"]
    one = api.resume(told["thread_id"], wait=20, pause_key=first["pause_key"], value="yes").json()
    assert (one["status"], len(one["questions"]), one["note"]) == ("awaiting_human", 1, "accepted, waiting for 1 more")
    assert api.resume(told["thread_id"], response="no").json()["status"] == "complete"
    gone = api.resume(told["thread_id"], response="no")
    assert refused(gone, 410, "not_pending")["decided_by"] == "program"
    assert second["pause_key"] != first["pause_key"]


def test_who_was_first_is_told(api: Served) -> None:
    told = api.start("one")
    key = told["questions"][0]["pause_key"]
    assert api.resume(told["thread_id"], pause_key=key, value="yes").status_code == 200
    lost = refused(api.resume(told["thread_id"], pause_key=key, value="no"), 409, "already_decided")
    assert (lost["decided_by"], lost["decision"], lost["pause_key"]) == ("program", "respond", key)


def test_a_question_that_changed_or_waits_no_longer(api: Served) -> None:
    told = api.start("one")
    key = told["questions"][0]["pause_key"]
    refused(api.resume(told["thread_id"], pause_key=key, value="yes", seen="0" * 64), 412, "question_changed")
    refused(api.resume(told["thread_id"], pause_key="0" * 32 + ".0", value="yes"), 410, "not_pending")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"pause_key": "KEY"}, "decision"),
        ({"decision": "respond", "message": "yes"}, "pause_key"),
        ({"pause_key": "KEY", "decision": "praise"}, "decision"),
        ({"pause_key": "KEY", "decision": "respond", "message": "perhaps"}, "message"),
        ({"pause_key": "KEY", "decision": "approve"}, "type"),
        ({"pause_key": "KEY", "value": "perhaps"}, "value"),
        ({"response": "perhaps"}, "value"),
        ({"response": "yes", "message": "because"}, "message"),
        ({"pause_key": "KEY", "value": 2**70}, "value"),
    ],
)
def test_what_is_wrong_with_an_answer_is_named(api: Served, body: dict[str, Any], field: str) -> None:
    told = api.start("one") if not KEPT else KEPT[0]
    KEPT[:] = [told]
    key = told["questions"][0]["pause_key"]
    given = {name: key if each == "KEY" else each for name, each in body.items()}
    assert refused(api.resume(told["thread_id"], **given), 422, "invalid")["field"] == field


KEPT: list[dict[str, Any]] = []


@pytest.mark.parametrize(
    ("body", "code", "error", "field"),
    [
        ({"graph_id": "nobodys", "input": {}}, 404, "unknown_graph", None),
        ({"graph_id": "email_approval", "input": {"subject": "x"}}, 422, "invalid", "recipient"),
        ({"graph_id": "one", "inputs": {}}, 422, "invalid", "inputs"),
        ({"graph_id": "one", "thread_id": "../x"}, 422, "invalid", "thread_id"),
        ({"graph_id": "one", "thread_id": ".."}, 422, "invalid", "thread_id"),
        ({"graph_id": "one", "deadline": "soon"}, 422, "invalid", "deadline"),
        ({"task": "tidy"}, 422, "invalid", "graph_id"),
    ],
)
def test_what_is_wrong_with_a_start_is_named(
    api: Served, body: dict[str, Any], code: int, error: str, field: str | None
) -> None:
    assert refused(api.http.post("/agent/start", json=body), code, error).get("field") == field


def test_an_id_that_exists(api: Served) -> None:
    body = {"graph_id": "one", "input": {"log": str(api.home / "log.txt")}, "thread_id": "order-17"}
    assert api.http.post("/agent/start", json=body).json()["thread_id"] == "order-17"
    refused(api.http.post("/agent/start", json=body), 409, "thread_exists")


def test_what_nobody_knows(api: Served) -> None:
    refused(api.http.get("/agent/threads/nobodys"), 404, "unknown_thread")
    refused(api.http.get("/agent/threads/nobodys/events"), 404, "unknown_thread")
    refused(api.resume("nobodys", response="yes"), 404, "unknown_thread")
    refused(api.resume("nobodys", pause_key="1", value="yes"), 404, "unknown_thread")
    refused(api.http.request("DELETE", "/agent/threads/nobodys", json={"reason": "x"}), 404, "unknown_thread")
    refused(api.http.get("/agent/nothing"), 404, "unknown_address")
    refused(api.http.put("/agent/start", json={}), 405, "wrong_method")


def test_an_id_with_a_slash_is_one_id(api: Served) -> None:
    """Threads of other programs may have any name."""
    told = api.start("one")
    thread_id = "a/b %2F ü?"
    body = {"graph_id": "one", "input": {"log": str(api.home / "log.txt")}}
    starts.start(api.desk, "one", body["input"], actor="me", thread_id=thread_id)
    path = "/agent/threads/a%2Fb%20%252F%20%C3%BC%3F"
    assert api.http.get(path).json()["thread_id"] == thread_id
    refused(api.http.get("/agent/threads/a/b"), 404, "unknown_address")
    assert told["thread_id"] != thread_id


def test_closing_with_a_reason(api: Served) -> None:
    told = api.start("one")
    path = f"/agent/threads/{told['thread_id']}"
    assert refused(api.http.request("DELETE", path, json={"reason": " "}), 422, "invalid")["field"] == "reason"
    answer = api.http.request("DELETE", path, params={"wait": 20}, json={"reason": "Ordered twice"})
    closed = answer.json()["closed"]
    assert (answer.status_code, answer.json()["status"]) == (200, "complete")
    assert (closed["by"], closed["reason"]) == ("program", "Ordered twice")
    refused(api.http.request("DELETE", path, json={"reason": "again"}), 410, "not_pending")


def test_a_run_that_failed(api: Served) -> None:
    Path(api.home / "log.txt.mended").unlink(missing_ok=True)
    told = api.start("failing")
    answer = api.resume(told["thread_id"], wait=20, pause_key=told["questions"][0]["pause_key"], value="yes").json()
    assert (answer["status"], answer["error"]) == ("failed", "RuntimeError: the printer is on fire")
    assert [each["status"] for each in answer["questions"]] == ["stuck"]
    path = f"/agent/threads/{told['thread_id']}"
    closed = api.http.request("DELETE", path, params={"wait": 20}, json={"reason": "It burns"}).json()
    assert (closed["status"], closed["closed"]["reason"]) == ("complete", "It burns")


def test_what_a_token_may(api: Served) -> None:
    def http(*scopes: str, role: Role | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {secret_of(api.desk, 'other', scopes, role)}"}

    told = api.start("one")
    path, body = f"/agent/resume/{told['thread_id']}", {"response": "yes"}
    start = {"graph_id": "one", "input": {"log": str(api.home / "log.txt")}}
    refused(httpx.post(f"{api.url}{path}", json=body), 401, "not_signed_in")
    wrong = {"Authorization": f"Bearer {api.token[:-1]}x"}
    answer = httpx.post(f"{api.url}{path}", json=body, headers=wrong)
    assert refused(answer, 401, "not_signed_in")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    refused(httpx.post(f"{api.url}{path}", json=body, headers=http("start", "read")), 403, "not_allowed")
    refused(httpx.post(f"{api.url}/agent/start", json=start, headers=http("decide")), 403, "not_allowed")
    viewer = http("read", role=Role.VIEWER)
    refused(httpx.post(f"{api.url}{path}", json=body, headers=viewer), 403, "not_allowed")
    assert httpx.post(f"{api.url}{path}", json=body, headers=http("decide")).status_code == 200
    for each in (http("start"), viewer):
        for of in (told["thread_id"], api.start("two")["thread_id"]):  # neither who decided nor what waits is told
            answer = httpx.post(f"{api.url}/agent/resume/{of}", json=body, headers=each)
            assert set(refused(answer, 403, "not_allowed")) == {"error", "message"}
    assert httpx.get(f"{api.url}/agent/threads").status_code == 200, "reading needs no token on one's own machine"


def test_a_look_by_a_token_goes_on_record(api: Served) -> None:
    told = api.start("one")
    for _ in range(2):
        whole = api.http.get(f"/agent/threads/{told['thread_id']}").json()
    looks = [each for each in whole["history"] if each["what"] == "looked at the question"]
    assert [each["who"] for each in looks] == ["program"]


def test_the_description_and_no_page_from_elsewhere(api: Served) -> None:
    described = httpx.get(f"{api.url}/agent/openapi.json").json()
    assert set(described["paths"]) == {
        "/agent/start",
        "/agent/resume/{thread_id}",
        "/agent/threads",
        "/agent/threads/{thread_id}",
        "/agent/threads/{thread_id}/events",
    }
    for path in ("/docs", "/redoc", "/agent/docs"):
        assert httpx.get(f"{api.url}{path}").status_code == 404


def test_a_list_in_pages(api: Served) -> None:
    ids = {api.start("one")["thread_id"] for _ in range(3)}
    found: list[str] = []
    cursor: str | None = None
    while True:
        params = {"status": "awaiting_human", "graph": "one", "limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = api.http.get("/agent/threads", params=params).json()
        Page.model_validate(page)
        assert len(page["threads"]) <= 2
        found += [each["thread_id"] for each in page["threads"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(found) == len(set(found))
    assert ids <= set(found)
    half = urlsafe_b64encode(b'["\\ud800", "checkpoints"]').decode()
    for wrong in ("x", half):
        refused(api.http.get("/agent/threads", params={"cursor": wrong}), 422, "invalid")
