"""One reader's mail of every kind, and what may go wrong in it: no names, vague dates, hostile text."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from alerts.domain.alerts import AddresseeLine, Alert, Edition, FactLine, Kind, Notice
from alerts.domain.card import Written, card, dump
from alerts.domain.labels import Label
from alerts.domain.messages import Links, Reading
from alerts.domain.reach import Far
from alerts.domain.times import at, between, on

DAY = datetime(2026, 11, 24, 16, 50, tzinfo=UTC)


@dataclass(frozen=True)
class Desk:
    name: str = "Example desk"
    zone: str = "Europe/Vienna"
    contact: str = "Vienna, registered NGO, +43 …"
    exercise: str = ""
    sender: str = "Example desk <desk@vigil.example.org>"
    reply_to: str = "answers@vigil.example.org"
    base_url: str = "https://vigil.example.org"


class Settings:
    """What the rendering room asks of the desk's settings."""

    def __init__(self, **kw: str) -> None:
        self.desk = self.smtp = self.mail = self.web = Desk(**kw)


SETTINGS = Settings()
LINKS = Links(
    leave="https://vigil.example.org/l/leave", one_click="https://vigil.example.org/l/now",
    preferences="https://vigil.example.org/p/mine", genuine="https://vigil.example.org/g/7KQ4",
    answer="https://vigil.example.org/r/7KQ4",
)  # fmt: skip
LETTERS = ("https://vigil.example.org/c/secret", "")
"""With a public address, and without one."""
DETAILS = {"countries": "KG;TJ", "topics": "unfair trial;https://spam.example BUY NOW", "cases": "TJ-DZHURAEV"}

HEARING = at("2026-12-03 10:00", "Asia/Bishkek")
FICTION = Edition(
    "e1", "a1", 0, "en", "Bishkek: A. Sample taken, no lawyer inside – call today",
    body="Late on 24 November men in plain clothes took the lawyer Aida Sample (Аида Сампл) from her home in Bishkek.\n"
    "Her lawyer was not let in.\n\nA court must decide by Thursday 22:40 (48 hours, unverified).",
    facts=(
        FactLine("f1", "taken from her home", at("2026-11-24 22:40", "Asia/Bishkek")),
        FactLine("f2", "she is in the GKNB building", on("2026-11-24", "Asia/Bishkek"), certainty="confirmed"),
        FactLine("f3", "the hold ends 48 hours later", certainty="inferred"),
        FactLine("f4", "two earlier summonses", on("2026-06", "Asia/Bishkek")),
        FactLine("f5", "threats by telephone", claim="shortly before November 2009"),
    ),
    asks=("let her see a lawyer and a doctor at once", "release her or bring her before a judge", "say who holds her"),
    addressees=(
        AddresseeLine("Prosecutor General", "K. Sample", "office@prosecutor.example", "Dear Mr Prosecutor General"),
        AddresseeLine("Ministry of Foreign Affairs", address="1 Sample Square, Bishkek", copy=True),
    ),
    background="She has defended journalists since 2009.",
)  # fmt: skip
URGENT = Alert(
    "a1", Kind.URGENT, Label.AMBER, "a1", reference="7KQ4", countries=("KG",), act_by=date(2027, 1, 5), published_at=DAY
)
BARE = replace(FICTION, facts=(), asks=(), addressees=(), background="")
HOSTILE = replace(
    FICTION, title="A\u202etitle <b>bold</b>", background="\x07\x1b[31m" + "<p>" * 800,
    body="<script>alert(1)</script> & \u2066hidden\u2069 %(x)s {{ 7 * 7 }} " + "word " * 400 + "\n\n" + "&" * 3000,
    addressees=(AddresseeLine("<i>Office</i>", address='"><img src=x>@x'),),
)  # fmt: skip
NOTICE = Notice(
    "hearing", code="KG-4", place="Bishkek", court="Pervomaisky district court, room 4", when=HEARING, state="confirmed"
)
REMINDER = replace(URGENT, kind=Kind.REMINDER, notice=NOTICE, act_by=None, reference="9FX2")
MOVED = replace(REMINDER, kind=Kind.CORRECTION)
SUIT = Notice(
    "hearing", "defamation suit", ("Solidzhon Dzhuraev", "Asia Plus"), "TJ-DZHURAEV", "Dushanbe", "district court",
    when=on("2010-02", "Asia/Dushanbe"), state="confirmed",
)  # fmt: skip
SUMMIT = Notice(
    "summit", "OSCE Summit", place="Astana", state="confirmed",
    when=between("1–2 December 2010", "2010-12-01", "2010-12-02", "Asia/Almaty"),
)  # fmt: skip


