"""The desk as a real process: `streamlit run dashboard.py` on loopback, on a home of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60.0
STOP_SECONDS = 20.0


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def environment(home: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without its own SIGNOFF_* and OPENAI_* settings, on `home`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SIGNOFF_", "OPENAI_"))}
    return {**kept, "SIGNOFF_HOME": str(home), "PYTHONUNBUFFERED": "1", **(extra or {})}


@dataclass
class DeskProcess:
    """A running desk. `url` has no slash at its end; `log` is everything it printed; `env`: its settings."""

    url: str
    port: int
    home: Path
    log: Path
    process: subprocess.Popen[bytes]
    env: Mapping[str, str]

    @classmethod
    def launch(
        cls,
        home: Path,
        *,
        port: int | None = None,
        env: Mapping[str, str] | None = None,
        streamlit: Sequence[str] = ("-m", "streamlit"),
        options: Sequence[str] = (),
    ) -> DeskProcess:
        """Start a desk and wait until /healthz answers 200. `streamlit`: how Python is told to run Streamlit. `options`:
        more of Streamlit's own."""
        port = port or free_port()
        home.mkdir(parents=True, exist_ok=True)
        log = home / f"desk-{port}.log"
        command = [sys.executable, *streamlit, "run", "dashboard.py", "--server.port", str(port)]
        with log.open("ab") as output:
            process = subprocess.Popen(
                [*command, "--server.address", "127.0.0.1", "--server.headless", "true", *options],
                cwd=ROOT,
                env=environment(home, env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        desk = cls(f"http://127.0.0.1:{port}", port, home, log, process, env or {})
        try:
            desk.wait_until_up()
        except BaseException:
            desk.kill()
            raise
        return desk

    def wait_until_up(self, seconds: float = START_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"The desk stopped with code {self.process.returncode}:\n{self.said()}")
            if self.healthy():
                return
            time.sleep(0.1)
        raise AssertionError(f"The desk did not answer /healthz within {seconds:g} s:\n{self.said()}")

    def healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def said(self) -> str:
        """The end of its log, for a failure's message."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-4000:]

    def stop(self) -> int:
        """SIGTERM, as a service manager does it; the exit code. Kills it when it does not drain in time."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
        return int(self.process.wait())

    def kill(self) -> None:
        """SIGKILL, as a crash does it."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
