"""Mails as they come back: replies, reports of mail servers, complaints, automatic replies. All are made up here."""

from __future__ import annotations

from email.message import EmailMessage, Message
from itertools import count
from pathlib import Path

_numbers = count(1)
DESK = "desk@desk.example"


def a_reply(
    text: str, sender: str = "jan@mission.example", subject: str = "Re: Bishkek: lawyer taken", *, to: str = DESK,
    answers: str = "", html: str = "", **headers: str,
) -> bytes:  # fmt: skip
    """`answers`: the Message-ID of ours that it answers, without angle brackets."""
    mail = EmailMessage()
    mail["Return-Path"] = f"<{sender}>"
    mail["Received"] = f"from mx.mission.example by mx.desk.example; no {next(_numbers)}"
    mail["From"], mail["To"], mail["Subject"] = f"Jan Novak <{sender}>", to, subject
    mail["Message-ID"] = f"<reply{next(_numbers)}@mission.example>"
    if answers:
        mail["In-Reply-To"], mail["References"] = f"<{answers}>", f"<{answers}>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    if html and not text:
        mail.set_content(html, subtype="html")
    return mail.as_bytes()


def a_report(
    recipient: str, status: str = "5.1.1", said: str = "550 5.1.1 no such user here", action: str = "failed", *,
    message_id: str = "", to: str = DESK, type: str = "rfc822",
) -> bytes:  # fmt: skip
    """A delivery status notification with the headers of the mail that it is about."""
    n = next(_numbers)
    returned = f"Message-ID: <{message_id}>\nFrom: {DESK}\nTo: {recipient}\nSubject: Bishkek\n" if message_id else ""
    back = f"\n--b{n}\nContent-Type: text/rfc822-headers\n\n{returned}" if returned else ""
    return (
        f"Return-Path: <>\nReceived: by mx.desk.example; no {n}\nFrom: MAILER-DAEMON@mx.mission.example\nTo: {to}\n"
        f"Subject: Undelivered Mail\nMIME-Version: 1.0\nAuto-Submitted: auto-replied\n"
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="b{n}"\n\n'
        f"--b{n}\nContent-Type: text/plain\n\nYour mail could not be handed over.\n\n"
        f"--b{n}\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.mission.example\n\n"
        f"Final-Recipient: {type}; {recipient}\nAction: {action}\nStatus: {status}\nDiagnostic-Code: smtp; {said}\n"
        f"{back}\n--b{n}--\n"
    ).encode()


def a_complaint(recipient: str = "", *, message_id: str = "", kind: str = "abuse", to: str = DESK) -> bytes:
    n = next(_numbers)
    about = f"Original-Rcpt-To: <{recipient}>\n" if recipient else ""
    return (
        f"Return-Path: <fbl@provider.example>\nReceived: by mx.desk.example; no {n}\nFrom: fbl@provider.example\n"
        f"To: {to}\nSubject: Complaint about a mail from you\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/report; report-type=feedback-report; boundary="b{n}"\n\n'
        f"--b{n}\nContent-Type: text/plain\n\nOne of our readers calls this spam.\n\n"
        f"--b{n}\nContent-Type: message/feedback-report\n\nFeedback-Type: {kind}\nUser-Agent: Provider/1.0\n"
        f"Version: 1\n{about}\n"
        f"--b{n}\nContent-Type: message/rfc822\n\nMessage-ID: <{message_id}>\nFrom: {DESK}\nSubject: Bishkek\n\n"
        f"She was taken at night.\n\n--b{n}--\n"
    ).encode()


AWAY = {
    "as RFC 3834 asks": a_reply("I am away until Monday.", subject="Re: Bishkek", Auto_Submitted="auto-replied"),
    "by its precedence": a_reply("Yes, but I am away.", subject="Re: Bishkek", Precedence="bulk"),
    "by an older mark": a_reply("YES", subject="Re: Bishkek", X_Autoreply="yes"),
    "by its subject": a_reply("I am away.", subject="Automatic reply: Bishkek"),
    "by its Russian subject": a_reply("Я в отпуске.", subject="Автоматический ответ: Бишкек"),
    "by its French subject": a_reply("Oui", subject="Réponse automatique : Bichkek"),
    "by its German subject": a_reply("Ja", subject="Abwesenheitsnotiz: Bischkek"),
    "by its Uzbek subject": a_reply("Ha", subject="Avtomatik javob: Bishkek"),
    "from nobody": a_reply("YES", sender="no-reply@mission.example"),
}

PLAIN_BOUNCE = b"""Return-Path: <>
Received: by mx.desk.example
From: MAILER-DAEMON@mail.ngo.example
To: desk@desk.example
Subject: failure notice

Hi. This is the qmail-send program at mail.ngo.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<jan@mission.example>:
550 5.1.1 no such user here

--- Below this line is a copy of the message.

"""


class Post:
    """A Maildir to which mail is delivered as a mail server would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("tmp", "new", "cur"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    @property
    def url(self) -> str:
        return f"maildir:{self.folder}"

    def deliver(self, mail: bytes | Message) -> str:
        data = mail if isinstance(mail, bytes) else mail.as_bytes()
        name = f"{1_900_000_000 + next(_numbers)}.M1P1.desk"
        (self.folder / "tmp" / name).write_bytes(data)
        (self.folder / "tmp" / name).rename(self.folder / "new" / name)
        return name

    @property
    def new(self) -> list[str]:
        return sorted(file.name for file in (self.folder / "new").iterdir())

    @property
    def cur(self) -> list[str]:
        return sorted(file.name for file in (self.folder / "cur").iterdir())
