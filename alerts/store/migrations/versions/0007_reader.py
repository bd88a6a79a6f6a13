"""What a reader can reach, the reminders they want, whether their calendar may name people; and court cards.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

from alerts.store.types import Flag, Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("reach", "rungs"):
        op.add_column("subscriber", sa.Column(name, sa.Text(), nullable=False, server_default=sa.text("''")))
    for name in ("nag", "calendar_names"):
        op.add_column("subscriber", sa.Column(name, Flag(), nullable=False, server_default=sa.false()))
    op.create_table(
        "card",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("deadline_id", sa.Text(), sa.ForeignKey("deadline.id"), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("written_at", Instant()),
        sqlite_strict=True,
    )
    op.create_index("ix_card_deadline_id", "card", ["deadline_id"])
