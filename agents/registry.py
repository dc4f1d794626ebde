"""Which graphs there are: the built-in ones and those of a langgraph.json.

Nothing is imported until a graph is asked for, so that listing needs no graph
and one that does not load hides nothing but itself.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import BaseModel, ValidationError
from sqlalchemy import Engine

from agents.adapters.tables import Upload
from agents.clock import Clock
from agents.domain import JSON
from agents.errors import GraphUnavailable, InvalidInput, SettingsError, UnknownGraph
from agents.settings import Settings
from agents.threads.loading import made, with_checkpointer

BUILT_IN = {
    "plan_approval": "agents.graphs.plan_approval",
    "email_approval": "agents.graphs.email_approval",
    "clarification": "agents.graphs.clarification",
    "batch_sampling": "agents.graphs.batch_sampling",
    "demo_request": "agents.graphs.demo_request",
}


@dataclass(frozen=True, slots=True)
class GraphInfo:
    """A graph as the Start page and `doctor` show it. `error`: why it does not load. `hidden`: nothing to start by hand."""

    graph_id: str
    title: str
    built_in: bool
    location: str
    input_schema: Mapping[str, Any] | None = None
    sample: Mapping[str, JSON] | None = None
    error: str | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """Where one graph is found; `load` imports it and returns its module and its variable."""

    graph_id: str
    location: str
    built_in: bool
    load: Callable[[], tuple[ModuleType, Any]]


class Registry:
    """The graphs by id. Safe to share between threads; each graph is loaded once."""

    def __init__(self, entries: Mapping[str, Entry], settings: Settings) -> None:
        self._entries = dict(entries)
        self._settings = settings
        self._loaded: dict[str, tuple[ModuleType, Any]] = {}
        self._lock = threading.RLock()

    def ids(self) -> tuple[str, ...]:
        return tuple(self._entries)

    def graphs(self) -> tuple[GraphInfo, ...]:
        """All graphs, the built-in ones first; one that does not load carries the reason."""
        return tuple(self.info(graph_id) for graph_id in self._entries)

    def info(self, graph_id: str) -> GraphInfo:
        """One graph. Raises UnknownGraph with the known ids."""
        entry = self._entry(graph_id)
        try:
            module, _ = self._load(entry)
        except GraphUnavailable as error:
            return GraphInfo(graph_id, _words(graph_id), entry.built_in, entry.location, error=str(error))
        model = _input_model(module)
        return GraphInfo(
            graph_id=graph_id,
            title=str(getattr(module, "TITLE", _words(graph_id))) if entry.built_in else _words(graph_id),
            built_in=entry.built_in,
            location=entry.location,
            input_schema=model.model_json_schema() if model else None,
            sample=getattr(module, "SAMPLE", None) if entry.built_in else None,
            hidden=entry.built_in and bool(getattr(module, "HIDDEN", False)),
        )

    def check_input(self, graph_id: str, given: JSON) -> JSON:
        """The validated input. Raises InvalidInput with the field at fault, or UnknownGraph."""
        entry = self._entry(graph_id)
        module, _ = self._load(entry)
        model = _input_model(module) if entry.built_in else None
        if model is None:
            return given
        try:
            return model.model_validate(given).model_dump(mode="json")
        except ValidationError as error:
            raise InvalidInput(_input_sentence(error)) from None

    def title_of(self, graph_id: str, given: JSON) -> str:
        """A thread's title: the graph's own words for this input, else the graph's name."""
        entry = self._entry(graph_id)
        module, _ = self._load(entry)
        if entry.built_in and hasattr(module, "title_of"):
            return str(module.title_of(given))
        return _words(graph_id)

    def prepare_sample(self, graph_id: str) -> JSON:
        """Make what the sample needs (files) and return its input, which may name them.

        Raises InvalidInput without one.
        """
        entry = self._entry(graph_id)
        module, _ = self._load(entry)
        if not entry.built_in or getattr(module, "SAMPLE", None) is None:
            raise InvalidInput(f"{graph_id} has no sample. Give it an input of your own.")
        return dict(module.prepare_sample(self._settings) or module.SAMPLE)

    def take_in(
        self,
        graph_id: str,
        engine: Engine,
        given: JSON,
        *,
        clock: Clock,
        upload: Upload | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> JSON:
        """A checked input with its rows in a lot instead of in it; as it is for a graph that takes no rows.

        upload: the rows come from there. progress: told the rows so far.
        Raises InvalidInput with the field at fault, and leaves no lot then.
        """
        entry = self._entry(graph_id)
        module, _ = self._load(entry)
        take = getattr(module, "take_in", None) if entry.built_in else None
        if take is None:
            return given
        wanted = module.INPUT.model_validate(given)
        lot = take(engine, wanted, clock=clock, upload=upload, progress=progress)
        return {**given, "items": None, "lot_id": lot.lot_id, "name": lot.name}

    def compile(self, graph_id: str, checkpointer: Any) -> Any:
        """The graph, compiled with this checkpointer whatever it was compiled with before.

        Raises UnknownGraph, or GraphUnavailable with the reason and its file.
        """
        entry = self._entry(graph_id)
        _, variable = self._load(entry)
        try:
            return with_checkpointer(made(variable), checkpointer)
        except Exception as error:  # a stranger's factory may raise anything
            raise GraphUnavailable(_unavailable(entry, error)) from error

    def match(self, nodes: frozenset[str]) -> str | None:
        """The one configured graph that has all these nodes, or None when none or several have.

        Never a built-in one: its threads name it, and a stranger's graph may well have a node called "plan".
        """
        found = []
        for graph_id, entry in self._entries.items():
            if entry.built_in:
                continue
            try:
                _, variable = self._load(entry)
                graph = made(variable)
            except Exception:  # noqa: S112, BLE001 - a graph that does not load matches nothing
                continue
            if nodes and nodes <= frozenset(getattr(graph, "nodes", {})):
                found.append(graph_id)
        return found[0] if len(found) == 1 else None

    def _entry(self, graph_id: str) -> Entry:
        entry = self._entries.get(graph_id)
        if entry is None:
            known = ", ".join(self._entries) or "none"
            raise UnknownGraph(f"No graph is called {graph_id!r}. Known graphs: {known}. Add yours to langgraph.json.")
        return entry

    def _load(self, entry: Entry) -> tuple[ModuleType, Any]:
        with self._lock:
            if entry.graph_id not in self._loaded:
                try:
                    self._loaded[entry.graph_id] = entry.load()
                except Exception as error:  # importing a stranger's file may raise anything
                    raise GraphUnavailable(_unavailable(entry, error)) from error
            return self._loaded[entry.graph_id]


def load_registry(settings: Settings) -> Registry:
    """The registry that the settings describe; imports no graph yet.

    Raises SettingsError for a langgraph.json that is missing, not readable,
    or names an id that is taken.
    """
    entries = {graph_id: _built_in(graph_id, module) for graph_id, module in BUILT_IN.items()}
    path = settings.graphs or Path("langgraph.json")
    if settings.graphs is None and not path.is_file():
        return Registry(entries, settings)
    for entry, file in _configured(path):
        known = entries.get(entry.graph_id)
        if known and known.built_in and _is_built_in(entry.graph_id, file):
            continue  # our own langgraph.json names the built-in graphs for `langgraph dev`
        if known:
            raise SettingsError(
                f"SIGNOFF_GRAPHS: {entry.graph_id!r} is taken: {known.location} and {entry.location}. Rename one of them."
            )
        entries[entry.graph_id] = entry
    return Registry(entries, settings)


def _built_in(graph_id: str, module: str) -> Entry:
    def load() -> tuple[ModuleType, Any]:
        loaded = importlib.import_module(module)
        return loaded, loaded.graph

    return Entry(graph_id, f"built in ({module})", True, load)


def _is_built_in(graph_id: str, file: Path) -> bool:
    return file.parts[-3:] == ("agents", "graphs", f"{graph_id}.py")


def _configured(path: Path) -> list[tuple[Entry, Path]]:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        graphs = dict(config["graphs"])
    except OSError as error:
        raise SettingsError(f"SIGNOFF_GRAPHS: cannot read {path}: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError):
        raise SettingsError(
            f'SIGNOFF_GRAPHS: {path} is not a langgraph.json. Expected {{"graphs": {{"name": "./file.py:variable"}}}}.'
        ) from None
    folder = path.resolve().parent
    paths = [str((folder / item).resolve()) for item in config.get("dependencies", []) if str(item).startswith(".")]
    return [_from_file(graph_id, spec, folder, paths) for graph_id, spec in graphs.items()]


def _from_file(graph_id: str, spec: JSON, folder: Path, paths: list[str]) -> tuple[Entry, Path]:
    text = spec.get("path", "") if isinstance(spec, dict) else str(spec)
    file_name, separator, variable = text.rpartition(":")
    if not separator or not file_name or not variable:
        raise SettingsError(f"SIGNOFF_GRAPHS: {graph_id!r} names {text!r}. Expected ./path/file.py:variable.")
    file = (folder / file_name).resolve()

    def load() -> tuple[ModuleType, Any]:
        for extra in (*paths, str(file.parent)):
            if extra not in sys.path:
                sys.path.append(extra)
        name = f"signoff_graph_{graph_id}"
        module_spec = importlib.util.spec_from_file_location(name, file)
        if module_spec is None or module_spec.loader is None:
            raise ImportError(f"{file} is not a Python file")
        module = importlib.util.module_from_spec(module_spec)
        sys.modules[name] = module  # dataclasses and pydantic look their module up by name
        module_spec.loader.exec_module(module)
        return module, getattr(module, variable)

    return Entry(graph_id, f"{file}:{variable}", False, load), file


def _input_model(module: ModuleType) -> type[BaseModel] | None:
    model = getattr(module, "INPUT", None)
    return model if inspect.isclass(model) and issubclass(model, BaseModel) else None


_REASONS = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of this input",
    "model_type": "expected an object",
}


def _input_sentence(error: ValidationError) -> str:
    return "; ".join(_field_sentence(item) for item in error.errors())


def _field_sentence(item: Any) -> str:
    field = ".".join(str(part) for part in item["loc"]) or "input"
    reason = _REASONS.get(item["type"]) or str(item["msg"]).removeprefix("Value error, ")
    if reason.lower().startswith(f"{field.lower()}:"):
        reason = reason[len(field) + 1 :].strip()
    return f"{field}: {reason[:1].lower()}{reason[1:]}"


def _unavailable(entry: Entry, error: Exception) -> str:
    return f"Graph {entry.graph_id} ({entry.location}) does not load: {type(error).__name__}: {error}"


def _words(graph_id: str) -> str:
    return graph_id.replace("_", " ").replace("-", " ").strip().capitalize()
