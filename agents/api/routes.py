"""The routes. Each reads its caller, makes one call of the desk in a thread, and answers where the thread stands."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, Body, Header, Path, Query, Request
from fastapi.routing import APIRoute
from pydantic import BeforeValidator
from starlette.responses import Response as HTTPResponse
from starlette.responses import StreamingResponse

from agents.api import acts, callers, details, events, listing
from agents.api.answers import Answer
from agents.api.bodies import Close, Response, ResumeBody, Start, StartBody
from agents.api.described import ANSWERED, CLOSED, LISTED, REFUSED, STARTED, STREAMED, TOLD
from agents.api.idempotency import HEADER, Held
from agents.api.listing import LIMIT_MOST, Filters
from agents.api.offloading import acting, reading
from agents.api.once import Done, once
from agents.api.standing import Standing, Status, as_json
from agents.api.watch import Watch
from agents.database import reading as rows
from agents.decisions import Decision, get
from agents.desk import Desk
from agents.domain import DecisionStatus, Kind

SHORT_SECONDS, WAIT_MOST = 30.0, 300.0
"""How long the lesson's short forms wait where nothing is said, and the longest that anything waits."""

ThreadId = Annotated[
    str, BeforeValidator(unquote), Path(min_length=1, description="The thread's id; a slash in it is written %2F.")
]
Wait = Annotated[
    float | None, Query(ge=0, le=WAIT_MOST, description="Answer once it runs no more, or after so many seconds.")
]
Source = Annotated[
    str | None, Query(max_length=500, description="The checkpointer file, where several hold the thread.")
]
Key = Annotated[
    str | None, Header(alias=HEADER, description="Sent again, the request acts once and is answered the same.")
]


def make_router(desk_of: Callable[[], Desk], watch: Watch, route_class: type[APIRoute]) -> APIRouter:
    """The routes over a desk, which is asked for anew with every request."""
    router = APIRouter(prefix="/agent", responses=REFUSED, route_class=route_class)
    _acts(router, desk_of, watch)
    _reads(router, desk_of, watch)
    return router


def _acts(router: APIRouter, desk_of: Callable[[], Desk], watch: Watch) -> None:
    @router.post("/start", responses=STARTED, summary="Start a thread")
    async def start(
        request: Request, body: Annotated[StartBody, Body()], wait: Wait = None, key: Key = None
    ) -> HTTPResponse:
        desk = desk_of()
        caller = await reading(callers.writer, desk, request)

        async def act(held: Held | None) -> Done:
            about = await acting(acts.start, desk, caller, body, held)
            seconds = wait if wait is not None else 0.0 if isinstance(body, Start) else SHORT_SECONDS
            return Done(200, as_json(await watch.settled(about, seconds)))

        return await once(desk, caller, request, key, act)

    @router.post("/resume/{thread_id}", responses=ANSWERED, summary="Answer a question")
    async def resume(
        request: Request,
        thread_id: ThreadId,
        body: Annotated[ResumeBody, Body()],
        wait: Wait = None,
        source: Source = None,
        key: Key = None,
    ) -> HTTPResponse:
        desk = desk_of()
        caller = await reading(callers.writer, desk, request)

        async def act(held: Held | None) -> Done:
            about = (await reading(desk.source_of, thread_id, source), thread_id)
            made = await acting(acts.resume, desk, caller, about, body, held)
            seconds = wait if wait is not None else SHORT_SECONDS if isinstance(body, Response) else 0.0
            return await _became(desk, watch, made, seconds)

        return await once(desk, caller, request, key, act)

    @router.delete("/threads/{thread_id}", responses=CLOSED, summary="Close a thread with a reason")
    async def close(
        request: Request,
        thread_id: ThreadId,
        body: Annotated[Close, Body()],
        wait: Wait = None,
        source: Source = None,
        key: Key = None,
    ) -> HTTPResponse:
        desk = desk_of()
        caller = await reading(callers.writer, desk, request)

        async def act(held: Held | None) -> Done:
            about = (await reading(desk.source_of, thread_id, source), thread_id)
            made = await acting(acts.close, desk, caller, about, body.reason, held)
            return await _became(desk, watch, made, wait or 0.0)

        return await once(desk, caller, request, key, act)


def _reads(router: APIRouter, desk_of: Callable[[], Desk], watch: Watch) -> None:
    @router.get("/threads", responses=LISTED, summary="Threads, page by page")
    async def threads(
        request: Request,
        status: Annotated[list[Status], Query(default_factory=list)],
        graph: Annotated[list[str], Query(default_factory=list, description="Graph ids; unknown: of no known graph.")],
        kind: Annotated[list[Kind], Query(default_factory=list, description="Kinds of what waits.")],
        source: Source = None,
        cursor: Annotated[str | None, Query(max_length=2000, description="next_cursor of the page before.")] = None,
        limit: Annotated[int, Query(ge=1, le=LIMIT_MOST)] = 50,
    ) -> HTTPResponse:
        desk = desk_of()
        await reading(callers.reader, desk, request)
        filters = Filters(frozenset(status), frozenset(graph), frozenset(each.value for each in kind), source)
        return Answer(await reading(listing.page, desk, filters, cursor, limit))

    @router.get("/threads/{thread_id}", responses=TOLD, summary="One thread: state, questions, history")
    async def thread(request: Request, thread_id: ThreadId, source: Source = None) -> HTTPResponse:
        desk = desk_of()
        caller = await reading(callers.reader, desk, request)
        source_id = await reading(desk.source_of, thread_id, source)
        return Answer(await reading(details.detail, desk, thread_id, source_id, caller))

    @router.get("/threads/{thread_id}/events", responses=STREAMED, summary="A thread's events as they happen")
    async def events_of(
        request: Request,
        thread_id: ThreadId,
        source: Source = None,
        last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", max_length=100)] = None,
    ) -> HTTPResponse:
        desk = desk_of()
        await reading(callers.reader, desk, request)
        mark = events.read_mark(last_event_id)
        about = (await reading(desk.source_of, thread_id, source), thread_id)
        if await reading(events.ended, desk, about, mark):
            return HTTPResponse(status_code=204)  # which tells a browser not to come back
        told = events.stream(desk_of, watch, about, mark, permit=partial(callers.reader, desk, request))
        return StreamingResponse(told, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _became(desk: Desk, watch: Watch, made: Decision, seconds: float) -> Done:
    """Where the thread stands after this decision, and why it did not hold, where it did not."""
    found: Standing = await watch.settled((made.source_id, made.thread_id), seconds)
    told: dict[str, Any] = {**as_json(found), "decision_id": made.decision_id}
    now = await reading(_decision, desk, made.decision_id)
    if now is not None and now.status in (DecisionStatus.REFUSED, DecisionStatus.SUPERSEDED):
        told["problem"] = now.reason
    return Done(200, told)


def _decision(desk: Desk, decision_id: str) -> Decision | None:
    with rows(desk.engine) as connection:
        return get(connection, decision_id)
