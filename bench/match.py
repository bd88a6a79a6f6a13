"""How fast names are found in texts, and how many of them. See README.md for how to read it.

The clock runs over `Index.find` alone, one process. Each round matches a third of the pages, which the index has not
seen, right after each yardstick has had its turn on a part of them.
"""

import gc
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

import ahocorasick
import sentences
from host import host
from scale import Page, Person, Scale, scale

from alerts.domain.watching import Tier
from watchers.matching import Form, Hit, Index

ROUNDS, YARDSTICK, KNOWN = 3, 400, (1, 2, 4)
HALVES = ("tuning", "test")

Told = Callable[[str], None]
Finder = Callable[[str], object]


def match(people: int, texts: int, half: str, told: Told) -> dict[str, Any]:
    """What DESIGN asks of the matcher, as one document."""
    told(f"making {people:,} people and {texts:,} texts")
    world = scale(people, texts, half)
    told("building the index")
    forms = _forms(world.people, max(KNOWN))
    began = time.perf_counter()
    index = Index(forms)
    built = time.perf_counter() - began
    gc.freeze()  # what the bench itself holds in memory is not the matcher's to look through
    rates, seconds = _rounds(index, world.pages, forms, told)
    known = {str(known): _judged(world, known, told) for known in KNOWN}
    rate = texts / seconds
    yardsticks = {name: statistics.median(found) for name, found in rates.items() if name != "vigil"}
    return {
        "people": people,
        "spellings": len(forms),
        "texts": texts,
        "letters": round(statistics.mean(len(page.text) for page in world.pages)),
        "half": half,
        "seconds": round(seconds, 2),
        "per_second": round(rate),
        "build_seconds": round(built, 3),
        "rss_mb": _peak_mb(),
        "recall": known["2"]["recall"],
        "precision": known["2"]["precision"],
        "known": known,
        "sentences": {name: _sentences(n, told) for n, name in enumerate(HALVES) if half in (name, "test")},
        "yardsticks": {name: round(value) for name, value in yardsticks.items()},
        "ratios": {name: round(rate / value, 2) for name, value in yardsticks.items()},
        "yardstick_recall": {name: _yardstick_recall(make, world) for name, make in _yardsticks().items()},
        "rounds": {name: [round(value) for value in values] for name, values in rates.items()},
        "machine": host(),
    }


def _rounds(index: Index, pages: list[Page], forms: list[Form], told: Told) -> tuple[dict[str, list[float]], float]:
    finders = {name: make(form.form for form in forms) for name, make in _yardsticks().items()}
    rates: dict[str, list[float]] = {name: [] for name in ("vigil", *finders)}
    total = 0.0
    for round in range(ROUNDS):
        told(f"round {round + 1}")
        part = pages[round::ROUNDS]
        for name, find in finders.items():
            rates[name].append(len(part[:YARDSTICK]) / _timed(find, part[:YARDSTICK]))
        seconds = _timed(index.find, part)
        rates["vigil"].append(len(part) / seconds)
        total += seconds
    return rates, total


def _timed(find: Finder, pages: list[Page]) -> float:
    began = time.perf_counter()
    for page in pages:
        find(page.text)
    return time.perf_counter() - began


def _judged(world: Scale, known: int, told: Told) -> dict[str, float | int]:
    told(f"looking who is found with {known} spellings known")
    index = Index(_forms(world.people, known))
    return _figures((page.who, index.find(page.text)) for page in world.pages)


def _sentences(half: int, told: Told) -> dict[str, dict[str, float | int]]:
    told(f"sentences of Central Asia, {HALVES[half]} half")
    made = sentences.evaluation(half)
    found = {}
    for known in KNOWN:
        index = Index(Form("", str(n), form) for n, someone in enumerate(made.watched) for form in someone.forms(known))
        found[str(known)] = _figures((line.who, index.find(line.text)) for line in made.lines)
    return found


def _figures(judged: Iterable[tuple[int | None, list[Hit]]]) -> dict[str, float | int]:
    """Of what would notify somebody (sure and likely): how many of those named were found, and how many of the found
    were named.
    """
    named = right = wrong = 0
    for who, hits in judged:
        told = [hit for hit in hits if hit.tier < Tier.PERHAPS]
        named += who is not None
        right += any(hit.person_id == str(who) for hit in told)
        wrong += sum(hit.person_id != str(who) for hit in told)
    return {
        "recall": round(100 * right / named, 2), "precision": round(100 * right / max(1, right + wrong), 2),
        "named": named, "missed": named - right, "wrong": wrong,
    }  # fmt: skip


def _forms(people: list[Person], known: int) -> list[Form]:
    return [
        Form("", str(n), f"{given} {family}")
        for n, person in enumerate(people)
        for given, family in person.forms[:known]
    ]


def _yardsticks() -> dict[str, Callable[[Iterable[str]], Finder]]:
    found = {"exact": lambda forms: _Exact(forms, str.casefold)}
    try:
        from anyascii import anyascii
    except ImportError:
        return found
    return found | {"anyascii": lambda forms: _Exact(forms, lambda text: anyascii(text).casefold())}


class _Exact:
    """Whole words, exactly: what filters of feed readers do, as fast as it can be done (Aho-Corasick, in C)."""

    def __init__(self, forms: Iterable[str], fold: Callable[[str], str]) -> None:
        self._fold = fold
        self._automaton = ahocorasick.Automaton()
        for form in forms:
            folded = fold(form)
            self._automaton.add_word(folded, folded)
        self._automaton.make_automaton()

    def __call__(self, text: str) -> list[str]:
        folded = self._fold(text)
        found = []
        for last, form in self._automaton.iter(folded):
            first, after = last + 1 - len(form), last + 1
            if not folded[first - 1 : first].isalnum() and not folded[after : after + 1].isalnum():
                found.append(form)
        return found


def _yardstick_recall(make: Callable[[Iterable[str]], Finder], world: Scale) -> float:
    """With two spellings known, either order."""
    named = [page for page in world.pages if page.who is not None]
    find = make(form for person in world.people for a, b in person.forms[:2] for form in (f"{a} {b}", f"{b} {a}"))
    own = [
        {
            found
            for a, b in world.people[page.who].forms[:2]
            for form in (f"{a} {b}", f"{b} {a}")
            for found in find(form)
        }
        for page in named
    ]
    right = sum(bool(set(find(page.text)) & forms) for page, forms in zip(named, own, strict=True))
    return round(100 * right / max(1, len(named)), 2)


def _peak_mb() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10))
