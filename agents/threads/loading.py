"""From what a langgraph.json names to a graph on our saver; LangGraph itself is only touched through its methods."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from .loop import entered, result_of
from .trouble import GraphNotLoaded, described


@dataclass(frozen=True, slots=True)
class Place:
    """Where a graph is found. target: a Python file's whole path, or a module's dotted name.

    paths: folders in which its imports are looked for. folder: where its langgraph.json lies.
    """

    graph_id: str
    target: str
    variable: str
    paths: tuple[str, ...]
    folder: str

    @property
    def location(self) -> str:
        return f"{self.target}:{self.variable}"


def load(place: Place, *, first: bool) -> Any:
    """Import the variable. first: its folders come before all others, as in a process of its own.

    Raises GraphNotLoaded with a sentence; what was half imported is forgotten then, so that it can be tried again.
    """
    _add_paths(place, first)
    before = set(sys.modules)
    try:
        module = _module(place)
        return _variable(module, place.variable)
    except (Exception, SystemExit) as error:  # importing a stranger's file may raise anything
        for name in set(sys.modules) - before:
            if _below(sys.modules[name], place.paths):
                del sys.modules[name]
        raise GraphNotLoaded(explained(place, error), _missing(error)) from error


def explained(place: Place, error: BaseException) -> str:
    """Why a graph does not load, and what to do about it."""
    start = f"Graph {place.graph_id} ({place.location}) does not load: "
    missing = _missing(error)
    if missing and not isinstance(error, ModuleNotFoundError):
        return f"{start}{error}."
    if missing:
        return (
            f"{start}it imports {missing}, which is not installed where Signoff runs. Install it there "
            f"(pip install {missing.partition('.')[0]}), or name the project's own Python in its langgraph.json: "
            '"signoff": {"python": ".venv/bin/python"}.'
        )
    if isinstance(error, SyntaxError):
        return f"{start}{error.msg} in {error.filename}, line {error.lineno}."
    if isinstance(error, GraphNotLoaded):
        return f"{start}{error}"
    return f"{start}{described(error)}"


@contextmanager
def made(variable: Any) -> Generator[Any]:
    """A graph from what a langgraph.json may name: a builder, a compiled graph, or a factory of either.

    A factory may take a config, may be asynchronous, and may return a context
    manager (asynchronous or not), which is left when the graph is done with.
    """
    if _is_graph(variable):
        yield variable
        return
    if not callable(variable):
        raise GraphNotLoaded(f"it is a {type(variable).__name__}, not a graph and not a function that makes one.")
    found = _called(variable)
    if inspect.isawaitable(found):
        found = result_of(_awaited(found))
    if not _is_graph(found) and hasattr(found, "__aenter__"):
        with entered(found) as graph:
            yield _checked(graph)
    elif not _is_graph(found) and hasattr(found, "__enter__"):
        with found as graph:
            yield _checked(graph)
    else:
        yield _checked(found)


@contextmanager
def compiled(place: Place, variable: Any, checkpointer: Any) -> Generator[Any]:
    """The graph on this checkpointer. Raises GraphNotLoaded for all that making it may raise, and nothing of what follows."""
    with ExitStack() as stack:
        try:
            graph = with_checkpointer(stack.enter_context(made(variable)), checkpointer)
        except (Exception, SystemExit) as error:  # a stranger's factory may raise anything
            raise GraphNotLoaded(explained(place, error), _missing(error)) from error
        yield graph


def with_checkpointer(graph: Any, checkpointer: Any) -> Any:
    """The graph, compiled with this checkpointer whatever it was compiled with before."""
    if hasattr(graph, "compile"):
        return graph.compile(checkpointer=checkpointer)
    # a copy keeps what compiling again would lose: recursion limit, store, cache, name, breakpoints
    known = _schema_types(graph)
    if known and checkpointer is not None:
        checkpointer = checkpointer.with_allowlist(known)
    copied = graph.copy(update={"checkpointer": checkpointer})
    copied._serde_allowlist = known
    return copied


def _schema_types(graph: Any) -> Any:
    """The types of the graph's own schema, which strict decoding may build; a copied graph has lost them."""
    known = getattr(graph, "_serde_allowlist", None)
    builder = getattr(graph, "builder", None)
    return known or (getattr(builder.compile(), "_serde_allowlist", None) if builder is not None else None)


