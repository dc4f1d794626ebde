"""Who took something away with them: exports and downloads are looks that leave the desk, so they are on record."""

from __future__ import annotations

from agents.audit import Question, append
from agents.database import writing
from agents.desk import Desk
from agents.domain import JSON, Who
from agents.people import Act, permit

EXPORTED = "exported"


def record_export(desk: Desk, what: str, *, actor: Who, about: Question | None = None, **details: JSON) -> None:
    """Put on record that this person takes it away; call it before they get it. what: "record", "results", "story".

    Raises NotAllowed, or Busy: nothing is given out that could not be noted.
    """
    act = Act.LOOK if about is not None else Act.RECORD
    with writing(desk.engine) as connection:
        permit(connection, desk, actor, act)
        append(connection, at=desk.clock(), actor=actor, action=EXPORTED, about=about, what=what, **details)
