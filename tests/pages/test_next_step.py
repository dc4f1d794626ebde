"""Where a graph goes with an answer, in one line."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agents.domain import GraphFacts, Pause, PauseStatus
from pages.components.next_step import next_words

FACTS = GraphFacts(
    "g",
    nodes=frozenset(["one", "two", "ends", "itself", "many", "maybe"]),
    follows={
        "one": ("send",),
        "two": ("send", "revise"),
        "ends": ("__end__",),
        "many": ("a", "b", "c", "d", "e"),
        "maybe": ("send", "__end__"),
    },
)


def pause(*nodes: str) -> Pause:
    at = datetime(2026, 1, 2, tzinfo=UTC)
    return Pause("s", "t", "k", PauseStatus.QUESTION, "a" * 32, 0, "c", "task", "?", "seen", at, nodes=nodes)


@pytest.mark.parametrize(
    ("node", "words"),
    [
        ("one", "After your answer “send” goes next."),
        ("two", "After your answer “send” or “revise” goes next; the graph decides by the answer."),
        ("ends", "After your answer the graph ends."),
        ("itself", "After your answer “itself” itself decides what goes next, or the graph ends."),
        ("many", "After your answer one of “a”, “b”, “c”, “d” and 1 more goes next; the graph decides by the answer."),
        ("maybe", "After your answer “send” goes next, or the graph ends; the graph decides by the answer."),
        ("unknown", ""),
    ],
)
def test_what_follows(node: str, words: str) -> None:
    assert next_words(pause(node), FACTS) == words


def test_nothing_is_said_of_a_graph_that_is_not_known() -> None:
    assert next_words(pause("one"), None) == ""
    assert next_words(pause("one"), GraphFacts("g", error="it does not load")) == ""
