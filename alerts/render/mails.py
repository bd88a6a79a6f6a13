"""What the mail of an alert says: the values that its text and its HTML are both made from."""

import re
from dataclasses import replace
from typing import Any

from alerts.domain.alerts import Alert, FactLine, Kind, Notice
from alerts.domain.deadlines import State, Teller
from alerts.domain.messages import Reading
from alerts.domain.times import zone_info
from alerts.render import clocks, courtcard, subjects
from alerts.render.catalogue import SOURCE, Catalogue

ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")


def spoken(reading: Reading, languages: tuple[str, ...]) -> str:
    """The language of the frame: the edition's, so that a mail speaks one language, if we have all sentences in it."""
    wanted = (reading.edition.language, reading.language)
    return next((language for language in wanted if language in languages), SOURCE)


def template(alert: Alert) -> str:
    """The folder of its kind; a correction of a date has its own page there."""
    return f"{alert.kind}/date" if alert.kind is Kind.CORRECTION and alert.notice else f"{alert.kind}/mail"


def mail_values(reading: Reading, words: Catalogue, readers: Catalogue) -> dict[str, Any]:
    """Everything that the templates of messages/ may name, but for the subject."""
    alert, edition = reading.alert, reading.edition
    asked = bool(edition.asks or edition.addressees)
    return {
        "alert": alert, "edition": edition, "notice": alert.notice, "zone": reading.zone, "links": reading.links,
        "fictional": reading.fictional,
        "no_edition": _no_edition(reading, readers),
        "because": followed(reading.because, words),
        "reference": _reference(alert),
        "issue": _issue(alert, words),
        "earlier": [(name, clocks.day(at, words)) for name, at in reading.earlier],
        "since": [(title, clocks.day(at, words)) for title, at in reading.since],
        "facts": [_fact(fact, words) for fact in edition.facts],
        "written_to": [(line, bool(ADDRESS.fullmatch(line.address))) for line in edition.addressees if not line.copy],
        "copies": [(line, bool(ADDRESS.fullmatch(line.address))) for line in edition.addressees if line.copy],
        "asked": asked,
        "answered": asked or alert.kind is Kind.URGENT,
        "countries": ", ".join(words.country(code) for code in alert.countries),
        "note": reading.note,
        "items": [_item(one, reading, words, readers) for one in sorted(reading.items, key=_place)],
    } | (_about_date(alert, reading, words) if alert.notice else {})  # fmt: skip


def _item(item: Reading, digest: Reading, words: Catalogue, readers: Catalogue) -> dict[str, Any]:
    """One alert of a digest. Its reader never had an older word on it: a correction says what is right, and no more."""
    kind = (
        Kind.REMINDER if item.alert.notice else Kind.UPDATE if item.alert.kind is Kind.CORRECTION else item.alert.kind
    )
    alert = replace(item.alert, kind=kind, published_at=digest.alert.published_at)
    item = replace(item, alert=alert, language=digest.language, zone=digest.zone)
    said = mail_values(item, words, readers) | {"heading": subjects.subject(alert, item.edition, words, item.country)}
    foreign = not alert.notice and item.edition.language != digest.edition.language
    return said | {"no_edition": said["no_edition"] if foreign else ""}


def _place(item: Reading) -> tuple[bool, str, str]:
    """Dates first, the nearest first; then texts as they came."""
    when = item.alert.notice.when if item.alert.notice else None
    return when is None, when.instant.isoformat() if when else "", item.alert.id


def followed(because: tuple[str, ...], words: Catalogue) -> str:
    """What a reader follows, in words: countries, kinds, topics, and the codes of cases as they are."""
    return ", ".join(dict.fromkeys(_follow(value, words) for value in because))


def _follow(value: str, words: Catalogue) -> str:
    match value:
        case Kind.URGENT:
            return words.say("urgent appeals")
        case Kind.REMINDER:
            return words.say("hearings and other dates")
        case Kind.UPDATE:
            return words.say("updates")
        case Kind.CORRECTION | Kind.STOP | Kind.WITHDRAWAL:
            return words.say("corrections")
    return words.country(value) if re.fullmatch("[A-Z]{2}", value) else words.known(value)


def _no_edition(reading: Reading, readers: Catalogue) -> str:
    """One line in the reader's own language, where they get a text in another."""
    if reading.edition.language == reading.language:
        return ""
    return readers.say(
        "There is no edition in your language yet; you get the first one, in %(language)s.",
        language=readers.language_name(reading.edition.language),
    )


