"""Who was sent what: the replay's golden log, read from the ledger."""

from typing import Any

from alerts.bootstrap import App
from alerts.services.alerting import editions


def sent(app: App) -> list[dict[str, Any]]:
    """Each mail that was taken, by time, kind, number and recipient. Nothing in it is random: no ids, no references."""
    found = []
    with app.store.read() as tx:
        people = {person.id: person for person in tx.subscribers.where()}
        alerts = {alert.id: alert for alert in tx.alerts.where()}
        written = {alert_id: editions(tx, alert_id) for alert_id in alerts}
        for alert_id, recipient, at in tx.ledger.mails():
            alert = alerts[alert_id]
            edition = next(e for e in written[alert_id] if e.language == recipient.language)
            subject = app.render.subject(alert, edition, recipient.language, country=",".join(alert.countries[:1]))
            found.append(
                {
                    "at": at.isoformat(timespec="minutes"), "kind": alert.kind.value, "number": alert.number,
                    "recipient": people[recipient.subscriber_id].email, "language": recipient.language,
                    "subject": subject.replace(alert.reference, "····"),
                }
            )  # fmt: skip
    return sorted(found, key=lambda entry: (entry["at"], entry["kind"], entry["number"], entry["recipient"]))
