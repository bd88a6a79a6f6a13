"""Readers' secret calendars, and entries of partners' calendars.

Revision ID: 0011
"""

import sqlalchemy as sa
from alembic import op

from alerts.store.types import Instant

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "imported",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("deadline_id", sa.Text(), sa.ForeignKey("deadline.id"), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False, unique=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("proposes", sa.Text(), nullable=False),
        sa.Column("when", sa.Text()),
        sa.Column("at", Instant(), nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_imported_deadline_id", "imported", ["deadline_id"])
    op.create_table(
        "calendar",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("subscriber_id", sa.Text(), sa.ForeignKey("subscriber.id"), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_calendar_subscriber_id", "calendar", ["subscriber_id"])
