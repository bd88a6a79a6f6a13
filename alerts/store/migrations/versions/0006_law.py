"""Deadlines counted from a rule of law: the rule, the proof, the outer date, and whose it is.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deadline", sa.Column("rule", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column("deadline", sa.Column("proof", sa.Text()))
    op.add_column("deadline", sa.Column("outer", sa.Text()))
    op.add_column("deadline", sa.Column("person_id", sa.Text()))
