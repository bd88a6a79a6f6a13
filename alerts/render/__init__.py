"""Words on their way out: subject lines, mails in text and HTML, and pages, in the reader's language."""

from collections.abc import Sequence
from dataclasses import replace
from email.utils import parseaddr
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment

from alerts.domain import letters
from alerts.domain.alerts import Alert, Edition
from alerts.domain.calendars import Entry, discreet, invitation, wished
from alerts.domain.counting import Proof
from alerts.domain.labels import Label, strictest
from alerts.domain.messages import Message, Reading
from alerts.domain.times import Instant, LocalTime
from alerts.render import clean, clocks
from alerts.render.calendars import Writer
from alerts.render.catalogue import SOURCE, Catalogue, catalogues
from alerts.render.environment import environment
from alerts.render.explaining import explained
from alerts.render.letters import letter_values, question_in_a_line
from alerts.render.mails import mail_values, spoken, template
from alerts.render.needs import Settings
from alerts.render.subjects import LONGEST, digest, subject

__all__ = ["Render"]


def shipped() -> Path:
    """The templates that ship with Vigil: beside the packages in a checkout, inside them once installed."""
    here = Path(__file__).parent.parent
    bundled = here / "_bundled" / "templates"
    return bundled if bundled.exists() else here.parent / "templates"


