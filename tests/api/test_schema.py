"""2,000 requests that schemathesis makes from the API's own description, fitting it and not: no server error, each refusal in its shape."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from agents.api.described import Problem
from tests.served import Served, served

CASES = 2000
ORDER = ("get", "post", "delete")
"""First those that read, while there are few threads; at last those that close them."""
GRAPHS = ("one", "two", "typed", "twice", "fenced", "plan_approval", "email_approval", "batch_sampling", "demo_request")


class Sender:
    """Sends cases; half of them with ids that exist, so that they come further than to a 404."""

    def __init__(self, api: Served, session: Any) -> None:
        self.api = api
        self.codes: Counter[tuple[str, int]] = Counter()
        self.chance = random.Random(7)
        self.known = [api.start(graph_id) for graph_id in ("one", "two", "typed", "twice", "fenced")]
        self.session = session
        self.headers = {"Authorization": f"Bearer {api.token}"}

    def send(self, case: Any) -> None:
        if self.chance.random() < 0.5:
            self._with_what_exists(case)
        if case.method != "GET" and isinstance(case.query, dict) and isinstance(case.query.get("wait"), float | None):
            case.query["wait"] = 0.1 if self.chance.random() < 0.1 else 0  # the short forms would wait for each run
        sent = case.as_transport_kwargs(base_url=self.api.url, headers=dict(self.headers))
        with self.session.request(**sent, stream=True, timeout=30, allow_redirects=False) as answer:
            self.codes[case.operation.label, answer.status_code] += 1
            assert answer.status_code < 500, f"{case.as_curl_command()}\n{answer.text}"
            if answer.status_code >= 400:
                Problem.model_validate(answer.json(), strict=True)

    def _with_what_exists(self, case: Any) -> None:
        thread = self.chance.choice(self.known)
        for name in ("source", "cursor"):
            if isinstance(case.query, dict):
                case.query.pop(name, None)
        if isinstance(case.path_parameters, dict) and "thread_id" in case.path_parameters:
            case.path_parameters["thread_id"] = thread["thread_id"]
        if not isinstance(case.body, dict):
            return
        exists = {
            "graph_id": self.chance.choice(GRAPHS),
            "deadline": self.chance.choice((None, "4h")),
            "thread_id": None,
            "pause_key": thread["questions"][0]["pause_key"],
            "seen": None,
            "response": self.chance.choice(("yes", "no", case.body.get("response"))),
            "value": self.chance.choice(("yes", {"amount": 3}, case.body.get("value"))),
        }
        case.body.update({name: value for name, value in exists.items() if name in case.body})


# The desk works in other threads of this process, and some of what it uses draws random numbers.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module:hypothesis.errors.HypothesisDeprecationWarning")
@pytest.mark.slow
@pytest.mark.timeout(600)  # 2,000 requests beside whatever else the machine does
def test_no_server_error(tmp_path: Path) -> None:
    import requests
    import schemathesis  # a second and more, which no other test should pay for
    from schemathesis import GenerationMode

    with served(tmp_path, default_graph="one") as api, requests.Session() as session:
        sender = Sender(api, session)
        schema = schemathesis.openapi.from_dict(api.http.get("/agent/openapi.json").json())
        operations = sorted(
            (each.ok() for each in schema.get_all_operations()), key=lambda each: ORDER.index(each.method)
        )
        assert len(operations) == 6
        for operation in operations:
            for mode in GenerationMode:
                drive(operation, mode, sender, CASES // len(operations) // len(GenerationMode) + 1)
    assert sum(sender.codes.values()) >= CASES
    acts = [label for label, code in sender.codes if code == 200]
    assert sorted(acts) == sorted(each.label for each in operations), f"some were refused each time: {sender.codes}"


def drive(operation: Any, mode: Any, sender: Sender, examples: int) -> None:
    from hypothesis import HealthCheck, given, settings

    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def each(case: Any) -> None:
        sender.send(case)

    each()
