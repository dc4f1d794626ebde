"""Messages that did not go through: listed for people, who may send them again."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, or_, select, update

from agents.audit import Question, append
from agents.clock import to_text
from agents.database import notification as table
from agents.database import reading, writing
from agents.desk import Desk
from agents.domain import JSON, Who
from agents.errors import InvalidInput
from agents.notifications.told import Status
from agents.people import Act, permit

LISTED = 200
OPEN = (Status.FAILED.value, Status.UNKNOWN.value)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One message that failed, or of which nobody can say whether it arrived. count: things it tells of.

    title: the first of them, in a sentence. error: why, in a sentence without addresses. at: UTC text.
    """

    message_id: str
    status: Status
    channel: str
    recipient: str
    title: str
    count: int
    error: str
    attempts: int
    at: str
    link: str

    @property
    def arrived(self) -> str:
        """What is known, in a word or two."""
        return "did not arrive" if self.status is Status.FAILED else "may have arrived"


def troubled(desk: Desk, limit: int = LISTED) -> tuple[Trouble, ...]:
    """Newest first; so many at most."""
    numbers = (
        select(table.c.message_id, func.count().label("number"), func.min(table.c.notification_id).label("first"))
        .where(table.c.status.in_(OPEN))
        .group_by(table.c.message_id)
        .subquery()
    )
    query = (
        select(table, numbers.c.number)
        .join(numbers, table.c.notification_id == numbers.c.first)
        .order_by(table.c.settled_at.desc())
        .limit(limit)
    )
    with reading(desk.engine) as connection:
        return tuple(_trouble(row) for row in connection.execute(query).mappings())


def again(desk: Desk, message_id: str, *, actor: Who) -> int:
    """Order a message that is listed to be sent once more, although it may have arrived. Returns what it tells of.

    A worker sends it. Raises InvalidInput when it is not listed, NotAllowed.
    """
    now = to_text(desk.clock())
    changes = {"status": Status.WAITING.value, "attempts": 0, "error": None, "settled_at": None, "due_at": now}
    return _judged(desk, message_id, actor, "notified_again", changes)


def let_rest(desk: Desk, message_id: str, *, actor: Who) -> int:
    """Take a message off the list without sending it. Returns what it tells of. Raises as `again` does."""
    return _judged(desk, message_id, actor, "notified_no_more", {"status": Status.MOOT.value})


def _judged(desk: Desk, message_id: str, actor: Who, action: str, changes: dict[str, JSON]) -> int:
    mine = (or_(table.c.message_id == message_id, table.c.notification_id == message_id), table.c.status.in_(OPEN))
    with writing(desk.engine) as connection:
        name = permit(connection, desk, actor, Act.ADMINISTER)
        rows = connection.execute(select(table).where(*mine)).mappings().all()
        if not rows:
            raise InvalidInput(
                f"No message {message_id} failed or is in doubt here. `signoff notifications` lists them."
            )
        connection.execute(update(table).where(*mine).values(**changes, owner=None))
        first = rows[0]
        about = Question(first["source_id"], first["thread_id"], first["pause_key"]) if len(rows) == 1 else None
        told = {"channel": first["channel"], "to": first["recipient"], "message": first["message_id"]}
        append(connection, at=desk.clock(), actor=name, action=action, about=about, was=first["status"], **told)
    return len(rows)


def _trouble(row: JSON) -> Trouble:
    return Trouble(
        message_id=row["message_id"],
        status=Status(row["status"]),
        channel=row["channel"],
        recipient=row["recipient"],
        title=row["text"].partition("\n")[0],
        count=row["number"],
        error=row["error"] or "",
        attempts=row["attempts"],
        at=row["settled_at"],
        link=row["link"],
    )