class Render:
    """Reads every catalogue when it is made, each template when it is first used."""

    def __init__(self, settings: Settings, templates: Path | None = None) -> None:
        self._settings = settings
        self._templates = templates or shipped()
        self._words = {words.language: words for words in catalogues(self._templates / "locale")}
        self._rooms: dict[str, Environment] = {}

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Languages with every sentence, English first."""
        return tuple(language for language, words in self._words.items() if words.whole)

    def reviewed(self, language: str) -> bool:
        """Whether a native reader has read the sentences of this language."""
        return self._catalogue(language).reviewed

    def subject(
        self, alert: Alert, edition: Edition, language: str, zone: str = "", country: str = "", *, away: bool = False
    ) -> str:
        """One line, without control characters. `zone` is the reader's; a subject keeps to the court's clock.

        `away`: the reader cannot be there in time.
        """
        words = self._catalogue(language)
        found = subject(clean.everything(alert), clean.everything(edition), words, country, away=away)
        return clean.line(found)[:LONGEST]

    def digest(self, alerts: Sequence[Alert], language: str, at: Instant) -> str:
        """The subject of a digest of these alerts that goes out at that instant."""
        return clean.line(digest(alerts, at, self._catalogue(language)))[:LONGEST]

    def when(self, time: LocalTime, language: str, reader_zone: str = "") -> list[str]:
        """The court's clock first; then the reader's, where it shows another time at that instant."""
        return clocks.when(time, self._catalogue(language), reader_zone)

    def explained(self, proof: Proof, language: str) -> list[str]:
        """How a date was counted, one sentence a line."""
        return explained(proof, self._catalogue(language))

    def page(self, name: str, **values: Any) -> str:
        """templates/pages/<name>.html, escaped, in `language` (English if none is given)."""
        room = self._room(values.get("language") or SOURCE)
        return room.get_template(f"pages/{name}.html").render(values | {"language": room.globals["language"]})

    def message(self, reading: Reading, *, id: str, date: Instant, to_test: bool = False) -> Message:
        """An alert as one reader gets it. The text and the HTML say the same."""
        reading = clean.everything(reading)
        words = self._words[spoken(reading, self.languages)]
        line = self.subject(
            reading.alert, reading.edition, words.language, reading.zone, reading.country, away=bool(reading.away)
        )
        values = mail_values(reading, words, self._catalogue(reading.language)) | {"subject": line, "to_test": to_test}
        if to_test:
            line = words.say("TEST – %(subject)s", subject=line)
        headers = self._headers(words.language) | self._list_headers(reading)
        alert = reading.alert
        calendar = self._invitation(reading, words) if reading.uid else ""
        empty = Message(id, line, "", "", date, headers, alert.kind, alert.shown_number, alert.reference, calendar)
        return self._message(template(alert), values, words, empty)

    def question(self, language: str, link: str, details: dict[str, str]) -> str:
        """What staff send by hand, by whatever the phone has: the question in a line, and the link."""
        line = clean.line(question_in_a_line(self._words[self._spoken(language)], details))
        return f"{line}\n{link}" if link else line

    def calendar(self, entries: Sequence[Entry], language: str, zone: str = "") -> bytes:
        """A reader's calendar as their calendar program reads it."""
        return self._writer(self._words[language if language in self.languages else SOURCE], zone).feed(entries)

    def letter(
        self, kind: letters.Kind, language: str, *, link: str, details: dict[str, str], id: str, date: Instant
    ) -> Message:
        """A one-off mail that belongs to no alert."""
        words = self._words[self._spoken(language)]
        values = letter_values(kind, words, self._settings.desk.name, link, details)
        empty = Message(id, clean.line(values["subject"])[:LONGEST], "", "", date, self._headers(words.language))
        return self._message(f"letters/{kind}", values, words, empty)

    def _invitation(self, reading: Reading, words: Catalogue) -> str:
        alert, notice = reading.alert, reading.alert.notice
        assert notice
        notice = notice if reading.names else discreet(notice, alert.case_id)
        at = alert.published_at or alert.created_at
        assert at
        entry = invitation(reading.uid, alert.revision or 1, notice, at, reading.country, wished(reading.rungs))
        if entry is None:
            return ""
        entry = replace(entry, reference=alert.reference, fictional=reading.fictional)
        return self._writer(words, reading.zone).invitation(entry, self._reply_to, self._settings.desk.name)

    def _writer(self, words: Catalogue, zone: str) -> Writer:
        return Writer(words, self._domain, zone)

    def _message(self, name: str, values: dict[str, Any], words: Catalogue, empty: Message) -> Message:
        room = self._room(words.language)
        values = values | {"reviewed": words.reviewed}
        text = room.get_template(f"messages/{name}.txt").render(values)
        html = room.get_template(f"messages/{name}.html").render(values)
        return replace(empty, text=clean.folded(clean.closed_up(text)), html=clean.folded(html))

    def _headers(self, language: str) -> dict[str, str]:
        return {"Auto-Submitted": "auto-generated", "Content-Language": language}

    def _list_headers(self, reading: Reading) -> dict[str, str]:
        leave = f"<mailto:{quote(self._reply_to, safe='@')}?subject=LEAVE>"
        one_click = clean.line(reading.links.one_click)
        headers = {
            "List-Id": f"<alerts.{self._domain}>",
            "List-Unsubscribe": f"<{one_click}>, {leave}" if one_click else leave,
            "X-TLP": f"TLP:{_label(reading).name}",
        }
        if one_click.startswith("https://"):  # RFC 8058 allows nothing else
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        return headers

    @property
    def _reply_to(self) -> str:
        return parseaddr(self._settings.mail.reply_to or self._settings.smtp.sender)[1]

    @property
    def _domain(self) -> str:
        sender = parseaddr(self._settings.smtp.sender)[1].rpartition("@")[2]
        return sender or urlsplit(self._settings.web.base_url).hostname or "localhost"

    def _catalogue(self, language: str) -> Catalogue:
        return self._words.get(language) or self._words[SOURCE]

    def _spoken(self, language: str) -> str:
        return language if language in self.languages else SOURCE

    def _room(self, language: str) -> Environment:
        language = self._spoken(language)
        if language not in self._rooms:
            known = {"desk": self._settings.desk, "languages": self.languages, "base_url": self._settings.web.base_url}
            self._rooms[language] = environment(self._templates, self._words[language], self._catalogue, known)
        return self._rooms[language]


def _label(reading: Reading) -> Label:
    """A court card is for trusted readers, whatever the alert is."""
    return strictest(reading.alert.label, Label.AMBER) if reading.card else reading.alert.label
