"""Lines of JSON over a pair of pipes: how a desk and the child process of a graph speak."""

from __future__ import annotations

import json
import os
import threading
from typing import Any


class Wire:
    """One end. Its pipes are nobody else's: what the graph prints goes elsewhere."""

    def __init__(self, read_fd: int, write_fd: int) -> None:
        self._in = os.fdopen(read_fd, "rb")
        self._out = os.fdopen(write_fd, "wb")
        self._sending = threading.Lock()

    def send(self, message: dict[str, Any]) -> None:
        """Raises OSError when the other end is gone."""
        line = json.dumps(message, default=str, skipkeys=True).encode() + b"\n"
        with self._sending:
            self._out.write(line)
            self._out.flush()

    def receive(self) -> dict[str, Any] | None:
        """The next message; None when the other end is gone."""
        line = self._in.readline()
        if not line.endswith(b"\n"):
            return None
        found: dict[str, Any] = json.loads(line)
        return found

    def keep(self) -> None:
        """Keep it from what this process forks or starts: held there, the other end would never see this process die."""
        for end in (self._in, self._out):
            os.set_inheritable(end.fileno(), False)
        os.register_at_fork(after_in_child=self._forsake)

    def _forsake(self) -> None:
        """In a fork: nothing can be sent, and the numbers are not given to another file."""
        for end, flag in ((self._in, os.O_WRONLY), (self._out, os.O_RDONLY)):
            nothing = os.open(os.devnull, flag)
            os.dup2(nothing, end.fileno(), inheritable=False)
            os.close(nothing)

    def close(self) -> None:
        for end in (self._in, self._out):
            try:
                end.close()
            except OSError:  # what was not sent any more has nobody to read it
                continue
