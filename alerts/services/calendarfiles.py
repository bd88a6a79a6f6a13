"""Dates from partners' calendars: entered as reported, never as confirmed; what changes later is proposed, not done."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from alerts.domain import alerts, deadlines
from alerts.domain.calendarfile import Imported, Proposes, Written, when
from alerts.domain.cases import Case
from alerts.domain.countries import country
from alerts.domain.deadlines import Deadline, Kind
from alerts.domain.errors import Invalid
from alerts.domain.refusals import Refusal, Refused
from alerts.domain.staff import Role, Staff
from alerts.domain.times import Instant, LocalTime, zone_info
from alerts.services import casework, matching
from alerts.services.ids import new_id
from alerts.settings import countries
from alerts.store import Store, Tx
from alerts.store.dates import DEADLINE, IMPORTED


@dataclass(frozen=True, slots=True)
class Proposal:
    """A partner says otherwise than we do; somebody of staff decides."""

    deadline: Deadline
    proposes: Proposes
    to: LocalTime | None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file. `known`: the same as before; `over`: past, or cancelled before we had them."""

    added: tuple[Deadline, ...]
    proposed: tuple[Proposal, ...]
    known: int = 0
    over: int = 0
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class About:
    """What the dates of a file are about. `zone`: whose clock is meant where they name none that we know."""

    case: Case | None
    country: str
    kind: Kind
    zone: str
    floating: bool


def take(
    store: Store, entries: Sequence[Written], *, case_code: str = "", country_code: str = "", kind: Kind | None = None,
    zone: str = "", by: Staff, now: Instant, partial: bool = False,
) -> Taken:  # fmt: skip
    """Take the dates of a file: all of it or nothing; `partial` takes what is not refused.

    Raises Forbidden, NotFound (no such case), Invalid, Refused (each entry's line with its reason).
    """
    by.must_be(Role.AUTHOR, "import dates")
    if not entries:
        raise Invalid("has no events.")
    with store.begin() as tx:
        about = _about(tx, case_code, country_code, kind, zone)
        dated, refusals = _read(entries, about)
        if refusals and not partial:
            raise Refused(refusals)
        taking = _Taking(tx, about, replace(by, role=Role.AUTHOR), now)
        for entry, date in dated:
            taking.take(entry, date)
        done = Taken(
            tuple(taking.added), tuple(taking.proposed), taking.count["known"], taking.count["over"], tuple(refusals)
        )
        said = f"{len(done.added)} added, {len(done.proposed)} proposed, {done.known} known, {len(refusals)} refused"
        tx.audit.add("calendar imported", about.case.id if about.case else about.country, said, by=by, at=now)
    return done


def proposal(tx: Tx, deadline: Deadline) -> Proposal | None:
    """What a partner's calendar says of this date, if it is not what we say."""
    found = tx.imported.find(IMPORTED.c.deadline_id == deadline.id, IMPORTED.c.proposes != Proposes.NOTHING)
    if found is None or not deadline.open or (found.proposes is Proposes.MOVE and _same(found.when, deadline.when)):
        return None
    return Proposal(deadline, found.proposes, found.when if found.proposes is Proposes.MOVE else None)


def naming(store: Store, entries: Sequence[Written]) -> set[int]:
    """The lines of entries whose titles name somebody of our open cases, in whatever spelling."""
    with store.read() as tx:
        index = matching.index(tx)
    return {entry.line for entry in entries if index.find(entry.title)}


