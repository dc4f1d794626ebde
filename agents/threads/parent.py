"""The desk's side of a child process: the same thread, over a pipe."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .loading import Place
from .trouble import GraphDied, GraphKilled, LeaseGone, from_json
from .wire import Wire

_ROOT = Path(__file__).resolve().parents[2]
_START = """
import sys
if sys.path and not sys.path[0]:
    del sys.path[0]
import importlib.util
name, folder = "signoff_threads", sys.argv.pop(1)
spec = importlib.util.spec_from_file_location(name, folder + "/__init__.py", submodule_search_locations=[folder])
sys.modules[name] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules[name])
import signoff_threads.child
"""
END_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Home:
    """Where the graphs of one langgraph.json run: its folder, their Python, and what is added to the environment."""

    folder: str
    python: str = sys.executable
    environment: Mapping[str, str] = field(default_factory=dict)


class Child:
    """One process. Used by one thread of ours at a time."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._lost: Exception | None = None
        self._graph_id = ""
        self.clean = True
        """Nothing is under way in it, so it can be used again."""
        ours, theirs = os.pipe(), os.pipe()  # we read from ours[0], they from theirs[0]
        try:
            self._process = _started(home, (theirs[0], ours[1]))
        except OSError as error:
            for end in (*ours, *theirs):
                os.close(end)
            raise GraphDied(f"The graphs' Python, {home.python}, cannot be started: {error.strerror}.") from error
        os.close(theirs[0])
        os.close(ours[1])
        self._wire = Wire(ours[0], theirs[1])
        hello = {"ours": str(_ROOT), "folder": home.folder, "environment": dict(home.environment)}
        try:
            self._send(hello)
        except GraphDied:
            self._wire.close()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, do: str, check_lease: Callable[[], None] = lambda: None, **given: Any) -> Any:
        """What it answers. Raises what it raised, GraphDied, or what check_lease raised."""
        talk = self.hear(do, check_lease, **given)
        while True:
            try:
                next(talk)
            except StopIteration as ended:
                return ended.value

    def hear(self, do: str, check_lease: Callable[[], None], **given: Any) -> Generator[tuple[str, str], None, Any]:
        """As `ask`, with the lines that come before the answer."""
        self._lost, self.clean = None, False
        self._graph_id = given["place"]["graph_id"] if "place" in given else self._graph_id
        self._send({"do": do, **given})
        while (message := self._received()) is not None:
            if "check" in message:
                self._send({"held": self._still_held(check_lease)})
            elif "line" in message:
                kind, text = message["line"]
                yield kind, text
            else:
                break
        self.clean = True
        if "raised" not in message:
            return message.get("done")
        error = from_json(message["raised"])
        if self._lost is not None and isinstance(error, LeaseGone):
            raise self._lost
        raise error

    def end(self) -> None:
        """Kill it if it is still there; what it was doing stays as it is in the file."""
        if self.alive():
            self._process.kill()
        self._process.wait(END_SECONDS)
        self._wire.close()

    def _still_held(self, check_lease: Callable[[], None]) -> bool:
        try:
            check_lease()
        except Exception as error:  # noqa: BLE001 - raised again as soon as the child has stopped
            self._lost = error
            return False
        return True

    def _send(self, message: Mapping[str, Any]) -> None:
        try:
            self._wire.send(dict(message))
        except OSError as error:
            raise self._died() from error

    def _received(self) -> dict[str, Any]:
        message = self._wire.receive()
        if message is None:
            raise self._died()
        return message

    def _died(self) -> GraphDied:
        try:
            code = self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:  # it closed its pipe and goes on: a graph that closes what is not its own
            self._process.kill()
            code = self._process.wait(END_SECONDS)
        if not self._graph_id:
            return GraphDied(f"The graphs' Python, {self._home.python}, ended at once, with exit code {code}.")
        graph = f"The process of graph {self._graph_id}"
        if code >= 0:
            return GraphDied(f"{graph} ended in the middle of the run, with exit code {code}.")
        kind = GraphKilled if -code in (signal.SIGKILL, signal.SIGTERM) else GraphDied
        return kind(f"{graph} was ended by {signal.Signals(-code).name} in the middle of the run.")