def _is_graph(found: Any) -> bool:
    return not inspect.isclass(found) and (
        (hasattr(found, "compile") and hasattr(found, "nodes")) or hasattr(found, "get_state")
    )


def _checked(found: Any) -> Any:
    if not _is_graph(found):
        raise GraphNotLoaded(f"its factory returned a {type(found).__name__}, not a graph.")
    return found


async def _awaited(found: Any) -> Any:
    return await found


def _called(factory: Any) -> Any:
    """Call it, with a config where it takes one."""
    config: dict[str, Any] = {"configurable": {}, "metadata": {}}
    parameters = inspect.signature(factory).parameters
    if "config" in parameters:
        return factory(config=config)
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    needed = [each for each in parameters.values() if each.default is each.empty and each.kind in plain]
    if len(needed) > 1:
        names = ", ".join(each.name for each in needed)
        raise GraphNotLoaded(f"its factory wants {names}; Signoff can only give it a config.")
    return factory(config) if needed else factory()


def _add_paths(place: Place, first: bool) -> None:
    new = [each for each in place.paths if each not in sys.path]
    sys.path[:] = [*new, *sys.path] if first else [*sys.path, *new]
    importlib.invalidate_caches()


def _module(place: Place) -> ModuleType:
    if not place.target.endswith(".py"):
        if Path(place.target).is_absolute():
            raise GraphNotLoaded(f"{place.target} is not a Python file.")
        return importlib.import_module(place.target)
    file = Path(place.target)
    if not file.is_file():
        raise GraphNotLoaded(f"there is no file {file}.")
    name = _dotted(file)
    if name is not None:
        module = importlib.import_module(name)
        if _is_file(module, file):
            return module
    return _loaded_from(file, f"signoff_graph_{place.graph_id}")


def _dotted(file: Path) -> str | None:
    """The name under which the project itself imports the file, so that its types keep their names in checkpoints."""
    parts, folder = [file.stem], file.parent
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    if not all(part.isidentifier() for part in parts):
        return None
    known = sys.modules.get(parts[0])
    if known is not None and not _below(known, (str(folder),)):
        return None
    found = importlib.util.find_spec(parts[0])
    homes = [found.origin or "", *(found.submodule_search_locations or [])] if found else []
    return ".".join(parts) if any(Path(home).is_relative_to(folder) for home in homes if home) else None


def _loaded_from(file: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise GraphNotLoaded(f"{file} is not a Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pydantic look their module up by name
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


def _variable(module: ModuleType, dotted: str) -> Any:
    found: Any = module
    for part in dotted.split("."):
        if not hasattr(found, part):
            there = [name for name in _names(module) if not name.startswith("_")]
            raise GraphNotLoaded(f"it has no “{dotted}”. It has: {', '.join(sorted(there)) or 'nothing'}.")
        found = getattr(found, part)
    return found


def _names(module: ModuleType) -> Iterator[str]:
    """What may be meant: graphs, and the functions that the module defines itself."""
    for name, value in vars(module).items():
        own = inspect.isfunction(value) and value.__module__ == module.__name__
        if own or (_is_graph(value) and not isinstance(value, ModuleType)):
            yield name


def _missing(error: BaseException) -> str | None:
    return error.name if isinstance(error, ImportError) else None


def _is_file(module: ModuleType, file: Path) -> bool:
    known = getattr(module, "__file__", None)
    return known is not None and Path(known).resolve() == file.resolve()


def _below(module: ModuleType, folders: tuple[str, ...]) -> bool:
    homes = [getattr(module, "__file__", None) or "", *list(getattr(module, "__path__", []))]
    return any(Path(home).is_relative_to(folder) for home in homes if home for folder in folders)