CARD = Written("c1", "d1", 1, dump(card({
    "address": "ул. Образцовая, 12, Бишкек", "entrance": "со двора", "room": "4", "judge": "Б. Примеров",
    "language": "ru", "interpreter": "none", "bring": "passport", "note_by": "2026-12-01", "phones": "taken",
    "late": "20", "meet": "у двери во двор, 9:40", "contact": "+996 000 000",
})), "ana", DAY)  # fmt: skip


def a_reading(alert: Alert = URGENT, edition: Edition = FICTION, **kw: object) -> Reading:
    usual = Reading(alert, edition, "en", "Asia/Almaty", ("KG", "reminder"), "KG-4", "KG", fictional=True, links=LINKS)
    return replace(usual, **kw)


def _notice(alert: Alert, notice: Notice, **kw: object) -> Reading:
    alert = replace(alert, notice=notice, revision=2, deadline_id="d1")
    uid = "5d41402abc4b2a76b9719d911017c592" if alert.dated else ""
    return a_reading(alert, Edition("e", alert.id, 0, "en", ""), uid=uid, **kw)


ITEMS = (
    _notice(REMINDER, replace(NOTICE, names=("Aida Sample",)), zone="", because=(), links=Links()),
    _notice(replace(MOVED, label=Label.GREEN, number="DN 003/2026 TJK"), replace(SUIT, was=HEARING), country="TJ",
            fictional=False),
    a_reading(replace(URGENT, id="a9", kind=Kind.UPDATE, reference="4MZT")),
    a_reading(replace(URGENT, id="a8", kind=Kind.CORRECTION), replace(HOSTILE, language="fr"), fictional=False),
)  # fmt: skip
DIGEST = replace(URGENT, id="d1", kind=Kind.DIGEST, act_by=None, countries=(), reference="2WXK")


def _digest(*items: Reading, **kw: object) -> Reading:
    title = "3 alerts this week: Kyrgyzstan (2), Tajikistan"
    return a_reading(DIGEST, Edition("e", "d1", 0, "en", title), items=items, country="", fictional=False, **kw)


