"""The graphs by id, those of somebody's own behind the same calls as ours."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Engine

from agents.adapters.tables import Upload
from agents.clock import Clock
from agents.domain import JSON, GraphFacts
from agents.errors import GraphUnavailable, InvalidInput, UnknownGraph
from agents.registry.entries import Entry, GraphInfo, words
from agents.registry.inputs import input_model, input_sentence
from agents.registry.own import OwnGraph, facts_from
from agents.settings import Settings
from agents.threads.facts import facts_of
from agents.threads.loading import Place, made, with_checkpointer
from agents.threads.parent import Children
from agents.threads.trouble import GraphNotLoaded, described


class Registry:
    """The graphs by id. Safe to share between threads; each graph is loaded once. Close it."""

    def __init__(
        self, entries: Mapping[str, Entry], settings: Settings, own: Mapping[str, OwnGraph] | None = None
    ) -> None:
        self._entries = dict(entries)
        self._own = dict(own or {})
        self._settings = settings
        self._loaded: dict[str, tuple[ModuleType, Any]] = {}
        self._facts: dict[str, GraphFacts] = {}
        self._before: dict[str, GraphFacts | None] = {}
        self._version = 0
        self._counting = threading.Lock()
        self._lock = threading.RLock()
        self._loading: threading.Thread | None = None

    def ids(self) -> tuple[str, ...]:
        return (*self._entries, *self._own)

    def own_ids(self) -> tuple[str, ...]:
        """Those of a langgraph.json."""
        return tuple(self._own)

    def graphs(self) -> tuple[GraphInfo, ...]:
        """All graphs, the built-in ones first; one that does not load carries the reason. Waits until all are loaded."""
        return (*self.built_in(), *(self.info(graph_id) for graph_id in self._own))

    def built_in(self) -> tuple[GraphInfo, ...]:
        """Signoff's own graphs; waits for nobody else's."""
        return tuple(self.info(graph_id) for graph_id in self._entries)

    def info(self, graph_id: str) -> GraphInfo:
        """One graph, loaded. Raises UnknownGraph with the known ids."""
        if graph_id in self._own:
            return self._own_info(graph_id, self._own[graph_id])
        entry = self._entry(graph_id)
        try:
            module, _ = self._load(entry)
        except GraphUnavailable as error:
            return GraphInfo(graph_id, words(graph_id), entry.built_in, entry.location, error=str(error))
        model = input_model(module)
        return GraphInfo(
            graph_id=graph_id,
            title=str(getattr(module, "TITLE", words(graph_id))),
            built_in=entry.built_in,
            location=entry.location,
            input_schema=model.model_json_schema() if model else None,
            sample=getattr(module, "SAMPLE", None),
            hidden=bool(getattr(module, "HIDDEN", False)),
        )

    def check_input(self, graph_id: str, given: JSON) -> JSON:
        """The validated input. Raises InvalidInput with the field at fault, UnknownGraph or GraphUnavailable."""
        module = self._module(graph_id)
        known = self.facts(graph_id) if module is None else None
        if known is not None and known.error is not None:
            raise GraphUnavailable(known.error)
        model = input_model(module) if module else None
        if model is None:
            return given
        try:
            return model.model_validate(given).model_dump(mode="json")
        except ValidationError as error:
            raise InvalidInput(input_sentence(error)) from None

    def title_of(self, graph_id: str, given: JSON) -> str:
        """A thread's title: the graph's own words for this input, else the graph's name."""
        module = self._module(graph_id)
        return str(module.title_of(given)) if module and hasattr(module, "title_of") else words(graph_id)

    def prepare_sample(self, graph_id: str) -> JSON:
        """Make what the sample needs (files) and return its input, which may name them.

        Raises InvalidInput without one.
        """
        module = self._module(graph_id)
        if module is None or getattr(module, "SAMPLE", None) is None:
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
        files: Path | None = None,
    ) -> JSON:
        """A checked input with its rows in a lot instead of in it; as it is for a graph that takes no rows.

        upload: the rows come from there. progress: told the rows so far. files: the only folder that it may read.
        Raises InvalidInput with the field at fault, and leaves no lot then.
        """
        module = self._module(graph_id)
        take = getattr(module, "take_in", None)
        if module is None or take is None:
            return given
        wanted = module.INPUT.model_validate(given)
        lot = take(engine, wanted, clock=clock, upload=upload, progress=progress, files=files)
        return {**given, "items": None, "lot_id": lot.lot_id, "name": lot.name}

    @contextmanager
    def compiled(self, graph_id: str, checkpointer: Any, source_id: str | None = None) -> Generator[Any]:
        """The graph in this process, with this checkpointer whatever it was compiled with before.

        source_id: of the threads' file, under which a built-in graph keeps what it did; the first file's when None. Raises UnknownGraph, or GraphUnavailable with the reason and its file.
        """
        own = self._own.get(graph_id)
        if own is None:
            module, variable = self._load(self._entry(graph_id))
            made_for = getattr(module, "graph_for", None) if variable is getattr(module, "graph", None) else None
            with made(partial(made_for, source_id) if made_for else variable) as graph:
                yield with_checkpointer(graph, checkpointer)
            return
        self.load_one(graph_id)
        try:
            with own.compiled(checkpointer) as graph:
                yield graph
        except GraphNotLoaded as error:
            raise GraphUnavailable(str(error)) from error

    def apart(self, graph_id: str) -> tuple[Place, Children] | None:
        """Where the graph's child processes are found; None when it runs in this one. Raises GraphUnavailable."""
        own = self._own.get(graph_id)
        if own is None:
            return None
        error = self.load_one(graph_id).error
        if error:
            raise GraphUnavailable(error)
        children = own.apart()
        return (own.place, children) if children is not None else None

    @property
    def version(self) -> int:
        """Rises with each graph whose facts become known."""
        return self._version

    def facts(self, graph_id: str) -> GraphFacts | None:
        """What is known of a graph by now, from an earlier load where it is not loaded yet. Never waits, never raises."""
        if graph_id not in self._facts and graph_id not in self._before:
            own = self._own.get(graph_id)
            self._before[graph_id] = own.told_before() if own is not None else None
        return self._facts.get(graph_id) or self._before[graph_id]

    def load_facts(self) -> None:
        """Load every graph and wait; one that does not load has facts with the reason."""
        for graph_id in self.ids():
            if graph_id not in self._facts:
                self._learn(graph_id)

    def load_own(self) -> None:
        """As `load_facts`, for the graphs of a langgraph.json alone."""
        for graph_id in self._own:
            self.load_one(graph_id)

    def load_one(self, graph_id: str) -> GraphFacts:
        """As `load_facts`, for one graph. Raises UnknownGraph."""
        if graph_id not in self.ids():
            self._entry(graph_id)
        if graph_id not in self._facts:
            self._learn(graph_id)
        return self._facts[graph_id]

    def load_in_background(self) -> threading.Thread:
        """Start `load_facts` in a thread, once; the caller may join it."""
        with self._lock:
            if self._loading is None:
                self._loading = threading.Thread(target=self.load_facts, name="signoff-loading", daemon=True)
                self._loading.start()
            return self._loading

    def try_again(self, graph_id: str) -> GraphInfo:
        """Load a graph anew, after somebody mended it. Raises UnknownGraph."""
        if graph_id in self._own:
            self._own[graph_id].forget()
            self._learn(graph_id)
        return self.info(graph_id)

    def close(self) -> None:
        """End the child processes."""
        for own in self._own.values():
            own.close()

    def _learn(self, graph_id: str) -> None:
        self._facts[graph_id] = self._told(graph_id)
        with self._counting:  # one that got lost would leave somebody with what was known before
            self._version += 1

    def _told(self, graph_id: str) -> GraphFacts:
        own = self._own.get(graph_id)
        if own is not None:
            return own.told().facts
        try:
            with self.compiled(graph_id, None) as graph:
                return facts_from(graph_id, facts_of(graph))
        except Exception as error:  # noqa: BLE001 - a graph that cannot be made says so where it is needed
            return GraphFacts(graph_id, error=described(error))

    def _own_info(self, graph_id: str, own: OwnGraph) -> GraphInfo:
        self.load_one(graph_id)
        told = own.told()
        place = own.place
        apart = own.apart() is not None
        error = told.facts.error
        return GraphInfo(graph_id, words(graph_id), False, place.location, told.input_schema, error=error, apart=apart)

    def _module(self, graph_id: str) -> ModuleType | None:
        """A built-in graph's module; None for one of somebody's own. Raises UnknownGraph or GraphUnavailable."""
        return None if graph_id in self._own else self._load(self._entry(graph_id))[0]

    def _entry(self, graph_id: str) -> Entry:
        entry = self._entries.get(graph_id)
        if entry is None:
            known = ", ".join(self.ids()) or "none"
            raise UnknownGraph(f"No graph is called {graph_id!r}. Known graphs: {known}. Add yours to langgraph.json.")
        return entry

    def _load(self, entry: Entry) -> tuple[ModuleType, Any]:
        with self._lock:
            if entry.graph_id not in self._loaded:
                try:
                    self._loaded[entry.graph_id] = entry.load()
                except Exception as error:  # a graph needs what may be missing or broken here
                    reason = f"Graph {entry.graph_id} ({entry.location}) does not load: {described(error)}"
                    raise GraphUnavailable(reason) from error
            return self._loaded[entry.graph_id]
