"""A reverse proxy on loopback that has signed somebody in: it takes their headers out of a request and puts its own in."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

from tests.desk_process import free_port


@contextmanager
def proxy(target: int, headers: Mapping[str, str]) -> Iterator[str]:
    """Its address. target: the desk's port; headers: what every request gets."""
    port, ready = free_port(), threading.Event()
    stops: list[Callable[[], object]] = []

    async def serve() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        stops.append(lambda: loop.call_soon_threadsafe(stop.set))
        async with await asyncio.start_server(
            lambda reader, writer: _pass_on(reader, writer, target, headers), "127.0.0.1", port
        ):
            ready.set()
            await stop.wait()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait(10)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        stops[0]()
        thread.join(10)


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: int, headers: Mapping[str, str]
) -> None:
    """One request per connection, or one websocket."""
    open_ = [writer]
    with suppress(OSError, asyncio.IncompleteReadError):
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            there, away = await asyncio.open_connection("127.0.0.1", target)
            open_.append(away)
            away.write(_with(head, headers))
            await asyncio.gather(_pump(reader, away), _pump(there, writer))
        finally:
            for each in open_:
                each.close()
            for each in open_:
                await each.wait_closed()


def _with(head: str, headers: Mapping[str, str]) -> bytes:
    """The request's head with the proxy's own headers, and without anybody else's of these names."""
    first, *lines = head.rstrip("\r\n").split("\r\n")
    websocket = any(line.lower().startswith("upgrade: websocket") for line in lines)
    gone = {name.lower() for name in headers} | (set() if websocket else {"connection"})
    kept = [line for line in lines if line.partition(":")[0].lower() not in gone]
    added = [f"{name}: {value}" for name, value in headers.items()] + ([] if websocket else ["Connection: close"])
    return "\r\n".join([first, *kept, *added, "", ""]).encode("latin-1")


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    with suppress(OSError):
        sink.close()
