"""The life of an alert: every state, every role, and what is vouched for."""

from dataclasses import fields, replace
from datetime import date

import pytest
from builders import ANA, BEK, CLEO, DANA, DAY, HOUR, NOON, an_alert, an_edition

from alerts.domain import alerts
from alerts.domain.alerts import (
    UNPUBLISHED,
    AddresseeLine,
    Alert,
    Edition,
    FactLine,
    Kind,
    Notice,
    State,
    content_hash,
    edited,
    halt,
    title,
)
from alerts.domain.errors import Conflict, Forbidden, Invalid
from alerts.domain.labels import Label
from alerts.domain.staff import Role
from alerts.domain.threads import SUPERSEDES, check_thread, follow, followed, number, superseded
from alerts.domain.times import on

ALERT = an_alert()
HASH = "hash of what was read"
LAST = replace(CLEO, id="last")


def in_state(state: State, **kw: object) -> Alert:
    published = None if state in (*UNPUBLISHED, State.CANCELLED) else NOON
    approved = HASH if state in (State.APPROVED, State.SCHEDULED) else ""
    return an_alert(state=state, published_at=published, approved_hash=approved, **kw)


STEPS = {
    "edit": (Role.AUTHOR, UNPUBLISHED, lambda a, by: edited(a, by=by)),
    "submit": (Role.AUTHOR, (State.DRAFT,), lambda a, by: alerts.submit(a, by=by, now=NOON)),
    "approve": (Role.APPROVER, (State.IN_REVIEW,), lambda a, by: alerts.approve(a, HASH, by=by, now=NOON)),
    "schedule": (
        Role.AUTHOR,
        (State.APPROVED, State.SCHEDULED),
        lambda a, by: alerts.schedule(a, NOON + HOUR, by=by, now=NOON),
    ),
    "publish": (Role.AUTHOR, (State.APPROVED, State.SCHEDULED), lambda a, by: alerts.publish(a, HASH, by=by, now=NOON)),
    "halt": (
        Role.AUTHOR,
        (*UNPUBLISHED, State.PUBLISHING, State.PUBLISHED, State.UPDATED),
        lambda a, by: halt(a, by=by, now=NOON),
    ),
    "update": (
        Role.AUTHOR,
        (State.PUBLISHING, State.PUBLISHED, State.UPDATED, State.CORRECTED, State.STOPPED),
        lambda a, by: follow(a, Kind.UPDATE, "b", 2, by=by, now=NOON),
    ),
    "stop": (
        Role.APPROVER,
        (State.PUBLISHING, State.PUBLISHED, State.UPDATED, State.CORRECTED, State.STOPPED),
        lambda a, by: follow(a, Kind.STOP, "b", 2, by=by, now=NOON),
    ),
}
BECOMES = {
    "edit": State.DRAFT, "submit": State.IN_REVIEW, "approve": State.APPROVED, "schedule": State.SCHEDULED,
    "publish": State.PUBLISHING, "update": State.DRAFT, "stop": State.DRAFT,
}  # fmt: skip


@pytest.mark.parametrize("by", [DANA, ANA, BEK, CLEO], ids=lambda who: who.role)
@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("step", STEPS)
def test_each_step_is_taken_from_its_states_by_its_roles_and_by_nobody_else(step, state, by):
    role, states, take = STEPS[step]
    alert = in_state(state, writers=("somebody",))
    if not by.may(role):
        with pytest.raises(Forbidden):
            take(alert, by)
    elif state not in states:
        with pytest.raises(Conflict, match=str(state)):
            take(alert, by)
    else:
        after = take(alert, by)
        assert step == "halt" or after.state is BECOMES[step]
        assert (after.state is State.PUBLISHING) <= (after.published_at is not None)


