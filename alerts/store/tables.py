"""Every table but those of dates, in the order of the flow. Times are `Instant`, sealed columns are marked."""

from typing import Any

import sqlalchemy as sa

from alerts.domain import (
    alerts,
    audience,
    cases,
    deadlines,
    delivery,
    labels,
    proposals,
    responses,
    returns,
    staff,
    triage,
    watching,
)
from alerts.store import columns
from alerts.store.types import Day, Flag, Frozen, Instant, Json, Word, local, words

metadata = columns.metadata
_table, _id, _ref, _text, _at = columns.table, columns.id, columns.ref, columns.text, columns.at
_flag, _later, _sealed, _index_of = columns.flag, columns.later, columns.sealed, columns.index_of


# who works here

STAFF = _table(
    "staff", _id(), _sealed("email"), _index_of("email"), _sealed("name"),
    sa.Column("role", Word(staff.Role), nullable=False),
    _text("password"), _text("invitation"), _at("invited_until"), sa.Column("notices", Flag, nullable=False),
    _at("created_at"), _at("disabled_at"),
)  # fmt: skip
SESSION = _table("session", _id(), _ref("staff_id", "staff"), _at("created_at"), _at("seen_at"))
AUDIT = _table(
    "audit", sa.Column("no", sa.Integer, primary_key=True, autoincrement=False), _at("at"), _text("verb"),
    _text("subject"), _text("detail"), sa.Column("staff_id", sa.Text), _text("hash"),
)  # fmt: skip
AUDIT_HEAD = _table(
    "audit_head", sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("no", sa.Integer, nullable=False), _text("hash"),
)  # fmt: skip

# the matter we follow

CASE = _table(
    "case", _id(), sa.Column("code", sa.Text, nullable=False, unique=True), _text("country"),
    sa.Column("topics", words(), nullable=False), _text("court"), _text("detention"), _text("charge"),
    _text("proceeding"), _text("others"), sa.Column("linked", words(), nullable=False), _text("source"),
    sa.Column("fictional", Flag, nullable=False), sa.Column("answer", Word(labels.Answer)), _text("agreed_by"),
    sa.Column("agreed_on", Day), sa.Column("publicity", Word(cases.Wish), nullable=False),
    sa.Column("missions", Word(cases.Wish), nullable=False), sa.Column("visits", Word(cases.Wish), nullable=False),
    _sealed("notes"), _at("created_at"), _at("closed_at"),
    sa.Column("ladder", words(), nullable=False, server_default="[]"),
)  # fmt: skip
PERSON = _table(
    "person", _id(), _ref("case_id", "case"), sa.Column("position", sa.Integer, nullable=False), _text("name"),
    _text("role"), _text("organisation"), _text("post"), _text("status"), sa.Column("sensitive", Flag, nullable=False),
)  # fmt: skip
NAME_FORM = _table("name_form", _id(), _ref("person_id", "person"), _text("form"), _text("language"))
EVENT = _table(
    "event", _id(), _ref("case_id", "case"), sa.Column("position", sa.Integer, nullable=False), _text("kind")
)
FACT = _table(
    "fact", _id(), _ref("case_id", "case"), sa.Column("position", sa.Integer, nullable=False), _text("text"),
    _ref("event_id", "event", empty=True), sa.Column("when", local()), _text("claim"), _text("outcome"), _text("place"),
    _text("source"), sa.Column("certainty", Word(cases.Certainty), nullable=False),
    sa.Column("label", Word(labels.Label)),
    _text("consent_by"), sa.Column("consent_on", Day), sa.Column("sensitive", Flag, nullable=False),
    _ref("contradicts", "fact", empty=True),
)  # fmt: skip
ASK = _table(
    "ask", _id(), _text("body"), _text("text"), sa.Column("position", sa.Integer, nullable=False),
    _ref("case_id", "case", empty=True), _text("needs"), _text("source"),
)  # fmt: skip
ADDRESSEE = _table(
    "addressee", _id(), _text("country"), _text("office"), _ref("case_id", "case", empty=True), _text("holder"),
    _text("address"),
    sa.Column("salutations", Json(dict[str, str])), sa.Column("copy", Flag, nullable=False),
    sa.Column("checked_on", Day), sa.Column("valid_until", Day),
)  # fmt: skip

