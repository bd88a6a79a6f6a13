"""An alert as its readers get it, before it is words."""

from alerts.domain.alerts import Alert, Edition, Kind, State
from alerts.domain.audience import edition_for
from alerts.domain.cases import Case, may_cite
from alerts.domain.messages import Reading
from alerts.domain.times import Instant
from alerts.services.calendars import uid
from alerts.services.composing import editions
from alerts.services.issuing import thread
from alerts.store import Tx
from alerts.store.held import contents
from alerts.store.tables import ALERT, PERSON

STANDS = (State.PUBLISHING, State.PUBLISHED, State.UPDATED)
KEPT = 100
"""Alerts whose renderings are kept."""

Issues = list[tuple[str, Instant]]
"""Number or reference, or title, and when it was published."""

Common = dict[str, dict[str, Reading]]
"""By alert and language of the edition: what all mails have in common. It is frozen with the alert, so whoever works
keeps it.
"""


def common_of(tx: Tx, alert: Alert, known: Common) -> dict[str, Reading]:
    """By language of the edition."""
    if alert.id not in known:
        if len(known) >= KEPT:
            known.clear()
        written = {edition.language: edition for edition in editions(tx, alert.id)}
        known[alert.id] = {language: reading(tx, alert, edition, language) for language, edition in written.items()}
    return known[alert.id]


def reading(tx: Tx, alert: Alert, edition: Edition, language: str, **theirs: object) -> Reading:
    """The alert as one reader gets it; `theirs` is what is the reader's own."""
    case = tx.cases.get(alert.case_id) if alert.case_id else None
    earlier = [
        (issue.number or issue.reference, issue.published_at)
        for issue in thread(tx, alert)
        if issue.published_at and issue.ordinal < alert.ordinal and alert.kind is not Kind.WITHDRAWAL
    ]
    return Reading(
        alert, edition, language, code=_code(tx, case, alert) if case else "",
        country=alert.countries[0] if alert.countries else "",
        earlier=tuple(earlier), since=_since(tx, alert, edition.language, earlier),
        fictional=bool(case and case.fictional), items=_items(tx, alert, language),
        uid=uid(tx.vault, alert.deadline_id) if alert.dated and alert.deadline_id else "",
        **theirs,  # type: ignore[arg-type]
    )  # fmt: skip


def _since(tx: Tx, alert: Alert, language: str, earlier: Issues) -> tuple[tuple[str, Instant], ...]:
    """What was published on the case since the last mail on this date, for these readers or more, and still stands."""
    if alert.kind is not Kind.REMINDER or not (alert.case_id and earlier and alert.published_at):
        return ()
    a = ALERT.c
    mine = (a.case_id == alert.case_id, a.published_at > earlier[-1][1], a.published_at < alert.published_at)
    found = []
    for news in tx.alerts.where(*mine, a.kind.in_([Kind.URGENT, Kind.UPDATE]), by=a.published_at):
        if news.published_at and news.state in STANDS and news.label.allows(alert.label):
            written = {edition.language: edition for edition in editions(tx, news.id)}
            found.append((written[edition_for(language, list(written))].title, news.published_at))
    return tuple(found)


def _items(tx: Tx, digest: Alert, language: str) -> tuple[Reading, ...]:
    """What stands in a digest: published alerts, which never change, so its text does not either."""
    found = []
    for alert in tx.alerts.where(ALERT.c.id.in_(contents(tx, digest.id))) if digest.kind is Kind.DIGEST else ():
        written = {edition.language: edition for edition in editions(tx, alert.id)}
        theirs = written[edition_for(language, list(written))]
        found.append(reading(tx, alert, theirs, language))
    return tuple(found)


def _code(tx: Tx, case: Case, alert: Alert) -> str:
    return may_cite(case, tx.people.where(PERSON.c.case_id == case.id), alert.label)
