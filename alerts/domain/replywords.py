"""The first words of a reply: yes, cannot, call me, leave, subscribe, in nine languages.

Kazakh, Kyrgyz, Tajik, Turkmen and Uzbek words, and the Russian, French and German ones, were not yet read by native
speakers. Whatever is not understood goes to staff, so a word that is missing costs a click; a word that is wrong would
be noted as an answer, and the receipt tells the reader so.
"""

import re
import unicodedata
from enum import StrEnum


class Word(StrEnum):
    YES = "yes"
    CANNOT = "cannot"
    CALL_ME = "call-me"
    LEAVE = "leave"
    SUBSCRIBE = "subscribe"


PHRASES: dict[Word, tuple[str, ...]] = {
    Word.YES: (
        "yes", "yes please", "i come", "we come", "i will come", "i'll come", "i will attend", "we will attend",
        "i can come", "i confirm", "confirmed", "colleague",
        "да", "приду", "придём", "буду", "подтверждаю", "коллега",
        "иә", "ия", "келемін", "растаймын", "әріптесім",
        "ооба", "келем", "ырастайм", "кесиптешим",
        "ҳа", "бале", "меоям", "тасдиқ мекунам", "ҳамкорам",
        "ha", "kelaman", "tasdiqlayman", "hamkasbim", "ҳа келаман",
        "hawa", "gelerin", "tassyklaýaryn", "kärdeşim",
        "oui", "je viens", "je confirme", "collègue",
        "ja", "ich komme", "ich bestätige", "kollege", "kollegin",
    ),
    Word.CANNOT: (
        "can't", "cannot", "can not", "i can't", "i cannot", "we can't", "we cannot", "no",
        "не могу", "не можем", "я не могу", "мы не можем", "нет", "не смогу", "не сможем", "не приду",
        "келе алмаймын", "алмаймын", "жоқ",
        "келе албайм", "албайм", "жок",
        "наметавонам", "омада наметавонам", "не", "на",
        "kela olmayman", "olmayman", "yo'q",
        "gelip bilmerin", "bilmerin", "ýok",
        "je ne peux pas", "ne peux pas", "impossible", "non",
        "ich kann nicht", "kann nicht", "nein",
    ),
    Word.CALL_ME: (
        "call me", "please call me", "call us", "phone me", "ring me",
        "позвоните мне", "позвоните", "перезвоните", "перезвоните мне", "позвони мне",
        "маған қоңырау шалыңыз", "қоңырау шалыңыз", "маған хабарласыңыз",
        "мага чалыңыз", "чалыңыз", "мага телефон чалыңыз",
        "ба ман занг занед", "занг занед",
        "menga qo'ng'iroq qiling", "qo'ng'iroq qiling",
        "maňa jaň ediň", "jaň ediň",
        "appelez-moi", "appelez moi", "rappelez-moi",
        "rufen sie mich an", "bitte rufen sie mich an", "bitte anrufen", "anrufen",
    ),
    Word.LEAVE: (
        "leave", "unsubscribe", "unsubscribe me",
        "отписаться", "отпишите меня", "отписка",
        "жазылымнан шығу", "бас тарту",
        "жазылуудан чыгуу", "чыгуу",
        "обунаро бекор кардан", "баромадан",
        "obunani bekor qilish", "chiqish",
        "abunany ýatyrmak", "çykmak",
        "désabonner", "me désabonner", "désinscription", "se désabonner",
        "abmelden", "abbestellen", "austragen",
    ),
    Word.SUBSCRIBE: (
        "subscribe", "subscribe me",
        "подписаться", "подпишите меня", "подписка",
        "жазылу", "жазылуу", "обуна", "обуна шудан", "obuna", "obuna bo'lish", "abuna", "abuna ýazylmak",
        "s'abonner", "m'abonner", "abonner", "abonnieren", "anmelden",
    ),
}  # fmt: skip
"""What people write in answer. As they are compared: without case, accents, apostrophes and what stands around them."""

LANGUAGE = {
    "subscribe": "en", "подпис": "ru", "подпишите": "ru", "жазылу": "kk", "жазылуу": "ky", "обуна": "tg", "obuna": "uz",
    "abuna": "tk", "abonner": "fr", "abonnieren": "de", "anmelden": "de",
}  # fmt: skip
"""In which language somebody asked: the longest beginning decides, or English."""

POLITE = ("please", "thanks", "thank you", "пожалуйста", "спасибо", "rahmat", "рахмет", "merci", "bitte", "danke")
APOSTROPHES = re.compile("['’‘ʼʻ`´′]")
"""All signs that people take for one."""
CLAUSE = re.compile(r"[.,;:!?()–—\n]|\s-+\s")
COMING = (
    "come", "attend", "be", "make", "go", "do", "help", "act", "call", "this time", "приехать", "прийти",
    "присутствовать", "быть", "участвовать", "помочь", "venir", "assister", "être", "kommen", "teilnehmen", "dabei",
)  # fmt: skip
"""What may follow CAN'T: “can't come on Thursday” is an answer, “can't open the attachment” is not."""

ALONE = ("no", "нет", "не", "на", "non", "nein", "ha", "ja", "colleague", "коллега", "confirmed", "буду", "impossible")
"""Words that are an answer only where nothing stands beside them: “no problem”, “colleague taken”, “ha, ha”."""