# what is watched, and what was seen

SOURCE = _table(
    "source", _id(), sa.Column("url", sa.Text, nullable=False, unique=True), _text("title"), _text("kind"),
    _text("country"), sa.Column("starred", Flag, nullable=False), sa.Column("local", Flag, nullable=False),
    sa.Column("cursor", Json(watching.Cursor), nullable=False),
    sa.Column("health", Word(watching.Health), nullable=False),
    _text("reason"), sa.Column("failures", sa.Integer, nullable=False), _at("next_poll_at", index=True),
    _at("polled_at"), _at("worked_at"), _at("created_at"),
    sa.Column("habits", Json(watching.Habits), nullable=False, server_default="{}"), _later("pick"),
)  # fmt: skip
SIGNAL = _table(
    "signal", _id(), _ref("source_id", "source"), _text("fingerprint"), _text("title"), _text("link"), _text("text"),
    _text("language"), _text("country"), _at("published"), _at("seen_at", index=True),
    _later("content"), _later("revises", index=True), _later("story", index=True), _later("alike"),
    sa.UniqueConstraint("source_id", "fingerprint"),
)  # fmt: skip
MATCH = _table(
    "match", _id(), _ref("signal_id", "signal"), _ref("case_id", "case"), _ref("person_id", "person"), _text("form"),
    _text("words"), sa.Column("start", sa.Integer, nullable=False), sa.Column("end", sa.Integer, nullable=False),
    sa.Column("tier", Word(watching.Tier), nullable=False),
)  # fmt: skip
VERDICT = _table(
    "verdict", sa.Column("signal_id", sa.Text, sa.ForeignKey("signal.id"), primary_key=True),
    sa.Column("then", Word(triage.Then), nullable=False), _text("because"),
    sa.Column("handled", Word(triage.Handled), nullable=False, index=True), sa.Column("handled_by", sa.Text),
    _at("handled_at"), sa.Column("alert_id", sa.Text), _at("page_due", index=True),
)  # fmt: skip
RULE = _table(
    "rule", _id(), sa.Column("position", sa.Integer, nullable=False), _text("name"),
    sa.Column("then", Word(triage.Then), nullable=False), sa.Column("conditions", Json(dict[str, Any]), nullable=False),
)  # fmt: skip
PROPOSAL = _table(
    "proposal", _id(), _ref("signal_id", "signal"), sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False), sa.Column("kind", Word(deadlines.Kind), nullable=False),
    sa.Column("when", local(), nullable=False), sa.Column("doubt", Word(proposals.Doubt)),
    sa.Column("deadline_id", sa.Text),
)  # fmt: skip
CONFIDED = _table("confided", _id(), _sealed("title"), _sealed("text"))
PARTNER = _table(
    "partner", _id(), _sealed("email"), _index_of("email"), _sealed("name"), _ref("source_id", "source"),
    _at("added_at"),
)  # fmt: skip

# what we say

