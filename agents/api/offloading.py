"""Blocking work in threads: few for acts, which queue for the database anyway, and others for reads, so that neither stops the other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import anyio
import anyio.to_thread
from anyio.lowlevel import RunVar

T = TypeVar("T")
READS, ACTS = 4, 6
_reads: RunVar[anyio.CapacityLimiter] = RunVar("signoff-reads")
_acts: RunVar[anyio.CapacityLimiter] = RunVar("signoff-acts")


async def reading(call: Callable[..., T], *args: Any, **named: Any) -> T:
    """Run it in one of the threads that read."""
    return await anyio.to_thread.run_sync(partial(call, *args, **named), limiter=_limiter(_reads, READS))


async def acting(call: Callable[..., T], *args: Any, **named: Any) -> T:
    """Run it in one of the threads that change something; a caller who goes away does not stop it half way."""
    return await anyio.to_thread.run_sync(partial(call, *args, **named), limiter=_limiter(_acts, ACTS))


def _limiter(kept: RunVar[anyio.CapacityLimiter], threads: int) -> anyio.CapacityLimiter:
    """One for each event loop."""
    try:
        return kept.get()
    except LookupError:
        made = anyio.CapacityLimiter(threads)
        kept.set(made)
        return made
