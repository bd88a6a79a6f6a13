"""Rules written in the console, dates found in texts, partners' mails and what staff paste.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

from alerts.store.types import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("source", sa.Column("pick", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column("verdict", sa.Column("page_due", Instant()))
    op.create_index("ix_verdict_page_due", "verdict", ["page_due"])
    op.create_table(
        "rule",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("then", sa.Text(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("signal_id", sa.Text(), sa.ForeignKey("signal.id"), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("when", sa.Text(), nullable=False),
        sa.Column("doubt", sa.Text()),
        sa.Column("deadline_id", sa.Text()),
        sqlite_strict=True,
    )
    op.create_index("ix_proposal_signal_id", "proposal", ["signal_id"])
    op.create_table(
        "confided",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("title", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "partner",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("email", sa.LargeBinary(), nullable=False),
        sa.Column("email_index", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("source_id", sa.Text(), sa.ForeignKey("source.id"), nullable=False),
        sa.Column("added_at", Instant()),
        sqlite_strict=True,
    )
    op.create_index("ix_partner_source_id", "partner", ["source_id"])
