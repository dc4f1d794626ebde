"""A request that is sent again under its key acts once: at once, after a restart, after a crash in the middle."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from agents import history
from agents.api import acts
from agents.api.bodies import Start
from agents.api.errors import Refusal
from agents.api.idempotency import KEPT, Held, request_hash, take
from agents.database import decision, idempotency, reading, writing
from agents.database import thread as threads
from agents.people import tokens
from tests.served import Served, secret_of, served


def post(api: Served, path: str, key: str, body: dict[str, Any], wait: float | None = None) -> httpx.Response:
    params = {} if wait is None else {"wait": wait}
    return api.http.post(path, json=body, headers={"Idempotency-Key": key}, params=params)


def beginning(api: Served, **more: Any) -> dict[str, Any]:
    return {"graph_id": "one", "input": {"log": str(api.home / "log.txt")}, **more}


def count(api: Served, table: Any) -> int:
    with reading(api.desk.engine) as connection:
        return len(connection.execute(select(table)).all())


def test_a_start_that_is_sent_again_is_answered_the_same(api: Served) -> None:
    first = post(api, "/agent/start", "a", beginning(api), wait=20)
    before = count(api, threads)
    again = post(api, "/agent/start", "a", beginning(api), wait=20)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (None, "true")
    assert count(api, threads) == before


def test_another_request_under_the_same_key(api: Served) -> None:
    assert post(api, "/agent/start", "b", beginning(api)).status_code == 200
    other = post(api, "/agent/start", "b", beginning(api, thread_id="another"))
    assert (other.status_code, other.json()["error"], other.json()["field"]) == (422, "key_reused", "Idempotency-Key")
    assert post(api, "/agent/start", "b", beginning(api), wait=0).status_code == 422, "the address counts, too"


@pytest.mark.parametrize("key", ["", "x" * 256, "a\x7fb"])
def test_what_is_no_key(api: Served, key: str) -> None:
    assert post(api, "/agent/start", key, beginning(api)).json()["field"] == "Idempotency-Key"


def test_a_key_is_its_tokens_own(api: Served) -> None:
    mine = post(api, "/agent/start", "c", beginning(api)).json()
    theirs = httpx.post(
        f"{api.url}/agent/start",
        json=beginning(api),
        headers={"Idempotency-Key": "c", "Authorization": f"Bearer {secret_of(api.desk, 'other')}"},
    ).json()
    assert mine["thread_id"] != theirs["thread_id"]


def test_an_answer_that_is_sent_again(api: Served) -> None:
    told = api.start("one")
    path, body = f"/agent/resume/{told['thread_id']}", {"response": "yes"}
    first = post(api, path, "d", body)
    again = post(api, path, "d", body)
    assert first.json()["status"] == "complete"
    assert again.content == first.content
    assert len(history.story(api.desk, told["thread_id"]).decisions) == 1


def test_a_refusal_keeps_no_key(api: Served) -> None:
    told = api.start("one")
    path = f"/agent/resume/{told['thread_id']}"
    assert post(api, path, "e", {"response": "perhaps"}).status_code == 422
    assert post(api, path, "e", {"response": "yes"}).json()["status"] == "complete"


def test_the_first_is_still_at_work(api: Served) -> None:
    """It waits for its run; the second is told so at once."""
    (api.home / "log.txt.thought").unlink(missing_ok=True)
    told = api.start("thinking")
    path, body = f"/agent/resume/{told['thread_id']}", {"response": "yes"}
    answers: list[httpx.Response] = []
    first = threading.Thread(target=lambda: answers.append(post(api, path, "f", body, wait=30)))
    first.start()
    while not (api.home / "log.txt").read_text().endswith("thinks about yes\n"):
        pass
    second = post(api, path, "f", body, wait=30)
    assert (second.status_code, second.json()["error"], second.headers["retry-after"]) == (409, "at_work", "1")
    (api.home / "log.txt.thought").touch()
    first.join(30)
    assert answers[0].json()["status"] == "complete"
    assert post(api, path, "f", body, wait=30).content == answers[0].content


def crashed(api: Served, key: str, **made: str) -> None:
    """As if the process had been killed after the act and before its answer was kept, and the lease had run out."""
    gone = {"code": None, "answer": made, "lease_until": 0.0}
    with writing(api.desk.engine) as connection:
        connection.execute(update(idempotency).where(idempotency.c.key == key).values(**gone))


def test_a_crash_between_the_act_and_its_answer(api: Served) -> None:
    first = post(api, "/agent/start", "g", beginning(api), wait=20).json()
    crashed(api, "g", thread_id=first["thread_id"])
    before = count(api, threads)
    assert post(api, "/agent/start", "g", beginning(api), wait=20).json()["thread_id"] == first["thread_id"]
    assert count(api, threads) == before
    path, body = f"/agent/resume/{first['thread_id']}", {"response": "yes"}
    decided = post(api, path, "h", body).json()
    crashed(api, "h", decision_id=decided["decision_id"])
    before = count(api, decision)
    again = post(api, path, "h", body)
    assert (again.status_code, again.json()["status"]) == (200, "complete")
    assert count(api, decision) == before


def test_a_crash_before_the_act(api: Served) -> None:
    """A key without an act behind it waits for its lease to run out, and is then taken."""
    body = beginning(api, thread_id="only-once")
    with reading(api.desk.engine) as connection:
        token_id = tokens.actor_of(connection, api.desk, api.token).login
    hashed = request_hash("POST", "/agent/start", "", body)
    take(api.desk, str(token_id), "i", hashed, "somebody who died")
    assert post(api, "/agent/start", "i", body).json()["error"] == "at_work"
    with writing(api.desk.engine) as connection:
        connection.execute(update(idempotency).where(idempotency.c.key == "i").values(lease_until=0.0))
    assert post(api, "/agent/start", "i", body).json()["thread_id"] == "only-once"


def test_what_an_act_made_is_noted_in_its_own_transaction(api: Served) -> None:
    """Whoever has lost the key meanwhile makes nothing: thread and note stand or fall together."""
    with reading(api.desk.engine) as connection:
        caller = tokens.actor_of(connection, api.desk, api.token)
    held = take(api.desk, str(caller.login), "j", "hash", "me")
    assert isinstance(held, Held)
    lost = replace(held, owner="somebody else")
    before = count(api, threads)
    with pytest.raises(Refusal):
        acts.start(api.desk, caller, Start.model_validate(beginning(api)), lost)
    assert count(api, threads) == before
    source_id, thread_id = acts.start(api.desk, caller, Start.model_validate(beginning(api)), held)
    with reading(api.desk.engine) as connection:
        row = connection.execute(select(idempotency).where(idempotency.c.key == "j")).mappings().one()
    assert (row["code"], row["answer"]) == (None, {"thread_id": thread_id})
    assert source_id == api.desk.sources[0].source_id


def test_a_key_outlives_a_restart_and_ends_after_a_week(tmp_path: Path) -> None:
    with served(tmp_path) as api:
        first = post(api, "/agent/start", "k", beginning(api), wait=20)
        token = api.token
    with served(tmp_path) as api:
        api.http.headers["authorization"] = f"Bearer {token}"
        assert post(api, "/agent/start", "k", beginning(api), wait=20).content == first.content
        with writing(api.desk.engine) as connection:
            old = (api.desk.clock() - KEPT - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            connection.execute(update(idempotency).values(created_at=old))
        assert post(api, "/agent/start", "k", beginning(api)).json()["thread_id"] != first.json()["thread_id"]
