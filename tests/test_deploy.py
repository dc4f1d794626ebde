"""The files of docs/deploy name what is there, in a form that their tools take."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path

import pytest

from agents.people.proxies import SECRET_HEADER
from agents.settings import Settings, variable_of

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "deploy"
UNIT = (FOLDER / "signoff.service").read_text(encoding="utf-8")
CONTAINER = (FOLDER / "Containerfile").read_text(encoding="utf-8")
PROXIES = {name: (FOLDER / name).read_text(encoding="utf-8") for name in ("nginx.conf", "Caddyfile")}
VARIABLES = {variable_of(name) for name in Settings.model_fields}
PAGE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")


def instructions() -> list[tuple[str, str]]:
    """(word, rest) of each instruction of the Containerfile."""
    joined = re.sub(r"\\\n", " ", CONTAINER)
    lines = [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def service() -> dict[str, str]:
    """Settings of the unit's [Service]; of one that stands twice, the last."""
    found = RawConfigParser(strict=False)
    found.optionxform = str  # type: ignore[assignment,method-assign]
    found.read_string(UNIT)
    return dict(found["Service"])


def starts(command: list[str]) -> None:
    """It is how Streamlit starts this desk."""
    assert Path(command[0]).name == "streamlit"
    assert command[1:3] == ["run", "dashboard.py"]
    options = {"--server.address", "--server.port"}
    assert {word for word in command if word.startswith("--")} == options


@pytest.mark.parametrize("text", [UNIT, CONTAINER, *PROXIES.values(), PAGE])
def test_every_setting_that_is_named_is_one(text: str) -> None:
    assert set(re.findall(r"SIGNOFF_[A-Z_]+", text)) <= VARIABLES


def test_the_unit_starts_the_desk_in_its_folder() -> None:
    told = service()
    command = shlex.split(told["ExecStart"])
    starts(command)
    assert command[command.index("--server.address") + 1] == "127.0.0.1"
    assert command[0] == f"{told['WorkingDirectory']}/.venv/bin/streamlit"
    assert (ROOT / "dashboard.py").exists()
    assert int(told["TimeoutStopSec"]) > 30  # how long the worker lets running steps end
    assert f"/var/lib/{told['StateDirectory']}" in told["Environment"]


def test_the_unit_gives_up_what_a_desk_needs_not() -> None:
    told = service()
    strict = ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectKernelModules", "RestrictSUIDSGID")
    assert [name for name in strict if told.get(name) != "yes"] == []
    assert told["ProtectSystem"] == "strict"
    assert told["CapabilityBoundingSet"] == ""
    assert told["User"] != "root"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "signoff.service"
    python = Path(sys.executable)
    here = UNIT.replace("/srv/signoff/.venv/bin/streamlit", str(python)).replace("/srv/signoff", str(ROOT))
    unit.write_text(here, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "signoff.service" not in done.stderr


def test_the_container_takes_what_is_there_and_starts_the_desk() -> None:
    found = instructions()
    copied = [source for word, rest in found if word == "COPY" for source in rest.split()[:-1]]
    assert [source for source in copied if not (ROOT / source).exists()] == []
    assert {"agents", "pages", "dashboard.py", "requirements.lock", "pyproject.toml"} <= set(copied)
    words = [word for word, _ in found]
    assert set(words) <= {
        "FROM",
        "ENV",
        "WORKDIR",
        "COPY",
        "RUN",
        "USER",
        "VOLUME",
        "EXPOSE",
        "HEALTHCHECK",
        "STOPSIGNAL",
        "CMD",
    }
    assert words.index("USER") < words.index("CMD")
    command = next(rest for word, rest in found if word == "CMD")
    starts(list(re.findall(r'"([^"]+)"', command)))


def test_the_container_names_no_registry() -> None:
    image = next(rest for word, rest in instructions() if word == "FROM")
    assert re.fullmatch(r"[a-z]+:[\w.-]+", image)


@pytest.mark.parametrize("name", PROXIES)
def test_a_proxy_sends_the_secret_and_never_what_a_visitor_says_of_himself(name: str) -> None:
    text = PROXIES[name]
    assert "127.0.0.1:8501" in text
    header = Settings.model_fields["proxy_header"].default
    if name == "nginx.conf":
        blocks = re.findall(r"location (\S+ ?\S*) \{(.*?)\n    \}", text, flags=re.DOTALL)
        desks = [body for _, body in blocks if "127.0.0.1:8501" in body]
        assert len(desks) == 2
        assert all(f"proxy_set_header {header} " in body and "signoff-secret.conf" in body for body in desks)
        assert f"proxy_set_header {SECRET_HEADER}" in PAGE
        assert "proxy_set_header Upgrade $http_upgrade;" in text
        assert "gzip on;" in text
    else:
        assert text.index(f"request_header -{header}") < text.index("forward_auth")
        assert text.count(SECRET_HEADER) == text.count("reverse_proxy 127.0.0.1:8501") == 2
        assert f"header_up -{header}" in text
        assert "encode zstd gzip" in text
    assert text.count("{") == text.count("}")


@pytest.mark.parametrize("name", PROXIES)
def test_a_proxy_keeps_the_routes_of_machines_to_itself(name: str) -> None:
    for route in ("healthz", "readyz", "metrics"):
        assert route in PROXIES[name]


def test_every_command_of_the_page_is_one() -> None:
    from agents.__main__ import build_parser
    from tests.generated import commands_of

    known = {command for command, _, _ in commands_of(build_parser())}
    assert set(re.findall(r"(?:^|`)signoff ([a-z]+)", PAGE, flags=re.MULTILINE)) <= known
