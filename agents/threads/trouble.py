"""What can go wrong with a graph on a thread, told apart by who has to mend it."""

from __future__ import annotations

import sys
from typing import Any


class CheckpointerTrouble(Exception):
    """The checkpointer file itself could not be read or written; not an error of the graph's own."""


class LeaseGone(Exception):
    """Inside a child process: the thread is no longer ours, so nothing may be written."""


class GraphNotLoaded(Exception):
    """A graph that cannot be used; the message is a sentence. missing: the module that it imports in vain."""

    def __init__(self, message: str, missing: str | None = None) -> None:
        super().__init__(message)
        self.missing = missing


class GraphRaised(Exception):
    """What a graph in a child process ended with. problems: (place, message) of an answer that it did not accept."""

    def __init__(self, message: str, problems: tuple[tuple[str, str], ...] | None = None) -> None:
        super().__init__(message)
        self.problems = problems


class GraphDied(Exception):
    """The child process ended in the middle of a run."""


class GraphKilled(GraphDied):
    """It was ended from outside: for want of memory, or by a person. The run may be tried again."""


def problems_of(error: BaseException) -> tuple[tuple[str, str], ...] | None:
    """What a graph's schema found wrong with an answer, as (place, message); None for every other error."""
    if isinstance(error, GraphRaised):
        return error.problems
    pydantic = sys.modules.get("pydantic")  # a graph's Python without it raises no error of its
    if pydantic is None or not isinstance(error, pydantic.ValidationError):
        return None
    return tuple((".".join(map(str, item["loc"])), str(item["msg"])) for item in error.errors())


def described(error: BaseException) -> str:
    """An exception's kind and text, on one line where the text is."""
    return f"{type(error).__name__}: {str(error).strip()}".rstrip(": ")


def as_json(error: BaseException) -> dict[str, Any]:
    """An exception on its way to the parent process."""
    kinds = {LeaseGone: "lease", CheckpointerTrouble: "file", GraphNotLoaded: "load"}
    kind = next((name for each, name in kinds.items() if isinstance(error, each)), "graph")
    text = described(error) if kind == "graph" else str(error)
    missing = error.missing if isinstance(error, GraphNotLoaded) else None
    return {"kind": kind, "text": text, "problems": problems_of(error), "missing": missing}


def from_json(found: dict[str, Any]) -> Exception:
    match found["kind"]:
        case "lease":
            return LeaseGone(found["text"])
        case "file":
            return CheckpointerTrouble(found["text"])
        case "load":
            return GraphNotLoaded(found["text"], found["missing"])
    problems = found["problems"]
    return GraphRaised(found["text"], None if problems is None else tuple((at, text) for at, text in problems))
