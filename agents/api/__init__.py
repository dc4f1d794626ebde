"""The desk over HTTP: the calls of the pages, for programs. See docs/api.md."""

from agents.api.application import make_api, reaches, stop_with_signals

__all__ = ["make_api", "reaches", "stop_with_signals"]
