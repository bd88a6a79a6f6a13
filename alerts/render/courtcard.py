"""A court card in words: rows of a mail, and of the page of its date."""

from alerts.domain.card import Card, Interpreter, Phones
from alerts.domain.reach import Far
from alerts.render import clocks
from alerts.render.catalogue import Catalogue

Rows = list[tuple[str, list[str]]]
"""What each row is called, and its lines."""


def where(card: Card, words: Catalogue) -> list[str]:
    """The way from the street to the room."""
    found = [
        card.address,
        words.say("entrance %(entrance)s", entrance=card.entrance) if card.entrance else "",
        words.say("room %(room)s", room=card.room) if card.room else "",
    ]
    return [", ".join(filter(None, found))] if any(found) else []


def whole(card: Card, words: Catalogue) -> Rows:
    """For a page: the way there and all else."""
    there = where(card, words)
    return ([(words.say("Where"), there)] if there else []) + rows(card, words)


def rows(card: Card, words: Catalogue) -> Rows:
    """All else, in the order in which one needs it."""
    found = [
        (words.say("Judge"), [card.judge]),
        (words.say("Language"), [_language(card, words)]),
        (words.say("Bring"), [*_bring(card, words), _phones(card.phones, words)]),
        (words.say("Usually"), [_late(card.late, words)]),
        (words.say("Meet"), [card.meet, card.contact]),
    ]
    said = [(name, [line for line in lines if line]) for name, lines in found]
    return [(name, lines) for name, lines in said if lines]


def remote(far: Far | None, words: Catalogue) -> str:
    """What is asked of who cannot be there in time; nothing of who can."""
    match far:
        case None:
            return ""
        case Far.NEXT_DAY:
            return words.say("You are a day away. Can you phone the court, or send a colleague who is near?")
        case Far.TWO_DAYS:
            return words.say("You are two days away. Can you phone the court, or send a colleague who is near?")
        case Far.SAME_DAY:
            return words.say(
                "It is too soon for you to come. Can you phone the court, or send a colleague who is near?"
            )
        case Far.PHONE:
            return words.say("Can you phone the court, or send a colleague who is near?")


def _language(card: Card, words: Catalogue) -> str:
    name = words.language_name(card.language) if card.language else ""
    interpreter = ""
    if card.interpreter is Interpreter.NONE:
        interpreter = words.say("no interpreter")
    elif card.interpreter is Interpreter.THERE:
        interpreter = words.say("there is an interpreter")
    return ", ".join(filter(None, [name, interpreter]))


def _bring(card: Card, words: Catalogue) -> list[str]:
    if card.note_by is None:
        return [card.bring]
    return [card.bring, words.say("a note verbale, there by %(day)s", day=clocks.day(card.note_by, words))]


def _phones(phones: Phones, words: Catalogue) -> str:
    match phones:
        case Phones.TAKEN:
            return words.say("phones are taken at the door")
        case Phones.ALLOWED:
            return words.say("phones may be kept")
        case Phones.UNKNOWN:
            return ""


def _late(minutes: int, words: Catalogue) -> str:
    if not minutes:
        return ""
    return words.say_many("starts %(count)s minute late", "starts %(count)s minutes late", minutes)
