"""/healthz, /readyz and /metrics: what machines are told, and what strangers are not."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from agents import decisions, metrics
from agents.api.watching import Counted, watching_routes
from agents.clock import utc_now
from agents.desk import Desk
from agents.domain import DecisionType, Said
from agents.people import tokens
from agents.runs import Worker
from tests.accounts import accounts_desk, at
from tests.desks import desk_in, paused, work

STRANGER = ("203.0.113.9", 40000)
NEAR = ("127.0.0.1", 40000)


def client(desk: Desk, *, worker: bool = False, come_from: tuple[str, int] = NEAR) -> TestClient:
    routes = watching_routes(lambda: desk, worker=lambda: worker)
    return TestClient(Starlette(routes=routes, middleware=[Middleware(Counted)]), client=come_from)


@pytest.fixture
def desk(home: Path) -> Iterator[Desk]:
    opened = desk_in(home)
    yield opened
    opened.close()


def numbers(http: TestClient, **headers: str) -> dict[tuple[str, ...], float]:
    answer = http.get("/metrics", headers=headers)
    assert answer.status_code == 200, answer.text
    families = text_string_to_metric_families(answer.text)
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


def parts(http: TestClient) -> tuple[int, dict[str, Any]]:
    answer = http.get("/readyz")
    return answer.status_code, answer.json()["parts"]


def test_alive_asks_nothing_of_the_desk() -> None:
    def no_desk() -> Desk:
        raise AssertionError("nothing may be asked")

    http = TestClient(Starlette(routes=watching_routes(no_desk, worker=lambda: True)))
    assert http.get("/healthz").json() == {"status": "ok"}


def test_ready_when_everything_can_be_used(desk: Desk, home: Path) -> None:
    code, found = parts(client(desk))
    assert (code, found["checkpointer"]["text"]) == (200, "No agent has saved anything in it yet.")
    paused(desk, "one", home)
    code, found = parts(client(desk))
    assert code == 200
    assert set(found) == {"database", "checkpointer"}


def test_a_database_that_is_locked_is_not_ready(desk: Desk) -> None:
    with closing(sqlite3.connect(desk.settings.database_path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        code, found = parts(client(desk))
        other.execute("ROLLBACK")
    assert (code, found["database"]) == (503, {"ok": False, "text": "It is locked."})


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_folder_that_cannot_be_written_is_not_ready(desk: Desk, home: Path) -> None:
    desk.settings.database_path.chmod(0o400)
    code, found = parts(client(desk))
    assert (code, found["database"]["text"]) == (503, "It cannot be written.")


def test_a_database_that_is_gone_is_not_ready(desk: Desk) -> None:
    desk.settings.database_path.unlink()
    code, found = parts(client(desk))
    assert (code, found["database"]["ok"]) == (503, False)


def test_a_checkpointer_that_cannot_be_read_is_named_by_its_place_and_nothing_else(home: Path) -> None:
    bad = home / "bad.sqlite"
    bad.write_bytes(b"not a database at all" * 100)
    desk = desk_in(home, checkpoints=f"{home / 'good.sqlite'}{os.pathsep}{bad}")
    answer = client(desk, come_from=STRANGER).get("/readyz")
    assert answer.status_code == 503
    told = answer.json()
    assert told["status"] == "not ready"
    assert [name for name, part in told["parts"].items() if not part["ok"]] == ["checkpointer 2"]
    assert str(home) not in answer.text
    assert "bad" not in answer.text
    desk.close()


def test_a_worker_that_is_meant_to_run_must_live(desk: Desk) -> None:
    assert parts(client(desk, worker=True))[0] == 503
    worker = Worker(desk, threads=1)
    worker.start()
    code, found = parts(client(desk, worker=True))
    worker.stop()
    assert (code, found["worker"]["text"]) == (200, "It is alive.")
    assert parts(client(desk, worker=True))[1]["worker"]["ok"] is False


def test_readiness_is_not_looked_at_with_every_request(desk: Desk) -> None:
    http = client(desk)
    assert http.get("/readyz").status_code == 200
    desk.settings.database_path.unlink()
    assert http.get("/readyz").status_code == 200  # kept for a second
    assert client(desk).get("/readyz").status_code == 503


def test_the_numbers_are_those_of_the_desk(home: Path) -> None:
    desk = desk_in(home, lambda: utc_now() + timedelta(hours=1))
    thread_id, pause = paused(desk, "one", home)
    paused(desk, "one", home)
    said = Said(DecisionType.RESPOND, message="yes")
    decisions.decide(desk, thread_id, pause.pause_key, said, actor="ann", wait_for_undo=False)
    work(desk)
    found = numbers(client(desk))
    assert {key[1]: number for key, number in found.items() if key[0] == "signoff_waiting" and number} == {"generic": 1}
    assert 3590 < found["signoff_oldest_waiting_seconds",] < 3700
    assert found["signoff_jobs", "start", "done"] == 2
    assert found["signoff_jobs", "resume", "done"] == 1
    assert found["signoff_run_seconds_count", "start"] == 2
    assert found["signoff_run_seconds_sum", "start"] > 0
    assert found["signoff_run_seconds_bucket", "start", "+Inf"] == 2
    assert found["signoff_decisions_total", "delivered", "respond"] == 1
    assert found["signoff_workers_alive",] == 0
    assert found["signoff_record_events_total",] > 5
    desk.close()


def test_several_desks_and_reruns_count_in_one_registry(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    desks = [desk_in(home), desk_in(other)]
    counted = ("signoff_http_requests_total", "healthz", "200", "GET")
    before = numbers(client(desks[0])).get(counted, 0)
    for desk in desks:
        client(desk).get("/healthz")
    assert numbers(client(desks[1]))[counted] == before + 2
    for desk in desks:
        desk.close()


def test_requests_are_counted_by_their_part_of_the_desk_and_never_by_their_address(desk: Desk) -> None:
    http = client(desk)
    http.get("/agent/threads/a-secret-thread")
    http.request("BREW", "/review", params={"thread": "a-secret-thread"})
    told = http.get("/metrics").text
    assert 'signoff_http_requests_total{area="api",code="404",method="GET"}' in told
    assert 'area="pages",code="404",method="other"' in told
    assert "a-secret-thread" not in told


def test_without_the_package_a_sentence_says_what_to_install(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    answer = client(desk).get("/metrics")
    assert (answer.status_code, answer.json()["message"]) == (501, metrics.MISSING)


def test_in_local_mode_another_machine_needs_a_token(desk: Desk) -> None:
    far = client(desk, come_from=STRANGER)
    assert far.get("/metrics").status_code == 401
    assert client(desk).get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 401
    token = tokens.create(desk, "prometheus", ("read",), actor="ann")[1]
    assert far.get("/metrics", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_with_accounts_a_token_that_may_read_is_needed(home: Path) -> None:
    desk = accounts_desk(home)
    near = client(desk)
    assert near.get("/metrics").status_code == 401
    started = tokens.create(desk, "starter", ("start",), actor=at(desk, "ada"))[1]
    assert near.get("/metrics", headers={"Authorization": f"Bearer {started}"}).status_code == 403
    reading = tokens.create(desk, "prometheus", ("read",), actor=at(desk, "ada"))[1]
    assert near.get("/metrics", headers={"Authorization": f"Bearer {reading}"}).status_code == 200
    assert near.get("/metrics", headers={"Authorization": "Basic x"}).status_code == 401
    assert near.get("/healthz").status_code == near.get("/readyz").status_code == 200
    desk.close()
