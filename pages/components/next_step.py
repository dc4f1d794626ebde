"""One quiet line: where the graph goes with an answer, as far as the graph itself says."""

from __future__ import annotations

from collections.abc import Sequence

from agents.domain import GraphFacts, Pause, PauseStatus
from pages.components.heading import prose
from pages.components.session import the_desk

END = "__end__"
SHOWN = 4


def where_next(pause: Pause) -> None:
    """Draw the line, where there is one."""
    if pause.graph_id is None or pause.status is not PauseStatus.QUESTION or pause.repairs:
        return
    words = next_words(pause, the_desk().registry.facts(pause.graph_id))
    if words:
        prose(words, "so-muted")


def next_words(pause: Pause, facts: GraphFacts | None) -> str:
    """A sentence, or "" where nothing is known of the graph or of the node that asks."""
    if facts is None or facts.error:
        return ""
    said = [_after(node, facts) for node in pause.nodes]
    return " ".join(dict.fromkeys(sentence for sentence in said if sentence))


def _after(node: str, facts: GraphFacts) -> str:
    if node not in facts.nodes:
        return ""
    follows = facts.follows.get(node)
    if follows is None:
        return f"After your answer “{node}” itself decides what goes next, or the graph ends."
    steps = [name for name in follows if name != END]
    if not steps:
        return "After your answer the graph ends."
    if len(follows) == 1:
        return f"After your answer “{steps[0]}” goes next."
    ends = ", or the graph ends" if END in follows else ""
    return f"After your answer {_one_of(steps)} goes next{ends}; the graph decides by the answer."


def _one_of(names: Sequence[str]) -> str:
    shown = [f"“{name}”" for name in names[:SHOWN]]
    if len(names) > SHOWN:
        return f"one of {', '.join(shown)} and {len(names) - SHOWN} more"
    return " or ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0]