def _reference(alert: Alert) -> str:
    return f"{alert.shown_number} · {alert.reference}" if alert.shown_number else alert.reference


def _issue(alert: Alert, words: Catalogue) -> str:
    if alert.ordinal < 2 or alert.kind is Kind.WITHDRAWAL:
        return ""
    place = _ordinal(alert.ordinal, words)
    if alert.shown_number:
        return words.say("%(ordinal)s issue under this number", ordinal=place)
    return words.say("%(ordinal)s issue on this matter", ordinal=place)


def _ordinal(count: int, words: Catalogue) -> str:
    match count:
        case 2:
            return words.say("Second")
        case 3:
            return words.say("Third")
        case 4:
            return words.say("Fourth")
        case 5:
            return words.say("Fifth")
        case 6:
            return words.say("Sixth")
    return words.say("%(count)sth", count=count)


def _fact(fact: FactLine, words: Catalogue) -> dict[str, str]:
    date = ", ".join(clocks.when(fact.when, words)) if fact.when else words.known(fact.claim, "claim")
    match fact.certainty:
        case "confirmed":
            certainty = words.say("confirmed")
        case "inferred":
            certainty = words.say("inferred by rule")
        case _:
            certainty = words.say("reported")
    return {"date": date, "text": fact.text, "certainty": certainty}


def _about_date(alert: Alert, reading: Reading, words: Catalogue) -> dict[str, Any]:
    notice = alert.notice
    assert notice
    when, was = notice.when, notice.was
    closed = notice.state == State.CLOSED
    gone = notice.state in (State.CANCELLED, State.ADJOURNED) or when is None or closed
    away = subjects.days_away(when, alert.published_at) if when else None
    card = reading.card.card if reading.card and not gone else None
    told = _told(notice, reading, words)
    return {
        "what": subjects.what(notice, words),
        "title": words.known(notice.title),
        "names": ", ".join(notice.names),
        "where": [
            part for part in (subjects.court(notice, words), subjects.place(notice, words, reading.country)) if part
        ]
        + (courtcard.where(card, words) if card else []),
        "reason": words.known(notice.reason),
        "attended": subjects.attended(notice),
        "known": _known(notice, told, words),
        "remote": courtcard.remote(reading.away, words),
        "card": courtcard.rows(card, words) if card else [],
        "confided": bool(card),
        "card_older": bool(card and reading.card and reading.card.revision != alert.revision),
        "when": [] if when is None else clocks.when(when, words, reading.zone),
        "exact": bool(when and when.exact),
        "was": [", ".join(clocks.when(one, words, reading.zone)) for one in (was, *notice.was_also) if one],
        "was_where": words.known(notice.was_court),
        "closed": closed,
        "opened": notice.was_closed and not gone,
        "told": told,
        "vague": bool(when and not subjects.on_a_day(when)),
        "gone": gone,
        "cancelled": notice.state == State.CANCELLED,
        "close": not gone and away in (0, 1),
        "over": notice.asks,
    }


def _told(notice: Notice, reading: Reading, words: Catalogue) -> str:
    """Who said so, and on which day. Of what staff found out themselves, or heard from relatives, no more is said."""
    at = notice.told_at
    when = notice.when or notice.was
    zone = when.zone if when else reading.zone
    day = clocks.day(at.astimezone(zone_info(zone)).date(), words) if at and zone else ""
    match notice.told_by:
        case Teller.LAWYER:
            return (
                words.say("Confirmed by the lawyer, %(day)s.", day=day)
                if day
                else words.say("Confirmed by the lawyer.")
            )
        case Teller.COURT:
            return (
                words.say("Confirmed by the court, %(day)s.", day=day) if day else words.say("Confirmed by the court.")
            )
        case Teller.MEDIA:
            return words.say("Reported by media, %(day)s.", day=day) if day else words.say("Reported by media.")
        case Teller.RULE:
            return words.say("Counted by a rule of law.")
    return ""


def _known(notice: Notice, told: str, words: Catalogue) -> list[str]:
    """How sure the date is, and on whose word; whether it has moved. Reminders go out for confirmed dates only."""
    by = [told] if told else []
    match notice.state:
        case State.CONFIRMED:
            confirmed = notice.told_by in (Teller.LAWYER, Teller.COURT)
            return by if confirmed and by else [words.say("date confirmed"), *by]
        case State.RESCHEDULED:
            return [words.say("date confirmed; it has been moved before"), *by]
        case State.RELOCATED:
            return [words.say("date confirmed; the place has changed before"), *by]
    return [words.say("date reported"), *by]
