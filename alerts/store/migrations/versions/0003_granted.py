"""What a relay with a limit was given of a batch, and is not yet sent.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "granted",
        sa.Column("batch_no", sa.Integer(), sa.ForeignKey("batch.no"), primary_key=True),
        sa.Column("relay_id", sa.Text(), nullable=False),
        sa.Column("remaining", sa.Integer(), nullable=False),
        sqlite_strict=True,
    )