@pytest.mark.parametrize("by", [ANA, BEK, CLEO, LAST], ids=lambda who: who.id)
@pytest.mark.parametrize("writers", [(), ("ana",), ("bek",), ("ana", "bek"), ("ana", "cleo", "last")])
def test_nobody_approves_what_they_wrote_or_changed(writers, by):
    alert = in_state(State.IN_REVIEW, writers=writers)
    if by.role is Role.AUTHOR or by.id in writers:
        with pytest.raises(Forbidden):
            alerts.approve(alert, HASH, by=by, now=NOON)
    else:
        assert alerts.approve(alert, HASH, by=by, now=NOON).approved_by == by.id


@pytest.mark.parametrize("state", UNPUBLISHED)
def test_an_edit_voids_approval_and_makes_a_writer(state):
    alert = edited(in_state(state, approved_by="cleo", approved_at=NOON, publish_at=NOON + HOUR), by=BEK)
    assert alert.state is State.DRAFT
    assert (alert.approved_by, alert.approved_hash, alert.approved_at, alert.publish_at) == (None, "", None, None)
    assert alert.writers == ("ana", "bek")
    assert edited(alert, by=BEK).writers == ("ana", "bek")


def test_what_is_published_is_exactly_what_was_approved():
    with pytest.raises(Conflict, match="changed since it was approved"):
        alerts.publish(in_state(State.APPROVED), "another text", by=ANA, now=NOON)


def test_an_alert_is_scheduled_for_later_only():
    for at in (NOON, NOON - HOUR):
        with pytest.raises(Invalid, match="past"):
            alerts.schedule(in_state(State.APPROVED), at, by=ANA, now=NOON)


@pytest.mark.parametrize("state", UNPUBLISHED)
def test_halting_what_was_not_published_cancels_it(state):
    after = halt(in_state(state, publish_at=NOON), by=ANA, now=NOON)
    assert (after.state, after.publish_at, after.halted_at) == (State.CANCELLED, None, None)


def test_halting_what_is_on_its_way_keeps_the_moment():
    after = halt(in_state(State.PUBLISHING), by=ANA, now=NOON)
    assert (after.state, after.halted_at) == (State.CANCELLED, NOON)
    stopped = in_state(State.PUBLISHED, halted_at=NOON)
    assert halt(stopped, by=ANA, now=NOON + HOUR).halted_at == NOON


# what is vouched for

CHANGES = {
    "title": "Another title", "body": "Another text", "background": "more", "asks": ("call", "write"), "language": "ru",
    "facts": (FactLine("f", "taken", on("2030-01-01", "Asia/Bishkek")),), "addressees": (AddresseeLine("Prosecutor"),),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_any_change_that_a_reader_sees_changes_the_hash(name):
    before = content_hash(ALERT, [an_edition(ALERT, id="e")])
    assert content_hash(ALERT, [replace(an_edition(ALERT, id="e"), **{name: CHANGES[name]})]) != before


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("when", on("2030-01-01", "Asia/Bishkek"), on("2030-01-02", "Asia/Bishkek")),
        ("when", on("2030-01", "Asia/Bishkek"), on("2030-01-01", "Asia/Bishkek")),
        ("certainty", "reported", "confirmed"),
        ("claim", "", "in May"),
        ("text", "taken", "taken away"),
    ],
)
def test_so_does_any_change_in_a_fact(field, one, other):
    hashes = {
        content_hash(ALERT, [an_edition(ALERT, facts=(replace(FactLine("f", "taken"), **{field: v}),))])
        for v in (one, other)
    }
    assert len(hashes) == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [("label", Label.CLEAR), ("countries", ("KG", "KZ")), ("topics", ("trial",)), ("act_by", date(2030, 5, 1))],
)
def test_so_does_what_decides_who_reads_it(name, value):
    assert content_hash(replace(ALERT, **{name: value}), [an_edition(ALERT, id="e")]) != content_hash(
        ALERT, [an_edition(ALERT, id="e")]
    )


def test_another_edition_changes_the_hash_and_their_order_in_the_list_does_not():
    english, russian = an_edition(ALERT, id="e"), an_edition(ALERT, "ru", position=1)
    both = content_hash(ALERT, [english, russian])
    assert both != content_hash(ALERT, [english])
    assert both == content_hash(ALERT, [russian, english])


