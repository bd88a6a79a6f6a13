"""The obvious stack, fairly written, as a program of its own: `naive.py PORT COUNT TEMPLATES`.

SQLAlchemy claims rows of a status table in SQLite a hundred at a time, Jinja2 renders text and HTML, EmailMessage
builds the mail, aiosmtplib sends it over twenty connections that stay open, and every hundred results are marked in one
commit. TEMPLATES is JSON with `subject`, `text` and `html`: the words of the mail that the desk itself has sent.
Prints the messages sent in a second; making the rows, reading the templates and connecting are not counted.
"""

import asyncio
import json
import secrets
import sys
import tempfile
import time
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path

import aiosmtplib
import jinja2
import sqlalchemy as sa

CONNECTIONS, AT_ONCE = 20, 100
ROWS = sa.Table(
    "delivery", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("email", sa.String),
    sa.Column("name", sa.String), sa.Column("token", sa.String), sa.Column("status", sa.String, index=True),
)  # fmt: skip


class Naive:
    def __init__(self, folder: Path, templates: dict[str, str]) -> None:
        self.engine = sa.create_engine(f"sqlite:///{folder / 'naive.db'}")
        self.subject = templates["subject"]
        self.text = jinja2.Environment().from_string(templates["text"])
        self.html = jinja2.Environment(autoescape=True).from_string(templates["html"])

    def fill(self, count: int) -> None:
        ROWS.metadata.create_all(self.engine)
        with self.engine.begin() as conn:
            conn.execute(
                sa.insert(ROWS),
                [
                    {"email": f"reader{n}@mission{n % 500}.example", "name": f"Reader {n}", "status": "new",
                     "token": secrets.token_urlsafe(32)}
                    for n in range(count)
                ],
            )  # fmt: skip

    def claim(self) -> list[sa.Row[tuple[int, str, str, str, str]]]:
        with self.engine.begin() as conn:
            some = sa.select(ROWS.c.id).where(ROWS.c.status == "new").limit(AT_ONCE).scalar_subquery()
            claimed = sa.update(ROWS).where(ROWS.c.id.in_(some)).values(status="claimed").returning(*ROWS.c)
            return list(conn.execute(claimed))

    def mark(self, ids: list[int]) -> None:
        with self.engine.begin() as conn:
            conn.execute(sa.update(ROWS).where(ROWS.c.id.in_(ids)).values(status="sent"))

    def build(self, row: sa.Row[tuple[int, str, str, str, str]]) -> EmailMessage:
        leave = f"https://desk.example.org/leave/{row.token}"
        mail = EmailMessage()
        mail["From"], mail["To"] = "Bench desk <desk@desk.example.org>", row.email
        mail["Subject"], mail["Date"], mail["Message-ID"] = self.subject, formatdate(), make_msgid(domain="example.org")
        mail["List-Unsubscribe"], mail["List-Unsubscribe-Post"] = f"<{leave}>", "List-Unsubscribe=One-Click"
        mail["List-Id"], mail["Auto-Submitted"] = "Bench desk <alerts.example.org>", "auto-generated"
        mail.set_content(self.text.render(name=row.name, token=row.token))
        mail.add_alternative(self.html.render(name=row.name, token=row.token), subtype="html")
        return mail

    async def send(self, port: int) -> float:
        lines = [aiosmtplib.SMTP(hostname="127.0.0.1", port=port) for _ in range(CONNECTIONS)]
        await asyncio.gather(*(line.connect() for line in lines))
        began, sent = time.monotonic(), 0
        while rows := await asyncio.to_thread(self.claim):
            waiting = list(rows)

            async def work(line: aiosmtplib.SMTP, waiting: list[sa.Row[tuple[int, str, str, str, str]]]) -> None:
                while waiting:
                    await line.send_message(self.build(waiting.pop()))

            await asyncio.gather(*(work(line, waiting) for line in lines))
            await asyncio.to_thread(self.mark, [row.id for row in rows])
            sent += len(rows)
        rate = sent / (time.monotonic() - began)
        await asyncio.gather(*(line.quit() for line in lines))
        return rate


def main(port: int, count: int, templates: str) -> None:
    with tempfile.TemporaryDirectory(prefix="vigil-naive-") as folder:
        naive = Naive(Path(folder), json.loads(Path(templates).read_text()))
        naive.fill(count)
        print(asyncio.run(naive.send(port)))
        naive.engine.dispose()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
