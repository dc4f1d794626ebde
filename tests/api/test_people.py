"""With accounts on: reading needs a token too, a second person is waited for, and what somebody has taken on is theirs."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from agents import claims
from agents.database import reading
from agents.people import tokens
from tests.served import Served, secret_of, served

RULES = """
[people."ann@example.org"]
role = "lead"
[people."ben@example.org"]
role = "reviewer"
[people."vic@example.org"]
role = "viewer"
[people.program]
role = "reviewer"
[graphs.one]
four_eyes = true
[graphs.two]
four_eyes = "blind"
"""


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("people")
    (home / "rules.toml").write_text(RULES)
    with served(home, accounts="proxy", proxy_secret="0123456789abcdef", rules=home / "rules.toml") as running:
        yield running


def of(api: Served, name: str, *scopes: str) -> httpx.Client:
    secret = secret_of(api.desk, name, scopes or ("read", "start", "decide"))
    return httpx.Client(base_url=api.url, headers={"Authorization": f"Bearer {secret}"}, timeout=60)


def test_reading_needs_a_token_that_may_read(api: Served) -> None:
    told = api.start("typed")
    for path in ("/agent/threads", f"/agent/threads/{told['thread_id']}", f"/agent/threads/{told['thread_id']}/events"):
        assert httpx.get(f"{api.url}{path}").status_code == 401
        with of(api, "ann@example.org", "decide") as http:
            assert http.get(path).status_code == 403
    with of(api, "vic@example.org", "read") as viewer:
        assert viewer.get("/agent/threads").status_code == 200
        answer = viewer.post(f"/agent/resume/{told['thread_id']}", json={"response": {"amount": 1}})
        assert (answer.status_code, answer.json()["error"]) == (403, "not_allowed")


def test_two_must_agree(api: Served) -> None:
    told = api.start("one")
    path, body = f"/agent/resume/{told['thread_id']}", {"response": "yes"}
    with of(api, "ann@example.org") as ann, of(api, "ben@example.org") as ben:
        first = ann.post(path, json=body, headers={"Idempotency-Key": "a"})
        assert (first.status_code, first.json()["error"]) == (202, "second_needed")
        assert ann.post(path, json=body, headers={"Idempotency-Key": "a"}).content == first.content
        assert ann.post(path, json=body).status_code == 202, "one person in two requests is one person"
        second = ben.post(path, json=body)
        assert (second.status_code, second.json()["status"]) == (200, "complete")


def test_a_blind_answer_is_not_told(api: Served) -> None:
    told = api.start("two")
    key = told["questions"][0]["pause_key"]
    with of(api, "ann@example.org") as ann, of(api, "ben@example.org") as ben:
        body = {"pause_key": key, "value": "no", "message": "too dear"}
        assert ann.post(f"/agent/resume/{told['thread_id']}", json=body).status_code == 202
        whole = ben.get(f"/agent/threads/{told['thread_id']}")
        with ben.stream("GET", f"/agent/threads/{told['thread_id']}/events") as answer:
            lines = ""
            for line in answer.iter_lines():
                lines += line
                if "event: status" in lines:
                    break
    for text in (whole.text, lines):
        assert "ann@example.org" in text
        assert "too dear" not in text
        assert '"no"' not in text.replace('"options":["yes","no"]', "")


def test_what_somebody_has_taken_on(api: Served) -> None:
    told = api.start("typed")
    key = told["questions"][0]["pause_key"]
    with reading(api.desk.engine) as connection:
        ann = tokens.actor_of(connection, api.desk, secret_of(api.desk, "ann@example.org"))
    claims.claim(api.desk, told["thread_id"], key, actor=ann)
    with of(api, "ben@example.org") as ben:
        answer = ben.post(f"/agent/resume/{told['thread_id']}", json={"pause_key": key, "value": {"amount": 1}})
        assert (answer.status_code, answer.json()["error"], answer.json()["holder"]) == (
            409,
            "claimed",
            "ann@example.org",
        )


def test_a_token_that_was_revoked(api: Served) -> None:
    with of(api, "ann@example.org") as ann:
        assert ann.get("/agent/threads").status_code == 200
        told = api.start("typed")
        with ann.stream("GET", f"/agent/threads/{told['thread_id']}/events") as answer:
            lines = answer.iter_lines()
            assert next(line for line in lines if line.startswith("event: status"))
            tokens.revoke(api.desk, "ann@example.org", actor="system:tests")
            assert api.resume(told["thread_id"], response={"amount": 1}).status_code == 200
            rest = "".join(lines)
        assert "event: error" in rest
        assert "delivered" not in rest, "what happens after that is not told"
        assert ann.get("/agent/threads").status_code == 401
