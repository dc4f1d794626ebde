"""What led to a review: read from its file when somebody asks for it, with who answered what at this desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agents import decisions
from agents.checkpoints import context
from agents.checkpoints.context import LedHere, Passage
from agents.checkpoints.transcript import Transcript
from agents.database import reading
from agents.desk import Desk
from agents.domain import DecisionStatus


@dataclass(frozen=True, slots=True)
class Context:
    """led: what the file tells. answered_by: who answered at this desk, by the checkpoint that asked."""

    led: LedHere
    answered_by: Mapping[str, tuple[str, ...]]


def led_here(desk: Desk, thread_id: str, source_id: str | None = None, *, steps: int = context.STEPS) -> Context:
    """The conversation and the last steps of a thread. Raises SourceUnreadable."""
    reader = desk.reader(source_id)
    source = reader.source.source_id
    led = reader.file.read(lambda link: context.led_here(link.connection, thread_id, steps=steps))
    with reading(desk.engine) as connection:
        made = decisions.of_thread(connection, source, thread_id)
    people: dict[str, tuple[str, ...]] = {}
    for each in made:
        if each.status is DecisionStatus.DELIVERED and each.actor not in people.get(each.checkpoint_id, ()):
            people[each.checkpoint_id] = (*people.get(each.checkpoint_id, ()), each.actor)
    return Context(led, people)


def whole_field(desk: Desk, thread_id: str, source_id: str, passage: Passage, name: str, *, before: bool) -> str:
    """A changed field in full, after its step or before it; "" when it is gone. Raises SourceUnreadable."""
    checkpoint_id = (passage.before_id or "") if before else passage.checkpoint_id
    return desk.reader(source_id).file.read(
        lambda link: context.whole(link.connection, thread_id, passage.namespace, checkpoint_id, name)
    )


def whole_message(desk: Desk, thread_id: str, source_id: str, transcript: Transcript, index: int) -> str:
    """One message in full, with its calls; "" when it is gone. Raises SourceUnreadable."""
    return desk.reader(source_id).file.read(
        lambda link: context.whole_message(
            link.connection, thread_id, transcript.namespace, transcript.checkpoint_id, transcript.channel, index
        )
    )
