"""A message as bytes: once for one reader, or once for all of them, with slots for what is each reader's own."""

import binascii
import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from operator import itemgetter

from alerts.domain.errors import Invalid
from alerts.domain.messages import Message, Own

OCTETS, QUOTED_OCTETS = 998, 76
"""The longest line without its end: RFC 5322 2.1.1, and RFC 2045 6.7 for quoted-printable."""

LONGEST = 900
"""Letters of a subject that is not folded."""

ID = r"[!-;=?-~]{1,250}"
ADDRESS = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*"
LETTER = "[A-Za-z0-9._-]"
PLAIN = re.compile(r"[A-Za-z0-9 .'-]{1,60}")
ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"'})

EIGHT = "Content-Transfer-Encoding: 8bit\r\n"
CALENDAR = "date.ics"
ATTACHED = ('; method="PUBLISH"', f'Content-Disposition: attachment; filename="{CALENDAR}"\r\n')
"""What its head says of a calendar, beyond the rest of the mail. The name is the same for all dates."""

# While a skeleton is built it is text whose letters are octets. A slot in it is a run of one letter that is no octet,
# as long as what will fill it, so that every line has its true length. A token too long for a quoted-printable line is
# cut at a fixed place: its first letters are one run, and what follows is a run of the second kind. No line is broken
# before a run of the first kind. Before one of the second it may be, for its first letter is always filled in as "=XX".
FIELDS = ("id", "to", "leave", "preferences", "answer")
WHOLE = 70
RUN, REST = 0x100, 0x180
RUN_STARTS_A_LINE = re.compile("\n[\u0100-\u017f]")
PIECE = re.compile(
    f".{{1,{QUOTED_OCTETS}}}\\Z|"
    f".{{1,{QUOTED_OCTETS - 1}}}(?<!=)(?<!=.)(?![\u0100-\u017f])(?!(?<=[\u0180-\u01ff])[\u0180-\u01ff])"
)


@dataclass(frozen=True, slots=True)
class From:
    """Who a mail is from, the same for all. `name` may be empty; answers go to `reply_to`."""

    address: str
    name: str
    reply_to: str


def compose(sender: From, to: str, to_name: str, message: Message) -> bytes:
    """The mail to one reader, in quoted-printable, not dot-stuffed: the same bytes on every attempt.

    Raises ValueError for a control character or line end in a header.
    """
    headers = _headers(sender, _mailbox("To", to_name, _checked("To", to)), _checked("Message-ID", message.id), message)
    mail = EmailMessage(policy=SMTP.clone(max_line_length=QUOTED_OCTETS))
    mail.set_content(message.text, cte="quoted-printable")
    mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    if message.calendar:
        mail.add_attachment(
            message.calendar,
            subtype="calendar",
            cte="quoted-printable",
            filename=CALENDAR,
            params={"method": "PUBLISH"},
        )
    wholes = [part for part in mail.walk() if part.is_multipart()]
    for part in mail.walk():
        if part is not mail:
            del part["MIME-Version"]  # it belongs to the whole only
    for depth, whole in enumerate(wholes):
        whole.set_boundary(f"=_{hashlib.sha256(f'{depth}{message.id}'.encode()).hexdigest()[:32]}")
    return headers.encode("ascii") + mail.as_bytes()


