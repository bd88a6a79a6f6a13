"""A hearing as a chain: what it was, who said so, what was reported; whom to ring about a change, and where.

Revision ID: 0012
"""

import sqlalchemy as sa
from alembic import op

from alerts.store.types import Instant

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deadline", sa.Column("told_by", sa.Text()))
    op.add_column("deadline", sa.Column("changed_at", Instant()))
    op.add_column("deadline", sa.Column("report", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.create_table(
        "was",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("deadline_id", sa.Text(), sa.ForeignKey("deadline.id"), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("when", sa.Text()),
        sa.Column("court", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("told_by", sa.Text()),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", Instant()),
        sa.Column("confirmed_by", sa.Text()),
        sa.Column("ended_at", Instant()),
        sa.Column("until", Instant()),
        sa.UniqueConstraint("deadline_id", "revision"),
        sqlite_strict=True,
    )
    op.create_index("ix_was_deadline_id", "was", ["deadline_id"])
    op.create_index("ix_was_until", "was", ["until"])
    op.create_table(
        "call",
        sa.Column("deadline_id", sa.Text(), sa.ForeignKey("deadline.id"), primary_key=True),
        sa.Column("revision", sa.Integer(), primary_key=True),
        sa.Column("subscriber_id", sa.Text(), sa.ForeignKey("subscriber.id"), primary_key=True),
        sa.Column("ticked_at", Instant()),
        sa.Column("ticked_by", sa.Text()),
        sa.Column("how", sa.Text()),
        sqlite_strict=True,
    )
    op.create_table(
        "phone",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("number", sa.LargeBinary(), nullable=False),
        sqlite_strict=True,
    )
