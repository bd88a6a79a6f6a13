"""Subject lines: day or place, what, and what is asked; what matters in the first forty letters."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from alerts.domain.alerts import Alert, Edition, Kind, Notice
from alerts.domain.deadlines import ATTENDED, State
from alerts.domain.deadlines import Kind as DeadlineKind
from alerts.domain.times import Instant, LocalTime, Precision, zone_info
from alerts.render import clocks
from alerts.render.catalogue import Catalogue

LONGEST = 250
AT_ONCE = timedelta(minutes=10)
"""Reminders that waited only for each other are younger than this."""

A_DAY, A_WEEK = timedelta(hours=26), timedelta(days=8)
"""How long what stands in a digest may have waited, with the hours by which clocks change."""

SHORT = 60
"""A court's name stands in a subject for a place that is not given, if it is no longer than this."""


def subject(alert: Alert, edition: Edition, words: Catalogue, country: str = "", *, away: bool = False) -> str:
    """The subject in the language of `words`. A withdrawal names nothing but the mail to delete.

    `away`: the reader cannot be there in time.
    """
    if alert.notice is None:
        return _titled(alert.kind, edition.title, words)
    if alert.kind is Kind.WITHDRAWAL:
        return words.say("Please delete our mail %(reference)s", reference=alert.notice.code)
    line = _Line(alert, alert.notice, words, country, away=away)
    return line.correction() if alert.kind is Kind.CORRECTION else line.reminder()


def digest(alerts: Sequence[Alert], at: Instant, words: Catalogue) -> str:
    """`3 alerts this week: Kyrgyzstan (2), Kazakhstan`. `at`: when the digest goes out."""
    count, waited = len(alerts), at - min(alert.published_at or at for alert in alerts)
    if count > 1 and waited <= AT_ONCE and all(alert.notice and alert.notice.when for alert in alerts):
        return _dates(alerts, words)
    if waited <= A_DAY:
        head = words.say_many("%(count)s alert since yesterday", "%(count)s alerts since yesterday", count)
    elif waited <= A_WEEK:
        head = words.say_many("%(count)s alert this week", "%(count)s alerts this week", count)
    else:
        head = words.say_many("%(count)s alert", "%(count)s alerts", count)
    named = Counter(code for alert in alerts for code in alert.countries)
    ordered = sorted((-times, words.country(code)) for code, times in named.items())
    where = ", ".join(f"{name} ({-times})" if times < -1 and count > -times else name for times, name in ordered)
    return f"{head}: {where}" if where else head


def _dates(alerts: Sequence[Alert], words: Catalogue) -> str:
    """Reminders that fell together: `Fri 1 Feb 10:00, hearing, Bishkek, and 1 more date: can you attend?`

    The first one first, and what is still to come before what is over; the question where all ask the same.
    """
    told = [(n.asks, n.when.instant, one.id, n, one) for one in alerts if (n := one.notice) and n.when]
    *_, notice, first = min(told, key=lambda one: one[:3])
    head = _Line(first, notice, words, first.countries[0] if len(first.countries) == 1 else "", away=False).head()
    line = f"{head}, {words.say_many('and %(count)s more date', 'and %(count)s more dates', len(alerts) - 1)}"
    if all(over for over, *_ in told):
        return words.say("%(what)s: what happened?", what=line)
    if not any(over or not attended(said) for over, _, _, said, _ in told):
        return words.say("%(what)s: can you attend?", what=line)
    return line


def _titled(kind: Kind, title: str, words: Catalogue) -> str:
    match kind:
        case Kind.UPDATE:
            return words.say("UPDATE: %(title)s", title=title)
        case Kind.CORRECTION:
            return words.say("CORRECTION: %(title)s", title=title)
        case Kind.STOP:
            return words.say("STOP: %(title)s", title=title)
        case _:
            return title


def attended(notice: Notice) -> bool:
    return notice.deadline in ATTENDED


def what(notice: Notice, words: Catalogue) -> str:
    """What it is, in one or two words. A summit has its own title."""
    if notice.title and not attended(notice):
        return words.known(notice.title)
    return _noun(notice.deadline, words)


def place(notice: Notice, words: Catalogue, country: str = "") -> str:
    return words.place(notice.place) if notice.place else words.country(country) if country else ""


def court(notice: Notice, words: Catalogue) -> str:
    return words.known(notice.court)


def days_away(time: LocalTime, at: Instant | None) -> int | None:
    """Days from the mail to that day, on the court's calendar; None while nobody knows when the mail goes out."""
    return (time.first - at.astimezone(zone_info(time.zone)).date()).days if at else None


def _noun(kind: str, words: Catalogue) -> str:
    # One call a word: the house's test finds what must be translated by reading these calls.
    match kind:
        case DeadlineKind.HEARING:
            return words.say("hearing")
        case DeadlineKind.VERDICT:
            return words.say("verdict")
        case DeadlineKind.APPEAL:
            return words.say("appeal hearing")
        case DeadlineKind.HOLD:
            return words.say("end of the police hold")
        case DeadlineKind.REMAND:
            return words.say("end of remand")
        case DeadlineKind.APPEAL_END:
            return words.say("last day to appeal")
        case DeadlineKind.RELEASE:
            return words.say("release due")
        case DeadlineKind.SUMMIT:
            return words.say("summit")
        case DeadlineKind.SUBMISSION:
            return words.say("submission due")
        case DeadlineKind.RECHECK:
            return words.say("time to ask again")
        case DeadlineKind.ANSWER:
            return words.say("answer due")
        case DeadlineKind.EMBARGO:
            return words.say("end of the embargo")
        case DeadlineKind.COURT_LIMIT:
            return words.say("the law says by")
        case _:
            return words.say("date")