READINGS = {
    "urgent": a_reading(),
    "urgent, public and second": a_reading(
        replace(URGENT, label=Label.GREEN, number="UA 014/2026 KGZ", ordinal=2), earlier=(("7KQ3", DAY),), because=()
    ),
    "urgent, bare": a_reading(URGENT, BARE, links=Links()),
    "urgent, hostile": a_reading(URGENT, HOSTILE, because=("<KG>",)),
    "update": a_reading(replace(URGENT, kind=Kind.UPDATE, ordinal=9), BARE, earlier=(("7KQ3", DAY), ("7KQ4", DAY))),
    "update with asks": a_reading(
        replace(URGENT, kind=Kind.UPDATE), replace(FICTION, asks=FICTION.asks[:1], addressees=())
    ),
    "correction": a_reading(replace(URGENT, kind=Kind.CORRECTION, ordinal=3)),
    "stop": a_reading(replace(URGENT, kind=Kind.STOP, ordinal=4, act_by=None), BARE),
    "withdrawal": _notice(replace(URGENT, kind=Kind.WITHDRAWAL, ordinal=5, act_by=None), Notice("", code="7KQ4")),
    "reminder": _notice(REMINDER, NOTICE),
    "reminder with a court card": _notice(
        replace(REMINDER, revision=1), replace(NOTICE, told_by="lawyer", told_at=DAY), card=CARD,
        since=(("арест продлён, свиданий нет", DAY),),
    ),
    "reminder to who cannot be there": _notice(REMINDER, NOTICE, away=Far.TWO_DAYS),
    "reminder to who follows by phone": _notice(REMINDER, NOTICE, away=Far.PHONE),
    "moved too soon to come": _notice(
        replace(MOVED, revision=2), replace(NOTICE, when=at("2026-11-25 09:00", "Asia/Bishkek"), state="rescheduled",
            was=at("2026-12-01 10:00", "Asia/Bishkek"), told_by="lawyer", told_at=DAY),
        card=CARD, away=Far.NEXT_DAY, because=(), earlier=(("9FX2", DAY),),
    ),
    "moved to this hour": _notice(
        MOVED, replace(NOTICE, when=at("2026-11-24 23:00", "Asia/Bishkek"), state="rescheduled",
            was=at("2026-12-01 10:00", "Asia/Bishkek"), told_by="court"), away=Far.SAME_DAY,
    ),
    "reminder of a vague date": _notice(REMINDER, SUIT, zone="", country="TJ"),
    "reminder of a day": _notice(
        REMINDER, replace(NOTICE, when=on("2026-12-03", "Asia/Bishkek"), place="", state="rescheduled")
    ),
    "reminder without a date": _notice(
        REMINDER, replace(NOTICE, when=None, court="", place="", code="", deadline="recheck")
    ),
    "reminder of a summit": _notice(REMINDER, SUMMIT, fictional=False),
    "moved to tomorrow": _notice(
        MOVED, replace(NOTICE, when=at("2026-11-25 09:00", "Asia/Bishkek"), was=at("2026-12-01 10:00", "Asia/Bishkek"),
                       state="rescheduled", reason="told to us by the lawyer at 22:50"),
    ),
    "moved by an hour": _notice(
        MOVED, replace(NOTICE, when=HEARING, was=at("2026-12-03 11:00", "Asia/Bishkek"), state="rescheduled")
    ),
    "moved to a vague date": _notice(
        MOVED, replace(SUIT, when=between("mid-May 2010", "2010-05-10", "2010-05-20", "Asia/Dushanbe"), was=SUIT.when)
    ),
    "put off": _notice(
        MOVED, replace(SUIT, when=None, was=SUIT.when, state="adjourned", reason="philological expert study")
    ),
    "moved, as the lawyer says, and slow mail left two old dates": _notice(
        MOVED, replace(
            NOTICE, when=HEARING, was=at("2026-12-01 10:00", "Asia/Bishkek"), state="rescheduled", told_by="lawyer",
            was_also=(at("2026-12-08 10:00", "Asia/Bishkek"),), told_at=DAY, was_court="Supreme court",
        ),
    ),
    "in another place": _notice(
        MOVED, replace(NOTICE, was_court="Supreme court, hall 2", state="relocated", told_by="court", told_at=DAY)
    ),
    "closed to the public": _notice(MOVED, replace(NOTICE, state="closed to the public", told_by="media")),
    "open after all": _notice(MOVED, replace(NOTICE, was_closed=True)),
    "reminder, counted": _notice(REMINDER, replace(NOTICE, told_by="rule", deadline="remand")),
    "reminder, as the lawyer says": _notice(REMINDER, replace(NOTICE, told_by="lawyer", told_at=DAY)),
    "a date at last": _notice(MOVED, replace(NOTICE, was=None, state="rescheduled")),
    "cancelled": _notice(MOVED, replace(NOTICE, was=HEARING, state="cancelled")),
    "urgent with the reader's note": a_reading(note="ask <Erlan> at the consulate"),
    "digest": _digest(*ITEMS[:3]),
    "digest of one": _digest(_notice(REMINDER, SUMMIT, fictional=False), note="for the Tuesday meeting"),
    "digest, hostile": _digest(*ITEMS, because=()),
}  # fmt: skip
