"""What visits teach of a source; versions of a signal, and stories that several sources tell.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("source", sa.Column("habits", sa.Text(), nullable=False, server_default="{}"))
    for name in ("content", "revises", "story", "alike"):
        op.add_column("signal", sa.Column(name, sa.Text(), nullable=False, server_default=sa.text("''")))
    for name in ("revises", "story"):
        op.create_index(f"ix_signal_{name}", "signal", [name])