def test_every_field_of_an_edition_is_in_the_hash_or_known_not_to_be():
    unseen = {"id", "written_by", "alert_id", "position"}
    assert {field.name for field in fields(Edition)} == set(CHANGES) | unseen


# what follows what


def issue(n: int, kind: Kind = Kind.URGENT, corrects: int | None = None, **kw: object) -> Alert:
    usual = {"id": str(n), "kind": kind, "ordinal": n, "thread": "1", "state": State.PUBLISHED, "published_at": NOON}
    return an_alert(**usual | {"corrects": str(corrects) if corrects else None} | kw)


def ids(found: list[Alert]) -> list[str]:
    return [alert.id for alert in found]


def test_danger_to_life_is_part_of_what_is_approved_and_changes_no_older_hash():
    calm, dangerous = an_alert(), an_alert(danger=True)
    assert content_hash(calm, []) == content_hash(replace(calm, danger=False), [])
    assert content_hash(replace(calm, danger=True), []) != content_hash(calm, [])
    corrected = [follow(replace(dangerous, published_at=NOON), kind, "new", 2, by=CLEO, now=NOON) for kind in Kind]
    assert {alert.kind for alert in corrected if alert.danger} == {Kind.CORRECTION, Kind.WITHDRAWAL}


def test_what_is_on_its_way_is_paused_and_resumed():
    sent = an_alert(state=State.PUBLISHING, published_at=NOON)
    paused = alerts.pause(sent, by=ANA, now=NOON)
    assert paused.paused_at == NOON
    assert alerts.resume(paused, by=ANA) == sent
    for alert, why in (an_alert(), "on its way"), (replace(sent, halted_at=NOON), "on its way"), (paused, "already"):
        with pytest.raises(Conflict, match=why):
            alerts.pause(alert, by=ANA, now=NOON)
    with pytest.raises(Conflict, match="not paused"):
        alerts.resume(sent, by=ANA)
    with pytest.raises(Forbidden):
        alerts.pause(sent, by=DANA, now=NOON)


def test_an_alert_that_nobody_would_get_in_time_is_not_published():
    assert alerts.until(an_alert(), NOON + HOUR, now=NOON).not_after == NOON + HOUR
    for alert, last in (an_alert(), NOON), (an_alert(publish_at=NOON + DAY), NOON + HOUR):
        with pytest.raises(Invalid, match="nobody would get it"):
            alerts.until(alert, last, now=NOON)
    late = an_alert(state=State.SCHEDULED, approved_hash="x", not_after=NOON)
    with pytest.raises(Conflict, match="is past"):
        alerts.publish(late, "x", by=ANA, now=NOON)


def test_a_follower_is_a_new_draft_under_the_same_number():
    first = issue(
        1, number="UA 001/2030 KGZ", reference="7KQ4", approved_by="bek", approved_hash=HASH, audience=9, halted_at=NOON
    )
    new = follow(first, Kind.UPDATE, "2", 2, by=ANA, now=NOON + DAY)
    assert (new.number, new.reference, new.thread, new.ordinal, new.corrects) == (
        "UA 001/2030 KGZ",
        "7KQ4",
        "1",
        2,
        "1",
    )
    assert (new.state, new.writers, new.approved_by, new.approved_hash) == (State.DRAFT, ("ana",), None, "")
    assert (new.published_at, new.halted_at, new.audience, new.created_at) == (None, None, 0, NOON + DAY)


def test_a_correction_stops_what_it_corrects_and_no_more():
    thread = [issue(1), issue(2, Kind.UPDATE, 1)]
    assert ids(superseded(issue(3, Kind.CORRECTION, 2), thread)) == ["2"]
    assert ids(superseded(issue(3, Kind.CORRECTION, 1), thread)) == ["1"]


