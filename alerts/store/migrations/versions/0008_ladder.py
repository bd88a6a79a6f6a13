"""Reminders of a case's own, and readers who want other ones than the usual, found without reading all.

Revision ID: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case", sa.Column("ladder", sa.Text(), nullable=False, server_default="[]"))
    for name, column, special in (
        ("subscriber_rungs", "rungs", sa.text("rungs != ''")),
        ("subscriber_nag", "nag", sa.column("nag") == sa.true()),
    ):
        op.create_index(name, "subscriber", [column], sqlite_where=special, postgresql_where=special)
