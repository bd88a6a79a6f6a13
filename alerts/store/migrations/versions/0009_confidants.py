"""Lawyer and family, and what they are asked.

Revision ID: 0009
"""

import sqlalchemy as sa
from alembic import op

from alerts.store.types import Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("letter", sa.Column("confidant_id", sa.Text()))
    op.create_table(
        "confidant",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("case_id", sa.Text(), sa.ForeignKey("case.id"), nullable=False),
        sa.Column("person_id", sa.Text(), sa.ForeignKey("person.id")),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("email", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("added_at", Instant()),
        sa.Column("ended_at", Instant()),
        sa.Column("last_heard_at", Instant()),
        sa.Column("seen_at", Instant()),
        sqlite_strict=True,
    )
    op.create_index("ix_confidant_case_id", "confidant", ["case_id"])
    op.create_index("ix_confidant_person_id", "confidant", ["person_id"])
    op.create_table(
        "question",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("case_id", sa.Text(), sa.ForeignKey("case.id"), nullable=False),
        sa.Column("confidant_id", sa.Text(), sa.ForeignKey("confidant.id"), nullable=False),
        sa.Column("deadline_id", sa.Text(), sa.ForeignKey("deadline.id")),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("rung", sa.Text(), nullable=False),
        sa.Column("once", sa.Text(), nullable=False, unique=True),
        sa.Column("when", sa.Text()),
        sa.Column("fate", sa.Text(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("seen", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("led_to", sa.Integer()),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("answered_at", Instant()),
        sa.Column("handled_at", Instant()),
        sqlite_strict=True,
    )
    for name in ("case_id", "confidant_id", "deadline_id", "fate"):
        op.create_index(f"ix_question_{name}", "question", [name])
