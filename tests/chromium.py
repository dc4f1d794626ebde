"""Finding a browser for the tests, and getting one where there is none.

In this order: an installed Chromium or Chrome, Playwright's own build, the
Debian package. Each candidate has to answer `--version`, since a launcher
without its browser is a file like any other.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run")
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ELSEWHERE = (
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
)
DOWNLOAD_SECONDS = 300
INSTALL_SECONDS = 420

Say = Callable[[str], None]


def obtain(say: Say) -> str | None:
    """The path of a browser that starts, installed if need be; None where none can be had.

    `say` is told in a sentence what takes long.
    """
    return installed() or playwrights() or _downloaded(say) or _packaged(say)


def installed() -> str | None:
    """The first Chromium or Chrome on the machine that starts."""
    found = [path for name in NAMES if (path := shutil.which(name))]
    found += [str(path) for path in ELSEWHERE if path.exists()]
    return next((path for path in found if starts(path)), None)


def playwrights() -> str | None:
    """The build that Playwright keeps for itself, if it was downloaded before and starts."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if path and Path(path).exists() and starts(path) else None


def starts(path: str) -> bool:
    try:
        return _run([path, "--version"], seconds=30) == 0
    except OSError:
        return False


def _downloaded(say: Say) -> str | None:
    say("No browser found: asking Playwright for its Chromium.")
    code = _run([sys.executable, "-m", "playwright", "install", "chromium"], seconds=DOWNLOAD_SECONDS)
    return playwrights() if code == 0 else None


def _packaged(say: Say) -> str | None:
    apt = shutil.which("apt-get")
    rights = _rights()
    if apt is None or rights is None:
        return None
    say("No browser from Playwright: installing the package chromium with apt-get.")
    _run([*rights, apt, "update"], seconds=INSTALL_SECONDS)
    _run([*rights, apt, "install", "-y", "--no-install-recommends", "chromium"], seconds=INSTALL_SECONDS)
    return installed()


def _rights() -> list[str] | None:
    """What to put before a command that only root may run; None where it may not."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    return [sudo, "-n"] if sudo and _run([sudo, "-n", "true"], seconds=10) == 0 else None


def _run(command: list[str], *, seconds: float) -> int:
    """The exit code; 124 when it took too long. Never asks anybody anything."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        return subprocess.run(
            command,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            check=False,
        ).returncode
    except subprocess.TimeoutExpired:
        return 124
