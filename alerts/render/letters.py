"""Letters: what each says about what somebody asked for."""

import re
from datetime import datetime
from typing import Any

from alerts.domain.alerts import Kind as AlertKind
from alerts.domain.confidants import ConfidantRole
from alerts.domain.letters import Kind
from alerts.domain.questions import What
from alerts.domain.responses import Answer
from alerts.domain.silence import TO_DO, WHAT, Awaited
from alerts.domain.times import LocalTime, at, between, on
from alerts.domain.watching import Health
from alerts.render import clocks
from alerts.render.catalogue import Catalogue
from alerts.render.mails import followed

COLUMNS = ("countries", "cases", "topics", "kinds")
PLAIN = re.compile(r"[^\W\d_](?:[ '’-]?[^\W\d_]){1,39}|[A-Z]{2}-[A-Z0-9-]{1,40}")
"""A stranger's words go to an address that may not be theirs: words only, never a link or a number."""


def letter_values(kind: Kind, words: Catalogue, desk: str, link: str, details: dict[str, str]) -> dict[str, Any]:
    asked = [part.strip() for column in COLUMNS for part in details.get(column, "").split(";")]
    plain = [part for part in asked if part in list(AlertKind) or PLAIN.fullmatch(part)]
    answered = _answered(details.get("answer", ""), words)
    shown = Kind.WELCOME if kind is Kind.PREFERENCES and not link else kind
    subject = question_in_a_line(words, details) if kind is Kind.QUESTION else _subject(shown, words, desk, answered)
    asked_of = _date(details)
    asked_for = followed(tuple(plain), words)
    return {
        "subject": subject,
        "link": link,
        "asked": asked_for,
        "answered": answered,
        "reference": details.get("reference", ""),
        "relay": details.get("relay", ""),
        "reason": details.get("reason", ""),
        "until": datetime.fromisoformat(details["until"]) if "until" in details else None,
        "readers": int(details.get("readers", 0)),
        "sources": [_source(line, words) for line in details.get("sources", "").split("\n") if line],
        "more": int(details.get("more", 0)),
        "silences": [_silence(line, words) for line in details.get("silences", "").split("\n") if line],
        "unreached": int(details.get("unreached", 0)),
        "news": int(details.get("news", 0)),
        "codes": details.get("codes", ""),
        "what": details.get("what", What.STILL),
        "role": details.get("role", ConfidantRole.LAWYER),
        "date": clocks.when(asked_of, words, details.get("clock", "")) if asked_of else [],
        "because": "; ".join(_why(reason, words) for reason in details.get("because", "").split("; ")),
    }


def question_in_a_line(words: Catalogue, details: dict[str, str]) -> str:
    """For a subject and a text message: a locked telephone shows it, so it names nobody and no case."""
    asked_of, what = _date(details), details.get("what")
    if asked_of is None or what == What.SEEN:
        return words.say("A short question")
    year = asked_of.first.year
    day = clocks.short(asked_of.first, words, year) if asked_of.exact else clocks.partial(asked_of, words)
    when = f"{day}, {clocks.hour(asked_of.wall)}" if asked_of.exact else day
    if what == What.APPEALED:
        return words.say("The appeal period ends %(when)s: was the appeal filed?", when=when)
    return words.say("Is it still %(when)s?", when=when)


def _date(details: dict[str, str]) -> LocalTime | None:
    zone = details.get("zone", "")
    if "claim" in details:
        return between(details["claim"], details["first"], details["last"], zone)
    if "on" in details:
        return on(details["on"], zone)
    return at(details["at"], zone) if "at" in details else None


def _answered(answer: str, words: Catalogue) -> str:
    said = {Answer.YES: words.say("YES"), Answer.CANNOT: words.say("CAN'T"), Answer.CALL_ME: words.say("CALL ME")}
    return said.get(Answer(answer), "") if answer else ""


def _source(line: str, words: Catalogue) -> tuple[str, str, str]:
    """What it is called, how it fares, and why; from one line of the letter's details."""
    health, title, reason = [*line.split("\t"), "", ""][:3]
    said = {
        Health.QUIET: words.say("nothing new for long"), Health.SLOW: words.say("slow"),
        Health.BLOCKED: words.say("turns us away"), Health.MOVED: words.say("has moved"),
        Health.BROKEN: words.say("broken"), Health.GONE: words.say("is gone"),
    }  # fmt: skip
    return title, said.get(Health(health), health), reason


def _silence(line: str, words: Catalogue) -> tuple[str, str, str, str]:
    """Which case, what silence means, who must act and how; from one line of the letter's details."""
    awaited, code, who = [*line.split("\t"), "", ""][:3]
    what, act = words.known(WHAT[Awaited(awaited)]), words.known(TO_DO[Awaited(awaited)])
    return code or words.say("A date without a case"), what, who or words.say("whoever is at the desk"), act


def _why(reason: str, words: Catalogue) -> str:
    if reason.startswith("critical: "):
        return words.known(reason)
    return reason


def _subject(kind: Kind, words: Catalogue, desk: str, answered: str) -> str:
    match kind:
        case Kind.CONFIRM:
            return words.say("Please confirm: mails from %(desk)s", desk=desk)
        case Kind.PREFERENCES:
            return words.say("Your link: change what you get from %(desk)s", desk=desk)
        case Kind.WELCOME:
            return words.say("You are on our list: %(desk)s", desk=desk)
        case Kind.NOTED:
            return words.say("We noted your answer: %(answer)s", answer=answered)
        case Kind.STILL_READING:
            return words.say("Are you still the right reader? %(desk)s", desk=desk)
        case Kind.REFUSED:
            return words.say("A mail server refuses us: %(desk)s", desk=desk)
        case Kind.STORM:
            return words.say("Much mail came back at once: %(desk)s", desk=desk)
        case Kind.SOURCES:
            return words.say("Sources that need a look: %(desk)s", desk=desk)
        case Kind.NETWORK:
            return words.say("Our own network is away: %(desk)s", desk=desk)
        case Kind.NEWS:
            return words.say("News that cannot wait: %(desk)s", desk=desk)
        case Kind.TOLD:
            return words.say("Somebody close to a case has told us something: %(desk)s", desk=desk)
        case Kind.QUESTION:
            return words.say("A short question")
        case Kind.SILENCE:
            return words.say("Nothing was heard, and somebody must act: %(desk)s", desk=desk)
        case Kind.LEFT:
            return words.say("You are off our list: %(desk)s", desk=desk)
