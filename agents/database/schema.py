"""The tables. What must never be broken is an index here, not a check in code.

Times are UTC as ISO 8601 text of fixed width, so that they sort as text and
read the same on every database. JSON columns hold plain data.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, Float, Index, Integer, MetaData, PrimaryKeyConstraint, Table, Text, text

metadata = MetaData()

# One row per thread that Signoff started, or whose title or graph it learned.
thread = Table(
    "thread",
    metadata,
    Column("source_id", Text, nullable=False),
    Column("thread_id", Text, nullable=False),
    Column("graph_id", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("input", JSON, nullable=False),
    Column("started_by", Text, nullable=False),
    Column("started_at", Text, nullable=False),
    Column("deadline", JSON),
    PrimaryKeyConstraint("source_id", "thread_id"),
)

decision = Table(
    "decision",
    metadata,
    Column("decision_id", Text, primary_key=True),
    Column("source_id", Text, nullable=False),
    Column("thread_id", Text, nullable=False),
    Column("pause_key", Text, nullable=False),
    Column("interrupt_id", Text),
    Column("ask_no", Integer, nullable=False),
    Column("checkpoint_id", Text, nullable=False),
    Column("seen", Text, nullable=False),
    Column("graph_id", Text),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("message", Text),
    Column("args", JSON),
    Column("resume_value", JSON),
    Column("payload", JSON),
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("actor", Text, nullable=False),
    Column("decided_at", Text, nullable=False),
    Column("due_at", Text, nullable=False),
    Column("sent_at", Text),
    Column("settled_at", Text),
    Column("job_id", Text),
)
# One live decision per question, whoever clicks first.
Index(
    "decision_live",
    decision.c.source_id,
    decision.c.thread_id,
    decision.c.pause_key,
    unique=True,
    sqlite_where=text("status IN ('accepted', 'delivered')"),
    postgresql_where=text("status IN ('accepted', 'delivered')"),
)
Index("decision_thread", decision.c.source_id, decision.c.thread_id, decision.c.decided_at)
Index("decision_time", decision.c.decided_at)
Index("decision_settled", decision.c.settled_at)
Index("decision_outcome", decision.c.type, decision.c.status)

# Work on a thread: start, resume, close, continue. A running job is the thread's lease.
# seconds: at work so far. checkpoint_id: the thread's newest when it was last let go of.
job = Table(
    "job",
    metadata,
    Column("job_id", Text, primary_key=True),
    Column("source_id", Text, nullable=False),
    Column("thread_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("graph_id", Text),
    Column("input", JSON),
    Column("override", Integer, nullable=False, server_default="0"),
    Column("status", Text, nullable=False),
    Column("note", Text),
    Column("error", Text),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("created_at", Text, nullable=False),
    Column("due_at", Text, nullable=False),
    Column("owner", Text),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("lease_until", Float),
    Column("started_at", Text),
    Column("finished_at", Text),
    Column("claimed_at", Text),
    Column("seconds", Float, nullable=False, server_default="0"),
    Column("checkpoint_id", Text),
)
Index(
    "job_running",
    job.c.source_id,
    job.c.thread_id,
    unique=True,
    sqlite_where=text("status = 'running'"),
    postgresql_where=text("status = 'running'"),
)
Index(
    "job_waiting",
    job.c.source_id,
    job.c.thread_id,
    job.c.kind,
    unique=True,
    sqlite_where=text("status = 'waiting'"),
    postgresql_where=text("status = 'waiting'"),
)
Index("job_due", job.c.status, job.c.due_at)
Index("job_thread", job.c.source_id, job.c.thread_id, job.c.created_at)
Index("job_seconds", job.c.kind, job.c.status, job.c.seconds)

# What a run has done so far, for any tab to show.
progress = Table(
    "progress",
    metadata,
    Column("job_id", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", Text, nullable=False),
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("job_id", "seq"),
)

# The journal of what touches the outside world; the key is what makes it "once".
effect = Table(
    "effect",
    metadata,
    Column("source_id", Text, nullable=False),
    Column("effect_key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("thread_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("request", JSON, nullable=False),
    Column("result", JSON),
    Column("started_at", Text, nullable=False),
    Column("settled_at", Text),
    PrimaryKeyConstraint("source_id", "effect_key"),
)
Index("effect_thread", effect.c.source_id, effect.c.thread_id, effect.c.started_at)
Index("effect_status", effect.c.status)

# The record: a hash chain over salted hashes of each field.
event = Table(
    "event",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("source_id", Text),
    Column("thread_id", Text),
    Column("pause_key", Text),
    Column("fields", JSON, nullable=False),
    Column("salts", JSON, nullable=False),
    Column("hashes", JSON, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
)
Index("event_thread", event.c.source_id, event.c.thread_id, event.c.seq)

# Which graph a thread belongs to, where a person said so; thread_id '' speaks for all threads of the file that name none.
thread_graph = Table(
    "thread_graph",
    metadata,
    Column("source_id", Text, nullable=False),
    Column("thread_id", Text, nullable=False),
    Column("graph_id", Text, nullable=False),
    Column("chosen_by", Text, nullable=False),
    Column("chosen_at", Text, nullable=False),
    PrimaryKeyConstraint("source_id", "thread_id"),
)

# Types that a person trusts the threads of a graph with; strict decoding refuses all others.
allowed_type = Table(
    "allowed_type",
    metadata,
    Column("graph_id", Text, nullable=False),
    Column("module", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("allowed_by", Text, nullable=False),
    Column("allowed_at", Text, nullable=False),
    PrimaryKeyConstraint("graph_id", "module", "name"),
)

# One look per actor, question and text; not one per rerun of a page.
look = Table(
    "look",
    metadata,
    Column("source_id", Text, nullable=False),
    Column("thread_id", Text, nullable=False),
    Column("pause_key", Text, nullable=False),
    Column("seen", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Text, nullable=False),
    PrimaryKeyConstraint("source_id", "thread_id", "pause_key", "seen", "actor"),
)

draft = Table(
    "draft",
    metadata,
    Column("source_id", Text, nullable=False),
    Column("thread_id", Text, nullable=False),
    Column("pause_key", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("fields", JSON, nullable=False),
    Column("saved_at", Text, nullable=False),
    PrimaryKeyConstraint("source_id", "thread_id", "pause_key", "actor"),
)

# A lot: the rows of a batch. step, task and holder say which run of which node may write now.
lot = Table(
    "lot",
    metadata,
    Column("lot_id", Text, primary_key=True),
    Column("source_id", Text),
    Column("thread_id", Text),
    Column("name", Text, nullable=False),
    Column("columns", JSON, nullable=False),
    Column("size", Integer),
    Column("step", Integer, nullable=False, server_default="0"),
    Column("task", Text),
    Column("holder", Text),
    Column("copied_from", Text),
    Column("created_at", Text, nullable=False),
)
Index("lot_thread", lot.c.source_id, lot.c.thread_id)

lot_item = Table(
    "lot_item",
    metadata,
    Column("lot_id", Text, nullable=False),
    Column("item_no", Integer, nullable=False),
    Column("cells", JSON, nullable=False),
    PrimaryKeyConstraint("lot_id", "item_no"),
)

# What the model made of an item; a redo is another generation.
lot_result = Table(
    "lot_result",
    metadata,
    Column("lot_id", Text, nullable=False),
    Column("item_no", Integer, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("output", JSON),
    Column("error", Text),
    Column("calls", Integer, nullable=False),
    Column("at", Text, nullable=False),
    PrimaryKeyConstraint("lot_id", "item_no", "generation"),
)
Index("lot_result_status", lot_result.c.lot_id, lot_result.c.generation, lot_result.c.status, lot_result.c.item_no)
Index("lot_result_time", lot_result.c.lot_id, lot_result.c.at)

# What a person said of a result. planned: chosen by the plan, and so part of the defect rate.
lot_verdict = Table(
    "lot_verdict",
    metadata,
    Column("lot_id", Text, nullable=False),
    Column("item_no", Integer, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("corrected", JSON),
    Column("note", Text),
    Column("planned", Integer, nullable=False),
    Column("at", Text, nullable=False),
    PrimaryKeyConstraint("lot_id", "item_no", "generation"),
)

# What `signoff demo` made, so that it can be taken away again and nothing else is.
demo_file = Table(
    "demo_file",
    metadata,
    Column("source_id", Text, primary_key=True),
    Column("path", Text, nullable=False),
    Column("made_at", Text, nullable=False),
)
demo_thread = Table(
    "demo_thread",
    metadata,
    Column("source_id", Text, nullable=False),
    Column("thread_id", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    PrimaryKeyConstraint("source_id", "thread_id"),
)
