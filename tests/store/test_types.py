"""How values are kept: alike on both databases, and never shifted unseen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from builders import HEARING, NOON, a_deadline, an_alert, an_edition

from alerts.domain.alerts import AddresseeLine, FactLine, Notice
from alerts.domain.cases import Wish
from alerts.domain.times import between, on
from alerts.store import dates
from alerts.store.types import Word

FIVE = timezone(timedelta(hours=5))


@pytest.mark.parametrize("value", [datetime(2026, 12, 1, 10), datetime(2026, 12, 1, 10, tzinfo=FIVE)])
def test_a_naive_or_other_zone_instant_is_refused_before_it_is_kept(store, value):
    with pytest.raises(sa.exc.StatementError, match="not UTC") as refusal, store.begin() as tx:
        tx.deadlines.add(a_deadline(created_at=value))
    assert isinstance(refusal.value.orig, ValueError)
    with pytest.raises(sa.exc.StatementError, match="not UTC"), store.read() as tx:
        tx.deadlines.where(dates.DEADLINE.c.created_at <= value)


def test_ten_oclock_at_plus_five_never_becomes_ten_oclock(store):
    said = datetime(2026, 12, 1, 10, tzinfo=FIVE)
    deadline = a_deadline(created_at=said.astimezone(UTC))
    with store.begin() as tx:
        tx.deadlines.add(deadline)
    with store.read() as tx:
        found = tx.deadlines.get(deadline.id).created_at
    assert (found, found.tzinfo, found.hour) == (said, UTC, 5)


@pytest.mark.parametrize("moment", [NOON, NOON + timedelta(microseconds=1), datetime(1000, 1, 1, tzinfo=UTC)])
def test_an_instant_comes_back_to_the_microsecond(store, moment):
    deadline = a_deadline(created_at=moment)
    with store.begin() as tx:
        tx.deadlines.add(deadline)
    with store.read() as tx:
        assert tx.deadlines.get(deadline.id).created_at == moment


def test_instants_are_compared_and_sorted_as_time(store):
    moments = [NOON + timedelta(seconds=n, microseconds=m) for n in (0, 1, 100) for m in (0, 1, 10, 999_999)]
    with store.begin() as tx:
        tx.deadlines.add(*(a_deadline(created_at=moment) for moment in reversed(moments)))
    with store.read() as tx:
        column = dates.DEADLINE.c.created_at
        assert [d.created_at for d in tx.deadlines.where(by=column)] == moments
        for moment in moments:
            assert tx.deadlines.count(column <= moment) == moments.index(moment) + 1


@pytest.mark.parametrize(
    "when",
    [
        HEARING,
        on("2010-06", "Asia/Dushanbe"),
        between("mid-May 2010", "2010-05-10", "2010-05-20", "Asia/Dushanbe"),
        None,
    ],
    ids=lambda when: when and when.precision,
)
def test_a_local_time_comes_back_whole(store, when):
    deadline = a_deadline(when)
    with store.begin() as tx:
        tx.deadlines.add(deadline)
    with store.read() as tx:
        found = tx.deadlines.get(deadline.id).when
        starts = tx.conn.execute(sa.select(dates.DEADLINE.c.starts_at)).scalar_one()
    assert found == when
    assert starts == (when.instant if when else None)
    assert when is None or (found.wall.tzinfo is None and found.instant.tzinfo is UTC)


def test_structures_come_back_as_what_they_were(store):
    notice = Notice("hearing", names=("Аида", "B"), when=HEARING, was=on("2010", "Asia/Dushanbe"))
    alert = an_alert(notice=notice, topics=("trial", 'a "quoted", one'))
    edition = an_edition(
        alert, facts=(FactLine("f", "taken", HEARING), FactLine("g", "in May", claim="in May")), asks=("call",),
        addressees=(AddresseeLine("Prosecutor", salutation="Уважаемый"),),
    )  # fmt: skip
    with store.begin() as tx:
        tx.alerts.add(alert)
        tx.editions.add(edition)
    with store.read() as tx:
        assert tx.alerts.get(alert.id) == alert
        assert tx.editions.get(edition.id) == edition


def test_a_word_that_is_none_of_ours_is_refused(store):
    with pytest.raises(sa.exc.StatementError, match="perhaps"), store.begin() as tx:
        tx.alerts.update(kind="perhaps")
    assert Word(Wish).process_bind_param("yes", None) == "yes"