def test_a_correction_of_a_correction_reaches_who_has_only_the_first():
    thread = [issue(1), issue(2, Kind.CORRECTION, 1), issue(3, Kind.CORRECTION, 2)]
    assert ids(superseded(issue(4, Kind.CORRECTION, 3), thread)) == ["1", "2", "3"]


def test_a_newer_reminder_stops_older_reminders_and_leaves_corrections_alone():
    thread = [issue(1, Kind.REMINDER), issue(2, Kind.CORRECTION), issue(3, Kind.REMINDER)]
    assert ids(superseded(issue(4, Kind.REMINDER), thread)) == ["1", "3"]


@pytest.mark.parametrize("kind", [Kind.STOP, Kind.WITHDRAWAL])
def test_a_stop_and_a_withdrawal_speak_for_the_whole_thread(kind):
    thread = [issue(1), issue(2, Kind.UPDATE, 1), issue(3, Kind.CORRECTION, 1), issue(9, published_at=None)]
    assert ids(superseded(issue(4, kind, 1), thread)) == ["1", "2", "3"]


@pytest.mark.parametrize("kind", [Kind.URGENT, Kind.UPDATE])
def test_an_update_stops_nothing(kind):
    assert superseded(issue(2, kind, 1), [issue(1)]) == []


@pytest.mark.parametrize("kind", Kind)
def test_nothing_stops_a_request_to_delete(kind):
    thread = [issue(1), issue(2, Kind.WITHDRAWAL, 1)]
    assert "2" not in ids(superseded(issue(3, kind, 1, notice=Notice("hearing")), thread))


def test_what_an_earlier_issue_becomes():
    for kind, state in (
        (Kind.UPDATE, State.UPDATED), (Kind.CORRECTION, State.CORRECTED),
        (Kind.STOP, State.STOPPED), (Kind.WITHDRAWAL, State.WITHDRAWN),
    ):  # fmt: skip
        after = followed(issue(2, kind, 1), issue(1), NOON, under_way=True)
        assert (after.state, after.halted_at) == (state, NOON if kind in SUPERSEDES else None)
    assert followed(issue(2, Kind.REMINDER), issue(1, Kind.REMINDER), NOON, under_way=True).state is State.PUBLISHED


def test_a_text_approved_before_a_withdrawal_or_a_stop_does_not_go_out_after_it():
    update = issue(3, Kind.UPDATE, 1, published_at=None, approved_at=NOON)
    check_thread(update, [issue(1), issue(2, Kind.UPDATE, 1), update])
    for kind in SUPERSEDES:
        with pytest.raises(Conflict):
            check_thread(update, [issue(1), issue(2, kind, 1, published_at=NOON + HOUR), update])
    again = replace(update, approved_at=NOON + 2 * HOUR)
    check_thread(again, [issue(1), issue(2, Kind.STOP, 1, published_at=NOON + HOUR)])
    with pytest.raises(Conflict, match="withdrawn"):
        check_thread(again, [issue(1), issue(2, Kind.WITHDRAWAL, 1, published_at=NOON + HOUR)])


# words


def test_the_title_is_one_line():
    assert title("  Дело №3 – «тест»  ") == "Дело №3 – «тест»"
    for bad in ("", " ", "a\nBcc: x@y", "a\rb", "a\x00b", "a\u2028b", "a\x0bb", "a\x85b", "x" * 201):
        with pytest.raises(Invalid):
            title(bad)


def test_a_number_says_series_place_year_and_country():
    assert number("UA", 14, 2026, "KGZ") == "UA 014/2026 KGZ"
    assert number("DN", 1203, 2026, "") == "DN 1203/2026"


def test_what_is_urgent_goes_first():
    assert sorted(Kind, key=lambda kind: kind.priority)[0] is Kind.WITHDRAWAL
    assert Kind.URGENT.priority < Kind.REMINDER.priority < Kind.UPDATE.priority


def test_an_auditor_only_reads():
    for step, (_, states, take) in STEPS.items():
        with pytest.raises(Forbidden):
            take(in_state(states[0]), DANA)
        assert step