class _Line:
    def __init__(self, alert: Alert, notice: Notice, words: Catalogue, country: str, *, away: bool) -> None:
        self.notice, self.words, self.away = notice, words, away
        self.at = alert.published_at
        self.court = "" if notice.place or len(notice.court) > SHORT else court(notice, words)
        self.place = self.court or place(notice, words, country)
        about = named(notice, words)
        self.about = f" ({about})" if about else ""
        self.end = (f" – {self.place}" if self.place else "") + self.about

    def reminder(self) -> str:
        notice, words, time = self.notice, self.words, self.notice.when
        thing = what(notice, words)
        if time is None:
            return capital(", ".join(filter(None, [thing, self.place]))) + self.about
        if attended(notice) and not on_a_day(time):
            said = {"what": capital(thing), "when": clocks.partial(time, words)}
            span = time.precision is Precision.SPAN
            expected = words.say("%(what)s expected %(when)s" if span else "%(what)s expected in %(when)s", **said)
            return ", ".join(filter(None, [expected, self.place])) + self.about
        head = self.head()
        if notice.asks:
            return words.say("%(what)s: what happened?", what=head) + self.about
        if attended(notice) and self.away:
            return words.say("%(what)s: can you phone, or send a colleague?", what=head) + self.about
        asked = words.say("%(what)s: can you attend?" if attended(notice) else "%(what)s: please prepare", what=head)
        return asked + self.about

    def head(self) -> str:
        """Day, what and where."""
        thing, time = what(self.notice, self.words), self.notice.when
        if self.notice.deadline == DeadlineKind.HEARING and not self.court:
            thing = self.words.say("court hearing")
        return capital(", ".join(filter(None, [self._day(time) if time else "", thing, self.place])))

    def correction(self) -> str:
        notice, words = self.notice, self.words
        thing = what(notice, words)
        if notice.state == State.CANCELLED:
            return words.say("CORRECTION: %(what)s cancelled", what=self._of(thing)) + self.end
        if notice.when is None or notice.state == State.ADJOURNED:
            return words.say("CORRECTION: %(what)s put off, no new date", what=thing) + self.end
        vague = not on_a_day(notice.when)
        new = clocks.partial(notice.when, words) if vague else self._soon(notice.when)
        if notice.state == State.CLOSED:
            return words.say("CORRECTION: %(what)s %(when)s closed to the public", what=thing, when=new) + self.end
        if notice.was is None:
            return self._where(thing, new) + self.end
        said = {"what": thing, "when": new, "was": self._old(notice.was, notice.when)}
        if vague:
            return words.say("CORRECTION: %(what)s expected %(when)s, not %(was)s", **said) + self.end
        return words.say("CORRECTION: %(what)s %(when)s, not %(was)s", **said) + self.end

    def _where(self, thing: str, when: str) -> str:
        """What has changed of a date that stands as it was; or a date at last."""
        said = {"what": thing, "when": when}
        if self.notice.was_closed:
            return self.words.say("CORRECTION: %(what)s %(when)s open to the public after all", **said)
        if self.notice.was_court:
            return self.words.say("CORRECTION: %(what)s %(when)s in another place", **said)
        return self.words.say("CORRECTION: %(what)s now %(when)s", **said)

    def _of(self, thing: str) -> str:
        date = self.notice.was or self.notice.when
        return f"{thing} {self._brief(date)}" if date else thing

    def _day(self, time: LocalTime) -> str:
        if not on_a_day(time):
            return clocks.partial(time, self.words)
        found = clocks.short(time.first, self.words, self._year(time))
        return f"{found} {clocks.hour(time.wall)}" if time.exact else found

    def _soon(self, time: LocalTime) -> str:
        """TODAY and TOMORROW as the court's calendar has them on the day that the mail goes out."""
        away = days_away(time, self.at)
        if away not in (0, 1):
            return self._day(time)
        if time.exact:
            return self.words.say("TOMORROW %(clock)s" if away else "TODAY %(clock)s", clock=clocks.hour(time.wall))
        return self.words.say("TOMORROW" if away else "TODAY")

    def _old(self, old: LocalTime, new: LocalTime) -> str:
        if old.exact and new.exact and old.first == new.first:
            return clocks.hour(old.wall)
        return self._brief(old)

    def _brief(self, time: LocalTime) -> str:
        if not on_a_day(time):
            return clocks.partial(time, self.words)
        return clocks.short(time.first, self.words, self._year(time), clocks.patterns(self.words).brief)

    def _year(self, time: LocalTime) -> int:
        return self.at.year if self.at else time.first.year


def named(notice: Notice, words: Catalogue) -> str:
    """Who it is about, as far as these readers may know; else the case's code."""
    if len(notice.names) > 1:
        return words.say("%(name)s and others", name=notice.names[0])
    return notice.names[0] if notice.names else notice.code


def on_a_day(time: LocalTime) -> bool:
    return time.precision in (Precision.MINUTE, Precision.DAY)


def capital(words: str) -> str:
    return words[:1].upper() + words[1:]
