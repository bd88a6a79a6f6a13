"""The true mail before it goes: as a phone shows it, as text, as HTML."""

from dataclasses import replace
from email.utils import make_msgid

from alerts.domain.alerts import Alert
from alerts.domain.errors import NotFound
from alerts.domain.messages import Message
from alerts.services.alerting import editions
from alerts.services.links import shown
from alerts.services.renderings import reading
from alerts.web.guard import Desk

SHOWN, FIRST = 40, 420
NOT_YET = "····"
"""Where a text that is not out will have its reference."""


def message(desk: Desk, alert: Alert, language: str) -> Message:
    """Raises NotFound where there is no edition in that language."""
    with desk.app.store.read() as tx:
        found = next((edition for edition in editions(tx, alert.id) if edition.language == language), None)
        if found is None:
            raise NotFound("There is no edition in that language.")
        reference = alert.reference or NOT_YET
        theirs = shown(desk.app.settings.web.links, reference)
        read = reading(tx, replace(alert, reference=reference), found, language, links=theirs)
    return desk.app.render.message(read, id=make_msgid(domain="preview.invalid")[1:-1], date=desk.now)


def phone(mail: Message, desk: str) -> tuple[str, str, list[str]]:
    """The subject as far as a phone shows it, the rest of it, and the first lines of the text below it."""
    cut, again = mail.subject[:SHOWN], {desk, mail.subject}
    body = "\n".join(line for line in mail.text.split("\n") if line not in again and set(line) != {"-"}).strip()
    first = body if len(body) <= FIRST else body[:FIRST].rsplit(" ", 1)[0] + " …"
    return cut, mail.subject[SHOWN:], [part.strip() for part in first.split("\n\n") if part.strip()]
