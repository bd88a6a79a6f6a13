"""Tables of what people prepare for, of who hears of it first, and of what should have been heard."""

import sqlalchemy as sa

from alerts.domain import calendarfile, calling, confidants, counting, deadlines, labels, ladders, questions, silence
from alerts.store import columns
from alerts.store.types import Flag, Instant, Json, Word, local

_table, _id, _ref, _text, _at = columns.table, columns.id, columns.ref, columns.text, columns.at
_later, _sealed = columns.later, columns.sealed


DEADLINE = _table(
    "deadline", _id(), sa.Column("kind", Word(deadlines.Kind), nullable=False), sa.Column("when", local()),
    _at("starts_at", index=True), _text("country"), _ref("case_id", "case", empty=True), _text("title"), _text("court"),
    sa.Column("label", Word(labels.Label)), sa.Column("state", Word(deadlines.State), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False), _text("reason"), _text("outcome"), _text("set_by"),
    sa.Column("confirmed_by", sa.Text), _at("confirmed_at"), _at("created_at"),
    _later("rule"), sa.Column("proof", Json(counting.Proof)), sa.Column("outer", local()),
    sa.Column("person_id", sa.Text),
    sa.Column("told_by", Word(deadlines.Teller)), _at("changed_at"), _later("report"),
    sa.Index("deadline_open", "state", "starts_at", "confirmed_by"),
)  # fmt: skip
WAS = _table(
    "was", _id(), _ref("deadline_id", "deadline"), sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("when", local()), _text("court"), sa.Column("state", Word(deadlines.State), nullable=False),
    _text("reason"), sa.Column("told_by", Word(deadlines.Teller)), _text("set_by"), _at("set_at"),
    sa.Column("confirmed_by", sa.Text), _at("ended_at"), _at("until", index=True),
    sa.UniqueConstraint("deadline_id", "revision"),
)  # fmt: skip
REMINDER = _table(
    "reminder", _id(), _ref("deadline_id", "deadline"), sa.Column("revision", sa.Integer, nullable=False),
    _text("rung"),
    sa.Column("whom", Word(ladders.Whom), nullable=False), sa.Column("fire_at", Instant, nullable=False),
    sa.Column("fate", Word(ladders.Fate), nullable=False), _text("reason"), sa.Column("alert_id", sa.Text),
    sa.Index("reminder_due", "fate", "fire_at"),
)  # fmt: skip
CARD = _table(
    "card", _id(), _ref("deadline_id", "deadline"), sa.Column("revision", sa.Integer, nullable=False), _sealed("text"),
    _text("written_by"), _at("written_at"),
)  # fmt: skip
SILENCE = _table(
    "silence", _id(), sa.Column("awaited", Word(silence.Awaited), nullable=False),
    sa.Column("since", Instant, nullable=False), _at("due_at", index=True),
    sa.Column("every", sa.Integer, nullable=False), _ref("case_id", "case", empty=True),
    _ref("deadline_id", "deadline", empty=True), _ref("source_id", "source", empty=True), _text("who"), _sealed("note"),
    _text("kept_by"), _text("heard_by"), _at("fired_at"), sa.Column("off", Flag, nullable=False),
)  # fmt: skip

# who hears of it first

CONFIDANT = _table(
    "confidant", _id(), _ref("case_id", "case"), _ref("person_id", "person", empty=True),
    sa.Column("role", Word(confidants.ConfidantRole), nullable=False),
    _sealed("name"), _sealed("email"), _sealed("phone"),
    _text("language"), _text("zone"), _at("added_at"), _at("ended_at"), _at("last_heard_at"), _at("seen_at"),
)  # fmt: skip
QUESTION = _table(
    "question", _id(), _ref("case_id", "case"), _ref("confidant_id", "confidant"),
    _ref("deadline_id", "deadline", empty=True), sa.Column("what", Word(questions.What), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False), _text("rung"),
    sa.Column("once", sa.Text, nullable=False, unique=True), sa.Column("when", local()),
    sa.Column("fate", Word(questions.Fate), nullable=False, index=True), _sealed("answer"), _sealed("seen"),
    _sealed("text"), sa.Column("led_to", sa.Integer), sa.Column("asked_at", Instant, nullable=False),
    sa.Column("until", Instant, nullable=False), _at("answered_at"), _at("handled_at"),
)  # fmt: skip

IMPORTED = _table(
    "imported", _id(), _ref("deadline_id", "deadline"), sa.Column("uid", sa.Text, nullable=False, unique=True),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("proposes", Word(calendarfile.Proposes), nullable=False), sa.Column("when", local()),
    sa.Column("at", Instant, nullable=False),
)  # fmt: skip
CALL = _table(
    "call", sa.Column("deadline_id", sa.Text, sa.ForeignKey("deadline.id"), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    sa.Column("subscriber_id", sa.Text, sa.ForeignKey("subscriber.id"), primary_key=True), _at("ticked_at"),
    sa.Column("ticked_by", sa.Text), sa.Column("how", Word(calling.How)),
)  # fmt: skip