ALERT = _table(
    "alert", _id(), sa.Column("kind", Word(alerts.Kind), nullable=False),
    sa.Column("label", Word(labels.Label), nullable=False),
    sa.Column("thread", sa.Text, nullable=False, index=True), _ref("case_id", "case", empty=True),
    _ref("deadline_id", "deadline", empty=True), sa.Column("revision", sa.Integer), sa.Column("corrects", sa.Text),
    sa.Column("ordinal", sa.Integer, nullable=False), _text("number"),
    sa.Column("reference", sa.Text, nullable=False, index=True),
    sa.Column("topics", words(), nullable=False), sa.Column("countries", words(), nullable=False),
    sa.Column("state", Word(alerts.State), nullable=False, index=True), sa.Column("writers", words(), nullable=False),
    sa.Column("notice", Json(alerts.Notice)), sa.Column("act_by", Day), _at("submitted_at"),
    sa.Column("approved_by", sa.Text),
    _text("approved_hash"), _at("approved_at"), _at("publish_at", index=True), _at("published_at", index=True),
    sa.Column("published_by", sa.Text), _at("halted_at"), sa.Column("audience", sa.Integer, nullable=False),
    _at("created_at"), _flag("danger"), _at("not_after"), _at("paused_at"),
)  # fmt: skip
EDITION = _table(
    "edition", _id(), _ref("alert_id", "alert"), sa.Column("position", sa.Integer, nullable=False), _text("language"),
    _text("title"), _text("body"), sa.Column("facts", Json(tuple[alerts.FactLine, ...]), nullable=False),
    sa.Column("asks", words(), nullable=False),
    sa.Column("addressees", Json(tuple[alerts.AddresseeLine, ...]), nullable=False),
    _text("background"), _text("written_by"), sa.UniqueConstraint("alert_id", "language"),
)  # fmt: skip
NUMBER = _table(
    "number", sa.Column("series", sa.Text, primary_key=True), sa.Column("year", sa.Integer, primary_key=True),
    sa.Column("last", sa.Integer, nullable=False),
)  # fmt: skip

# who asked for it

SUBSCRIBER = _table(
    "subscriber", _id(), _sealed("email"), _index_of("email"), _sealed("name"), _sealed("organisation"),
    sa.Column("kind", Word(audience.ReaderKind), nullable=False), _text("language"), _text("zone"), _text("quiet"),
    _sealed("note"), sa.Column("consented_on", Day), _text("consented_how"), _at("created_at"), _at("confirmed_at"),
    _at("vetted_at"), sa.Column("vetted_by", sa.Text), _at("suppressed_at"), _text("suppressed_why"), _at("left_at"),
    _flag("head"), _flag("show_note"), _at("heard_at"), _at("asked_at"), _later("reach"), _later("rungs"),
    _flag("nag"), _flag("calendar_names"),
)  # fmt: skip
sa.Index("subscriber_rungs", SUBSCRIBER.c.rungs, **columns.where(SUBSCRIBER.c.rungs != sa.text("''")))
sa.Index("subscriber_nag", SUBSCRIBER.c.nag, **columns.where(SUBSCRIBER.c.nag == sa.true()))
SUBSCRIPTION = _table(
    "subscription", _id(), _ref("subscriber_id", "subscriber"), sa.Column("countries", words(), nullable=False),
    sa.Column("cases", words(), nullable=False), sa.Column("topics", words(), nullable=False),
    sa.Column("kinds", words(), nullable=False), sa.Column("cadence", Word(audience.Cadence), nullable=False),
    _at("created_at"),
)  # fmt: skip
WAY = _table(
    "way", _id(), _text("channel"), _sealed("target"), _sealed("secret"), _sealed("cert"),
    sa.Column("encrypt_only", Flag, nullable=False), _text("disabled_why"), _at("changed_at"),
)  # fmt: skip
CALENDAR = _table("calendar", _id(), _ref("subscriber_id", "subscriber"), sa.Column("made_at", Instant, nullable=False))
PHONE = _table("phone", _id(), _sealed("number"))
HELD = _table(
    "held", sa.Column("subscriber_id", sa.Text, sa.ForeignKey("subscriber.id"), primary_key=True),
    sa.Column("alert_id", sa.Text, sa.ForeignKey("alert.id"), primary_key=True), _text("language"),
    sa.Column("because", words(), nullable=False), sa.Column("next_at", Instant, nullable=False, index=True),
)  # fmt: skip
CONTAINS = _table(
    "contains", sa.Column("digest_id", sa.Text, sa.ForeignKey("alert.id"), primary_key=True),
    sa.Column("alert_id", sa.Text, sa.ForeignKey("alert.id"), primary_key=True, index=True),
)  # fmt: skip
LETTER = _table(
    "letter", _id(), _text("kind"), sa.Column("subscriber_id", sa.Text), sa.Column("staff_id", sa.Text),
    _sealed("details"),
    _at("created_at"), _at("not_before", index=True), sa.Column("attempts", sa.Integer, nullable=False),
    _at("ended_at"),
    _text("result"), _text("reason"), sa.Column("confidant_id", sa.Text),
)  # fmt: skip

