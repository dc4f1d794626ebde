"""Settings from the environment or `.env`. Built by entry points, never at import."""

from agents.settings.secrets import secret_texts
from agents.settings.settings import Settings, load_settings, variable_of
from agents.settings.values import paths_in

__all__ = ["Settings", "load_settings", "paths_in", "secret_texts", "variable_of"]
