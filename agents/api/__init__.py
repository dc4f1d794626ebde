"""The desk over HTTP: the calls of the pages, for programs. See docs/api.md."""

from agents.api.application import END, make_api, reaches, stop_with_signals

__all__ = ["END", "make_api", "reaches", "stop_with_signals"]
