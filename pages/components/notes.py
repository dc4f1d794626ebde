"""Sentences about checkpointer files that cannot be read."""

from __future__ import annotations

from collections.abc import Iterable

from pages.components.heading import banner
from pages.components.session import the_desk


def draw_notes(notes: Iterable[str]) -> None:
    """A banner each. A default file that is not there yet is how every desk begins, not a fault."""
    settings = the_desk().settings
    if settings.checkpoints is None and not settings.checkpoints_path.exists():
        return
    for note in notes:
        banner(note, "orange")
