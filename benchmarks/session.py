"""One browser session without a browser: Streamlit's protocol over a websocket.

It answers as the front end does: it keeps the widgets' values, and it repeats
the fragments that ask for it every few seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from types import TracebackType

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

RUN_SECONDS = 60.0


class Session:
    """`async with Session(port) as session`, then `open()` once and `turn(page)` for each click."""

    def __init__(self, port: int, *, refreshes: bool = True) -> None:
        self.pagination = ""
        self.pages = 0
        self._failure = ""
        self._url = f"ws://127.0.0.1:{port}/_stcore/stream"
        self._refreshes = refreshes
        self._page = 1
        self._script = ""
        self._finished = asyncio.Event()
        self._timers: dict[str, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Session:
        self._socket: ClientConnection = await connect(self._url, subprotocols=["streamlit"], max_size=None)  # type: ignore[list-item]
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for task in (*self._timers.values(), self._reader):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self._socket.close()

    async def open(self) -> float:
        """The first run of the script; seconds."""
        return await self._run(BackMsg())

    async def turn(self, page: int) -> float:
        """Click a page of the list; seconds until the page is there."""
        if not self.pagination:
            raise RuntimeError("The inbox showed no page buttons: are there enough paused threads?")
        self._page = page
        return await self._run(BackMsg())

    async def _run(self, message: BackMsg) -> float:
        self._finished.clear()
        began = time.perf_counter()
        await self._send(message)
        await asyncio.wait_for(self._finished.wait(), RUN_SECONDS)
        if self._failure:
            raise RuntimeError(f"The page failed: {self._failure}")
        return time.perf_counter() - began

    async def _send(self, message: BackMsg, fragment: str = "") -> None:
        state = message.rerun_script
        state.page_script_hash = self._script
        state.fragment_id = fragment
        state.is_auto_rerun = bool(fragment)
        state.context_info.timezone = "UTC"
        state.context_info.locale = "en"
        if self.pagination:
            state.widget_states.widgets.add(id=self.pagination, int_value=self._page)
        await self._socket.send(message.SerializeToString())

    async def _read(self) -> None:
        async for data in self._socket:
            message = ForwardMsg()
            message.ParseFromString(data if isinstance(data, bytes) else data.encode())
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self._script = message.new_session.page_script_hash
            elif kind == "delta":
                self._look(message)
            elif kind == "auto_rerun" and self._refreshes:
                self._repeat(message.auto_rerun.fragment_id, message.auto_rerun.interval)
            elif kind == "script_finished":
                self._done(message.script_finished)

    def _look(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        match element.WhichOneof("type"):
            case "pagination":
                self.pagination, self.pages = element.pagination.id, element.pagination.num_pages
            case "exception":
                self._failure = element.exception.message

    def _done(self, status: int) -> None:
        if status == ForwardMsg.FINISHED_SUCCESSFULLY:
            self._finished.set()

    def _repeat(self, fragment: str, seconds: float) -> None:
        known = self._timers.pop(fragment, None)
        if known is not None:
            known.cancel()
        self._timers[fragment] = asyncio.create_task(self._refresh(fragment, seconds))

    async def _refresh(self, fragment: str, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            await self._send(BackMsg(), fragment)