# what became of it

BATCH = _table(
    "batch", sa.Column("no", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("alert_id", sa.Text, sa.ForeignKey("alert.id"), nullable=False),
    sa.Column("thread", sa.Text, nullable=False), sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False), sa.Column("size", sa.Integer, nullable=False),
    sa.Column("recipients", Frozen, nullable=False),
    sa.Column("open", Flag, nullable=False),
    sa.Column("token", sa.Text),
    # `open` and `token` lie behind the recipients: without them in an index each look would read those too
    sa.Index("batch_open", "open", "priority", "no", "token"), sa.Index("batch_alert", "alert_id", "open", "token"),
    sa.Index("batch_thread", "thread", "open", "token", "ordinal"),
)  # fmt: skip
DELIVERY = _table(
    "delivery", sa.Column("batch_no", sa.Integer, sa.ForeignKey("batch.no"), primary_key=True),
    sa.Column("n", sa.Integer, primary_key=True), sa.Column("result", Word(delivery.Result), nullable=False),
    _text("reason"), _at("at"),
)  # fmt: skip
RETRY = _table(
    "retry", sa.Column("batch_no", sa.Integer, sa.ForeignKey("batch.no"), primary_key=True),
    sa.Column("n", sa.Integer, primary_key=True), sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("first_at", Instant, nullable=False), sa.Column("not_before", Instant, nullable=False, index=True),
    _text("last"), _text("reason"),
)  # fmt: skip
RELAY = _table(
    "relay", _id(), _text("preset"), _sealed("url"), _text("sender"), _sealed("oauth"),
    sa.Column("daily", sa.Integer, nullable=False), sa.Column("per_minute", sa.Integer, nullable=False),
    sa.Column("weight", sa.Integer, nullable=False), sa.Column("verp", Flag, nullable=False), _at("ramp_from"),
    _at("added_at"), _at("tested_at"), sa.Column("blocks", sa.Integer, nullable=False), _at("paused_until"),
    _text("reason"), sa.Column("tokens", sa.REAL, nullable=False), _at("filled_at"),
)  # fmt: skip
RELAY_USE = _table(
    "relay_use", sa.Column("relay_id", sa.Text, primary_key=True), sa.Column("hour", Instant, primary_key=True),
    sa.Column("taken", sa.Integer, nullable=False),
)  # fmt: skip
GRANTED = _table(
    "granted", sa.Column("batch_no", sa.Integer, sa.ForeignKey("batch.no"), primary_key=True),
    sa.Column("relay_id", sa.Text, nullable=False), sa.Column("remaining", sa.Integer, nullable=False),
)  # fmt: skip
RESPONSE = _table(
    "response", _id(), _ref("alert_id", "alert"), _ref("subscriber_id", "subscriber"),
    sa.Column("answer", Word(responses.Answer), nullable=False), _sealed("text"), _at("at", index=True),
)  # fmt: skip
BOUNCE = _table(
    "bounce", _id(), _ref("subscriber_id", "subscriber"), sa.Column("severity", Word(returns.Severity), nullable=False),
    _sealed("reason"), _at("at", index=True),
)  # fmt: skip
REPLY = _table(
    "reply", _id(), sa.Column("kind", Word(returns.Kind), nullable=False), _ref("alert_id", "alert", empty=True),
    _ref("deadline_id", "deadline", empty=True), _ref("subscriber_id", "subscriber", empty=True),
    _sealed("sender"), _sealed("subject"), _sealed("text"), sa.Column("source", sa.Text, nullable=False, unique=True),
    _at("at", index=True), _text("handled"), sa.Column("handled_by", sa.Text), _at("handled_at"),
)  # fmt: skip
MAILBOX = _table(
    "mailbox", _id(), sa.Column("uidvalidity", sa.Integer, nullable=False),
    sa.Column("uid", sa.Integer, nullable=False), _at("read_at"), _text("reason"),
)  # fmt: skip
