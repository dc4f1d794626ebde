"""Trying a failed run again, wherever its button stands."""

from __future__ import annotations

from agents import starts
from agents.errors import SignoffError
from pages.components.heading import banner
from pages.components.session import the_desk, who


def ordered_again(thread_id: str, source_id: str) -> bool:
    """Order it. Where it cannot be (somebody was first, a file is locked) a sentence says why, and it is False."""
    try:
        starts.retry(the_desk(), thread_id, actor=who(), source_id=source_id)
    except SignoffError as error:
        banner(str(error), "orange")
        return False
    return True
