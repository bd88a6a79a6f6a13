"""The desk as it opens: every stage of the flow.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

from alerts.store.types import Flag, Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("no", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("at", Instant()),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Text()),
        sa.Column("hash", sa.Text(), nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "case",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("code", sa.Text(), nullable=False, unique=True),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("topics", sa.Text(), nullable=False),
        sa.Column("court", sa.Text(), nullable=False),
        sa.Column("detention", sa.Text(), nullable=False),
        sa.Column("charge", sa.Text(), nullable=False),
        sa.Column("proceeding", sa.Text(), nullable=False),
        sa.Column("others", sa.Text(), nullable=False),
        sa.Column("linked", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("fictional", Flag(), nullable=False),
        sa.Column("answer", sa.Text()),
        sa.Column("agreed_by", sa.Text(), nullable=False),
        sa.Column("agreed_on", sa.Text()),
        sa.Column("publicity", sa.Text(), nullable=False),
        sa.Column("missions", sa.Text(), nullable=False),
        sa.Column("visits", sa.Text(), nullable=False),
        sa.Column("notes", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Instant()),
        sa.Column("closed_at", Instant()),
        sqlite_strict=True,
    )
    op.create_table(
        "letter",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subscriber_id", sa.Text()),
        sa.Column("staff_id", sa.Text()),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Instant()),
        sa.Column("not_before", Instant()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("ended_at", Instant()),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_letter_not_before", "letter", ["not_before"])
    op.create_table(
        "number",
        sa.Column("series", sa.Text(), primary_key=True),
        sa.Column("year", sa.Integer(), primary_key=True),
        sa.Column("last", sa.Integer(), nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "relay",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("blocks", sa.Integer(), nullable=False),
        sa.Column("paused_until", Instant()),
        sa.Column("reason", sa.Text(), nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "source",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("url", sa.Text(), nullable=False, unique=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("starred", Flag(), nullable=False),
        sa.Column("local", Flag(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("health", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_poll_at", Instant()),
        sa.Column("polled_at", Instant()),
        sa.Column("worked_at", Instant()),
        sa.Column("created_at", Instant()),
        sqlite_strict=True,
    )
    op.create_index("ix_source_next_poll_at", "source", ["next_poll_at"])
    op.create_table(
        "staff",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("email", sa.LargeBinary(), nullable=False),
        sa.Column("email_index", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("invitation", sa.Text(), nullable=False),
        sa.Column("invited_until", Instant()),
        sa.Column("notices", Flag(), nullable=False),
        sa.Column("created_at", Instant()),
        sa.Column("disabled_at", Instant()),
        sqlite_strict=True,
    )
    op.create_table(
        "subscriber",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("email", sa.LargeBinary(), nullable=False),
        sa.Column("email_index", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("organisation", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("quiet", sa.Text(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("consented_on", sa.Text()),
        sa.Column("consented_how", sa.Text(), nullable=False),
        sa.Column("created_at", Instant()),
        sa.Column("confirmed_at", Instant()),
        sa.Column("vetted_at", Instant()),
        sa.Column("vetted_by", sa.Text()),
        sa.Column("suppressed_at", Instant()),
        sa.Column("suppressed_why", sa.Text(), nullable=False),
        sa.Column("left_at", Instant()),
        sqlite_strict=True,
    )
    op.create_table(
        "addressee",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), sa.ForeignKey("case.id")),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("salutations", sa.Text()),
        sa.Column("copy", Flag(), nullable=False),
        sa.Column("checked_on", sa.Text()),
        sa.Column("valid_until", sa.Text()),
        sqlite_strict=True,
    )
    op.create_index("ix_addressee_case_id", "addressee", ["case_id"])
    op.create_table(
        "ask",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Text(), sa.ForeignKey("case.id")),
        sa.Column("needs", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_ask_case_id", "ask", ["case_id"])
    op.create_table(
        "deadline",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("when", sa.Text()),
        sa.Column("starts_at", Instant()),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), sa.ForeignKey("case.id")),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("court", sa.Text(), nullable=False),
        sa.Column("label", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("confirmed_by", sa.Text()),
        sa.Column("confirmed_at", Instant()),
        sa.Column("created_at", Instant()),
        sqlite_strict=True,
    )
    op.create_index("deadline_open", "deadline", ["state", "starts_at", "confirmed_by"])
    op.create_index("ix_deadline_case_id", "deadline", ["case_id"])
    op.create_index("ix_deadline_starts_at", "deadline", ["starts_at"])
    op.create_table(
        "event",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("case_id", sa.Text(), sa.ForeignKey("case.id"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_event_case_id", "event", ["case_id"])
    op.create_table(
        "person",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("case_id", sa.Text(), sa.ForeignKey("case.id"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("sensitive", Flag(), nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_person_case_id", "person", ["case_id"])
    op.create_table(
        "session",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("staff_id", sa.Text(), sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("created_at", Instant()),
        sa.Column("seen_at", Instant()),
        sqlite_strict=True,
    )
    op.create_index("ix_session_staff_id", "session", ["staff_id"])
    op.create_table(
        "signal",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("source_id", sa.Text(), sa.ForeignKey("source.id"), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("published", Instant()),
        sa.Column("seen_at", Instant()),
        sa.UniqueConstraint("source_id", "fingerprint"),
        sqlite_strict=True,
    )
    op.create_index("ix_signal_seen_at", "signal", ["seen_at"])
    op.create_index("ix_signal_source_id", "signal", ["source_id"])
    op.create_table(
        "subscription",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("subscriber_id", sa.Text(), sa.ForeignKey("subscriber.id"), nullable=False),
        sa.Column("countries", sa.Text(), nullable=False),
        sa.Column("cases", sa.Text(), nullable=False),
        sa.Column("topics", sa.Text(), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("cadence", sa.Text(), nullable=False),
        sa.Column("created_at", Instant()),
        sqlite_strict=True,
    )
    op.create_index("ix_subscription_subscriber_id", "subscription", ["subscriber_id"])
    op.create_table(
        "alert",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), sa.ForeignKey("case.id")),
        sa.Column("deadline_id", sa.Text(), sa.ForeignKey("deadline.id")),
        sa.Column("revision", sa.Integer()),
        sa.Column("corrects", sa.Text()),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("topics", sa.Text(), nullable=False),
        sa.Column("countries", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("writers", sa.Text(), nullable=False),
        sa.Column("notice", sa.Text()),
        sa.Column("act_by", sa.Text()),
        sa.Column("submitted_at", Instant()),
        sa.Column("approved_by", sa.Text()),
        sa.Column("approved_hash", sa.Text(), nullable=False),
        sa.Column("approved_at", Instant()),
        sa.Column("publish_at", Instant()),
        sa.Column("published_at", Instant()),
        sa.Column("published_by", sa.Text()),
        sa.Column("halted_at", Instant()),
        sa.Column("audience", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant()),
        sqlite_strict=True,
    )
    op.create_index("ix_alert_case_id", "alert", ["case_id"])
    op.create_index("ix_alert_deadline_id", "alert", ["deadline_id"])
    op.create_index("ix_alert_publish_at", "alert", ["publish_at"])
    op.create_index("ix_alert_published_at", "alert", ["published_at"])
    op.create_index("ix_alert_reference", "alert", ["reference"])
    op.create_index("ix_alert_state", "alert", ["state"])
    op.create_index("ix_alert_thread", "alert", ["thread"])
    op.create_table(
        "fact",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("case_id", sa.Text(), sa.ForeignKey("case.id"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), sa.ForeignKey("event.id")),
        sa.Column("when", sa.Text()),
        sa.Column("claim", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("certainty", sa.Text(), nullable=False),
        sa.Column("label", sa.Text()),
        sa.Column("consent_by", sa.Text(), nullable=False),
        sa.Column("consent_on", sa.Text()),
        sa.Column("sensitive", Flag(), nullable=False),
        sa.Column("contradicts", sa.Text(), sa.ForeignKey("fact.id")),
        sqlite_strict=True,
    )
    op.create_index("ix_fact_case_id", "fact", ["case_id"])
    op.create_index("ix_fact_contradicts", "fact", ["contradicts"])
    op.create_index("ix_fact_event_id", "fact", ["event_id"])
    op.create_table(
        "match",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("signal_id", sa.Text(), sa.ForeignKey("signal.id"), nullable=False),
        sa.Column("case_id", sa.Text(), sa.ForeignKey("case.id"), nullable=False),
        sa.Column("person_id", sa.Text(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_match_case_id", "match", ["case_id"])
    op.create_index("ix_match_person_id", "match", ["person_id"])
    op.create_index("ix_match_signal_id", "match", ["signal_id"])
    op.create_table(
        "name_form",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("person_id", sa.Text(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_name_form_person_id", "name_form", ["person_id"])
    op.create_table(
        "reminder",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("deadline_id", sa.Text(), sa.ForeignKey("deadline.id"), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("rung", sa.Text(), nullable=False),
        sa.Column("whom", sa.Text(), nullable=False),
        sa.Column("fire_at", Instant(), nullable=False),
        sa.Column("fate", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Text()),
        sqlite_strict=True,
    )
    op.create_index("ix_reminder_deadline_id", "reminder", ["deadline_id"])
    op.create_index("reminder_due", "reminder", ["fate", "fire_at"])
    op.create_table(
        "verdict",
        sa.Column("signal_id", sa.Text(), sa.ForeignKey("signal.id"), primary_key=True),
        sa.Column("then", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("handled", sa.Text(), nullable=False),
        sa.Column("handled_by", sa.Text()),
        sa.Column("handled_at", Instant()),
        sa.Column("alert_id", sa.Text()),
        sqlite_strict=True,
    )
    op.create_index("ix_verdict_handled", "verdict", ["handled"])
    op.create_table(
        "batch",
        sa.Column("no", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("alert_id", sa.Text(), sa.ForeignKey("alert.id"), nullable=False),
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("recipients", sa.Text(), nullable=False),
        sa.Column("open", Flag(), nullable=False),
        sa.Column("token", sa.Text()),
        sqlite_strict=True,
    )
    op.create_index("batch_open", "batch", ["open", "priority", "no"])
    op.create_index("batch_thread", "batch", ["thread"])
    op.create_index("ix_batch_alert_id", "batch", ["alert_id"])
    op.create_table(
        "edition",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("alert_id", sa.Text(), sa.ForeignKey("alert.id"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("asks", sa.Text(), nullable=False),
        sa.Column("addressees", sa.Text(), nullable=False),
        sa.Column("background", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.UniqueConstraint("alert_id", "language"),
        sqlite_strict=True,
    )
    op.create_index("ix_edition_alert_id", "edition", ["alert_id"])
    op.create_table(
        "response",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("alert_id", sa.Text(), sa.ForeignKey("alert.id"), nullable=False),
        sa.Column("subscriber_id", sa.Text(), sa.ForeignKey("subscriber.id"), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("at", Instant()),
        sqlite_strict=True,
    )
    op.create_index("ix_response_alert_id", "response", ["alert_id"])
    op.create_index("ix_response_at", "response", ["at"])
    op.create_index("ix_response_subscriber_id", "response", ["subscriber_id"])
    op.create_table(
        "delivery",
        sa.Column("batch_no", sa.Integer(), sa.ForeignKey("batch.no"), primary_key=True),
        sa.Column("n", sa.Integer(), primary_key=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", Instant()),
        sqlite_strict=True,
    )
    op.create_table(
        "retry",
        sa.Column("batch_no", sa.Integer(), sa.ForeignKey("batch.no"), primary_key=True),
        sa.Column("n", sa.Integer(), primary_key=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_at", Instant(), nullable=False),
        sa.Column("not_before", Instant(), nullable=False),
        sa.Column("last", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_retry_not_before", "retry", ["not_before"])
    op.execute("INSERT INTO audit_head (id, no, hash) VALUES (1, 0, '')")
