"""A client as people write it from the lesson: two routes, their bodies, and what they answer. It knows nothing else of Signoff.

The token is the one thing that the lesson does not have; it is a header of the session.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass
class LessonClient:
    """POST /agent/start {input} and POST /agent/resume/{thread_id} {"response": ...}, until the status is complete."""

    url: str
    token: str

    def start(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return self._post("/agent/start", given)

    def resume(self, thread_id: str, response: Any) -> dict[str, Any]:
        return self._post(f"/agent/resume/{thread_id}", {"response": response})

    def run(self, given: Mapping[str, Any], answer: Callable[[Any], Any]) -> dict[str, Any]:
        """From the start to the end; `answer` is asked each question."""
        told = self.start(given)
        while told["status"] == "awaiting_human":
            told = self.resume(told["thread_id"], answer(told["question"]))
        return told

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = httpx.post(
            self.url + path, json=dict(body), headers={"Authorization": f"Bearer {self.token}"}, timeout=60
        )
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told
