"""Which graphs there are: the built-in ones and those of a langgraph.json.

Nothing is imported until a graph is asked for, so that listing needs no graph
and one that does not load hides nothing but itself.
"""

from __future__ import annotations

from pathlib import Path

from agents.errors import SettingsError
from agents.registry.configured import configured
from agents.registry.entries import BUILT_IN, Entry, GraphInfo, built_in
from agents.registry.kept import Kept
from agents.registry.own import OwnGraph
from agents.registry.registry import Registry
from agents.settings import Settings
from agents.threads.parent import Children

__all__ = ["Entry", "GraphInfo", "Registry", "load_registry"]


def load_registry(settings: Settings) -> Registry:
    """The registry that the settings describe; imports no graph yet.

    Raises SettingsError for a langgraph.json that is missing, not readable,
    or names an id that is taken.
    """
    entries = {graph_id: built_in(graph_id, module) for graph_id, module in BUILT_IN.items()}
    path = settings.graphs or Path("langgraph.json")
    if settings.graphs is None and not path.is_file():
        return Registry(entries, settings)
    own: dict[str, OwnGraph] = {}
    found = configured(path)
    children, kept = Children(found.home), Kept(settings.home / "graphs.json")
    for place in found.places:
        if place.graph_id in entries and Path(place.target).parts[-3:] == ("agents", "graphs", f"{place.graph_id}.py"):
            continue  # our own langgraph.json names the built-in graphs for `langgraph dev`
        if place.graph_id in entries:
            raise SettingsError(
                f"SIGNOFF_GRAPHS: {place.graph_id!r} is taken: {entries[place.graph_id].location} and "
                f"{place.location}. Rename one of them."
            )
        own[place.graph_id] = OwnGraph(place, children, kept, apart=found.apart)
    return Registry(entries, settings, own)