class RemoteThread:
    """A thread that is open in a child process; what `OpenThread` offers, over the pipe."""

    def __init__(self, child: Child, graph_id: str, check_lease: Callable[[], None]) -> None:
        self._child = child
        self.graph_id = graph_id
        self._check_lease = check_lease

    def start(self, given: Any) -> Generator[tuple[str, str]]:
        return self._stream("start", given)

    def resume(self, answers: Mapping[str, Any]) -> Generator[tuple[str, str]]:
        return self._stream("resume", dict(answers))

    def go_on(self) -> Generator[tuple[str, str]]:
        return self._stream("go_on")

    def again(self, checkpoint_id: str, one_by_one: bool = False) -> Generator[tuple[str, str]]:
        return self._stream("again", checkpoint_id, one_by_one)

    def exists(self) -> bool:
        return bool(self._call("exists"))

    def unfinished(self) -> bool:
        return bool(self._call("unfinished"))

    def at_breakpoint(self) -> bool:
        return bool(self._call("at_breakpoint"))

    def outcome(self) -> Any:
        return self._call("outcome")

    def running_siblings(self) -> int:
        return int(self._call("running_siblings"))

    def refused_types(self) -> tuple[str, ...]:
        return tuple(self._call("refused_types"))

    def close(self) -> None:
        self._call("close")

    def _call(self, name: str, *args: Any) -> Any:
        return self._child.ask("call", self._check_lease, name=name, args=list(args))

    def _stream(self, name: str, *args: Any) -> Generator[tuple[str, str]]:
        yield from self._child.hear("stream", self._check_lease, name=name, args=list(args))


class Children:
    """The child processes for the graphs of one langgraph.json: each serves one thread at a time and is kept for the next."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._idle: list[Child] = []
        self._lock = threading.Lock()

    def told(self, place: Place) -> dict[str, Any]:
        """What a graph says of itself: {"facts", "input_schema"}. Raises GraphNotLoaded or GraphDied."""
        with self._one() as child:
            found: dict[str, Any] = child.ask("load", place=asdict(place))
            return found

    @contextmanager
    def opened(
        self,
        place: Place,
        path: Path,
        thread_id: str,
        metadata: Mapping[str, Any],
        check_lease: Callable[[], None],
        allowed: Sequence[tuple[str, str]],
    ) -> Generator[RemoteThread]:
        """Raises GraphNotLoaded, GraphDied or CheckpointerTrouble."""
        given = {"path": str(path), "thread_id": thread_id, "metadata": dict(metadata), "allowed": list(allowed)}
        with self._one() as child:
            child.ask("open", check_lease, place=asdict(place), **given)
            yield RemoteThread(child, place.graph_id, check_lease)
            if child.clean:
                child.ask("close", check_lease)

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for child in idle:
            child.end()

    @contextmanager
    def _one(self) -> Generator[Child]:
        child = self._taken() or Child(self._home)
        try:
            yield child
        except BaseException:
            child.end()  # its thread is still open there; a new process starts clean
            raise
        if child.clean and child.alive():
            with self._lock:
                self._idle.append(child)
        else:
            child.end()

    def _taken(self) -> Child | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                child = self._idle.pop()
            if child.alive():
                return child
            child.end()  # it waited for long enough and went


def _started(home: Home, ends: tuple[int, int]) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "LANGGRAPH_STRICT_MSGPACK": "true"}  # read when langgraph is imported, not later
    kept = [each for each in environment.pop("PYTHONPATH", "").split(os.pathsep) if each]
    kept = [each for each in kept if Path(each).resolve() != _ROOT]
    if kept:
        environment["PYTHONPATH"] = os.pathsep.join(kept)
    folder = str(Path(__file__).resolve().parent)
    command = [home.python, "-c", _START, folder, *map(str, ends)]
    return subprocess.Popen(
        command,
        pass_fds=ends,
        env=environment,
        cwd=home.folder,
        stdin=subprocess.DEVNULL,
        stdout=sys.__stderr__ if _has_file(sys.__stderr__) else subprocess.DEVNULL,  # prints must not mix with ours
        start_new_session=True,  # Ctrl+C in a terminal is for the desk
    )


def _has_file(stream: Any) -> bool:
    try:
        return stream is not None and stream.fileno() >= 0
    except (OSError, ValueError):
        return False
