"""What a reader can reach, the reminders they want, and whether their calendar may name people.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

from alerts.store.types import Flag

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("reach", "rungs"):
        op.add_column("subscriber", sa.Column(name, sa.Text(), nullable=False, server_default=sa.text("''")))
    for name in ("nag", "calendar_names"):
        op.add_column("subscriber", sa.Column(name, Flag(), nullable=False, server_default=sa.false()))
