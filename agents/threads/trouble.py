"""What can go wrong with a graph on a thread, told apart by who has to mend it."""

from __future__ import annotations


class CheckpointerTrouble(Exception):
    """The checkpointer file itself could not be read or written; not an error of the graph's own."""
