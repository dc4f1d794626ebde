"""The child process of a langgraph.json's graphs: it holds them, and asks before every write.

Its first message says where it is. Then, one after the other: `load`, `open` (a
thread), `call` and `stream` (a method of OpenThread), `close`. Whatever it does,
it ends with its parent: a thread of its own reads the pipe and sees it close.
"""

from __future__ import annotations

import os
import queue
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, closing
from typing import Any

from .hiding import hide
from .wire import Wire

IDLE_SECONDS = 120.0
BUSY_SECONDS = 30.0


def main(read_fd: int, write_fd: int) -> None:
    """Serve until the parent is gone, or nothing was asked for a while."""
    for number in (signal.SIGINT, signal.SIGTERM):  # meant for the desk, which lets running work end first
        signal.signal(number, lambda *_: None)
    wire = Wire(read_fd, write_fd)
    wire.keep()
    hello = wire.receive()
    if hello is None:
        return
    hide(hello["ours"])
    os.chdir(hello["folder"])
    os.environ.update(hello["environment"])
    try:
        _Server(wire).serve()
    except OSError:  # the parent is gone in the middle of a sentence
        os._exit(0)
    os._exit(0)  # a graph's own threads must not keep it


class _Server:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._asked: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._held: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._checking = threading.Lock()
        self._open: Any = None
        self._stack = ExitStack()
        self._loaded: dict[str, Any] = {}

    def serve(self) -> None:
        threading.Thread(target=self._listen, name="signoff-pipe", daemon=True).start()
        while True:
            try:
                message = self._asked.get(timeout=None if self._open else IDLE_SECONDS)
            except queue.Empty:
                return
            self._answer(message)

    def _listen(self) -> None:
        while (message := self._wire.receive()) is not None:
            if "held" in message:
                self._held.put(message["held"])
            else:
                self._asked.put(message)
        os._exit(0)

    def _answer(self, message: dict[str, Any]) -> None:
        from .trouble import as_json

        steps: dict[str, Callable[..., Any]] = {
            "load": self._load,
            "open": self._open_thread,
            "call": self._call,
            "stream": self._stream,
            "close": self._close,
        }
        try:
            given = {name: value for name, value in message.items() if name != "do"}
            answer = {"done": steps[message["do"]](**given)}
        except BaseException as error:  # noqa: BLE001 - the graph is somebody else's code; the parent records it
            answer = {"raised": as_json(error)}
        self._wire.send(answer)

    def _graph(self, given: Mapping[str, Any], saver: Any) -> AbstractContextManager[Any]:
        from .loading import Place, compiled, load

        _needed()
        place = Place(**{**given, "paths": tuple(given["paths"])})
        if place.graph_id not in self._loaded:
            self._loaded[place.graph_id] = load(place, first=True)
        return compiled(place, self._loaded[place.graph_id], saver)

    def _load(self, place: Mapping[str, Any]) -> dict[str, Any]:
        with self._graph(place, None) as graph:
            from .facts import facts_of
            from .inputs import input_schema

            return {"facts": facts_of(graph), "input_schema": input_schema(graph)}

    def _open_thread(
        self,
        place: Mapping[str, Any],
        path: str,
        thread_id: str,
        metadata: Mapping[str, Any],
        allowed: list[list[str]],
    ) -> None:
        _needed()
        from .saver import FencedSaver
        from .thread import OpenThread

        with ExitStack() as stack:
            connection = sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False)
            stack.enter_context(closing(connection))
            saver = FencedSaver(connection, self._check_lease, [(module, name) for module, name in allowed])
            graph = stack.enter_context(self._graph(place, saver))
            self._open = OpenThread(graph, thread_id, place["graph_id"], metadata)
            self._stack = stack.pop_all()

    def _call(self, name: str, args: list[Any]) -> Any:
        return getattr(self._open, name)(*args)

    def _stream(self, name: str, args: list[Any]) -> None:
        for line in getattr(self._open, name)(*args):
            self._wire.send({"line": line})

    def _close(self) -> None:
        self._open = None
        self._stack.close()

    def _check_lease(self) -> None:
        from .trouble import LeaseGone

        with self._checking:
            self._wire.send({"check": True})
            held = self._held.get()
        if not held:
            raise LeaseGone("The thread is no longer ours.")


def _needed() -> None:
    """LangGraph and its saver, imported before the project's folders are on the path. Raises GraphNotLoaded."""
    from .trouble import GraphNotLoaded

    try:
        from . import saver, thread  # noqa: F401
    except ImportError as error:
        raise GraphNotLoaded(
            f"The graphs' Python, {sys.executable}, has no {error.name}. "
            "Install langgraph and langgraph-checkpoint-sqlite there."
        ) from error


if __name__ == "signoff_threads.child":
    main(int(sys.argv[1]), int(sys.argv[2]))
