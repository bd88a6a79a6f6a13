"""What we wait to hear.

Revision ID: 0010
"""

import sqlalchemy as sa
from alembic import op

from alerts.store.types import Flag, Instant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "silence",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("awaited", sa.Text(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("due_at", Instant()),
        sa.Column("every", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Text(), sa.ForeignKey("case.id")),
        sa.Column("deadline_id", sa.Text(), sa.ForeignKey("deadline.id")),
        sa.Column("source_id", sa.Text(), sa.ForeignKey("source.id")),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("kept_by", sa.Text(), nullable=False),
        sa.Column("heard_by", sa.Text(), nullable=False),
        sa.Column("fired_at", Instant()),
        sa.Column("off", Flag(), nullable=False),
        sqlite_strict=True,
    )
    for name in ("due_at", "case_id", "deadline_id", "source_id"):
        op.create_index(f"ix_silence_{name}", "silence", [name])
