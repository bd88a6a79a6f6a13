"""What a reader may choose from: countries with how many mails they mean, topics, zones."""

from dataclasses import dataclass

from alerts.settings import countries
from alerts.store import public
from alerts.store.public import Mails
from alerts.web.guard import Desk

RUNGS = ("T-14d", "T-7d", "T-3d", "T-1d", "T-3h")
CENTRAL_ASIA = ("KZ", "KG", "TJ", "TM", "UZ")

READING = ("en", "ru", "kk", "ky", "tg", "tk", "uz", "fr", "de")
"""Languages to read in: where an alert has no edition in it, its mail says so in that language."""


@dataclass(frozen=True, slots=True)
class Offered:
    code: str
    mails: Mails


def offered(desk: Desk, theirs: tuple[str, ...] = ()) -> list[Offered]:
    """The countries that a form offers: Central Asia, where else the desk says that it works, and what they have."""
    known = countries()
    with desk.app.store.read() as tx:
        codes = {*CENTRAL_ASIA, *public.countries(tx), *theirs} & known.keys()
        _, by_country = public.mails(tx, desk.now)
    return [Offered(code, by_country.get(code, Mails())) for code in sorted(codes, key=lambda code: known[code].alpha3)]


def total(desk: Desk) -> Mails:
    with desk.app.store.read() as tx:
        return public.mails(tx, desk.now)[0]


def topics(desk: Desk, theirs: tuple[str, ...]) -> list[str]:
    with desk.app.store.read() as tx:
        return sorted({*public.topics(tx), *theirs})


def zones(theirs: str = "") -> list[str]:
    """A zone for every country, and the reader's own, by city."""
    found = {country.zone for country in countries().values()} | ({theirs} if theirs else set())
    return sorted(found, key=lambda zone: zone.rpartition("/")[2])


def rungs(theirs: list[str]) -> list[str]:
    """The reminders that a form offers, and what else the reader has."""
    return [*RUNGS, *(rung for rung in theirs if rung not in RUNGS)]
