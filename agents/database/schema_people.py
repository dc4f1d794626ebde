"""The tables of a desk that several people share: who they are, what each took on, and what is due when."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Float, Index, Integer, PrimaryKeyConstraint, Table, Text, text

from agents.database.schema import metadata


def _question(*more: str) -> tuple[Column[str], ...]:
    """The columns that name a question, and `more`, as the primary key."""
    return tuple(Column(name, Text, primary_key=True) for name in ("source_id", "thread_id", "pause_key", *more))


# What a program, or a person at a terminal, shows instead of a sign-in. Only the secret's SHA-256 is kept.
token = Table(
    "token",
    metadata,
    Column("token_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
    Column("scopes", JSON, nullable=False),
    Column("role", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("expires_at", Text),
    Column("revoked_at", Text),
    Column("revoked_by", Text),
)

# A sign-in as we first saw it: a cookie may be replayed, its age and its end are here.
login = Table(
    "login",
    metadata,
    Column("login_key", Text, primary_key=True),
    Column("actor", Text, nullable=False),
    Column("proof", Text, nullable=False),
    Column("first_seen_at", Text, nullable=False),
    Column("ends_at", Text, nullable=False),
    Column("ended_at", Text),
)

# Who works on a question; nobody does any more after `until`.
claim = Table(
    "claim",
    metadata,
    *_question(),
    Column("holder", Text, nullable=False),
    Column("claimed_at", Text, nullable=False),
    Column("until", Text, nullable=False),
)

# Who should decide it: a name, or "role:lead".
assignment = Table(
    "assignment",
    metadata,
    *_question(),
    Column("assignee", Text, nullable=False),
    Column("assigned_by", Text, nullable=False),
    Column("assigned_at", Text, nullable=False),
    Column("reason", Text),
)

# Out of one person's sight for a while.
snooze = Table(
    "snooze",
    metadata,
    *_question("actor"),
    Column("until", Text, nullable=False),
    Column("at", Text, nullable=False),
)

# What one person would decide where two must agree. open -> joined | replaced | stale | withdrawn.
opinion = Table(
    "opinion",
    metadata,
    Column("opinion_id", Text, primary_key=True),
    Column("source_id", Text, nullable=False),
    Column("thread_id", Text, nullable=False),
    Column("pause_key", Text, nullable=False),
    Column("seen", Text, nullable=False),
    Column("graph_id", Text),
    Column("actor", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("message", Text),
    Column("args", JSON),
    Column("resume_value", JSON),
    Column("status", Text, nullable=False),
    Column("given_at", Text, nullable=False),
    Column("decision_id", Text),
)
# One open opinion per person and question.
Index(
    "opinion_open",
    opinion.c.source_id,
    opinion.c.thread_id,
    opinion.c.pause_key,
    opinion.c.actor,
    unique=True,
    sqlite_where=text("status = 'open'"),
    postgresql_where=text("status = 'open'"),
)

# Since when a rule about deadlines is known here: nothing is due because of a rule that is new.
policy_start = Table(
    "policy_start",
    metadata,
    Column("policy_id", Text, primary_key=True),
    Column("since", Text, nullable=False),
)

# When something happens to a question by itself: the step after those that are done, at due_at.
# waiting -> paused (by a person) | held (an answer is on its way) -> waiting ..., -> acted (by the deadline) | spent
# (nothing is left to happen), -> over (the question is gone). left_seconds: while it is paused or held.
deadline = Table(
    "deadline",
    metadata,
    *_question(),
    Column("graph_id", Text),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("policy_id", Text),
    Column("steps", JSON, nullable=False),
    Column("steps_done", Integer, nullable=False, server_default="0"),
    Column("state", Text, nullable=False),
    Column("counted_from", Text, nullable=False),
    Column("due_at", Text, nullable=False),
    Column("left_seconds", Float),
    Column("near_seconds", Float, nullable=False),
    Column("grace_seconds", Float, nullable=False),
    Column("settled_at", Text),
    Column("outcome", Text),
)
Index("deadline_due", deadline.c.state, deadline.c.due_at)

# Everything that somebody is told. waiting -> sending -> sent | failed | unknown (listed, not repeated) | moot (nothing
# left to tell). Rows with the same message_id went out as one message; it has none until it is sent the first time.
# facts: kind, graph, times, as plain data.
notification = Table(
    "notification",
    metadata,
    Column("notification_id", Text, primary_key=True),
    Column("unique_key", Text, nullable=False, unique=True),
    Column("topic", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("thread_id", Text, nullable=False),
    Column("pause_key", Text),
    Column("recipient", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("message_id", Text),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("error", Text),
    Column("created_at", Text, nullable=False),
    Column("due_at", Text, nullable=False),
    Column("started_at", Text),
    Column("settled_at", Text),
    Column("owner", Text),
    Column("lease_until", Float),
)
Index("notification_due", notification.c.status, notification.c.due_at)
Index("notification_message", notification.c.message_id)
Index("notification_reader", notification.c.channel, notification.c.recipient, notification.c.started_at)

# Answers that were given under an Idempotency-Key. code is empty while a request is at work, for as long as its lease; answer
# then holds what it has made so far.
idempotency = Table(
    "idempotency",
    metadata,
    Column("token_id", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("request_hash", Text, nullable=False),
    Column("code", Integer),
    Column("answer", JSON),
    Column("created_at", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("lease_until", Float, nullable=False),
    PrimaryKeyConstraint("token_id", "key"),
)

# Every worker of every process: a sign of life now and then.
worker = Table(
    "worker",
    metadata,
    Column("worker_id", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("threads", Integer, nullable=False),
    Column("started_at", Text, nullable=False),
    Column("beat_at", Text, nullable=False),
    Column("stopped_at", Text),
)

# Threads that went on in their file without this database, as after its restore: what their newest step (checkpoint_id)
# does to the outside world may have happened already.
ahead = Table(
    "ahead",
    metadata,
    Column("source_id", Text, nullable=False),
    Column("thread_id", Text, nullable=False),
    Column("checkpoint_id", Text, nullable=False),
    Column("found_at", Text, nullable=False),
    PrimaryKeyConstraint("source_id", "thread_id"),
)
