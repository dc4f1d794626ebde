"""Paused threads straight from a checkpointer file, read-only, without the graphs or LangGraph."""

from __future__ import annotations

from agents.checkpoints.follower import FOLLOWED_FROM, Follower, Following
from agents.checkpoints.follower_bodies import Digest
from agents.checkpoints.follower_search import Beside, Group, Place, Wanted
from agents.checkpoints.opening import Problem, Unreadable
from agents.checkpoints.questions import QuestionState, time_of
from agents.checkpoints.reader import Listing, Reader, ThreadState
from agents.checkpoints.source import Source, first_source, names_of, source_for, sources_for
from agents.checkpoints.story import Step
from agents.domain import JSON

__all__ = [
    "FOLLOWED_FROM",
    "Beside",
    "Digest",
    "Follower",
    "Following",
    "Group",
    "Listing",
    "Place",
    "Problem",
    "QuestionState",
    "Reader",
    "Source",
    "Step",
    "ThreadState",
    "Unreadable",
    "Wanted",
    "first_source",
    "history",
    "names_of",
    "question_states",
    "read_pauses",
    "source_for",
    "sources_for",
    "time_of",
    "values",
]


def read_pauses(source: Source, *, answered: bool = False) -> Listing:
    """All pauses of a file, once. answered: also those whose stored answer has not been worked off."""
    with Reader(source, answered=answered) as reader:
        return reader.listing()


def question_states(source: Source, thread_id: str) -> tuple[QuestionState, ...]:
    """Where each pending question of a thread stands; () for an unknown thread. Raises SourceUnreadable."""
    with Reader(source) as reader:
        state = reader.thread(thread_id)
    return state.questions if state else ()


def history(source: Source, thread_id: str, limit: int = 200) -> tuple[Step, ...]:
    """The newest steps of a thread, oldest first. Raises SourceUnreadable."""
    with Reader(source) as reader:
        return reader.history(thread_id, limit)


def values(source: Source, thread_id: str) -> dict[str, JSON]:
    """The state of a thread by channel, decoded to plain data. Raises SourceUnreadable."""
    with Reader(source) as reader:
        return reader.values(thread_id)
