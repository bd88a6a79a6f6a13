"""Relays and what they take, ways out, digests, and what comes back.

Revision ID: 0002
"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from alerts.domain.audience import Recipient
from alerts.store.types import Flag, Frozen, Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, names in (("alert", ("danger",)), ("subscriber", ("head", "show_note"))):
        for name in names:
            op.add_column(table, sa.Column(name, Flag(), nullable=False, server_default=sa.false()))
    for table, names in (("alert", ("not_after", "paused_at")), ("subscriber", ("heard_at", "asked_at"))):
        for name in names:
            op.add_column(table, sa.Column(name, Instant()))
    for name in ("batch_open", "batch_thread", "ix_batch_alert_id"):
        op.drop_index(name, "batch")
    op.create_index("batch_open", "batch", ["open", "priority", "no", "token"])
    op.create_index("batch_alert", "batch", ["alert_id", "open", "token"])
    op.create_index("batch_thread", "batch", ["thread", "open", "token", "ordinal"])
    _pack_recipients()
    _make_queue()
    op.drop_table("relay")  # it held only how the one relay was at this moment
    op.create_table(
        "relay",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("preset", sa.Text(), nullable=False),
        sa.Column("url", sa.LargeBinary(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("oauth", sa.LargeBinary(), nullable=False),
        sa.Column("daily", sa.Integer(), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("verp", Flag(), nullable=False),
        sa.Column("ramp_from", Instant()),
        sa.Column("added_at", Instant()),
        sa.Column("tested_at", Instant()),
        sa.Column("blocks", sa.Integer(), nullable=False),
        sa.Column("paused_until", Instant()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("tokens", sa.REAL(), nullable=False),
        sa.Column("filled_at", Instant()),
        sqlite_strict=True,
    )
    op.create_table(
        "relay_use",
        sa.Column("relay_id", sa.Text(), primary_key=True),
        sa.Column("hour", Instant(), primary_key=True),
        sa.Column("taken", sa.Integer(), nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "way",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("target", sa.LargeBinary(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("cert", sa.LargeBinary(), nullable=False),
        sa.Column("encrypt_only", Flag(), nullable=False),
        sa.Column("disabled_why", sa.Text(), nullable=False),
        sa.Column("changed_at", Instant()),
        sqlite_strict=True,
    )
    op.create_table(
        "held",
        sa.Column("subscriber_id", sa.Text(), sa.ForeignKey("subscriber.id"), primary_key=True),
        sa.Column("alert_id", sa.Text(), sa.ForeignKey("alert.id"), primary_key=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("next_at", Instant(), nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_held_next_at", "held", ["next_at"])
    op.create_table(
        "contains",
        sa.Column("digest_id", sa.Text(), sa.ForeignKey("alert.id"), primary_key=True),
        sa.Column("alert_id", sa.Text(), sa.ForeignKey("alert.id"), primary_key=True),
        sqlite_strict=True,
    )
    op.create_index("ix_contains_alert_id", "contains", ["alert_id"])
    op.create_table(
        "bounce",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("subscriber_id", sa.Text(), sa.ForeignKey("subscriber.id"), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("at", Instant()),
        sqlite_strict=True,
    )
    op.create_index("ix_bounce_subscriber_id", "bounce", ["subscriber_id"])
    op.create_index("ix_bounce_at", "bounce", ["at"])
    op.create_table(
        "reply",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Text(), sa.ForeignKey("alert.id")),
        sa.Column("deadline_id", sa.Text(), sa.ForeignKey("deadline.id")),
        sa.Column("subscriber_id", sa.Text(), sa.ForeignKey("subscriber.id")),
        sa.Column("sender", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False, unique=True),
        sa.Column("at", Instant()),
        sa.Column("handled", sa.Text(), nullable=False),
        sa.Column("handled_by", sa.Text()),
        sa.Column("handled_at", Instant()),
        sqlite_strict=True,
    )
    for column in ("alert_id", "deadline_id", "subscriber_id", "at"):
        op.create_index(f"ix_reply_{column}", "reply", [column])
    op.create_table(
        "mailbox",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("uidvalidity", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Integer(), nullable=False),
        sa.Column("read_at", Instant()),
        sa.Column("reason", sa.Text(), nullable=False),
        sqlite_strict=True,
    )


def _make_queue() -> None:
    """Procrastinate's own tables and functions, on PostgreSQL alone: SQLite needs no queue beside the ledger."""
    if op.get_bind().dialect.name == "postgresql":
        from procrastinate.schema import SchemaManager

        # by the driver itself, which takes several statements at once, and no “%” in them for a place
        driver: Any = op.get_bind().connection.driver_connection
        driver.execute(SchemaManager.get_schema())


def _pack_recipients() -> None:
    """A batch wrote each recipient's reasons out in full; now each reason stands in it once."""
    batch = sa.table("batch", sa.column("no", sa.Integer), sa.column("recipients", sa.Text))
    conn = op.get_bind()
    for no, text in conn.execute(sa.select(batch)).all():
        old = [Recipient(r["subscriber_id"], r["language"], tuple(r.get("because", ()))) for r in json.loads(text)]
        packed = sa.type_coerce(tuple(old), Frozen)
        conn.execute(sa.update(batch).where(batch.c.no == no).values(recipients=packed))
