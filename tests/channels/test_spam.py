"""What a reader's mail server makes of our mails: SpamAssassin, without the net, its memory or its daemon."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path

import pytest
from builders import VAULT
from components import needs
from readings import DAY, FICTION, READINGS, SETTINGS, Settings
from servers import MailServer, Received

from alerts.channels._smtp import Parcel, Pump
from alerts.channels.email import Channel
from alerts.domain.alerts import AddresseeLine, Alert
from alerts.domain.delivery import Outcome, Sent
from alerts.domain.letters import Kind
from alerts.domain.messages import Links, Message, Own, Reading
from alerts.render import Render
from alerts.services.links import links

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

MOST = 1.0
"""What a mail of ours may score. Mail servers call it spam at 5."""

TO = "jan@mission.example"
JUDGE = """
use Mail::SpamAssassin;
my ($state, @mails) = @ARGV;
my $judge = Mail::SpamAssassin->new({
    local_tests_only => 1, dont_copy_prefs => 1, userprefs_filename => '/dev/null', userstate_dir => $state,
    post_config_text => "use_bayes 0\\nuse_learner 0\\nreport_safe 0\\n",
});
for my $file (@mails) {
    open(my $in, '<', $file) or die "$file: $!";
    my $mail = $judge->parse(do { local $/; <$in> });
    my $found = $judge->check($mail);
    printf "%s\\t%s\\t%s\\n", $file, $found->get_score(), $found->get_names_of_tests_hit();
    $found->finish();
    $mail->finish();
}
"""
ONCE = (
    "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Auto-Submitted", "Content-Language",
)  # fmt: skip
"""Of each of these a mail has one: what DKIM signs of a header that stands there twice is not what is shown."""
LISTS = ("List-Id", "List-Unsubscribe", "X-TLP")

RUSSIAN = replace(
    FICTION, language="ru", title="Бишкек: задержана А. Сампл, адвоката не пускают – позвоните сегодня",
    body="Поздно вечером 24 ноября люди в штатском увели адвоката Аиду Сампл из её дома в Бишкеке.\n"
    "Её защитника к ней не пустили.\n\nСуд должен решить до четверга, 22:40 (48 часов, не проверено).",
    facts=(replace(FICTION.facts[0], text="увели из дома"), replace(FICTION.facts[1], text="она в здании ГКНБ")),
    asks=("пустить к ней адвоката и врача", "освободить её или доставить к судье"),
    addressees=(
        AddresseeLine("Генеральная прокуратура", "К. Сампл", "priyomnaya@prokuror.example", "Уважаемый господин!"),
    ),
    background="Она защищает журналистов с 2009 года.",
)  # fmt: skip
IN_RUSSIAN = {
    "court": "Первомайский районный суд, зал 4", "title": "дело о защите чести", "reason": "нам сказал адвокат",
    "names": ("Аида Сампл",),
}  # fmt: skip
LANGUAGES = ("en", "ru")
PUBLIC = links(VAULT, "https://vigil.test", "01KB0QZ4G5V2N8Y3T7W9XAHMJC", "01KB0QZ4G5V2N8Y3T7W9XAHMJD", "7KQ4", DAY)

RENDER = {
    "en": Render(SETTINGS), "ru": Render(Settings(name="Дежурный стол", contact="Вена, зарегистрированная НКО, +43 …")),
}  # fmt: skip
"""A desk that writes in Russian has a Russian name."""


@dataclass(frozen=True)
class Judged:
    score: float
    rules: str


def judged(folder: Path, mails: dict[str, bytes]) -> dict[str, Judged]:
    """Each mail as the server of its reader would see it, for whom a first server took it over TLS."""
    files = {}
    for n, (name, raw) in enumerate(mails.items()):
        file = folder / f"{n:04}.eml"
        file.write_bytes(
            b"Return-Path: <desk@vigil.example.org>\r\n"
            b"Received: from mail.vigil.example.org (mail.vigil.example.org [93.184.216.34])\r\n"
            b"\tby mx.mission.example (Postfix) with ESMTPS id 4c9WbK1YqQz9sT\r\n"
            b"\tfor <jan@mission.example>; Tue, 24 Nov 2026 16:50:09 +0000 (UTC)\r\n" + raw
        )
        files[str(file)] = name
    command = [str(needs("spamassassin")), "-e", JUDGE, str(folder), *files]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return {files[file]: Judged(float(score), rules) for file, score, rules in rows}


def messages() -> Iterator[tuple[str, Message]]:
    for name, message in [*alerts(), *letters()]:
        yield name, replace(message, id=f"{sha256(name.encode()).hexdigest()[:40]}@vigil.example.org")


def alerts() -> Iterator[tuple[str, Message]]:
    ordinary = {name: read for name, read in READINGS.items() if "hostile" not in name}
    for name, read in ordinary.items():
        for language in LANGUAGES:
            render = RENDER[language]
            for where, theirs in (("with links", PUBLIC), ("by mail alone", Links())):
                said = f"{name}, {language}, {where}"
                yield said, render.message(in_language(replace(read, links=theirs), language), id="", date=DAY)


def in_language(read: Reading, language: str) -> Reading:
    """In Russian all of it, but for addresses: a filter that counts Latin letters in Russian mail (MIXED_ES) finds only
    those that must be there.
    """
    edition, note = read.edition, read.note
    if language == "ru" and edition.title:
        edition, note = replace(RUSSIAN, alert_id=edition.alert_id), note and "спросить Эрлана в консульстве"
    if read.items:
        title = RENDER[language].digest([item.alert for item in read.items], language, DAY)
        edition = replace(edition, title=title, body="")
    edition = replace(edition, language=language)
    items = tuple(in_language(item, language) for item in read.items)
    alert = russian(read.alert) if language == "ru" else read.alert
    return replace(read, alert=alert, edition=edition, language=language, note=note, items=items)


def russian(alert: Alert) -> Alert:
    if alert.notice is None:
        return alert
    said = {name: words for name, words in IN_RUSSIAN.items() if getattr(alert.notice, name)}
    return replace(alert, notice=replace(alert.notice, **said))


def letters() -> Iterator[tuple[str, Message]]:
    details = {"countries": "KG;TJ", "topics": "unfair trial", "answer": "yes", "reference": "7KQ4"}
    for kind in Kind:
        for language in LANGUAGES:
            for where, link in (("with links", PUBLIC.preferences), ("by mail alone", "")):
                message = RENDER[language].letter(kind, language, link=link, details=details, id="", date=DAY)
                yield f"letter {kind}, {language}, {where}", message


async def received(server: MailServer) -> dict[str, Received]:
    """All of them, by name, quoted-printable; and alerts as a pump hands them to a relay that takes 8BITMIME."""
    channel = Channel(server.url, "desk@vigil.example.org", "Example desk", "answers@vigil.example.org", 5)
    parcels, names = [], {}
    outcomes: list[Outcome] = []
    async with channel.line() as line:
        for name, message in messages():
            names[f"<{message.id}>"] = name
            outcomes.append(await line.send(TO, message))
            if "with links" in name and not name.startswith("letter"):
                eight = replace(message, id=f"8.{message.id}")
                names[f"<{eight.id}>"] = f"{name}, 8bit"
                own = Own(eight.id, TO, "Jan Novák")
                wire = channel.compile(eight, Own(eight.id, TO), eight=True).fill(own)
                parcels.append(Parcel(TO, channel.sender, wire, name))

    def feed(_: Pump) -> Parcel | None:
        return parcels.pop() if parcels else None

    def done(pump: Pump, _: Parcel, outcome: Outcome) -> None:
        outcomes.append(outcome)
        if len(outcomes) == len(names):
            pump.stop()

    await channel.pump(feed, done).run()
    assert all(isinstance(outcome, Sent) for outcome in outcomes), outcomes
    return {names[mail.message_id]: mail for mail in server.messages}


async def test_no_mail_of_ours_looks_like_spam(mail_server: MailServer, tmp_path: Path) -> None:
    mails = await received(mail_server)
    assert len(mails) == len(mail_server.messages) > 150
    found = judged(tmp_path, {name: mail.raw for name, mail in mails.items()})
    assert found.keys() == mails.keys()
    assert {name: one for name, one in found.items() if one.score > MOST} == {}


def test_the_judge_knows_spam(tmp_path: Path) -> None:
    head = b"From: a@b.example\r\nTo: jan@mission.example\r\nSubject: x\r\nDate: Tue, 24 Nov 2026 16:50:00 +0000\r\n"
    known = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\r\n"
    found = judged(
        tmp_path, {"known": head + b"\r\n" + known, "nameless": b"Subject: VIAGRA!!! FREE MONEY\r\n\r\nBUY\r\n"}
    )
    assert found["known"].score > 900 and "GTUBE" in found["known"].rules
    assert found["nameless"].score > MOST


async def test_what_dkim_signs_stands_in_each_mail_once(mail_server: MailServer) -> None:
    for name, mail in (await received(mail_server)).items():
        signed = [*ONCE, *(() if name.startswith("letter") else LISTS)]
        signed += ["List-Unsubscribe-Post"] if "with links" in name and not name.startswith("letter") else []
        assert counts(mail.message, signed) == dict.fromkeys(signed, 1), name
        assert len(mail.message.keys()) == len(set(map(str.lower, mail.message.keys()))), name
        head = mail.raw.partition(b"\r\n\r\n")[0]
        assert head.isascii() and max(map(len, head.split(b"\r\n"))) <= 998
        assert not re.search(rb"(?m)^[^\s:]+:\s*\r?$", head), "no header is empty"


def counts(mail: EmailMessage, names: list[str]) -> dict[str, int]:
    return {name: len(mail.get_all(name, [])) for name in names}
