"""The graphs of a langgraph.json: where each is, and whether it needs a process of its own."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from agents.domain import JSON
from agents.errors import SettingsError
from agents.threads.hiding import OURS
from agents.threads.loading import Place
from agents.threads.parent import Home

_ROOT = Path(__file__).resolve().parents[2]
_PROCESSES = ("own", "shared", None)


@dataclass(frozen=True, slots=True)
class Configured:
    """The graphs of one langgraph.json. apart: they run in a process of their own, from the start."""

    places: tuple[Place, ...]
    home: Home
    apart: bool


def configured(path: Path) -> Configured:
    """Reads a langgraph.json; imports nothing. Raises SettingsError that names what is wrong with it."""
    config = _read(path)
    folder = path.resolve().parent
    paths = _paths(folder, config.get("dependencies", []))
    said = config.get("signoff", {})
    if said.get("process") not in _PROCESSES:
        raise SettingsError(f'SIGNOFF_GRAPHS: {path}: "signoff": {{"process": ...}} must be "own" or "shared".')
    python = _python(folder, said.get("python"))
    environment = _environment(path, config.get("env"))
    places = tuple(_place(str(graph_id), spec, folder, paths) for graph_id, spec in config["graphs"].items())
    wanted = said.get("process") == "own" or bool(python) or bool(environment)
    known = (*(each for place in places for each in place.paths), *sys.path)
    apart = wanted or (said.get("process") is None and bool(places) and collides(known))
    return Configured(places, Home(str(folder), python or sys.executable, environment), apart)


def collides(folders: Iterable[str]) -> bool:
    """Does one of these folders hold a module whose name is also one of ours (`agents`, ...)?"""
    return any(_holds(Path(folder or "."), name) for folder in dict.fromkeys(folders) for name in OURS)


def _holds(folder: Path, name: str) -> bool:
    package = folder / name
    found = package if package.is_dir() and any(package.glob("*.py")) else folder / f"{name}.py"
    return found.exists() and not found.resolve().is_relative_to(_ROOT)


_SHAPES: Mapping[str, tuple[tuple[type, ...], str]] = {
    "dependencies": ((list,), 'a list such as ["."]'),
    "env": ((str, dict), 'a file such as ".env", or {"NAME": "value"}'),
    "signoff": ((dict,), 'an object such as {"process": "own"}'),
}


def _read(path: Path) -> dict[str, JSON]:
    config = _parsed(path)
    for name, (kinds, expected) in _SHAPES.items():
        if not isinstance(config.setdefault(name, kinds[0]()), kinds):
            raise SettingsError(f'SIGNOFF_GRAPHS: {path}: "{name}" must be {expected}.')
    return config


def _parsed(path: Path) -> dict[str, JSON]:
    try:
        text = path.read_text(encoding="utf-8-sig")  # an editor may have put a mark before it
        config = json.loads(text)
        config["graphs"] = dict(config["graphs"])
    except OSError as error:
        raise SettingsError(f"SIGNOFF_GRAPHS: cannot read {path}: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SettingsError(
            f'SIGNOFF_GRAPHS: {path} is not a langgraph.json. Expected {{"graphs": {{"name": "./file.py:variable"}}}}.'
        ) from None
    if "\\u0000" in text:
        raise SettingsError(f"SIGNOFF_GRAPHS: {path} holds a null character, which no name of a file has.")
    return dict(config)


def _paths(folder: Path, dependencies: JSON) -> tuple[str, ...]:
    """The folders among the dependencies, each with its `src`; the file's own folder is added per graph."""
    found: list[Path] = []
    for item in dependencies if isinstance(dependencies, list) else []:
        place = (folder / str(item)).resolve()
        if place.is_dir() and (str(item).startswith(".") or Path(str(item)).is_absolute()):
            found += [place, place / "src"] if (place / "src").is_dir() else [place]
    return tuple(dict.fromkeys(map(str, found or [folder])))


def _place(graph_id: str, spec: JSON, folder: Path, paths: tuple[str, ...]) -> Place:
    named = spec.get("path") if isinstance(spec, dict) else spec
    target, _, variable = named.rpartition(":") if isinstance(named, str) else ("", "", "")
    if not graph_id or not target or not variable:
        raise SettingsError(
            f"SIGNOFF_GRAPHS: {graph_id!r} names {named!r}. Expected ./path/file.py:variable or package.module:variable."
        )
    if not target.endswith(".py") and "/" not in target and "\\" not in target:
        return Place(graph_id, target, variable, paths, str(folder))
    file = (folder / target).resolve()
    own = str(_top(file))
    return Place(graph_id, str(file), variable, tuple(dict.fromkeys((*paths, own, str(file.parent)))), str(folder))


def _top(file: Path) -> Path:
    """The folder from which the file's package is imported."""
    folder = file.parent
    while (folder / "__init__.py").is_file():
        folder = folder.parent
    return folder


def _python(folder: Path, said: JSON) -> str | None:
    if not said:
        return None
    python = folder / str(said)  # not resolved: the link in a virtual environment is what tells Python where it is
    if not python.is_file():
        raise SettingsError(f'SIGNOFF_GRAPHS: "signoff": {{"python": "{said}"}}: there is no {python}.')
    return str(python.absolute())


def _environment(path: Path, said: JSON) -> Mapping[str, str]:
    """langgraph.json's `env`: a file of NAME=value lines, or the values themselves."""
    if isinstance(said, dict):
        wrong = [name for name in said if not name or "=" in name]
        if wrong:
            raise SettingsError(f'SIGNOFF_GRAPHS: {path}: "env": {wrong[0]!r} cannot be the name of a variable.')
        return {name: str(value) for name, value in said.items()}
    if not isinstance(said, str) or not (path.resolve().parent / said).is_file():
        return {}
    from dotenv import dotenv_values

    found = dotenv_values(path.resolve().parent / said)
    return {name: value for name, value in found.items() if value is not None}