def wired(mail: bytes) -> bytes:
    """What `compose` made as it goes over the wire: dot-stuffed, with the final dot."""
    return mail.replace(b"\r\n.", b"\r\n..") + b".\r\n"


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A mail with slots. `eight`: it holds octets above 127, so MAIL FROM must say BODY=8BITMIME."""

    eight: bool
    pieces: list[bytes]
    picked: Callable[[list[bytes]], Sequence[bytes]]
    cut: Sequence[int]
    fits: Callable[[bytes], object]

    def fill(self, own: Own) -> bytes:
        """One reader's mail as it goes over the wire: dot-stuffed, with the final dot.

        Raises ValueError for what is no address, no Message-ID, no token as long as its blank; for a control character.
        """
        given = f"{own.id}\n{own.to}\n{own.leave}\n{own.preferences}\n{own.answer}".encode()
        if not self.fits(given):
            raise ValueError("the address, the Message-ID or a link of this reader does not fit the mail")
        values = given.split(b"\n")
        if own.name:
            values[1] = _mailbox("To", own.name, own.to).encode("ascii")
        for index in self.cut:
            value = values[index]
            values += (value[:WHOLE], b"=%02X%b" % (value[WHOLE], value[WHOLE + 1 :]))
        pieces = self.pieces.copy()
        pieces[1::2] = self.picked(values)
        return b"".join(pieces)


def compile(sender: From, message: Message, blanks: Own, *, eight: bool) -> Skeleton:
    """The mail to everybody whose `message` differs from this one only where the tokens of `blanks` stand.

    Its id is not used. `eight`: the relay offers 8BITMIME; a part that cannot go so is quoted-printable all the same.
    Raises Invalid where a slot cannot be had and each mail must be composed by itself, ValueError where `compose` does.
    """
    slots = _Slots([blanks.leave, blanks.preferences, blanks.answer])
    said = (message.subject, message.text, message.html, message.calendar, *message.headers.values())
    found = slots.count("\n".join(said))
    seed = "\0".join(slots.marked(text) for text in said)
    whole = _whole(
        "alternative", seed, [_part(slots, "plain", message.text, eight), _part(slots, "html", message.html, eight)]
    )
    if message.calendar:
        whole = _whole("mixed", f"{seed}\0", [whole, _part(slots, "calendar", message.calendar, eight)])
    some_eight = _eight(whole)
    wire = slots.marked(_headers(sender, chr(RUN + 1), chr(RUN), message)) + f"MIME-Version: 1.0\r\n{whole}\r\n"
    if max(map(len, wire.split("\r\n"))) > OCTETS:
        raise Invalid(f"A line of this mail has more than {OCTETS} octets: compose it for each reader by itself.")
    if RUN_STARTS_A_LINE.search(wire):
        raise Invalid("A link's end starts a line of this mail: compose it for each reader by itself.")
    pieces, marks = slots.split(wire.replace("\r\n.", "\r\n..") + ".\r\n")
    if sum(chr(RUN + 1) < mark < chr(REST) for mark in marks) != found:
        raise Invalid("A link's end stands where it is encoded: compose this mail for each reader by itself.")
    cut = slots.cut if max(marks) > chr(REST) else []
    return Skeleton(some_eight, pieces, itemgetter(*(ord(mark) & 0x7F for mark in marks)), cut, slots.fits)


class _Slots:
    """Where the blanks of `leave`, `preferences` and `answer` stand. Raises Invalid for blanks that text could hold."""

    def __init__(self, blanks: list[str]) -> None:
        self.blanks = {index: blank for index, blank in enumerate(blanks, FIELDS.index("leave")) if blank}
        others = "\n".join(blanks)
        for blank in self.blanks.values():
            if not re.fullmatch(f"{LETTER}{{16,}}", blank) or others.count(blank) > 1:
                raise Invalid("A blank must be a random word of 16 letters or more, like no other blank.")
        self.cut = [index for index, blank in self.blanks.items() if len(blank) > WHOLE]
        lengths = [f"{LETTER}{{{len(blank)}}}" for blank in blanks]
        self.fits = re.compile("\n".join([ID, f"(?=.{{1,254}}\n){ADDRESS}", *lengths]).encode()).fullmatch

    def count(self, text: str) -> int:
        """How many there are. Raises Invalid where one was broken in two: its halves would reach every reader."""
        for blank in self.blanks.values():
            half = len(blank) // 2
            if not text.count(blank) == text.count(blank[:half]) == text.count(blank[half:]):
                raise Invalid("A link of this mail is broken over two lines: compose it for each reader by itself.")
        return sum(map(text.count, self.blanks.values()))

    def marked(self, text: str, *, quoted: bool = False) -> str:
        """With a run in place of each blank; of two runs if it is too long for a quoted line."""
        for index, blank in self.blanks.items():
            text = text.replace(blank, "".join(self._runs(index, quoted=quoted)))
        return text

    def split(self, wire: str) -> tuple[list[bytes], list[str]]:
        """What is the same for all at the even places, and at the odd ones nothing yet; the letter of each run."""
        for index in self.blanks:
            for run in self._runs(index, quoted=False) + self._runs(index, quoted=True):
                wire = wire.replace(run, run[0])
        pieces = re.split("([\u0100-\u01ff])", wire)
        marks = pieces[1::2]
        pieces[1::2] = [""] * len(marks)
        return [piece.encode("latin-1") for piece in pieces], marks

    def _runs(self, index: int, *, quoted: bool) -> list[str]:
        length = len(self.blanks[index])
        if not quoted or index not in self.cut:
            return [chr(RUN + index) * length]
        first = len(FIELDS) + 2 * self.cut.index(index)
        return [chr(RUN + first) * WHOLE, chr(REST + first + 1) * (length - WHOLE + 2)]


def _whole(subtype: str, seed: str, parts: Sequence[str]) -> str:
    boundary = f"=_{hashlib.sha256(seed.encode()).hexdigest()[:32]}"
    eight = EIGHT if any(map(_eight, parts)) else ""
    return (
        f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n{eight}\r\n'
        + "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
        + f"--{boundary}--"
    )


def _eight(part: str) -> bool:
    return EIGHT in part.partition("\r\n\r\n")[0] + "\r\n"


def _part(slots: _Slots, subtype: str, text: str, eight: bool) -> str:
    octets = b"\n".join(text.encode().splitlines()) + b"\n"
    rows = slots.marked(octets.decode("latin-1")).split("\n")
    plain = eight and b"\0" not in octets and max(map(len, rows)) <= OCTETS
    if not plain:  # the soft breaks that b2a_qp makes know nothing of slots; elsewhere "=" is never last in a line
        quoted = binascii.b2a_qp(octets).replace(b"=\n", b"").decode("ascii")
        rows = [_broken(row) for row in slots.marked(quoted, quoted=True).split("\n")]
    encoding = EIGHT if plain else "Content-Transfer-Encoding: quoted-printable\r\n"
    method, attached = ATTACHED if subtype == "calendar" else ("", "")
    head = f'{attached}Content-Type: text/{subtype}; charset="utf-8"{method}\r\n{encoding}\r\n'
    return head + "\r\n".join(rows)


def _broken(row: str) -> str:
    if len(row) <= QUOTED_OCTETS:
        return row
    pieces = PIECE.findall(row)
    if "".join(pieces) != row:
        raise Invalid("A link of this mail is too long for a line: compose it for each reader by itself.")
    return "=\r\n".join(pieces)


def _headers(sender: From, to: str, id: str, message: Message) -> str:
    """`to` and `id` as they stand in the header: already checked, or runs."""
    rows = [f"From: {_mailbox('From', sender.name, sender.address)}", f"To: {to}"]
    if sender.reply_to != sender.address:
        rows.append(_header("Reply-To", sender.reply_to))
    rows += [_header("Subject", message.subject), f"Date: {format_datetime(message.date)}", f"Message-ID: <{id}>"]
    rows += [_header(name, value) for name, value in message.headers.items()]
    return "".join(f"{row}\r\n" for row in rows)


def _header(name: str, value: str) -> str:
    """One header. EmailMessage would write a long link in List-Unsubscribe as encoded words, by which no mail program
    finds it (RFC 8058), and lose spaces of a long subject. Raises ValueError: no line end may make another header.
    """
    value = _checked(name, value)
    if not value.isascii() or (name == "Subject" and ("=?" in value or len(value) > LONGEST)):
        value = Header(value, "utf-8", header_name=name).encode(linesep="\r\n")
    return f"{name}: {value}"


def _mailbox(header: str, name: str, address: str) -> str:
    """An address with a name before it. A short name is one encoded word: Header takes 20 times as long for it."""
    if not name:
        return address
    if PLAIN.fullmatch(name):
        said = f'"{name}"'
    elif len(octets := _checked(header, name).encode()) > 45:
        said = Header(name, "utf-8", header_name=header).encode(linesep="\r\n")
    elif name.isascii() and "=?" not in name:
        said = f'"{name.translate(ESCAPES)}"'
    else:
        said = f"=?utf-8?b?{binascii.b2a_base64(octets, newline=False).decode()}?="
    fold = "\r\n" if len(said.rpartition("\n")[2]) + len(address) > 68 else ""
    return f"{said}{fold} <{address}>"


def _checked(header: str, value: str) -> str:
    if not value.isprintable() and any(unicodedata.category(letter) in ("Cc", "Zl", "Zp") for letter in value):
        raise ValueError(f"a control character or line end in the header {header}")
    return value
