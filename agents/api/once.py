"""Doing a request once: under its Idempotency-Key, where it has one."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from agents.api import idempotency
from agents.api.answers import Answer, plain
from agents.api.errors import refusal_of
from agents.api.idempotency import LEASE, REPLAYED, Answered, Held
from agents.api.offloading import acting
from agents.desk import Desk
from agents.domain import JSON, Actor
from agents.errors import SignoffError

RECORDED = 202
"""The one refusal after which something is kept: an opinion, which waits for a second person."""


class Done(NamedTuple):
    """What to answer."""

    code: int
    content: JSON


Act = Callable[[Held | None], Awaitable[Done]]


async def once(desk: Desk, caller: Actor, request: Request, key: str | None, act: Act) -> Response:
    """Do it, or answer what was answered before under the same key. Raises Refusal, or what `act` raises."""
    if key is None:
        done = await act(None)
        return Answer(done.content, done.code)
    idempotency.check_key(key)
    hashed = idempotency.request_hash(
        request.method, request.url.path, request.url.query, json.loads(await request.body() or b"null")
    )
    taken = await acting(idempotency.take, desk, str(caller.login), key, hashed, uuid.uuid4().hex)
    if isinstance(taken, Answered):
        return Answer(taken.content, taken.code, {REPLAYED: "true"})
    done = await _kept(desk, taken, act)
    return Answer(done.content, done.code)


async def _kept(desk: Desk, held: Held, act: Act) -> Done:
    """Do it and keep the answer, or let the key go where nothing was done."""
    try:
        async with _renewed(desk, held):
            done = await act(held)
    except Exception as error:  # noqa: BLE001 - logged there; raised again in the shape of an answer
        refused = refusal_of(error)
        if refused.code == RECORDED:
            await acting(idempotency.keep, desk, held, refused.code, refused.body)
        else:
            with suppress(SignoffError):  # it runs out by itself
                await acting(idempotency.let_go, desk, held)
        raise refused from None
    content = plain(done.content)
    with suppress(SignoffError):  # it is done, and noted: whoever sends the key again is told from there
        await acting(idempotency.keep, desk, held, done.code, content)
    return Done(done.code, content)


@asynccontextmanager
async def _renewed(desk: Desk, held: Held) -> AsyncIterator[None]:
    """Keep the key's lease while the request is at work."""

    async def renewing() -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            with suppress(SignoffError):
                await acting(idempotency.renew, desk, held)

    task = asyncio.create_task(renewing())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
