"""The shapes of the answers, for the description at /agent/openapi.json; the tests hold real answers against them."""

from __future__ import annotations

from typing import Any, TypeAlias

from pydantic import BaseModel, Field

from agents.api.standing import Status


class Question(BaseModel):
    """pause_key names it in an answer, seen its text; labels: what each decision would do."""

    pause_key: str
    interrupt_id: str | None
    status: str
    kind: str
    title: str
    gist: str
    question: str
    allowed: list[str]
    labels: dict[str, str]
    reversible: bool
    warnings: list[str]
    paused_at: str
    seen: str
    note: str | None
    situation: str | None
    repairs: list[str]


class Asked(Question):
    """value: the payload, as the graph asked it."""

    value: Any


class Stands(BaseModel):
    """question: the payload of the first question, while one waits. result: the graph's state, once it has ended."""

    thread_id: str
    status: Status
    source_id: str
    graph_id: str | None
    title: str
    questions: list[Asked]
    question: Any = None
    result: Any = None
    closed: dict[str, Any] | None = None
    error: str | None = None
    note: str | None = None
    problem: str | None = None


class Decided(Stands):
    """problem: why the answer did not hold, where the graph refused it."""

    decision_id: str


class Told(Stands):
    """started_by and what follows: only of a thread that this desk knows."""

    state: dict[str, Any]
    started_by: str | None = None
    started_at: str | None = None
    input: Any = None
    history: list[dict[str, Any]] = Field(default_factory=list)
    decisions: list[dict[str, Any]] = Field(default_factory=list)
    effects: list[dict[str, Any]] = Field(default_factory=list)
    progress: list[str] = Field(default_factory=list)


class Line(BaseModel):
    thread_id: str
    source_id: str
    status: Status
    graph_id: str | None
    title: str
    error: str | None
    kinds: list[str]
    questions: list[Question]


class Page(BaseModel):
    """next_cursor: of the page that follows, null after the last; a page may hold fewer threads than its limit."""

    threads: list[Line]
    next_cursor: str | None
    notes: list[str]


class Problem(BaseModel):
    """error: a code for programs. message: a sentence. field: what is at fault. decided_by and so on: who was first."""

    error: str
    message: str
    field: str | None = None
    decided_by: str | None = None
    decided_at: str | None = None
    questions: list[Asked] | None = None


Described: TypeAlias = dict[int | str, dict[str, Any]]


def _refused(*codes: int) -> Described:
    return {code: {"model": Problem, "description": DESCRIPTIONS[code]} for code in codes}


DESCRIPTIONS = {
    202: "Recorded; a second person must agree before it is sent",
    401: "No token, or one that holds no more",
    403: "The token or its role does not reach that far, or a page of another origin asks",
    404: "No such thread or graph",
    409: "Already decided, and by whom; the id exists; several questions wait; or it is being worked on",
    410: "It waits no longer",
    412: "The question changed since it was seen",
    413: "The body is too large",
    415: "The body is not application/json",
    421: "This desk does not answer to that Host",
    422: "The field at fault is named",
    503: "The database or the disk is not there; Retry-After says when to try again",
}
REFUSED = _refused(401, 403, 421, 422, 503)
STARTED = {200: {"model": Stands}, **_refused(404, 409, 413, 415)}
ANSWERED = {200: {"model": Decided}, **_refused(202, 404, 409, 410, 412, 413, 415)}
CLOSED = {200: {"model": Decided}, **_refused(202, 404, 409, 410, 413, 415)}
LISTED: Described = {200: {"model": Page}}
TOLD = {200: {"model": Told}, **_refused(404)}
STREAMED: Described = {
    200: {"content": {"text/event-stream": {}}, "description": "Server-sent events"},
    204: {"description": "The thread has ended, and all of it was told"},
    **_refused(404),
}