class _Taking:
    """`by` speaks as an author, whoever they are: another look, at our page, confirms a date."""

    def __init__(self, tx: Tx, about: About, by: Staff, now: Instant) -> None:
        self.tx, self.about, self.by, self.now = tx, about, by, now
        self.added: list[Deadline] = []
        self.proposed: list[Proposal] = []
        self.count: Counter[str] = Counter()

    def take(self, entry: Written, date: LocalTime) -> None:
        uid = self.tx.vault.sign("partner's calendar", entry.uid)[:16].hex()
        known = self.tx.imported.find(IMPORTED.c.uid == uid)
        if known:
            self._again(entry, date, known)
        elif entry.status == "CANCELLED" or date.ends < self.now:
            self.count["over"] += 1
        else:
            deadline = self._here(date) or self._new(entry, date)
            self.tx.imported.add(
                Imported(new_id(self.now), deadline.id, uid, entry.sequence or 0, self.now, when=date)
            )  # fmt: skip

    def _again(self, entry: Written, date: LocalTime, known: Imported) -> None:
        """What is older than what they said before, or the same, changes nothing."""
        number, cancelled = entry.sequence or 0, entry.status == "CANCELLED"
        if number < known.sequence or (_same(date, known.when) and cancelled == (known.proposes is Proposes.CANCEL)):
            self.count["known"] += 1
            return
        deadline = self.tx.deadlines.look(known.deadline_id)
        what = Proposes.CANCEL if cancelled else Proposes.NOTHING if _same(date, deadline.when) else Proposes.MOVE
        self.tx.imported.save(replace(known, sequence=number, at=self.now, proposes=what, when=date))
        found = proposal(self.tx, deadline)
        if found:
            self.proposed.append(found)
        else:
            self.count["known"] += 1

    def _here(self, date: LocalTime) -> Deadline | None:
        """The same date, entered by somebody before the file came."""
        case = self.about.case
        if case is None:
            return None
        mine = (DEADLINE.c.case_id == case.id, DEADLINE.c.kind == self.about.kind, DEADLINE.c.starts_at == date.instant)
        found = [one for one in self.tx.deadlines.where(*mine) if one.open and _same(one.when, date)]
        self.count["known"] += bool(found)
        return found[0] if found else None

    def _new(self, entry: Written, date: LocalTime) -> Deadline:
        """A partner's words about a case may name somebody: of those only the place is taken."""
        case = self.about.case
        deadline = Deadline(
            new_id(self.now), self.about.kind, date, country=self.about.country, case_id=case.id if case else None,
            title="" if case else alerts.title(entry.title), court=entry.place if case else "",
        )  # fmt: skip
        deadline = deadlines.enter(deadline, by=self.by, now=self.now)
        self.tx.deadlines.add(deadline)
        self.added.append(deadline)
        return deadline


def _about(tx: Tx, case_code: str, country_code: str, kind: Kind | None, zone: str) -> About:
    if bool(case_code) == bool(country_code):
        raise Invalid("Say what the dates are about: --case with a code, or --country.")
    case = casework.find(tx, case_code) if case_code else None
    code = case.country if case else country(country_code, countries()).code
    if zone:
        zone_info(zone)
    place = zone or (countries()[code].zone if code in countries() else tx.zone)
    return About(case, code, kind or (Kind.HEARING if case else Kind.SUMMIT), place, bool(zone))


def _read(entries: Sequence[Written], about: About) -> tuple[list[tuple[Written, LocalTime]], list[Refusal]]:
    dated: list[tuple[Written, LocalTime]] = []
    refusals: list[Refusal] = []
    seen: dict[str, int] = {}
    for entry in entries:
        try:
            if not entry.uid:
                raise Invalid("has no UID: nothing could be known again by it.")
            if entry.uid in seen:
                raise Invalid(f"has the UID of line {seen[entry.uid]} once more.")
            if entry.repeats:
                raise Invalid("repeats: enter each of its days by itself.")
            if about.case is None:
                _titled(entry)
            seen[entry.uid] = entry.line
            given = replace(entry, zone=about.zone) if about.floating and not entry.zone else entry
            given = replace(given, named=about.zone) if given is not entry else given
            dated.append((entry, when(given, about.zone)))
        except Invalid as refusal:
            refusals.append(Refusal(entry.line, f"the event {refusal}"))
    return dated, refusals


def _titled(entry: Written) -> None:
    if not entry.title:
        raise Invalid("has no SUMMARY: a date without a case needs a title.")
    try:
        alerts.title(entry.title)
    except Invalid as refusal:
        raise Invalid(f"has a SUMMARY that cannot be a title. {refusal}") from None


def _same(one: LocalTime | None, other: LocalTime | None) -> bool:
    if one is None or other is None:
        return one is other
    return (one.instant, one.last, one.precision) == (other.instant, other.last, other.precision)
