"""Readers of one alert whose mails are alike but for their `Own`: all else is worked out once for each such cohort."""

from dataclasses import replace

from alerts.domain.alerts import Alert, Kind
from alerts.domain.audience import Recipient
from alerts.domain.card import Written
from alerts.domain.deadlines import ATTENDED
from alerts.domain.errors import Invalid
from alerts.domain.messages import Reading
from alerts.domain.reach import Far, away
from alerts.domain.times import Instant
from alerts.services.courtcards import carried
from alerts.store import Tx
from alerts.store.readers import Addressed
from alerts.store.vault import Vault

Cohort = tuple[str, str, str, str, tuple[str, ...], Far | None, bool, bool, str]
"""Edition, language, zone, note, why they get it, how far away they are if too far, whether we trust them; and of a
date whether their calendar may name people, and when it rings.
"""


class Away:
    """Who can no longer be where this alert calls people to; asked once for each thing that readers said of it."""

    def __init__(self, alert: Alert, now: Instant) -> None:
        notice = alert.notice
        self._country, self._now = alert.countries[0] if alert.countries else "", now
        self._notice = notice if notice and notice.when and notice.deadline in ATTENDED else None
        self._by_the_hour = bool(self._notice and alert.kind is Kind.REMINDER and self._notice.rung.endswith("h"))
        self._known: dict[str, Far | None] = {"": None}

    def far(self, reach: str) -> Far | None:
        """How far away they are, if that is too far."""
        notice = self._notice
        if notice is None or notice.when is None:
            return None
        if reach not in self._known:
            self._known[reach] = away(reach, self._country, notice.court, notice.when, self._now)
        return self._known[reach]

    def in_vain(self, reach: str) -> bool:
        """A reminder hours before is noise to who cannot follow it. A correction goes to everybody who had the date."""
        return self._by_the_hour and self.far(reach) is not None


class Cohorts:
    def __init__(self, tx: Tx, alert: Alert, now: Instant) -> None:
        self._vault: Vault = tx.vault
        self._away = Away(alert, now)
        self._dated = alert.dated
        self._card: Written | None = carried(tx, alert)
        self._found: dict[Cohort, int] = {}

    def place(self, recipient: Recipient, reader: Addressed) -> int:
        """The number of the cohort whose mail this one gets. Trusted is who is trusted at this moment."""
        id, edition, because = recipient
        note = self._note(id, reader.note) if reader.note else ""
        trusted = self._card is not None and reader.standing.vetted
        calendar = (reader.calendar_names, reader.rungs) if self._dated else (False, "")
        far = self._away.far(reader.reach)
        cohort = (edition, reader.language, reader.zone, note, because, far, trusted, *calendar)
        return self._found.setdefault(cohort, len(self._found))

    def readings(self, common: dict[str, Reading]) -> list[Reading]:
        """The alert as each cohort gets it, in the order of their numbers. The card is put in here and nowhere else."""
        return [
            replace(
                common[edition], language=language, zone=zone, note=note, because=because, away=far,
                card=self._card if trusted else None, names=names, rungs=rungs,
            )
            for edition, language, zone, note, because, far, trusted, names, rungs in self._found
        ]  # fmt: skip

    def _note(self, id: str, sealed: bytes) -> str:
        """One that was damaged must not hold up the others, nor keep the mail from its reader."""
        try:
            return self._vault.open(sealed, f"subscriber|note|{id}")
        except Invalid:
            return ""