REPLIED = re.compile(r"(?i)^\s*(?:re|aw|antw|sv|rép|ref|отв|ответ|на|жауап|жооп|fwd?|wg|tr)\s*(?:\[\d+\])?\s*:\s*")
QUOTED = re.compile(
    r"(?im)^[ \t]*(?:>|[|]\s|_{10,}\s*$|"
    r"-{2,}\s*(?:original message|forwarded|исходное|пересланное|message d.origine|ursprüngliche)|"
    r"(?:from|от|от кого|de|von|кимден|кімнен|аз|kimdan|kimden)\s*:\s.*@)"
)
INTRODUCED = re.compile(
    r"(?im)^[^\n]*<[^\s<>@]+@[^\s<>]+>[^\n]{0,40}:\s*$|"
    r"^[ \t]*(?:on|am|le|el|в|во|пн|вт|ср|чт|пт|сб|вс|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\S{1,20}, \d{1,2} )[^\n]{0,200}"
    r"(?:\n[^\n]{0,120})?(?:wrote|schrieb|a écrit|пишет|писал|писала|написал|написала|жазды|навишт|yozdi|ýazdy)"
    r"[^\n]{0,80}:\s*$"
)
SIGNATURE = re.compile(
    r"(?im)^-- ?$|^(?:sent from my|отправлено (?:из|с) |envoyé de mon|von meinem \S+ gesendet)[^\n]*$"
)
GREETING = re.compile(
    r"(?i)^(?:dear|hello|hi|good (?:morning|day|afternoon|evening)|здравствуйте|добрый|уважаем\w*|bonjour|guten|"
    r"liebe\w*|salom|assalom\w*|саламатсыз\w*|сәлеметсіз\w*|салом)\b[^.!?]{0,60}[,!.]?$"
)


def own(text: str) -> str:
    """What the writer wrote themselves: without quoted text, without the signature."""
    return text[: _end(text)].strip()


def quoted(text: str) -> str:
    """The rest: what they answered, as far as their program quotes it."""
    return text[_end(text) :].strip()


def _end(text: str) -> int:
    found = (mark.search(text) for mark in (QUOTED, INTRODUCED, SIGNATURE))
    return min((match.start() for match in found if match), default=len(text))


def first_line(text: str) -> str:
    """The first line with anything in it but a greeting."""
    lines = (line.strip() for line in text.splitlines())
    return next((line for line in lines if line and not GREETING.match(line)), "")


def plain_subject(subject: str) -> str:
    """Without Re: and the like, however often."""
    while (shorter := REPLIED.sub("", subject)) != subject:
        subject = shorter
    return subject.strip()


def word(text: str) -> Word | None:
    """What the first line of their own words says, or nothing where it could mean something else."""
    line = first_line(own(text))[:300].lstrip(" .,!*_\"'«“")
    stop = CLAUSE.search(line)
    said, after = (folded(line[: stop.start()]), folded(line[stop.end() :])) if stop else (folded(line), "")
    for kind, phrase in _PHRASES:
        if said == phrase or said.startswith(f"{phrase} "):
            return kind if _meant(kind, phrase, said[len(phrase) :].strip(), after, line) else None
    return None


def _meant(kind: Word, phrase: str, more: str, after: str, line: str) -> bool:
    """`more`: the rest of the clause. `after`: the rest of the line."""
    if phrase in _ALONE and more:
        return False
    match kind:
        case Word.LEAVE:  # “leave to appeal was refused” is no wish to leave
            return _POLITE.issuperset(more.split() + after.split())
        case Word.CANNOT:
            return "?" not in line and (not more or more.startswith(_COMING))
        case Word.YES:
            alone = phrase != "ha" or not after
            return alone and "?" not in line and not any(f" {no} " in f" {more} {after} " for no in _DOUBT)
    return True


def alone(subject: str) -> Word | None:
    """What a subject says by itself, as a mail program writes it for a List-Unsubscribe address."""
    said = folded(plain_subject(subject))
    return next((kind for kind, phrase in _PHRASES if said == phrase and kind is Word.LEAVE), None)


def asks_for(text: str) -> tuple[str, str]:
    """After a word for subscribing: what they ask for, folded, and the language that they asked in."""
    said = folded(first_line(own(text))[:500])
    for kind, phrase in _PHRASES:
        if kind is Word.SUBSCRIBE and (said == phrase or said.startswith(f"{phrase} ")):
            spoken = max((begin for begin in LANGUAGE if begin in phrase), key=len, default="subscribe")
            return said[len(phrase) :].strip(), LANGUAGE[spoken]
    return "", ""


def folded(text: str) -> str:
    """As words are compared: one space between words, nothing but letters and digits, no case, no accents."""
    plain = unicodedata.normalize("NFKD", APOSTROPHES.sub("", text).casefold())
    return " ".join("".join(s if s.isalnum() else " " for s in plain if not unicodedata.combining(s)).split())


_PHRASES = sorted(
    ((kind, folded(phrase)) for kind, phrases in PHRASES.items() for phrase in phrases), key=lambda each: -len(each[1])
)
_DOUBT = [folded(no) for no in (*PHRASES[Word.CANNOT], "but", "но", "mais", "aber", "not", "бирок", "бірақ")]
_POLITE = {one for words in POLITE for one in folded(words).split()}
_ALONE = {folded(words) for words in ALONE}
_COMING = tuple(folded(words) for words in COMING)
