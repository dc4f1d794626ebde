"""Any graph: which graph a thread belongs to, and which types its threads may hold."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "thread_graph",
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("thread_id", sa.Text(), nullable=False),
        sa.Column("graph_id", sa.Text(), nullable=False),
        sa.Column("chosen_by", sa.Text(), nullable=False),
        sa.Column("chosen_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "thread_id"),
    )
    op.create_table(
        "allowed_type",
        sa.Column("graph_id", sa.Text(), nullable=False),
        sa.Column("module", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("allowed_by", sa.Text(), nullable=False),
        sa.Column("allowed_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("graph_id", "module", "name"),
    )
