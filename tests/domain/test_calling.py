"""Whom to ring about a change, in which order, and when nobody has to be rung any more."""

from datetime import timedelta

import pytest
from builders import ANA, DANA, HEARING, HOUR, NOON, a_deadline

from alerts.domain import calling, phones
from alerts.domain.calling import Call, Count, Holder, How, Mailed
from alerts.domain.deadlines import State
from alerts.domain.errors import Conflict, Forbidden, Invalid
from alerts.domain.times import at, between

TEN_HOURS_BEFORE = HEARING.instant - 10 * HOUR
LATER = at("2030-02-09 10:00", "Asia/Bishkek")


def holder(id, mailed=Mailed.SENT, how=None, **kw):
    return Holder(Call("d", 2, id, NOON if how else None, "ana" if how else None, how), mailed, **kw)


def test_who_needs_it_most_is_rung_first_then_whom_no_mail_reaches_and_who_knows_comes_last():
    found = calling.order([
        holder("knows", said_at=NOON, rank=0), holder("silent"), holder("refused", Mailed.FAILED),
        holder("tried", Mailed.FAILED, How.NOT_REACHED), holder("near", rank=3), holder("rung", how=How.RANG, rank=0),
    ])  # fmt: skip
    assert [one.call.subscriber_id for one in found] == ["near", "refused", "silent", "tried", "knows", "rung"]
    assert calling.count(found) == Count(know=2, silent=2, phone_only=2)
    assert (calling.count(found).holders, calling.count(found).to_ring) == (6, 4)


def test_a_change_needs_a_list_where_the_old_date_or_the_new_one_is_near():
    assert calling.needed(LATER, HEARING, TEN_HOURS_BEFORE)
    assert calling.needed(HEARING, LATER, TEN_HOURS_BEFORE)
    assert calling.needed(HEARING, None, TEN_HOURS_BEFORE)  # put off: somebody may be on their way
    assert not calling.needed(LATER, HEARING, HEARING.instant - timedelta(hours=37))
    month = between("in February", "2030-02-01", "2030-02-28", "Asia/Bishkek")
    assert not calling.needed(None, month, TEN_HOURS_BEFORE)


def test_only_an_earlier_date_that_is_near_is_brought_forward():
    assert calling.brought_forward(LATER, HEARING, TEN_HOURS_BEFORE)
    assert not calling.brought_forward(HEARING, LATER, TEN_HOURS_BEFORE)
    assert not calling.brought_forward(LATER, HEARING, NOON)
    assert not calling.brought_forward(None, HEARING, TEN_HOURS_BEFORE)


def test_after_it_took_place_nobody_is_rung():
    assert calling.of_use(a_deadline(), NOON) and calling.of_use(a_deadline(None), NOON)
    assert not calling.of_use(a_deadline(), HEARING.instant)
    assert not calling.of_use(a_deadline(state=State.HELD), NOON)


def test_a_call_is_ticked_by_who_may_and_told_once():
    missed = calling.tick(Call("d", 2, "jan"), How.NOT_REACHED, by=ANA, now=NOON)
    told = calling.tick(missed, How.RANG, by=ANA, now=NOON + HOUR)
    assert (told.how, told.ticked_by, told.ticked_at) == (How.RANG, "ana", NOON + HOUR)
    with pytest.raises(Conflict):
        calling.tick(told, How.WROTE, by=ANA, now=NOON)
    with pytest.raises(Forbidden):
        calling.tick(missed, How.RANG, by=DANA, now=NOON)


@pytest.mark.parametrize("number", ["", "call me", "12", "+996 312 000000; rm", "0" * 60])
def test_what_nobody_could_dial_is_no_number(number):
    with pytest.raises(Invalid, match="no number to dial"):
        phones.phone("jan", number)
    assert phones.phone("jan", " +996 (312)  00-00-00 ").number == "+996 (312) 00-00-00"
