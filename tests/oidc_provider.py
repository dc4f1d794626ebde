"""A real OpenID Connect provider on loopback, and the secrets.toml of a desk that signs people in with it."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.desk_process import free_port

START_SECONDS = 40.0
PLAIN_HTTP = {"AUTHLIB_INSECURE_TRANSPORT": "1"}
"""For the desk's environment: a provider on loopback has no certificate."""
COOKIE_SECRET = "nobody guesses these forty characters..."


@contextmanager
def provider(log: Path, *, token_seconds: int | None = None) -> Iterator[str]:
    """Its address. It signs in whoever writes a name; token_seconds: how long an id token holds."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    command += ["--token-max-age", str(token_seconds)] if token_seconds else []
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(f"{url}/.well-known/openid-configuration", process)
        yield url
    finally:
        process.kill()
        process.wait()


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    late = time.monotonic() + START_SECONDS
    while time.monotonic() < late:
        assert process.poll() is None
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"No provider answers at {url}")


def secrets_file(home: Path, port: int, providers: Mapping[str, str]) -> Path:
    """The file for a desk at this port. providers: address by name."""
    lines = ["[auth]", f'redirect_uri = "http://127.0.0.1:{port}/oauth2callback"', f'cookie_secret = "{COOKIE_SECRET}"']
    for name, url in providers.items():
        lines += [f"[auth.{name}]", 'client_id = "signoff"', 'client_secret = "a client\'s secret"']
        lines += [f'server_metadata_url = "{url}/.well-known/openid-configuration"']
    path = home / "secrets.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path
